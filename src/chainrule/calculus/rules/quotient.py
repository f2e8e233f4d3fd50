"""Quotients."""

from chainrule.calculus.tree import Node, Quotient

from .rule import Mutation, Rule, Task


class ReciprocalRule(Rule):
    """A constant divided by something that varies."""

    id = "reciprocal"
    name = "reciprocal rule"
    statement = ("c/v", "-(c*dv)/v^2")
    why = "When the denominator grows, the quotient shrinks, the faster the smaller it was."
    prerequisites = ("quotient",)
    mutations = (
        Mutation(
            id="reciprocal-sign",
            after="(c*dv)/v^2",
            message="The minus sign of the reciprocal rule is missing: a larger denominator makes "
            "the quotient smaller.",
        ),
        Mutation(
            id="reciprocal-inner",
            after="-c/v^2",
            message="How fast does the denominator itself move? Its derivative is missing.",
        ),
        Mutation(
            id="reciprocal-of-derivative",
            after="c/dv",
            message="The denominator was only differentiated: the derivative of c/v is −c·v′/v².",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """c/v with v varying."""
        if not isinstance(node, Quotient) or task.varies(node.numerator):
            return None
        if not task.varies(node.denominator):
            return None
        return {"c": node.numerator, "v": node.denominator}


class QuotientRule(Rule):
    """Both parts may vary."""

    id = "quotient"
    name = "quotient rule"
    statement = ("u/v", "(du*v - u*dv)/v^2")
    why = "The numerator pushes the quotient up, the denominator pulls it down."
    prerequisites = ("product",)
    mutations = (
        Mutation(
            id="quotient-of-derivatives",
            after="du/dv",
            message="Numerator and denominator were differentiated on their own: the derivative of "
            "a quotient is not the quotient of the derivatives.",
        ),
        Mutation(
            id="quotient-order",
            after="(u*dv - du*v)/v^2",
            message="The two products are in the wrong order: u′v comes first, then − uv′.",
        ),
        Mutation(
            id="quotient-plus",
            after="(du*v + u*dv)/v^2",
            message="There is a minus between the two products of the quotient rule.",
        ),
        Mutation(
            id="quotient-square-lost",
            after="(du*v - u*dv)/v",
            message="The denominator of the quotient rule is squared.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """u/v with v varying."""
        if not isinstance(node, Quotient) or not task.varies(node.denominator):
            return None
        return {"u": node.numerator, "v": node.denominator}
