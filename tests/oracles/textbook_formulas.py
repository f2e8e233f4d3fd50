"""Random formulas as in exercise books: products, quotients, chains, roots and powers in few names.

They are where algebra has something to do, more than in those of `scalar_formulas`. Not all are
real everywhere: `drawn` gives a point with each where it is.
"""

import random

from scalar_formulas import NAMES, well_conditioned

from chainrule.calculus import (
    DomainError,
    Evaluation,
    Formula,
    FormulaError,
    Node,
    parse,
    walk,
)
from chainrule.calculus.tree import Name, Power

_NAMES_OF_ONE = (
    "sin cos tan sec csc cot asin acos atan sinh cosh tanh sech asinh acosh atanh exp ln sqrt cbrt "
    "abs sigmoid relu softplus silu gelu"
)
_ONE = _NAMES_OF_ONE.split()
_WHOLE = ("2", "3", "4", "5", "-1", "-2", "-3")
_BROKEN = ("(1/2)", "(-1/2)", "(1/3)", "(2/3)", "(3/2)", "0.5", "2.5", "(-1.5)")


def text(random: random.Random, depth: int = 3) -> str:
    """A formula of x and perhaps other names."""
    if depth == 0:
        return random.choice(
            ("x", "x", "x", "x", "2", "3", "0.5", "y", "π", "2x", "x^2", "-x", "5")
        )
    kind = random.randrange(12)

    def part(less: int = 1) -> str:
        return text(random, max(0, depth - less))

    match kind:
        case 0 | 1:
            return f"({part()} {random.choice('+-')} {part(2)})"
        case 2 | 3:
            return f"({part()}) * ({part(random.choice((1, 2)))})"
        case 4 | 5:
            return f"({part()})/({part(random.choice((1, 2)))})"
        case 6:
            return f"({part()})^{random.choice(_WHOLE)}"
        case 7:
            return f"({part()})^{random.choice(_BROKEN)}"
        case 8:
            return f"{random.choice(('e', '2', 'e', '10', '0.5'))}^({part()})"
        case 9:
            return f"({part(2)})^({part(2)})"
        case _:
            return f"{random.choice(_ONE)}({part()})"


def drawn(seed: int, count: int) -> list[tuple[Formula, str, dict[str, float]]]:
    """So many formulas that are real at a point, what to differentiate by, and that point."""
    source = random.Random(seed)
    found: list[tuple[Formula, str, dict[str, float]]] = []
    while len(found) < count:
        formula = parse_or_none(text(source, source.choice((2, 3, 3, 4))))
        if formula is None or not formula.names:
            continue
        for _ in range(4):
            point = {name: source.uniform(0.1, 1.9) * source.choice((1, 1, -1)) for name in NAMES}
            if is_real(formula, point) and well_conditioned(formula, point):
                found.append((formula, source.choice(formula.names), point))
                break
    return found


def parse_or_none(typed: str) -> Formula | None:
    """The formula, if the text is one: 5^(2^(3)) may be too large."""
    try:
        return parse(typed)
    except FormulaError:
        return None


def is_real(formula: Formula, point: dict[str, float]) -> bool:
    """Whether all parts are real numbers at a point and a little around it.

    Where base and exponent both vary the base has to be positive, as for the logarithm: (−2)³ has
    a value, but none of its neighbours has.
    """
    for shift in (0, 1e-6, -1e-6):
        at = Evaluation({name: number + shift for name, number in point.items()})
        try:
            at(formula.root)
        except DomainError:
            return False
        for node in formula.nodes():
            if isinstance(node, Power) and not is_number(node.exponent) and at(node.base) <= 0:
                return False
    return True


def is_number(node: Node) -> bool:
    """Whether no name stands in a part."""
    return not any(isinstance(part, Name) for part in walk(node))
