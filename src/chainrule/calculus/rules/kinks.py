"""Functions with kinks and jumps: |x|, the sign, the smaller and the larger, and cases."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.build import call, number, subtract, template
from chainrule.calculus.tree import Call, Node

from .function import FunctionRule
from .rule import Application, Mutation, Part, Rule, Task


class ExtremeRule(Rule):
    """The smaller or the larger of several numbers: the one that counts passes its slope on.

    Args:
        function: `min` or `max`.
    """

    why = (
        "Only the argument that is chosen can move the result. Where two are equal there is a kink."
    )
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

        def make(derivatives: Sequence[Node]) -> Node:
            chosen, slope = arguments[-1], derivatives[-1]
            for argument, derivative in zip(arguments[-2::-1], derivatives[-2::-1], strict=True):
                pair = (argument, chosen) if self.function == "max" else (chosen, argument)
                slope = call("where", subtract(*pair), derivative, slope)
                chosen = call(self.function, argument, chosen)
            return slope

        return Application(parts=tuple(Part(operand=a) for a in arguments), make=make)


class CasesRule(Rule):
    """where(c, u, v): u where c > 0, v elsewhere."""

    id = "where"
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
        )


class _OfOneNumber(FunctionRule):
    """A function of vectors that is asked of a number: a sum with one term."""

    def __init__(self, function: str, *texts: str, why: str) -> None:
        super().__init__(function, *texts, why=why)
        self.id = f"{function}-of-one-number"

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """1, or for a norm the sign."""
        if self.function == "norm":
            return template("sign(u)", letters)
        return number(1)


RULES = (
    FunctionRule(
        "abs",
        "absolute value",
        "sign(u)",
        why="|u| rises right of 0 and falls left of it. At 0 it has a kink; PyTorch takes 0.",
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
    ),
    ExtremeRule("max"),
    ExtremeRule("min"),
    CasesRule(),
    _OfOneNumber("sum", "sum of one number", "1", why="A sum of one term is that term."),
    _OfOneNumber("mean", "mean of one number", "1", why="The mean of one number is that number."),
    _OfOneNumber("norm", "norm of a number", "sign(u)", why="The norm of a number is |u|."),
)
