"""A tree as English, as one says it: the sine of (1 plus x squared)."""

from collections.abc import Sequence

from .script import ATOM, POWER, PRODUCT, SIGN, Script, Written
from .tree import Array, Call, Constant, MatrixProduct, Name, Number, Power, Product, Quotient

_CIRCULAR = {
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "sec": "secant",
    "csc": "cosecant",
    "cot": "cotangent",
}
_NAMES = {
    **_CIRCULAR,
    **{f"{short}h": f"hyperbolic {long}" for short, long in _CIRCULAR.items()},
    **{f"a{short}": f"inverse {long}" for short, long in _CIRCULAR.items()},
    **{f"a{short}h": f"inverse hyperbolic {long}" for short, long in _CIRCULAR.items()},
    "exp": "exponential",
    "log": "natural logarithm",
    "log2": "base-2 logarithm",
    "log10": "base-10 logarithm",
    "sqrt": "square root",
    "cbrt": "cube root",
    "erf": "error function",
    "erfc": "complementary error function",
    "abs": "absolute value",
    "log_sigmoid": "logarithm of the sigmoid",
    "relu": "ReLU",
    "leaky_relu": "leaky ReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "gelu_tanh": "GELU by tanh",
    "silu": "SiLU",
    "mish": "Mish function",
    "det": "determinant",
    "logdet": "logarithm of the determinant",
    "log_softmax": "logarithm of the softmax",
    "logsumexp": "log-sum-exp",
    "min": "smaller",
    "max": "larger",
    "mse": "squared error",
    "mae": "absolute error",
    "huber": "Huber loss",
    "hinge": "hinge loss",
    "bce_with_logits": "binary cross entropy with logits",
    "atan2": "angle",
}
_POWERS = {"2": ("squared", "square"), "3": ("cubed", "cube")}


def spoken_function(name: str) -> str:
    """What a function is called when it is said: `sine`, `inverse tangent`, `ReLU`."""
    return _NAMES.get(name) or name.replace("_", " ")


class Speech(Script):
    """English on one line; parentheses are the short stops that a speaker makes."""

    id = "words"
    plus = " plus "
    minus = " minus "
    times = " times "
    sign = "minus "

    def group(self, text: str) -> str:
        """A part said as one."""
        return f"({text})"

    def name(self, node: Name) -> str:
        """As typed."""
        return node.text

    def constant(self, node: Constant) -> str:
        """By its name."""
        return node.name

    def number(self, node: Number) -> Written:
        """As typed."""
        return Written(node=node, text=node.text, level=ATOM)

    def between(self, left: Written, right: Written, shown: str) -> str:
        """2x as one word; a comma where the left side is long, so that one hears where it ends."""
        if isinstance(left.node, Number) and isinstance(right.node, Name) and not right.open:
            return "" if left.text != "1" else " times "
        return ", times " if _goes_on(left.text) else " times "

    def added(self, text: str, sign: str) -> str:
        """A comma where the term before is long."""
        return text + ("," if ", " in text or _goes_on(text) else "") + sign

    def loose(self, first: Written) -> bool:
        """A fraction, after which one would hear what it is multiplied by as part of it."""
        return isinstance(first.node, Quotient)

    def _product(self, node: Product, parts: Sequence[Written]) -> Written:
        """2x is said as one word."""
        written = super()._product(node, parts)
        if " " in written.text:
            return written
        return Written(node=node, text=written.text, level=ATOM, factors=written.factors)

    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        """Numerator divided by denominator."""
        top = self.fitted(numerator, SIGN)
        divided = ", divided by " if _goes_on(top) else " divided by "
        level = SIGN if numerator.level == SIGN else PRODUCT
        return Written(node=node, text=top + divided + self.fitted(denominator, POWER), level=level)

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """The matrix product of two."""
        text = f"the matrix product of {self.fitted(left, POWER)} and {self.fitted(right, POWER)}"
        return Written(node=node, text=text, level=POWER)

    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        """X squared, the square of the sine of x, e to the power x."""
        above = node.exponent
        named = _POWERS.get(above.text) if isinstance(above, Number) else None
        below = base.text if base.level == ATOM else self.group(base.text)
        if named and isinstance(node.base, Call):
            return Written(node=node, text=f"the {named[1]} of {base.text}", level=POWER)
        if named:
            return Written(node=node, text=f"{below} {named[0]}", level=POWER)
        raised = exponent.text
        if exponent.level < ATOM and " " in raised and not raised.startswith("minus "):
            raised = self.group(raised)
        return Written(node=node, text=f"{below} to the power {raised}", level=POWER)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """The sine of x."""
        texts = [
            self.fitted(each, ATOM if " to the power " in each.text else POWER)
            for each in arguments
        ]
        noun = spoken_function(node.function)
        several = len(texts) > 1
        if node.function == "where":
            c, yes, no = texts
            text = f"({yes} where {c} is positive, {no} elsewhere)"
            return Written(node=node, text=text, level=ATOM)
        if node.function in ("min", "max") and len(texts) > 2:
            noun = "smallest" if node.function == "min" else "largest"
        elif node.function == "log" and several:
            text = f"the logarithm of {texts[0]} to the base {texts[1]}"
            return Written(node=node, text=text, level=POWER)
        return Written(node=node, text=f"the {noun} of {_listed(texts)}", level=POWER)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """The vector of its entries."""
        text = f"the vector of {_listed([entry.text for entry in entries])}"
        return Written(node=node, text=text, level=POWER)

    def too_long(self, parts: int) -> str:
        """How many parts there are."""
        return f"(an expression of {parts:,} parts)"


def _listed(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _goes_on(text: str) -> bool:
    """Whether what follows a text could be heard as part of it: the sine of x times y."""
    return " of " in text or " power " in text
