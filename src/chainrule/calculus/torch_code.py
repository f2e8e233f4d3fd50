"""A tree as Python that PyTorch runs: torch.sin(1 + x**2)."""

import keyword
import unicodedata
from collections.abc import Sequence

from .script import ATOM, POWER, PRODUCT, SIGN, Script, Written
from .tree import (
    Array,
    Call,
    Constant,
    MatrixProduct,
    Name,
    Node,
    Power,
    Quotient,
    Unary,
    children,
)

_SAME_NAMES = (
    "sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh exp log2 log10 sqrt erf "
    "erfc abs sign sigmoid relu sum mean"
)

IN_TORCH: dict[str, str] = {
    **{name: f"torch.{name}" for name in _SAME_NAMES.split()},
    **{
        name: f"F.{torch_name}"
        for name, torch_name in {
            "elu": "elu",
            "selu": "selu",
            "gelu": "gelu",
            "silu": "silu",
            "mish": "mish",
            "softsign": "softsign",
            "log_sigmoid": "logsigmoid",
            "mse": "mse_loss",
            "mae": "l1_loss",
            "binary_cross_entropy": "binary_cross_entropy",
            "bce_with_logits": "binary_cross_entropy_with_logits",
        }.items()
    },
    "dot": "torch.dot",
    "outer": "torch.outer",
    "trace": "torch.trace",
    "det": "torch.linalg.det",
    "logdet": "torch.logdet",
    "inverse": "torch.linalg.inv",
    "norm": "torch.linalg.vector_norm",
    "cross_entropy": "F.cross_entropy",
}
"""Functions that PyTorch has, by our names."""

DEFINITIONS: dict[str, str] = {
    "sec": "1 / torch.cos(x)",
    "csc": "1 / torch.sin(x)",
    "cot": "1 / torch.tan(x)",
    "asec": "torch.acos(1 / x)",
    "acsc": "torch.asin(1 / x)",
    "acot": "torch.atan(1 / x)",
    "sech": "1 / torch.cosh(x)",
    "csch": "1 / torch.sinh(x)",
    "coth": "1 / torch.tanh(x)",
    "asech": "torch.acosh(1 / x)",
    "acsch": "torch.asinh(1 / x)",
    "acoth": "torch.atanh(1 / x)",
    "cbrt": "torch.sign(x) * torch.abs(x) ** (1 / 3)",
    "gelu_tanh": 'F.gelu(x, approximate="tanh")',
}
"""Functions of one number that PyTorch lacks, or has with other arguments: what they are there."""

DEFINITIONS_OF_SEVERAL: dict[str, tuple[str, str]] = {
    "leaky_relu": ("x, slope=0.01", "torch.where(x > 0, x, slope * x)"),
    "elu": ("x, alpha=1.0", "torch.where(x > 0, x, alpha * torch.expm1(torch.clamp(x, max=0)))"),
    "softplus": ("x, beta=1.0", "torch.log1p(torch.exp(-abs(beta * x))) / beta + torch.relu(x)"),
    "log": ("x, base", "torch.log(x) / torch.log(torch.as_tensor(base))"),
    "hinge": ("y, t", "torch.relu(1 - t * y)"),
    "huber": (
        "y, t, delta=1.0",
        "torch.where(abs(y - t) <= delta, (y - t) ** 2 / 2, delta * (abs(y - t) - delta / 2))",
    ),
    "where": ("c, x, y", "torch.where(torch.as_tensor(c) > 0, x, y)"),
    "max": ("*numbers", "torch.stack([torch.as_tensor(n) for n in numbers]).amax()"),
    "min": ("*numbers", "torch.stack([torch.as_tensor(n) for n in numbers]).amin()"),
    "norm": ("x, p=2", "torch.linalg.vector_norm(x, p)"),
}
"""The same for functions of several numbers: their arguments and what they are."""


def prelude(functions: Sequence[str]) -> list[str]:
    """Definitions, one line each, of functions that PyTorch does not have by that name."""
    lines = []
    for function in dict.fromkeys(functions):
        if function in DEFINITIONS_OF_SEVERAL:
            arguments, body = DEFINITIONS_OF_SEVERAL[function]
            lines.append(f"def {function}({arguments}): return {body}")
        elif function in DEFINITIONS:
            lines.append(f"def {function}(x): return {DEFINITIONS[function]}")
    return lines


class TorchCode(Script):
    """Python.

    Attributes:
        needed: Functions met that a prelude has to define.
    """

    id = "pytorch"
    minus = " - "
    times = " * "
    sign = "-"

    def __init__(self, ln: str = "ln") -> None:
        super().__init__(ln)
        self.needed: list[str] = []

    def group(self, text: str) -> str:
        """(text)."""
        return f"({text})"

    def name(self, node: Name) -> str:
        """As Python knows it."""
        return python_name(node.name)

    def constant(self, node: Constant) -> str:
        """Of the module math."""
        return f"math.{node.name}"

    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        """A / b."""
        top = self.fitted(numerator, SIGN)
        text = f"{top} / {self.fitted(denominator, POWER)}"
        level = SIGN if numerator.level == SIGN else PRODUCT
        return Written(node=node, text=text, level=level)

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """A @ B."""
        first = left.text if isinstance(left.node, MatrixProduct) else self.fitted(left, POWER)
        return Written(node=node, text=f"{first} @ {self.fitted(right, POWER)}", level=PRODUCT)

    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        """x**2."""
        below = self.fitted(base, ATOM)
        simple = isinstance(node.exponent, Unary) and exponent.level == SIGN
        above = exponent.text if simple else self.fitted(exponent, ATOM)
        return Written(node=node, text=f"{below}**{above}", level=POWER)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """torch.sin(x)."""
        texts = [argument.text for argument in arguments]
        function = node.function
        if function == "transpose":
            return Written(node=node, text=f"{self.fitted(arguments[0], ATOM)}.T", level=ATOM)
        if function in ("log_softmax", "softmax", "logsumexp"):
            return Written(node=node, text=f"torch.{function}({texts[0]}, -1)", level=ATOM)
        if function == "log" and len(texts) == 1:
            name = "torch.log"
        elif function in ("elu", "norm") and len(texts) == 1:
            name = IN_TORCH[function]
        elif function in DEFINITIONS_OF_SEVERAL or function in DEFINITIONS:
            self.needed.append(function)
            name = function
        else:
            name = IN_TORCH.get(function, function)
        inside = [each.node for each in arguments]
        if name.startswith(("torch.", "F.")):
            # PyTorch's functions take tensors only
            texts = [_tensor(each, text) for each, text in zip(inside, texts, strict=True)]
        elif function not in ("where", "max", "min"):
            texts[0] = _tensor(inside[0], texts[0])
        return Written(node=node, text=f"{name}({', '.join(texts)})", level=ATOM)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """A tensor."""
        inner = ", ".join(entry.text for entry in entries)
        return Written(node=node, text=f"torch.tensor([{inner}])", level=ATOM)

    def too_long(self, parts: int) -> str:
        """A name that stands for it."""
        return f"expression_of_{parts}_parts"


def python_name(name: str) -> str:
    """A variable's name, with an underscore if Python or the program has another use for it."""
    plain = unicodedata.normalize("NFKC", name)
    taken = keyword.iskeyword(plain) or plain in ("torch", "math", "F", "abs", "print")
    return f"{plain}_" if taken else plain


def _tensor(node: Node, text: str) -> str:
    return f"torch.tensor({text})" if _plain(node) else text


def _plain(node: Node) -> bool:
    """Whether Python computes it without PyTorch: a number made of numbers."""
    if isinstance(node, Name | Call | Array):
        return False
    return all(map(_plain, children(node)))
