"""Nabla: ∇_X L, the gradient by X."""

from chainrule.calculus.notations import Sign
from chainrule.records.message import Message

from .gradients import GradientNotation
from .notation import MatrixPaper, kind_of


class MatrixNabla(GradientNotation):
    """∇ with what it is taken by below it."""

    id = "partial"
    name = "partial and nabla"
    about = (
        "∇_{x} {s} is the gradient of {s} by {x} while all other names are held still: it has the "
        "shape of {x}, with one partial derivative for each entry. Along it {s} grows fastest."
    )

    def gradient(self, of: str, by: str) -> str:
        """∇_X L."""
        return f"∇_{by} {of}"

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """The operator and the gradient."""
        variable = paper.derivation.variable
        shape = paper.derivation.variable_shape
        return (
            Sign(
                symbol=f"∇_{variable}",
                kind="operator",
                meaning=Message(
                    "Takes a number that depends on {variable}, and gives its gradient.",
                    variable=variable,
                ),
            ),
            Sign(
                symbol=self.gradient(paper.total, variable),
                kind=kind_of(shape),
                meaning=Message(
                    "The gradient: one partial derivative for each entry of {variable}.",
                    variable=variable,
                ),
                shape=shape,
            ),
        )


NOTATION = MatrixNabla()
