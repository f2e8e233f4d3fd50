"""A rule in its letters, as one place needs it: of log(x) without a base, of eˣ without ln e."""

from collections.abc import Mapping

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
        return _of_function(rule, step.operand, step.variable)
    left, right = (template(text, {}) for text in rule.statement)
    if isinstance(step.operand, Power) and rule.id == "exponential":
        base = step.operand.base
        if isinstance(base, Constant) and base.name == "e":
            left, right = template("c^u", {"c": base}), template("c^u*du", {"c": base})
    if step.steps or occurs(left, (step.variable,)):
        return left, right
    # where the variable itself is inside, the inner derivative is 1 and not worth a letter
    return _plain(left, right, {"u": name(step.variable), "du": template("1", {})})


def _of_function(rule: FunctionRule, call: Call, variable: str) -> Statement | None:
    letters: dict[str, Node] = {
        letter: name(letter) for letter, _ in zip(LETTERS, call.arguments, strict=False)
    }
    moving = [
        letter
        for letter, argument in zip(LETTERS, call.arguments, strict=False)
        if occurs(argument, (variable,))
    ]
    left = rule.operand(letters, call)
    if len(letters) == 1 and moving:
        inside = {"u": name(variable)}
        right = tidied(rule.partial("u", inside))
        return rule.operand(inside, call), right
    terms = [multiply(rule.partial(each, letters), name(f"d{each}")) for each in moving]
    return left, tidied(add(*terms))


def _plain(left: Node, right: Node, parts: Mapping[str, Node]) -> Statement:
    return substitute(left, parts), tidied(substitute(right, parts))


def tidied(node: Node) -> Node:
    """Without factors 1 and numbers apart."""
    steps = tidy(node)
    return steps[-1].after if steps else node
