"""A rule in its letters, as one place needs it: of log(x) without a base, of eˣ without ln e."""

from functools import lru_cache

from .build import add, multiply, name, occurs, substitute, template
from .derivation import Step
from .rules import ALL_RULES
from .rules.function import LETTERS, FunctionRule
from .rules.rewriting import RewritingRule
from .tidy import tidy
from .tree import Call, Constant, Node, Power

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


def stated(step: Step) -> Statement | None:
    """The rule of a step in letters; None where letters would say less than its name.

    A function of the variable itself is stated of that: d/dx(sin(x)) = cos(x), not of a letter u.
    """
    rule = ALL_RULES.get(step.rule)
    if rule is None or rule.id in _UNSAID or isinstance(rule, RewritingRule):
        return None
    if isinstance(rule, FunctionRule) and isinstance(step.operand, Call):
        arguments = step.operand.arguments
        moving = tuple(occurs(argument, (step.variable,)) for argument in arguments)
        return _of_function(rule, step.operand.text, moving, step.variable)
    left, right = (template(text, {}) for text in rule.statement)
    if isinstance(step.operand, Power) and rule.id == "exponential":
        base = step.operand.base
        if isinstance(base, Constant) and base.name == "e":
            left, right = template("c^u", {"c": base}), template("c^u*du", {"c": base})
    if step.steps or occurs(left, (step.variable,)):
        return left, right
    # where the variable itself is inside, the inner derivative is 1 and not worth a letter
    return _of_variable(left, right, step.variable)


@lru_cache(maxsize=512)
def _of_function(
    rule: FunctionRule, text: str, moving: tuple[bool, ...], variable: str
) -> Statement:
    letters: dict[str, Node] = {
        letter: name(letter) for letter, _ in zip(LETTERS, moving, strict=False)
    }
    call = Call(function=rule.function, text=text, arguments=tuple(letters.values()))
    if moving == (True,):
        inside = {"u": name(variable)}
        return rule.operand(inside, call), _tidied(rule.partial("u", inside))
    terms = [
        multiply(rule.partial(letter, letters), name(f"d{letter}"))
        for letter, moves in zip(letters, moving, strict=False)
        if moves
    ]
    return rule.operand(letters, call), _tidied(add(*terms))


def _of_variable(left: Node, right: Node, variable: str) -> Statement:
    parts = {"u": name(variable), "du": template("1", {})}
    return substitute(left, parts), _tidied(substitute(right, parts))


def _tidied(node: Node) -> Node:
    """Without factors 1 and numbers apart."""
    steps = tidy(node)
    return steps[-1].after if steps else node
