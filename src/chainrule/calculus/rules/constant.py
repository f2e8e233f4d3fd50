"""Constants: what does not change has the slope 0."""

from chainrule.calculus.tree import Name, Node, distinct

from .rule import Mutation, Rule, Task


class Constant(Rule):
    """A number."""

    id = "constant"
    name = "constant"
    statement = ("c", "0")
    why = "A number does not change, so its slope is 0."
    mutations = (
        Mutation(
            id="constant-kept",
            after="c",
            message="A constant was left standing: it does not change, so its derivative is 0.",
        ),
        Mutation(
            id="constant-one",
            after="1",
            message="The derivative of a constant is 0; that of the variable itself is 1.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """Numbers, and what is made of numbers only."""
        if task.varies(node) or any(isinstance(part, Name) for part in distinct(node)):
            return None
        return {"c": node}


class HeldConstant(Rule):
    """Other variables."""

    id = "held-constant"
    name = "held constant"
    statement = ("c", "0")
    why = "Only one variable moves at a time; the others are held still, so this is a constant."
    prerequisites = ("constant",)
    mutations = (
        Mutation(
            id="held-differentiated",
            after="1",
            message="Another variable was differentiated as well: it is held constant here.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """What holds other names, but not the variable."""
        return None if task.varies(node) else {"c": node}


class Variable(Rule):
    """The variable itself."""

    id = "variable"
    name = "variable"
    statement = ("x", "1")
    why = "A variable moves as fast as itself."
    mutations = (
        Mutation(
            id="variable-kept",
            after="x",
            message="The variable was left standing: its own slope is 1.",
        ),
        Mutation(
            id="variable-zero",
            after="0",
            message="The variable was held constant: it is the one that moves.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The name of the variable."""
        return {"x": node} if task.is_variable(node) else None
