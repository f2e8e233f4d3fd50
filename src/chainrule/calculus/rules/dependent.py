"""Names that move with the variable: by a formula of their own, or as an equation says."""

from collections.abc import Sequence

from chainrule.calculus.build import add, multiply, name, occurs, substitute
from chainrule.calculus.tree import Name, Node, written_size
from chainrule.records.message import Message, listed

from .rule import Application, Mutation, Part, Rule, Task


class DependentVariable(Rule):
    """A name with a definition moves as its definition does."""

    id = "dependent-variable"
    name = "dependent variable"
    statement = ("u", "du")
    why = "This name stands for a formula of its own, so it moves when that formula does."
    prerequisites = ("variable", "chain")
    mutations = (
        Mutation(
            id="dependent-one",
            after="1",
            message="The name was differentiated as if it were the variable. It stands for a "
            "formula of its own: how fast does that move?",
        ),
        Mutation(
            id="dependent-held",
            after="0",
            message="The name was held constant, but the formula that it stands for holds the "
            "variable and moves with it.",
        ),
    )

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


class ImplicitVariable(Rule):
    """A name that varies in a way that only an equation says, as y in x² + y² = 25."""

    id = "implicit-variable"
    name = "implicit variable"
    statement = ("y", "p")
    why = "y depends on x, but only the equation says how: its slope is an unknown, y′."
    prerequisites = ("variable", "chain")
    mutations = (
        Mutation(
            id="implicit-one",
            after="1",
            message="y was differentiated as if it were x. It moves at its own rate, which is the "
            "unknown y′.",
        ),
        Mutation(
            id="implicit-held",
            after="0",
            message="y was held constant, but along the curve it moves with x: its slope is y′.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The name, and that of its derivative as p."""
        if not isinstance(node, Name) or node.name not in task.unknown:
            return None
        return {"y": node, "p": task.unknown[node.name]}


class TotalDerivative(Rule):
    """A formula of names that move: each is a way in which the variable acts, and the ways add."""

    id = "total-derivative"
    name = "total derivative"
    statement = ("f", "p + q*du + r*dv")
    why = (
        "The variable acts directly (p) and through every name that moves with it: along each way "
        "the partial derivative (q, r) times the derivative of the name, and the ways add."
    )
    prerequisites = ("chain", "held-constant", "sum")
    mutations = (
        Mutation(
            id="total-as-partial",
            after="p",
            message="That is the partial derivative: it holds the other names still, but they move "
            "with the variable too.",
        ),
        Mutation(
            id="total-direct-lost",
            after="q*du",
            message="The variable also stands in the formula itself: its own term is missing.",
        ),
        Mutation(
            id="total-inner-lost",
            after="p + q",
            message="How fast do the names in between move? The derivative of each is a factor.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The formula, and the names in it that move by formulas of their own, by their names."""
        between = task.between(node)
        return {"f": node, **{each: name(each) for each in between}} if between else None

    def apply(self, node: Node, task: Task) -> Application | None:
        """∂f/∂t + Σ ∂f/∂x · dx/dt."""
        between = task.between(node)
        if not between:
            return None
        direct = occurs(node, (task.variable,))
        return Application(
            parts=(*_direct(node, task, direct), *_ways(node, between)),
            make=lambda made: _added(made, direct),
            remark=_roles(task.variable, between) if direct else _only_through(task, between),
        )

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """Without the ways through other names, without the direct one, or without inner slopes."""
        between = task.between(node)
        direct = bool(between) and occurs(node, (task.variable,))
        if not between or (mutation.id != "total-inner-lost" and not direct):
            return None
        if mutation.id == "total-as-partial":
            return Application(parts=_direct(node, task, direct), make=lambda made: made[0])
        if mutation.id == "total-direct-lost":
            return Application(parts=_ways(node, between), make=lambda made: _added(made, False))
        partials = _ways(node, between)[::2]
        return Application(
            parts=(*_direct(node, task, direct), *partials), make=lambda made: add(*made)
        )


def _roles(variable: str, between: Sequence[str]) -> Message:
    names = listed(between)
    if len(between) == 1:
        return Message(
            "{variable} plays two roles: it stands in the formula itself, and {names} moves with "
            "it. The partial derivative by {variable} holds {names} still and is only the first "
            "term; the total one lets everything move.",
            variable=variable,
            names=names,
        )
    return Message(
        "{variable} plays two roles: it stands in the formula itself, and {names} move with it. "
        "The partial derivative by {variable} holds {names} still and is only the first term; the "
        "total one lets everything move.",
        variable=variable,
        names=names,
    )


def _only_through(task: Task, between: Sequence[str]) -> Message:
    return Message(
        "{variable} does not stand in the formula itself: it acts only through {names}. In each "
        "partial derivative the other names are held still.",
        variable=task.variable,
        names=listed(between),
    )


def _direct(node: Node, task: Task, direct: bool) -> tuple[Part, ...]:
    return (Part(operand=node, variable=task.variable, partial=True),) if direct else ()


def _ways(node: Node, between: Sequence[str]) -> tuple[Part, ...]:
    """For each name in between: the partial derivative by it, and its own derivative."""
    parts: list[Part] = []
    for each in between:
        parts += (Part(operand=node, variable=each, partial=True), Part(operand=name(each)))
    return tuple(parts)


def _added(made: Sequence[Node], direct: bool) -> Node:
    ways = made[int(direct) :]
    terms = [multiply(ways[i], ways[i + 1]) for i in range(0, len(ways), 2)]
    return add(*made[: int(direct)], *terms)


MOST_WRITTEN = 200
"""Parts of a formula with all names written out: more is no way that a person goes."""


class Substitution(Rule):
    """Every name is written out as what it stands for; the variable alone is left."""

    id = "substitution"
    name = "substitute first"
    statement = ("f", "df")
    why = "With every name written out, only the variable is left, and the ordinary rules do it."
    prerequisites = ("chain",)
    mutations = (
        Mutation(
            id="substitution-too-late",
            after="p",
            message="The names were put in after differentiating, when they had been held still: "
            "put them in first, so that what moves in them is differentiated too.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The formula written out, as f."""
        if isinstance(node, Name) or not task.defined_in(node):
            return None
        written: dict[str, Node] = {}

        def out(part: Node) -> Node:
            for each in task.defined_in(part):
                if each not in written:
                    written[each] = out(task.definitions[each])
            return substitute(part, written)

        found = out(node)
        return {"f": found} if written_size(found) <= MOST_WRITTEN else None

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative of what is written then."""
        found = self.match(node, task)
        if found is None:
            return None
        return Application(parts=(Part(operand=found["f"]),), make=lambda made: made[0])

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """The derivative by the variable where it stands itself, the names held still."""
        if self.match(node, task) is None:
            return None
        part = Part(operand=node, variable=task.variable, partial=True)
        return Application(parts=(part,), make=lambda made: made[0])
