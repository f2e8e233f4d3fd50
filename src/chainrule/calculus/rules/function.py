"""Rules of outer functions: what one of them does when its arguments move."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace

from chainrule.calculus.build import call, template
from chainrule.calculus.tree import Call, Node, children, distinct, with_children

from .rule import Application, Mutation, Rule, Task

LETTERS = ("u", "v", "w")
"""What the arguments of a function are called in statements, in their order."""


class OuterRule(Rule):
    """A function of one or more arguments, differentiated by those that vary.

    The rule itself applies where the only argument that varies is the variable; elsewhere the chain
    rule takes `partial` from here.

    Attributes:
        remark: What the reader should know about a place where it has a kink; may be empty.
    """

    remark: str = ""

    @abstractmethod
    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """The derivative of the function by one argument, the others held."""

    def moving(self, letters: Mapping[str, Node], task: Task) -> tuple[str, ...]:
        """The arguments that vary, by their letters."""
        return tuple(
            letter for letter in LETTERS if letter in letters and task.varies(letters[letter])
        )

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative by the variable, where that is the argument itself."""
        letters = self.match(node, task)
        if letters is None:
            return None
        moving = self.moving(letters, task)
        if len(moving) != 1 or not task.is_variable(letters[moving[0]]):
            return None
        derivative = spelled_like(node, self.partial(moving[0], letters))
        return Application(parts=(), make=lambda _: derivative, remark=self.remark)

    @abstractmethod
    def operand(self, letters: Mapping[str, Node], node: Node) -> Node:
        """The function with other arguments."""


def spelled_like(node: Node, derivative: Node) -> Node:
    """The derivative of sin x with cos x in it, that of sin(x) with cos(x)."""
    if not isinstance(node, Call) or node.spelling != "bare":
        return derivative
    made: dict[int, Node] = {}
    for part in distinct(derivative):
        if part.id >= 0:
            made[id(part)] = part
            continue
        changed = with_children(part, [made[id(child)] for child in children(part)])
        if isinstance(changed, Call) and changed.arguments[0] is node.arguments[0]:
            changed = replace(changed, spelling="bare")
        made[id(part)] = changed
    return made[id(derivative)]


class FunctionRule(OuterRule):
    """A function by its name in `FUNCTIONS`.

    Args:
        function: Its name.
        name: As a person says it.
        partials: Its derivative by each argument, in the letters u, v, w.
        why: The reason in a sentence.
        prerequisites: Rules that a learner knows before this one.
        mutations: How people get it wrong, in the letters u, v, w and du, dv, dw.
        default: What the last argument is if it is left out.
        short: Its derivative by u if the last argument is left out and that is easier to read.
        border: What is 0 where the function has a kink or a jump, in the letters u, v, w.
        remark: What the reader should know about that place.
    """

    def __init__(
        self,
        function: str,
        name: str,
        *partials: str,
        why: str,
        prerequisites: tuple[str, ...] = (),
        mutations: tuple[Mutation, ...] = (),
        default: str | None = None,
        short: str | None = None,
        border: str | None = None,
        remark: str = "",
    ) -> None:
        self.function = function
        self.id = function.replace("_", "-")
        self.name = name
        self.partials = dict(zip(LETTERS, partials, strict=False))
        last = LETTERS[len(partials) - 1]
        self._defaults = {} if default is None else {last: template(default, {})}
        arguments = ", ".join(self.partials)
        terms = " + ".join(f"({part})*d{letter}" for letter, part in self.partials.items())
        self.statement = (f"{function}({arguments})", terms)
        self.why = why
        self.prerequisites = prerequisites
        self.mutations = mutations
        self.short = short
        self._arguments = len(partials)
        self.border = border
        self.remark = remark

    def borders(self, node: Node) -> tuple[Node, ...]:
        """One, for functions that have a kink or a jump."""
        mine = isinstance(node, Call) and node.function == self.function
        if self.border is None or not mine or not isinstance(node, Call):
            return ()
        letters = dict(zip(LETTERS, node.arguments, strict=False))
        return (template(self.border, {**self._defaults, **letters}),)

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The arguments; those that were left out keep what they are by default."""
        if not isinstance(node, Call) or node.function != self.function:
            return None
        letters = dict(zip(LETTERS, node.arguments, strict=False))
        return letters if self.moving(letters, task) else None

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """With what is left out as it is by default."""
        found = self.match(node, task)
        if found is None:
            return None
        return self._stated(mutation.after, {**self._defaults, **found})

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """From the table."""
        if self.short is not None and len(letters) < self._arguments:
            return template(self.short, letters)
        return template(self.partials[letter], {**self._defaults, **letters})

    def operand(self, letters: Mapping[str, Node], node: Node) -> Node:
        """The call with other arguments."""
        assert isinstance(node, Call)
        arguments = [letters[letter] for letter, _ in zip(LETTERS, node.arguments, strict=False)]
        if not node.text:
            return call(node.function, *arguments)  # |u|
        return Call(function=node.function, text=node.text, arguments=tuple(arguments))
