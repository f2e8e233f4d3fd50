"""A tree as one says it: the sine of (1 plus x squared)."""

from collections.abc import Iterator, Sequence

from chainrule.records.message import Message, Translate, listed, told

from .functions import FUNCTIONS
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


def spoken_function(name: str) -> str:
    """What a function is called when it is said: `sine`, `inverse tangent`, `ReLU`."""
    return _NAMES.get(name) or name.replace("_", " ")


def spoken_functions() -> Iterator[str]:
    """What all functions are called when they are said."""
    yield from dict.fromkeys(spoken_function(each.name) for each in FUNCTIONS.values())
    yield from _EXTREMES


_EXTREMES = ("smallest", "largest")


class Speech(Script):
    """Words on one line; parentheses are the short stops that a speaker makes.

    Args:
        ln: As for `Script`; nobody hears it.
        say: Translates words and templates; English without it.
    """

    id = "words"

    def __init__(self, ln: str = "ln", say: Translate = str) -> None:
        super().__init__(ln)
        self._translate = say
        self.plus = f" {say(Message('plus'))} "
        self.minus = f" {say(Message('minus'))} "
        self.times = f" {say(Message('times'))} "
        self.sign = f"{say(Message('minus'))} "
        self._raised = f" {say(Message('to the power'))} "
        self._of = f" {say(Message('of'))} "

    def _say(self, message: Message) -> str:
        return told(message, self._translate)

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
            return "" if left.text != "1" else self.times
        return f",{self.times}" if self._goes_on(left.text) else self.times

    def added(self, text: str, sign: str) -> str:
        """A comma where the term before is long."""
        return text + ("," if ", " in text or self._goes_on(text) else "") + sign

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
        divided = f" {self._say(Message('divided by'))} "
        if self._goes_on(top):
            divided = f",{divided}"
        level = SIGN if numerator.level == SIGN else PRODUCT
        return Written(node=node, text=top + divided + self.fitted(denominator, POWER), level=level)

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        """The matrix product of two."""
        said = Message(
            "the matrix product of {left} and {right}",
            left=self.fitted(left, POWER),
            right=self.fitted(right, POWER),
        )
        return Written(node=node, text=self._say(said), level=POWER)

    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        """X squared, the square of the sine of x, e to the power x."""
        above = node.exponent.text if isinstance(node.exponent, Number) else ""
        below = base.text if base.level == ATOM else self.group(base.text)
        if above in ("2", "3") and isinstance(node.base, Call):
            said = (
                Message("the square of {base}", base=base.text)
                if above == "2"
                else Message("the cube of {base}", base=base.text)
            )
        elif above in ("2", "3"):
            said = (
                Message("{base} squared", base=below)
                if above == "2"
                else Message("{base} cubed", base=below)
            )
        else:
            raised = exponent.text
            if exponent.level < ATOM and " " in raised and not raised.startswith(self.sign):
                raised = self.group(raised)
            return Written(node=node, text=f"{below}{self._raised}{raised}", level=POWER)
        return Written(node=node, text=self._say(said), level=POWER)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """The sine of x."""
        texts = [
            self.fitted(each, ATOM if self._raised in each.text else POWER) for each in arguments
        ]
        noun = spoken_function(node.function)
        several = len(texts) > 1
        if node.function == "where":
            c, yes, no = texts
            said = Message("({yes} where {c} is positive, {no} elsewhere)", yes=yes, c=c, no=no)
            return Written(node=node, text=self._say(said), level=ATOM)
        if node.function in ("min", "max") and len(texts) > 2:
            noun = _EXTREMES[node.function == "max"]
        elif node.function == "log" and several:
            said = Message(
                "the logarithm of {argument} to the base {base}", argument=texts[0], base=texts[1]
            )
            return Written(node=node, text=self._say(said), level=POWER)
        said = Message(
            "the {function} of {arguments}", function=self._translate(noun), arguments=listed(texts)
        )
        return Written(node=node, text=self._say(said), level=POWER)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """The vector of its entries."""
        said = Message("the vector of {entries}", entries=listed([entry.text for entry in entries]))
        return Written(node=node, text=self._say(said), level=POWER)

    def too_long(self, parts: int) -> str:
        """How many parts there are."""
        return self._say(Message("(an expression of {parts:,} parts)", parts=parts))

    def _goes_on(self, text: str) -> bool:
        """Whether what follows a text could be heard as part of it: the sine of x times y."""
        return self._of in text or self._raised in text
