"""Kinks and jumps exactly at a point, where there is no derivative but one on each side."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chainrule.records.message import Message, as_message, listed
from chainrule.records.shortened import brief

from .both_sides import BothSides, both_sides, moved_to, same
from .derivation import Derivation, Step
from .domains import TOO_LARGE
from .evaluate import DomainError, Evaluation
from .tree import Call, Formula, Span
from .writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Kink:
    """A place in a formula that has a kink or a jump at a point.

    Attributes:
        node: Id of the part in its formula.
        function: Its name, `relu`.
        place: The part as it was typed.
        span: Its characters in the text; in the text of a definition if `name` is not empty.
        name: The name in whose definition it stands; empty for the formula itself.
        kind: A jump if the value of the whole formula differs on both sides.
        left: Slope of the whole formula along the variable, coming from the left; None where it has
            none.
        right: The same from the right.
        pytorch: What PyTorch's autograd gives for the whole; None where that is no number.
        at: The variable, and its number there.
        where: The place as the message begins: `relu(x) (column 3)`.
    """

    node: int
    function: str
    place: str
    span: Span
    name: str
    kind: Literal["kink", "jump"]
    left: float | None
    right: float | None
    pytorch: float | None
    at: tuple[str, float]
    where: str

    @property
    def message(self) -> str:
        """All this in a sentence, with what to try."""
        return _sentence(self, [self.where])

    @property
    def breaks(self) -> bool:
        """Whether the whole formula has no derivative here; kinks can cancel one another."""
        return self.kind == "jump" or not same(self.left, self.right)


def kinks(derivation: Derivation, evaluation: Evaluation, *, of: str = "") -> tuple[Kink, ...]:
    """The places that have a kink or jump exactly at a point, as the variable passes through it.

    What has no effect is left out: x·|x| is smooth at 0. Two kinks that cancel are not, since
    PyTorch does not see that they do: of relu(x) − relu(−x), which is x, it gives 0 at 0.

    Args:
        derivation: Of the formula.
        evaluation: At the point.
        of: What the formula is called in messages, if nobody typed it: ∂f/∂x, whose columns would
            be those of no text that the reader has.

    Raises:
        DomainError: If the formula has no value there.
        FormulaError: If a name has no value.
    """
    sides = both_sides(derivation, evaluation)
    if sides is None or (sides.smooth and same(sides.left, sides.pytorch)):
        return ()
    found: dict[int, Kink] = {}
    for name, node, _ in sides.places:
        found.setdefault(id(node), _kink(derivation, evaluation, name, node, sides, of))
    return tuple(found.values())


def derivative_value(derivation: Derivation, evaluation: Evaluation) -> float | None:
    """The derivative at a point; None where it has none because of a kink or a jump.

    Raises:
        DomainError: If the formula or its derivative has no value there for another reason.
        FormulaError: If a name has no value.
    """
    evaluation(derivation.formula.root)  # 1/x has a value at −1, where ln x has none and no slope
    sides = both_sides(derivation, evaluation)
    if sides is not None:
        return sides.left if sides.smooth else None
    try:
        value = evaluation(derivation.raw)
    except DomainError:
        filled = _filled(derivation, evaluation)
        if filled is None:
            raise
        value = filled
    if math.isinf(value):
        at = ", ".join(f"{name} = {number:.6g}" for name, number in evaluation.point.items())
        raise DomainError(
            Message(
                "The derivative is {found}, at {point}: choose a point where it is smaller.",
                found=as_message(TOO_LARGE),
                point=at,
            ),
            derivation.formula.text,
        )
    return value


def _filled(derivation: Derivation, evaluation: Evaluation) -> float | None:
    """The tidy form's number where what the rules leave divides by 0, as that of x⁰ does at 0.

    Algebra may fill a gap that f′ has as well, so it is believed where the difference quotients on
    both sides say the same.
    """
    try:
        value = evaluation(derivation.tidy)
        here = evaluation(derivation.formula.root)
        for by in (-_NEAR, _NEAR):
            beside = Evaluation(moved_to(derivation, evaluation, by))
            step = beside.point[derivation.variable] - evaluation.point[derivation.variable]
            quotient = (beside(derivation.formula.root) - here) / step
            if not abs(quotient - value) <= _ALIKE * max(1.0, abs(value)):
                return None
    except DomainError:
        return None
    return value


_NEAR = 1e-6
"""Of a difference quotient on one side, relative to the point: its error is some 1e-6, too."""

_ALIKE = 1e-4
"""How far such a quotient may be off, relative: a hundred times its own error."""


def sentences(found: Iterable[Kink]) -> tuple[str, ...]:
    """What is said of kinks, in one sentence for those of which the same is said."""
    alike: dict[str, list[Kink]] = {}
    for kink in found:
        said = alike.setdefault(kink.message.removeprefix(kink.where), [])
        if kink.where not in [each.where for each in said]:
            said.append(kink)
    return tuple(_sentence(same[0], [each.where for each in same]) for same in alike.values())


def _sentence(kink: Kink, wheres: Sequence[str]) -> Message:
    """What is said of a kink or jump, of which there may be several in one point."""
    several = len(wheres) > 1
    variable, here = kink.at
    step = 0.01 * max(1.0, abs(here))
    fields = {
        "where": listed(wheres),
        "point": f"{variable} = {here:.6g}",
        "left": _written(kink.left),
        "pytorch": _written(kink.pytorch),
        "below": f"{variable} = {here - step:.6g}",
        "above": f"{variable} = {here + step:.6g}",
    }
    if kink.kind != "jump" and not kink.breaks:
        if several:
            return Message(
                "{where} have kinks at {point} that cancel one another: on both sides the slope of "
                "the whole is {left}, and so is the derivative, but PyTorch takes {pytorch}; try "
                "{below} or {above} to see them agree.",
                **fields,
            )
        return Message(
            "{where} has a kink at {point} that another one cancels: on both sides the slope of "
            "the whole is {left}, and so is the derivative, but PyTorch takes {pytorch}; try "
            "{below} or {above} to see them agree.",
            **fields,
        )
    fields["right"] = _written(kink.right)
    if kink.kind == "jump" and several:
        return Message(
            "{where} jump at {point}, where there is no derivative: from the left the slope of the "
            "whole is {left}, from the right {right}, and PyTorch takes {pytorch}; try {below} or "
            "{above}.",
            **fields,
        )
    if kink.kind == "jump":
        return Message(
            "{where} jumps at {point}, where there is no derivative: from the left the slope of "
            "the whole is {left}, from the right {right}, and PyTorch takes {pytorch}; try {below} "
            "or {above}.",
            **fields,
        )
    if several:
        return Message(
            "{where} have kinks at {point}: from the left the slope of the whole is {left}, from "
            "the right {right}, and PyTorch takes {pytorch}; try {below} or {above}.",
            **fields,
        )
    return Message(
        "{where} has a kink at {point}: from the left the slope of the whole is {left}, from the "
        "right {right}, and PyTorch takes {pytorch}; try {below} or {above}.",
        **fields,
    )


def of_step(derivation: Derivation, step: Step, evaluation: Evaluation) -> tuple[str, float | None]:
    """What kinks and jumps do to one step.

    Returns:
        The place that leaves it without a number, empty if none does; and its number where kinks
        cancel one another, None where there are none.
    """
    if step.variable not in evaluation.point:
        return "", None
    part = replace(
        derivation,
        formula=Formula(text=derivation.formula.text, root=step.operand),
        variable=step.variable,
        definitions=() if step.partial else derivation.definitions,
        root=step,
        tidying=(),
        factoring=(),
    )
    sides = both_sides(part, evaluation)
    if sides is None:
        return "", None
    return ("", sides.left) if sides.smooth else (brief(write(sides.places[0][1])), None)


def _kink(
    derivation: Derivation,
    evaluation: Evaluation,
    name: str,
    node: Call,
    sides: BothSides,
    of: str,
) -> Kink:
    place = brief(write(node))
    column = node.span[0] + 1
    if of:
        where = Message("In {of}, {place}", of=of, place=place)
    elif name:
        where = Message(
            "{place} in {name} (column {column})", place=place, name=name, column=column
        )
    else:
        where = Message("{place} (column {column})", place=place, column=column)
    return Kink(
        node=node.id,
        function=node.function,
        place=place,
        span=node.span,
        name=name,
        kind="jump" if sides.jumps else "kink",
        left=sides.left,
        right=sides.right,
        pytorch=sides.pytorch,
        at=(derivation.variable, evaluation.point[derivation.variable]),
        where=where,
    )


def _written(slope: float | None) -> str:
    if slope is None:
        return Message("none")
    return f"{slope:.6g}".replace("-", "−") if slope else "0"
