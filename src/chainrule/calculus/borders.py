"""Where a formula may have a kink: what must be 0 there."""

from collections.abc import Iterator

from .rules import RULES, Rule
from .tree import Call, Formula, Node, Number, Power

_BORDERED = tuple(rule for rule in RULES if type(rule).borders is not Rule.borders)
_ROOTS = ("sqrt", "cbrt")


def borders(formula: Formula) -> Iterator[tuple[Node, Node]]:
    """Each part that can have a kink or a cusp, with what is 0 where it has it.

    Roots are among them: √(x² + y²) has the tip of a cone at the origin, as the norm of (x, y) has,
    which is itself 0 there.

    Args:
        formula: Of numbers, or of vectors that end in one number.
    """
    for node in formula.nodes():
        if isinstance(node, Call):
            for rule in _BORDERED:
                for border in rule.borders(node):
                    yield node, border
            if node.function in _ROOTS:
                yield node, node.arguments[0]
            elif node.function == "norm":
                yield node, node
        elif isinstance(node, Power) and not _whole(node.exponent):
            yield node, node.base


def _whole(exponent: Node) -> bool:
    return isinstance(exponent, Number) and float(exponent.value).is_integer()
