"""ln |u|: the bars change nothing about the slope."""

from collections.abc import Mapping
from dataclasses import replace

from chainrule.calculus.build import call, template
from chainrule.calculus.tree import Call, Node

from .function import OuterRule
from .rule import Mutation, Task


class LogarithmOfSize(OuterRule):
    """The logarithm of an absolute value.

    Args:
        function: Which logarithm, by its name in `FUNCTIONS`.
        partial: Its derivative by u.
        mutations: How people get it wrong.
        based: Whether it is one with its base c as another argument.
    """

    name = "logarithm of an absolute value"
    why = (
        "Left of 0, ln |u| is ln(−u): two minus signs cancel, and the slope is 1/u as on the right."
    )
    prerequisites = ("log", "abs", "chain")

    def __init__(
        self,
        function: str,
        partial: str,
        mutations: tuple[Mutation, ...] = (),
        *,
        based: bool = False,
    ) -> None:
        self.function = function
        self.id = f"{function}-to-base-of-size" if based else f"{function}-of-size"
        self.statement = (f"{function}(abs(u){', c' if based else ''})", f"{partial}*du")
        self.mutations = mutations
        self._partial = partial
        self._arguments = 2 if based else 1

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """What stands between the bars, and the base if it is another argument."""
        if not isinstance(node, Call) or node.function != self.function:
            return None
        if len(node.arguments) != self._arguments:
            return None
        size, *base = node.arguments
        if not isinstance(size, Call) or size.function != "abs" or not task.varies(size):
            return None
        if any(map(task.varies, base)):
            return None
        return {"u": size.arguments[0], **({"c": base[0]} if base else {})}

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """1/u."""
        return template(self._partial, letters)

    def operand(self, letters: Mapping[str, Node], node: Node) -> Node:
        """The logarithm of another size."""
        assert isinstance(node, Call)
        size = call("abs", letters["u"])
        arguments = (size, *node.arguments[1:])
        return replace(node, id=-1, span=(0, 0), parentheses=0, arguments=arguments)


RULES = (
    LogarithmOfSize(
        "log",
        "1/u",
        (
            Mutation(
                id="log-of-size-bars-kept",
                after="1/abs(u)*du",
                message="The slope of ln |u| is 1/u without the bars: left of 0 the curve falls.",
            ),
        ),
    ),
    LogarithmOfSize(
        "log",
        "1/(u*log(c))",
        (
            Mutation(
                id="log-to-base-of-size-base-lost",
                after="1/u*du",
                message="1/u is the derivative of ln |u|; for another base it is divided by the "
                "logarithm of that base.",
            ),
        ),
        based=True,
    ),
    LogarithmOfSize(
        "log2",
        "1/(u*log(2))",
        (
            Mutation(
                id="log2-of-size-base-lost",
                after="1/u*du",
                message="1/u is the derivative of ln |u|; for base 2 it is divided by ln 2.",
            ),
        ),
    ),
    LogarithmOfSize(
        "log10",
        "1/(u*log(10))",
        (
            Mutation(
                id="log10-of-size-base-lost",
                after="1/u*du",
                message="1/u is the derivative of ln |u|; for base 10 it is divided by ln 10.",
            ),
        ),
    ),
)
