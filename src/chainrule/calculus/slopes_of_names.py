"""The derivative of each name of a long composition, in terms of those of the names it needs."""

from collections.abc import Mapping

from .build import name, substitute
from .definitions import evaluation_order
from .derivation import HOLE, PRIME, Step
from .tidy import tidy
from .tree import Formula, Name, Node

EACH_NAME = "each-name"
"""The id of the step that tidies them."""


def slopes_of_names(root: Step, definitions: Mapping[str, Formula]) -> dict[str, Node]:
    """Names that move, each after those that it needs, with their tidy derivatives.

    Args:
        root: The derivation of a composition.
        definitions: What names stand for.

    Returns:
        Derivatives by name, that of the whole last, by no name. In one, the derivative of another
        name x is a name itself: x and `PRIME`.
    """
    named: dict[str, Step] = {}
    seen: set[int] = set()
    left = [root]
    while left:
        step = left.pop()
        if id(step) in seen or step.partial:  # in a partial derivative no other name moves
            continue
        seen.add(id(step))
        if _of_name(step):
            named[_name(step)] = step.steps[0]
        left.extend(step.steps)
    found = {
        each: _tidied(_in_slopes(named[each]))
        for each in evaluation_order(definitions)
        if each in named
    }
    return {**found, "": _tidied(_in_slopes(root))}


def put_together(slopes: Mapping[str, Node]) -> Node:
    """The derivative of the whole, as one expression whose parts are shared.

    Args:
        slopes: As `slopes_of_names` returns them.
    """
    known: dict[str, Node] = {}
    for each, node in slopes.items():
        known[f"{each}{PRIME}"] = substitute(node, known)
    return known[PRIME]


def _of_name(step: Step) -> bool:
    return step.rule == "dependent-variable"


def _name(step: Step) -> str:
    assert isinstance(step.operand, Name)
    return step.operand.name


def _in_slopes(step: Step) -> Node:
    """What a step comes to, with the derivatives of names as they are called."""
    if _of_name(step):
        return name(f"{_name(step)}{PRIME}")
    if step.partial or not step.steps:
        return step.result
    parts = {f"{HOLE}{i}": _in_slopes(part) for i, part in enumerate(step.steps)}
    return substitute(step.after, parts)


def _tidied(node: Node) -> Node:
    steps = tidy(node)
    return steps[-1].after if steps else node
