"""A tree of matrices as English: the matrix product of the transpose of X and u."""

from collections.abc import Callable, Sequence

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.script import POWER, Written
from chainrule.calculus.speech import Speech
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message, Translate

from .fit import Shape

PHRASES = {
    "sum": "the sum of all entries of {first}",
    "mean": "the mean of all entries of {first}",
    "row_sum": "the sums of the rows of {first}",
    "row_mean": "the means of the rows of {first}",
    "column_sum": "the sums of the columns of {first}",
    "column_mean": "the means of the columns of {first}",
    "outer": "the outer product of {first} and {second}",
    "dot": "the dot product of {first} and {second}",
    "cofactor": "the cofactors of {first}",
    "ones_like": "ones in the shape of {first}",
    "identity_like": "the identity matrix of the size of {first}",
    "one_hot": "ones at the classes {first} and zeros elsewhere",
    "largest": "one at the largest entry of {first} and zeros elsewhere",
    "det": "the determinant of {first}",
    "diag": "the diagonal of {first}",
    "diagonal_matrix": "the diagonal matrix of {first}",
    "min_entry": "the smallest entry of {first}",
    "max_entry": "the largest entry of {first}",
}
"""How functions are said of what they are taken of."""


class MatrixSpeech(Speech):
    """Words on one line.

    Args:
        shape_of: The shape of any part.
        say: Translates words and templates; English without it.
    """

    id = "matrix-words"

    def __init__(self, shape_of: Callable[[Node], Shape], say: Translate = str) -> None:
        super().__init__(say=say)
        self._shape_of = shape_of

    def _shape(self, node: Node) -> Shape:
        try:
            return self._shape_of(node)
        except FormulaError:
            return ()

    def between(self, left: Written, right: Written, shown: str) -> str:
        """Whether the entries are multiplied one by one."""
        if self._shape(left.node) and self._shape(right.node):
            return f", {self._say(Message('times, entry by entry'))}, "
        return super().between(left, right, shown)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """The sum of all entries of x; of a vector the diagonal matrix."""
        function = node.function
        if function == "diag" and len(self._shape(node.arguments[0])) == 1:
            function = "diagonal_matrix"
        if function in ("min", "max") and len(arguments) == 1:
            function = f"{function}_entry"
        if function not in PHRASES:
            return super().call(node, arguments)
        texts = [self.fitted(each, POWER) for each in arguments]
        parts = dict(zip(("first", "second"), texts, strict=False))
        text = self._say(Message(PHRASES[function], **parts))
        return Written(node=node, text=text, level=POWER)
