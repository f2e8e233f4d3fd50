"""Names that stand for formulas of their own, as x in z = x²y with x = cos t."""

from chainrule.calculus.tree import Name, Node

from .rule import Application, Part, Rule, Task


class DependentVariable(Rule):
    """A name with a definition moves as its definition does."""

    id = "dependent-variable"
    name = "dependent variable"
    statement = ("u", "du")
    why = "This name stands for a formula of its own, so it moves when that formula does."
    prerequisites = ("variable", "chain")

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The formula that it stands for."""
        if not isinstance(node, Name) or node.name == task.variable:
            return None
        if node.name not in task.definitions or not task.varies(node):
            return None
        return {"u": task.definitions[node.name]}

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative of that formula."""
        found = self.match(node, task)
        if found is None:
            return None
        return Application(parts=(Part(operand=found["u"]),), make=lambda made: made[0])
