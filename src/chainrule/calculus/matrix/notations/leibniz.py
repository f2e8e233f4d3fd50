"""Leibniz for matrices: ∂L/∂X, an array of the shape of X."""

from chainrule.calculus.notations import Sign
from chainrule.records.message import Message

from .gradients import GradientNotation
from .notation import MatrixPaper, kind_of


class MatrixLeibniz(GradientNotation):
    """∂L/∂X."""

    id = "leibniz"
    name = "Leibniz"
    about = (
        "∂{s}/∂{x} has the shape of {x} (the gradient layout) and holds one slope for each entry: "
        "how much {s} changes for a small change of that entry, over that change."
    )

    def gradient(self, of: str, by: str) -> str:
        """∂L/∂X."""
        return f"∂{of}/∂{by}"

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """The gradient."""
        variable = paper.derivation.variable
        shape = paper.derivation.variable_shape
        return (
            Sign(
                symbol=self.gradient(paper.total, variable),
                kind=kind_of(shape),
                meaning=Message(
                    "The gradient: the slope of {result} along each entry of {variable}, in the "
                    "place of that entry.",
                    result=paper.total,
                    variable=variable,
                ),
                shape=shape,
            ),
        )


NOTATION = MatrixLeibniz()
