"""Functions with kinks and jumps: |x|, the sign, the smaller and the larger, and cases."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.build import call, exact, is_number, negative, number, subtract, template
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message

from .function import FunctionRule
from .rule import Application, Mutation, Part, Rule, Task


class ExtremeRule(Rule):
    """The smaller or the larger of several numbers: the one that counts passes its slope on.

    Args:
        function: `min` or `max`.
    """

    why = "Only the argument that is chosen can move the result."
    prerequisites = ("abs",)

    def __init__(self, function: str) -> None:
        self.function = function
        larger = function == "max"
        self.id = function
        self.name = "larger of two" if larger else "smaller of two"
        difference = "u - v" if larger else "v - u"
        self.statement = (f"{function}(u, v)", f"where({difference}, du, dv)")
        self.mutations = (
            Mutation(
                id=f"{function}-of-derivatives",
                after=f"{function}(du, dv)",
                message="The derivatives were compared. Compare the values: the one that is chosen "
                "passes its own slope on.",
            ),
        )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The first argument and the extreme of the rest."""
        if not isinstance(node, Call) or node.function != self.function:
            return None
        first, *rest = node.arguments
        if not rest:
            return {"u": first, "v": first}
        return {"u": first, "v": rest[0] if len(rest) == 1 else call(self.function, *rest)}

    def apply(self, node: Node, task: Task) -> Application | None:
        """Cases within cases for more than two; of one number, the number itself."""
        if self.match(node, task) is None or not isinstance(node, Call):
            return None
        arguments = node.arguments
        differences = self.borders(node)

        def make(derivatives: Sequence[Node]) -> Node:
            if _number_first(arguments):
                return call("where", differences[0], derivatives[1], derivatives[0])
            slope = derivatives[0]
            for difference, derivative in zip(differences, derivatives[1:], strict=True):
                slope = call("where", difference, slope, derivative)
            return slope

        return Application(
            parts=tuple(Part(operand=a) for a in arguments),
            make=make,
            remark=_TIE if len(arguments) > 1 else "",
        )

    def borders(self, node: Node) -> tuple[Node, ...]:
        """What decides between the chosen one so far and the next: positive for the former."""
        if not isinstance(node, Call) or node.function != self.function:
            return ()
        found: list[Node] = []
        arguments = node.arguments[::-1] if _number_first(node.arguments) else node.arguments
        for i, argument in enumerate(arguments[1:], 1):
            chosen = arguments[0] if i == 1 else call(self.function, *arguments[:i])
            pair = (chosen, argument) if self.function == "max" else (argument, chosen)
            found.append(_difference(*pair))
        return tuple(found)


def _number_first(arguments: tuple[Node, ...]) -> bool:
    """Whether it is max(0, u), which is read as u where that is positive, and 0 elsewhere."""
    return len(arguments) == 2 and exact(arguments[0]) is not None and exact(arguments[1]) is None


def _difference(left: Node, right: Node) -> Node:
    if is_number(right, 0):
        return left
    return negative(right) if is_number(left, 0) else subtract(left, right)


_TIE = Message("Where two are equal there is a kink; PyTorch takes half of each slope there.")


class CasesRule(Rule):
    """where(c, u, v): u where c > 0, v elsewhere."""

    id = "where"
    function = "where"
    name = "cases"
    statement = ("where(c, u, v)", "where(c, du, dv)")
    why = "Away from the border each case has its own slope; on the border there may be a jump."
    mutations = (
        Mutation(
            id="where-first-only",
            after="du",
            message="Only the first case was differentiated; the other one holds elsewhere.",
        ),
    )

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The condition and both cases."""
        if not isinstance(node, Call) or node.function != "where":
            return None
        return dict(zip(("c", "u", "v"), node.arguments, strict=True))

    def apply(self, node: Node, task: Task) -> Application | None:
        """The condition stays as it is."""
        letters = self.match(node, task)
        if letters is None:
            return None
        condition = letters["c"]
        return Application(
            parts=(Part(operand=letters["u"]), Part(operand=letters["v"])),
            make=lambda found: call("where", condition, *found),
            remark=_BORDER if task.varies(condition) else "",
        )

    def borders(self, node: Node) -> tuple[Node, ...]:
        """The condition."""
        mine = isinstance(node, Call) and node.function == "where"
        return (node.arguments[0],) if mine and isinstance(node, Call) else ()


_BORDER = Message(
    "Where the condition is 0 the cases may meet in a kink or a jump; PyTorch takes the second."
)


class _OfOneNumber(FunctionRule):
    """A function of vectors that is asked of a number: a sum with one term."""

    def __init__(
        self,
        function: str,
        *texts: str,
        why: str,
        border: str | None = None,
        remark: str = "",
        mutations: tuple[Mutation, ...] = (),
    ) -> None:
        super().__init__(
            function, *texts, why=why, border=border, remark=remark, mutations=mutations
        )
        self.id = f"{function}-of-one-number"

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """1, or for a norm the sign; by its order p 0, since every norm of a number is |u|."""
        if letter != "u":
            return number(0)
        if self.function == "norm":
            return template("sign(u)", letters)
        return number(1)


_CORNER = Message(
    "Where its argument is 0 it has a kink, with the slopes −1 and 1; PyTorch takes 0 there."
)
_JUMP = Message("Where its argument is 0 it jumps and has no derivative; PyTorch takes 0 there.")

RULES = (
    FunctionRule(
        "abs",
        "absolute value",
        "sign(u)",
        why="|u| rises right of 0 and falls left of it.",
        border="u",
        remark=_CORNER,
        mutations=(
            Mutation(
                id="abs-one",
                after="du",
                message="To the left of 0, |u| falls: its slope there is −1.",
            ),
        ),
    ),
    FunctionRule(
        "sign",
        "sign",
        "0",
        why="The sign is flat on both sides of 0, and jumps there.",
        prerequisites=("constant",),
        border="u",
        remark=_JUMP,
        mutations=(
            Mutation(
                id="sign-as-abs",
                after="sign(u)*du",
                message="That is the derivative of |u|; the sign itself is flat on both sides of "
                "0.",
            ),
        ),
    ),
    ExtremeRule("max"),
    ExtremeRule("min"),
    CasesRule(),
    _OfOneNumber("sum", "sum of one number", "1", why="A sum of one term is that term."),
    _OfOneNumber("mean", "mean of one number", "1", why="The mean of one number is that number."),
    _OfOneNumber(
        "norm",
        "norm of a number",
        "sign(u)",
        why="The norm of a number is |u|.",
        border="u",
        remark=_CORNER,
        mutations=(
            Mutation(
                id="norm-one",
                after="du",
                message="The norm of a number is |u|: left of 0 it falls, with the slope −1.",
            ),
        ),
    ),
)
