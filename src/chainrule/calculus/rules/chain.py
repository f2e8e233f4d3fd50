"""The chain rule: the outer slope at the inside, times how fast the inside moves.

Where several arguments of the outer function move, each is a path: along a path the factors
multiply, and the paths add.
"""

from collections.abc import Sequence

from chainrule.calculus.build import add, multiply, name, negative, template
from chainrule.calculus.derivation import Outer
from chainrule.calculus.tree import Call, Name, Node, Product, Unary, children, distinct
from chainrule.records.message import Message, joined

from .function import OuterRule, spelled_like
from .rule import Application, Mutation, Part, Rule, Task

INSIDES = ("u", "v", "w", "s", "q", "p", "r", "m")
"""What the inside of a chain is called, if the formula does not use the letter itself."""


_PATHS = Message("Several arguments move: along each path the slopes multiply, and the paths add.")


class ChainRule(Rule):
    """A function of something that varies.

    Args:
        outer: The rules of outer functions.
    """

    id = "chain"
    name = "chain rule"
    statement = ("f", "df*du")
    why = "The outside answers to the inside, and the inside to the variable: the slopes multiply."
    mutations = (
        Mutation(
            id="chain-inner-lost",
            after="p",
            message="The outer function was differentiated. How fast does its inside move? Its "
            "derivative is a factor that is missing.",
        ),
        Mutation(
            id="chain-inside-differentiated",
            after="q",
            message="The derivative of the inside was put into the outer derivative: the inside "
            "stays as it is, and its derivative is a factor behind.",
        ),
        Mutation(
            id="chain-added",
            after="p + du",
            message="The two slopes were added: along a chain they multiply.",
        ),
        Mutation(
            id="chain-outer-lost",
            after="f*du",
            message="The outer function was left as it is: it has to be differentiated too.",
        ),
    )

    def __init__(self, outer: Sequence[OuterRule]) -> None:
        self.outer = tuple(outer)
        self._for: dict[str | None, list[OuterRule]] = {}
        for rule in self.outer:
            self._for.setdefault(getattr(rule, "function", None), []).append(rule)

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """F is the whole, u its inside; of several arguments that vary, the first."""
        found = self._outside(node, task)
        if found is None:
            return None
        rule, letters, moving = found
        return {"f": node, "u": letters[moving[0]], "p": rule.partial(moving[0], letters)}

    def apply(self, node: Node, task: Task) -> Application | None:
        """Σ over the arguments that vary: the outer slope times the inner one."""
        found = self._outside(node, task)
        if found is None:
            return None
        rule, letters, moving = found
        free = _free_letters(node)
        outers = []
        for letter, called in zip(moving, free, strict=False):
            inside = name(called)
            renamed = dict(letters) | {letter: inside}
            outers.append(
                Outer(
                    rule=rule.id,
                    letter=called,
                    inside=letters[letter],
                    operand=rule.operand(renamed, node),
                    derivative=rule.partial(letter, renamed),
                )
            )
        partials = [spelled_like(node, rule.partial(letter, letters)) for letter in moving]

        def make(derivatives: Sequence[Node]) -> Node:
            paths = zip(partials, derivatives, strict=True)
            return add(*(_product(partial, derivative) for partial, derivative in paths))

        return Application(
            parts=tuple(Part(operand=letters[letter]) for letter in moving),
            make=make,
            outer=tuple(outers),
            remark=joined([*([_PATHS] if len(moving) > 1 else []), *filter(None, [rule.remark])]),
        )

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """With p, the outer slope at the inside, and q, the outer slope at the inner derivative."""
        found = self._outside(node, task)
        if found is None:
            return None
        rule, letters, moving = found
        if len(moving) > 1:
            return None
        inside, partial = letters[moving[0]], rule.partial(moving[0], letters)

        def make(derivatives: Sequence[Node]) -> Node:
            at_derivative = rule.partial(moving[0], dict(letters) | {moving[0]: derivatives[0]})
            return template(
                mutation.after,
                {"f": node, "p": partial, "q": at_derivative, "du": derivatives[0]},
            )

        return Application(parts=(Part(operand=inside),), make=make)

    def _outside(
        self, node: Node, task: Task
    ) -> tuple[OuterRule, dict[str, Node], tuple[str, ...]] | None:
        function = node.function if isinstance(node, Call) else None
        for rule in self._for.get(function, ()):
            letters = rule.match(node, task)
            if letters is None:
                continue
            moving = rule.moving(letters, task)
            if len(moving) > 1 or (moving and not task.is_variable(letters[moving[0]])):
                return rule, letters, moving
        return None


def _product(partial: Node, derivative: Node) -> Node:
    """Outer slope times inner slope; the factors of the outer one stay side by side."""
    if isinstance(partial, Unary) and partial.id < 0 and partial.operator == "-":
        return negative(_product(partial.operand, derivative))
    plain = isinstance(partial, Product) and not partial.parentheses and partial.id < 0
    return multiply(*(children(partial) if plain else (partial,)), derivative)


def _free_letters(node: Node) -> list[str]:
    taken = {part.name for part in distinct(node) if isinstance(part, Name)}
    return [letter for letter in INSIDES if letter not in taken] or ["u_1", "u_2", "u_3"]
