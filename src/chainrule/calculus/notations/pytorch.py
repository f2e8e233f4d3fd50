"""PyTorch: the derivation as a program, forward and backward."""

from collections.abc import Mapping

from chainrule.calculus.torch_code import TorchCode, python_name
from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .notation import Notation, Paper, Sign, Slope


class PyTorch(Notation):
    """Code."""

    id = "pytorch"
    name = "PyTorch"
    about = Message(
        "A program: forward, what is computed from what; backward, the local derivatives "
        "multiplied from the result to the variable; and what autograd says."
    )
    style = "code"
    own_script = TorchCode

    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """The result, x.grad and grad(…)."""
        x = python_name(slope.variable)
        return (
            Sign(
                symbol=python_name(paper.whole),
                kind="number",
                meaning=Message("A tensor of shape (): what the program computes."),
            ),
            Sign(
                symbol=f"{x}.grad",
                kind="number",
                meaning=Message(
                    "What backward() leaves at {variable}: the slope at the values of this run, a "
                    "number and no function. It adds up from call to call.",
                    variable=x,
                ),
            ),
            Sign(
                symbol="d_…",
                kind="number",
                meaning=Message("The slope of the result by the quantity of that name."),
            ),
            Sign(
                symbol="grad(…)",
                kind="operator",
                meaning=Message("Stands in the steps for a derivative that is still to be taken."),
            ),
        )

    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """grad(x**2, x)."""
        return f"grad({self.write(operand, paper)}, {python_name(slope.variable)})"

    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """du_dx."""
        return f"d{letter}_d{slope.variable}"

    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """d2u_dx_dy."""
        return f"d2{letter}_d{first.variable}_d{second.variable}"

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """What autograd calls it: x.grad."""
        return f"{python_name(slope.variable)}.grad"


NOTATION = PyTorch()
