"""A tree of matrices as Python that PyTorch runs: X.T @ u, torch.linalg.inv(A)."""

from collections.abc import Callable, Sequence

from chainrule.calculus.script import ATOM, Written
from chainrule.calculus.torch_code import TorchCode
from chainrule.calculus.tree import Array, Call, Node

from .fit import Shape

_WRITTEN = {
    "column_sum": "{0}.sum(0)",
    "column_mean": "{0}.mean(0)",
    "ones_like": "torch.ones_like({0})",
    "identity_like": "torch.eye(len({0}))",
    "diag": "torch.diag({0})",
    "one_hot": "F.one_hot({0}.long(), {1}.shape[-1])",
    "hinge": "torch.relu(1 - {1} * {0}).mean()",
}

DEFINITIONS_OF_MATRICES: dict[str, str] = {
    "cofactor": """def cofactor(A):
    def minor(i, j):
        rows = [k for k in range(len(A)) if k != i]
        columns = [k for k in range(len(A)) if k != j]
        return (-1) ** (i + j) * torch.linalg.det(A[rows][:, columns])
    return torch.stack([torch.stack([minor(i, j) for j in range(len(A))]) for i in range(len(A))])
""",
    "largest": """def largest(x):
    chosen = (x == x.max()).double()
    return chosen / chosen.sum()
""",
}
"""Functions of matrices that PyTorch lacks."""

_EXTREMES = {"max": "torch.maximum", "min": "torch.minimum"}


class MatrixTorchCode(TorchCode):
    """Python.

    Args:
        shape_of: The shape of any part.
    """

    id = "matrix-pytorch"

    def __init__(self, shape_of: Callable[[Node], Shape]) -> None:
        super().__init__()
        self._shape_of = shape_of

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """Functions of vectors and matrices; others as for numbers."""
        texts = [self.fitted(each, ATOM) for each in arguments]
        function, first = node.function, self._shape_of(node.arguments[0])
        several = len(arguments) > 1
        if function in ("row_sum", "row_mean"):
            keep = ", keepdim=True" if len(first) == 2 else ""
            text = f"{texts[0]}.{function.removeprefix('row_')}(-1{keep})"
        elif function in _WRITTEN:
            text = _WRITTEN[function].format(*texts)
        elif function == "huber":
            delta = f", delta={arguments[2].text}" if len(arguments) == 3 else ""
            text = f"F.huber_loss({texts[0]}, {texts[1]}{delta})"
        elif function == "cross_entropy" and first != self._shape_of(node.arguments[1]):
            text = f"F.cross_entropy({arguments[0].text}, {texts[1]}.long())"
        elif function in ("max", "min") and several:
            text = arguments[0].text
            for other in arguments[1:]:
                text = f"{_EXTREMES[function]}({_as_tensor(text)}, {_as_tensor(other.text)})"
        elif function == "where":
            c, yes, no = (each.text for each in arguments)
            text = f"torch.where({_as_tensor(c)} > 0, {_as_float(yes)}, {_as_float(no)})"
        elif function in ("max", "min"):
            text = f"{texts[0]}.a{function}()"
        elif function in DEFINITIONS_OF_MATRICES:
            self.needed.append(function)
            text = f"{function}({arguments[0].text})"
        else:
            return super().call(node, arguments)
        return Written(node=node, text=text, level=ATOM)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """A tensor; of what moves, stacked, so that gradients get through."""
        inner = ", ".join(_as_tensor(_as_float(entry.text)) for entry in entries)
        return Written(node=node, text=f"torch.stack([{inner}])", level=ATOM)


def _as_float(text: str) -> str:
    """A whole number as one that makes a tensor of the usual kind."""
    return f"{text}.0" if text.lstrip("-").isdecimal() else text


def _as_tensor(text: str) -> str:
    """A number as a tensor: functions of two take no others."""
    return text if text.isidentifier() or text.startswith("torch.") else f"torch.as_tensor({text})"
