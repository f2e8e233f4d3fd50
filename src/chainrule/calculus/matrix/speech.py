"""A tree of matrices as English: the matrix product of the transpose of X and u."""

from collections.abc import Callable, Sequence

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.script import POWER, Written
from chainrule.calculus.speech import Speech
from chainrule.calculus.tree import Call, Node

from .fit import Shape

_SAID = {
    "sum": "the sum of all entries of {}",
    "mean": "the mean of all entries of {}",
    "row_sum": "the sums of the rows of {}",
    "row_mean": "the means of the rows of {}",
    "column_sum": "the sums of the columns of {}",
    "column_mean": "the means of the columns of {}",
    "outer": "the outer product of {} and {}",
    "dot": "the dot product of {} and {}",
    "cofactor": "the cofactors of {}",
    "ones_like": "ones in the shape of {}",
    "identity_like": "the identity matrix of the size of {}",
    "one_hot": "ones at the classes {} and zeros elsewhere",
    "largest": "one at the largest entry of {} and zeros elsewhere",
    "det": "the determinant of {}",
}


class MatrixSpeech(Speech):
    """English on one line.

    Args:
        shape_of: The shape of any part.
    """

    id = "matrix-words"

    def __init__(self, shape_of: Callable[[Node], Shape]) -> None:
        super().__init__()
        self._shape_of = shape_of

    def _shape(self, node: Node) -> Shape:
        try:
            return self._shape_of(node)
        except FormulaError:
            return ()

    def between(self, left: Written, right: Written, shown: str) -> str:
        """Whether the entries are multiplied one by one."""
        if self._shape(left.node) and self._shape(right.node):
            return ", times, entry by entry, "
        return super().between(left, right, shown)

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """The sum of all entries of x; of a vector the diagonal matrix."""
        said = _SAID.get(node.function)
        if node.function == "diag":
            one_axis = len(self._shape(node.arguments[0])) == 1
            said = "the diagonal matrix of {}" if one_axis else "the diagonal of {}"
        several = node.function in ("min", "max") and len(arguments) == 1
        if several:
            said = f"the {'smallest' if node.function == 'min' else 'largest'} entry of {{}}"
        if said is None:
            return super().call(node, arguments)
        texts = [self.fitted(each, POWER) for each in arguments]
        return Written(node=node, text=said.format(*texts), level=POWER)
