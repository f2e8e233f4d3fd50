"""Products: each factor moves in turn while the others stand still."""

from collections.abc import Sequence

from chainrule.calculus.build import add, multiply
from chainrule.calculus.tree import Node, Product

from .rule import Application, Mutation, Part, Rule, Task


class ProductRule(Rule):
    """n factors that all vary."""

    id = "product"
    name = "product rule"
    statement = ("u v", "du*v + u*dv")
    why = "Each factor moves in turn while the others stand still, and the changes add."
    prerequisites = ("sum",)
    mutations = (
        Mutation(
            id="product-of-derivatives",
            after="du*dv",
            message="The derivatives of the factors were multiplied. Each factor moves in turn: "
            "u′v + uv′.",
        ),
        Mutation(
            id="product-second-lost",
            after="du*v",
            message="Only the first factor was moved; the second moves as well: + uv′ is missing.",
        ),
        Mutation(
            id="product-first-lost",
            after="u*dv",
            message="Only the second factor was moved; the first moves as well: u′v is missing.",
        ),
        Mutation(
            id="product-minus",
            after="du*v - u*dv",
            message="The two parts of the product rule add; the minus is the quotient rule's.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The first factor and the rest."""
        if not isinstance(node, Product) or not all(task.varies(f) for f in node.factors):
            return None
        return {"u": node.factors[0], "v": multiply(*node.factors[1:])}

    def apply(self, node: Node, task: Task) -> Application | None:
        """One term for each factor."""
        if self.match(node, task) is None or not isinstance(node, Product):
            return None
        factors = node.factors

        def make(derivatives: Sequence[Node]) -> Node:
            return add(
                *(
                    multiply(*factors[:i], derivative, *factors[i + 1 :])
                    for i, derivative in enumerate(derivatives)
                )
            )

        return Application(parts=tuple(Part(operand=factor) for factor in factors), make=make)
