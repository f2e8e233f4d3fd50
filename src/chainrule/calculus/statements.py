"""A rule in its letters, as one place needs it: of log(x) without a base, of eˣ without ln e."""

from collections.abc import Collection, Mapping
from functools import lru_cache

from .build import add, multiply, name, occurs, substitute, template
from .derivation import Step
from .rules import ALL_RULES
from .rules.function import LETTERS, FunctionRule
from .rules.rewriting import RewritingRule
from .tidy import tidy
from .tree import Call, Constant, Name, Node, Power, Product, distinct

Statement = tuple[Node, Node]
"""What is differentiated, and what comes of it, in which du is the derivative of u."""

_UNSAID = frozenset(
    {
        "constant",
        "held-constant",
        "chain",
        "definition",
        "logarithm-laws",
        "substitution",
        "dependent-variable",
        "implicit-variable",
    }
)
"""Rules whose letters say less than their names."""

_VARYING = ("u", "v", "w", "p", "q", "r", "s", "m")
"""Letters for what varies, in the order in which they are liked."""

_CONSTANT = ("c", "k", "a", "C")
_EXPONENT = ("n", "m", "k", "N")


def stated(step: Step, taken: Collection[str] = ()) -> Statement | None:
    """The rule of a step in letters; None where letters would say less than its name.

    A function of the variable itself is stated of that: d/dx(sin(x)) = cos(x), not of a letter u.

    Args:
        step: Whose rule.
        taken: Names of the problem: no letter is one of them.
    """
    rule = ALL_RULES.get(step.rule)
    if rule is None or rule.id in _UNSAID or isinstance(rule, RewritingRule):
        return None
    if isinstance(rule, FunctionRule) and isinstance(step.operand, Call):
        arguments = step.operand.arguments
        moving = tuple(occurs(argument, (step.variable,)) for argument in arguments)
        letters = tuple(_free(_VARYING, taken, len(LETTERS)))
        return _of_function(rule, step.operand.text, moving, step.variable, letters)
    if rule.id == "product" and isinstance(step.operand, Product):
        return _of_product(tuple(_free(_VARYING, taken, len(step.operand.factors))))
    left, right = (template(text, {}) for text in rule.statement)
    if isinstance(step.operand, Power) and rule.id == "exponential":
        base = step.operand.base
        if isinstance(base, Constant) and base.name == "e":
            left, right = template("c^u", {"c": base}), template("c^u*du", {"c": base})
    if rule.id == "variable":
        return name(step.variable), right
    if step.steps:
        return _renamed(left, right, taken)
    # where the variable itself is inside, the inner derivative is 1 and not worth a letter
    return _of_variable(left, right, step.variable, taken)


@lru_cache(maxsize=512)
def _of_function(
    rule: FunctionRule,
    text: str,
    moving: tuple[bool, ...],
    variable: str,
    free: tuple[str, ...],
) -> Statement:
    called = dict(zip(LETTERS[: len(moving)], free, strict=False))
    letters: dict[str, Node] = {letter: name(each) for letter, each in called.items()}
    call = Call(function=rule.function, text=text, arguments=tuple(letters.values()))
    if moving == (True,):
        inside = {"u": name(variable)}
        return rule.operand(inside, call), _tidied(rule.partial("u", inside))
    terms = [
        multiply(rule.partial(letter, letters), name(f"d{called[letter]}"))
        for letter, moves in zip(letters, moving, strict=False)
        if moves
    ]
    return rule.operand(letters, call), _tidied(add(*terms))


@lru_cache(maxsize=64)
def _of_product(letters: tuple[str, ...]) -> Statement:
    """One term for each factor, in which that one is differentiated."""
    factors = [name(letter) for letter in letters]
    terms = [
        multiply(*factors[:i], name(f"d{letter}"), *factors[i + 1 :])
        for i, letter in enumerate(letters)
    ]
    return multiply(*factors), add(*terms)


def _of_variable(left: Node, right: Node, variable: str, taken: Collection[str]) -> Statement:
    left, right = _renamed(left, right, {*taken} - {"u", "du"})
    parts = {"u": name(variable), "du": template("1", {})}
    return substitute(left, parts), _tidied(substitute(right, parts))


def _renamed(left: Node, right: Node, taken: Collection[str]) -> Statement:
    """With other letters for those that are names of the problem."""
    letters = [part.name for part in distinct(left) if isinstance(part, Name)]
    if not {*letters} & {*taken}:
        return left, right
    known = {*taken}
    parts: dict[str, Node] = {}
    for letter in letters:
        new = _free(_pool(letter), known, 1)[0]
        known.add(new)
        parts |= {letter: name(new), f"d{letter}": name(f"d{new}")}
    return substitute(left, parts), substitute(right, parts)


def _pool(letter: str) -> tuple[str, ...]:
    pools: Mapping[str, tuple[str, ...]] = {"c": _CONSTANT, "n": _EXPONENT}
    return pools.get(letter, _VARYING)


def _free(liked: tuple[str, ...], taken: Collection[str], count: int) -> list[str]:
    """So many letters that are no names of the problem; numbered ones where there are too few."""
    found = [letter for letter in liked if letter not in taken]
    number = 1
    while len(found) < count:
        if f"u_{number}" not in taken:
            found.append(f"u_{number}")
        number += 1
    return found[:count]


def _tidied(node: Node) -> Node:
    """Without factors 1 and numbers apart."""
    steps = tidy(node)
    return steps[-1].after if steps else node
