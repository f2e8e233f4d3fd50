"""Losses that are the mean of a loss of each entry."""

from chainrule.calculus.build import divide, multiply, number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message

from .entrywise import partial_slopes
from .rule import MatrixRule, Place, ShapeOf, Statement

_SLOPES = {
    "mse": "d mse(Y, T) = ⟨2 (Y − T), dY − dT⟩ / n",
    "mae": "d mae(Y, T) = ⟨sign(Y − T), dY − dT⟩ / n",
    "huber": Message("d huber(Y, T) = ⟨Y − T cut off at ±δ, dY − dT⟩ / n"),
    "hinge": Message("d hinge(Y, T) = ⟨−T where 1 − T Y > 0, dY⟩ / n + …"),
    "binary_cross_entropy": "d BCE(P, T) = ⟨(1 − T)/(1 − P) − T/P, dP⟩ / n + …",
    "bce_with_logits": "d BCE(σ(Z), T) = ⟨σ(Z) − T, dZ⟩ / n − ⟨Z, dT⟩ / n",
}


class _MeanLoss(MatrixRule):
    id = "mean-loss"
    name = "mean of a loss of each entry"
    differential = "d mean ℓ(Y, T) = ⟨ℓ′(Y, T), dY⟩ / n"
    moved = ("g ⟨ℓ′(Y, T), dY⟩ / n = ⟨g ℓ′(Y, T) / n, dY⟩",)
    why = "Each entry has the slope that the loss has for one number, and the mean divides by n."
    prerequisites = ("entrywise", "mean-of-entries")

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """All losses but the cross entropy, which goes along rows."""
        if not isinstance(node, Call) or node.function == "cross_entropy":
            return False
        return FUNCTIONS[node.function].kind == "loss"

    def stated(self, place: Place) -> Statement:
        """The slopes of this loss."""
        assert isinstance(place.node, Call)
        function = place.node.function
        return Statement(
            name=Message("{function} of n entries", function=function),
            differential=_SLOPES[function],
            moved=self.moved,
        )

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """G/n times the slope of the loss of one entry."""
        count = place.size()
        weight = cotangent if count == 1 else divide(cotangent, number(count))
        return {
            i: multiply(weight, slope)
            for i, slope in partial_slopes(place.node, place.moving).items()
        }


RULES: tuple[MatrixRule, ...] = (_MeanLoss(),)
