"""PyTorch for matrices: the derivation as a program, forward and backward."""

from collections.abc import Mapping

from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.matrix.torch_code import MatrixTorchCode
from chainrule.calculus.notations import Sign
from chainrule.calculus.torch_code import python_name
from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .gradients import GradientNotation
from .notation import MatrixPaper, kind_of


class MatrixPyTorch(GradientNotation):
    """Code."""

    id = "pytorch"
    name = "PyTorch"
    about = (
        "A program: forward, what is computed from what; backward, what each value gets of the "
        "result's gradient, from the result to the variable; and what autograd says."
    )
    style = "code"

    def gradient(self, of: str, by: str) -> str:
        """d_u1."""
        return f"d_{by}"

    def written(self, node: Node, shapes: Shapes, holes: Mapping[str, str]) -> str:
        """As Python."""
        return MatrixTorchCode(shapes).write(node, holes)

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """x.grad, and gradients by hand."""
        variable, shape = paper.derivation.variable, paper.derivation.variable_shape
        return (
            Sign(
                symbol=f"{python_name(variable)}.grad",
                kind=kind_of(shape),
                meaning=Message(
                    "What backward() leaves at {variable}: the gradient at the values of this run, "
                    "a tensor of the same shape. It adds up from call to call.",
                    variable=variable,
                ),
                shape=shape,
            ),
            Sign(
                symbol=f"d_{python_name(variable)}",
                kind=kind_of(shape),
                meaning=Message("The same, computed by hand; so for every other value on the way."),
                shape=shape,
            ),
        )


NOTATION = MatrixPyTorch()
