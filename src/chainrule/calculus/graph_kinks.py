"""Kinks and jumps in a dependency graph: local derivatives that have no number at the point."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .both_sides import is_kinked
from .checks import completed
from .derive import derive
from .errors import FormulaError
from .evaluate import Evaluation
from .kinks import Kink, derivative_value, kinks, sentences
from .quantities import Quantity
from .tree import Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphKinks:
    """What kinks and jumps exactly at the point do to a graph.

    Attributes:
        local: Pairs of an operation and an input of it, by their places, whose local derivative has
            no number, and whether the operation jumps there.
        whole: The derivative of the result by each input that is differentiated by: the limit of
            its difference quotient, whatever the ways to it; None where there is none.
        notices: A sentence for each place.
    """

    local: Mapping[tuple[int, int], bool]
    whole: Mapping[int, float | None]
    notices: tuple[str, ...] = ()


def graph_kinks(
    found: Sequence[Quantity],
    values: Sequence[float],
    inputs: Mapping[int, int],
    reached: Sequence[int],
    point: Mapping[str, float],
    definitions: Mapping[str, Formula],
) -> GraphKinks:
    """Find the operations that have a kink or jump at the values that reach them.

    Args:
        found: The quantities; the last one is the result.
        values: Their numbers.
        inputs: Places of what is differentiated by, each with its bit.
        reached: For each quantity the bits of the inputs that it depends on.
        point: Numbers for names without definitions.
        definitions: Formulas that names stand for.

    Raises:
        DomainError: If the derivative by an input has no value for another reason.
    """
    by_label = {each.label: value for each, value in zip(found, values, strict=True)}
    at = Evaluation(by_label)
    kinked = [i for i, each in enumerate(found) if reached[i] and is_kinked(each.part, at)]
    local: dict[tuple[int, int], bool] = {}
    for i in kinked:
        for argument in {a for a in found[i].arguments if reached[a]}:
            jump = _breaks(found[i], found[argument], at)
            if jump is not None:
                local[i, argument] = jump
    touched = 0
    for i in kinked:
        touched |= reached[i]
    whole: dict[int, float | None] = {}
    met: list[Kink] = []
    formula = found[-1].formula
    for i, bit in inputs.items():
        if not touched & bit:
            continue
        try:
            derivation = derive(formula, found[i].label, definitions=definitions, routes=False)
        except FormulaError:  # the result itself, or too long to be written as one formula
            continue
        numbers = completed(derivation, Evaluation({**point, found[i].label: values[i]}))
        whole[i] = derivative_value(derivation, numbers)
        met += kinks(derivation, numbers)
    return GraphKinks(local=local, whole=whole, notices=sentences(met))


def _breaks(operation: Quantity, source: Quantity, at: Evaluation) -> bool | None:
    """Whether an operation jumps as one of its inputs passes; None if it has a derivative."""
    assert operation.expression is not None
    local = Formula(text="", root=operation.expression)
    found = kinks(derive(local, source.label, routes=False), at)
    breaking = [kink.kind == "jump" for kink in found if kink.breaks]
    return any(breaking) if breaking else None
