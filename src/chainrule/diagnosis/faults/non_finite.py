"""Non-finite numbers.

What it is
    A NaN or an infinity in the loss, a gradient or a weight. It spreads: one step later every
    weight that it reached is NaN too.

Why it happens
    The logarithm of 0, a division by 0, the square root at 0 (its derivative is infinite), an
    exponential or a matrix product that overflows, often after a step that was too long.

How it is found
    Any loss that is not finite. The operation is named from the graph of that very step: the
    first one, in the order in which they ran, that made a non-finite result from finite inputs.
    If the weights were already non-finite, the update of the step before is to blame, and the
    parameters that it spoiled tell where in the graph the backward pass broke. Of additions, sums
    and casts PyTorch keeps nothing; in a row of them the first sum of eight numbers or more in
    float16 is taken (quantity `terms`, threshold 8), and said to be likely. On a sampled
    step the first node with a finite gradient coming in and a non-finite one going out is named.
    If such a number reaches no gradient that an optimizer uses and no loss, for something behind
    it sets it to 0, it is a note.

Example that has it
    `examples/nan_loss_digits.py`.

Example that has not
    Any of the healthy examples. Overflow of a *scaled* loss under a GradScaler is not reported:
    the scaler skips such steps on purpose.

Remedies
    The numerically safe form of the operation (log-softmax, `F.cross_entropy`, an ε under the
    root), a smaller learning rate where the weights grew first, float32 for sums.

Known limits
    On an accelerator that is still at work when the backward pass begins the loss is fetched
    late, so as not to make it wait: the step is known, the operation only if the step was sampled.

References
    Goldberg (1991), ACM Computing Surveys 23(1); Goodfellow et al., Deep Learning, section 4.1.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.half_precision_sum import (
    FEWEST,
    LARGEST,
    HalfPrecisionSum,
    half_precision_sum,
)
from chainrule.diagnosis.reach import parameters_below
from chainrule.diagnosis.wording import count, names, number, plural
from chainrule.records import Event, Evidence, Finding, Place, Remedy

NAME = "non-finite"
SUMMARY = "A NaN or an infinity, and the first operation that made it."

_GREW = 100.0
"""Last finite loss over the first ones, from which the run was diverging before it broke: no batch
of a run that learns differs from another by that much, and a rate that is a little too high makes
a hundredfold of its loss in a few steps."""

_WHY: Mapping[str, tuple[str, str]] = {
    "Log": (
        "the logarithm of 0 is −∞ and of a negative number NaN",
        "use log-softmax or F.cross_entropy on the raw scores, or clamp the argument from below",
    ),
    "Log1P": ("log(1 + x) is −∞ at x = −1", "clamp the argument above −1"),
    "Div": ("it divides by 0, or one infinity by another", "add a small ε to the divisor"),
    "Sqrt": (
        "the derivative of √x is 1/(2√x): infinite at 0, and 0 · ∞ is NaN",
        "take the root of x + ε, or of x.clamp_min(ε)",
    ),
    "Rsqrt": ("1/√x is infinite at 0", "take it of x + ε"),
    "Exp": (
        "e^x overflows beyond x ≈ 88.7 in float32 and bfloat16, and beyond 11.1 in float16",
        "subtract the maximum first, or use softmax / logsumexp of torch",
    ),
    "Pow": (
        "a power of 0 or of a negative number has no finite value or derivative",
        "keep the base above a small ε",
    ),
    "LinalgVectorNorm": (
        "the derivative of ‖x‖ is x/‖x‖: 0/0 at x = 0",
        "take the root of (x²).sum() + ε",
    ),
    "Norm": ("the derivative of ‖x‖ is x/‖x‖: 0/0 at x = 0", "take √(Σx² + ε)"),
    "Acos": ("arccos has an infinite derivative at ±1", "clamp the argument inside (−1, 1)"),
    "Asin": ("arcsin has an infinite derivative at ±1", "clamp the argument inside (−1, 1)"),
}
_RESULTS = frozenset({"result", "result0", "out", "output"})
"""Names under which PyTorch keeps what an operation made, and not what it was given."""

_OVERFLOW = (
    "its result is beyond the largest number of its type",
    "look at why its inputs grew: a smaller learning rate, clipping or normalisation",
)


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    event = next((e for e in case.events if e.kind == "non-finite"), None)
    first = _first_loss(case)
    if event is None and first is None:
        return []
    if event is None:
        return [_finding(case, first or 0, Place(), "unknown", {})]
    data = event.data
    place = Place(
        str(data.get("module", "")), str(data.get("operation", "")), str(data.get("source", ""))
    )
    direction = str(data.get("direction", "forward"))
    if direction == "weights":
        return [_weights(case, event)]
    if direction == "forward" and not data.get("inputs"):
        unkept = half_precision_sum(case, place)
        if unkept is not None:
            return [_half_precision(_finding(case, event.step, place, direction, {}), unkept)]
    after = str(data.get("after", ""))
    found = _finding(case, event.step, place, direction, _ranges(data.get("inputs")), after)
    if direction == "backward" and first is None and not _reaches_a_weight(case):
        found = _masked(found)
    return [found]


def _reaches_a_weight(case: Case) -> bool:
    return any(
        not math.isfinite(p.gradient_norm)
        for sample in case.samples
        for p in sample.parameters
        if p.gradient_norm is not None
    )


def _masked(found: Finding) -> Finding:
    return replace(
        found,
        severity="note",
        explanation=f"{found.explanation}\n\nIt reached no weight: every gradient that an "
        "optimizer used was finite, as was every loss. An operation behind it, such as a ReLU that "
        "is 0 there, let nothing through.",
    )


def _half_precision(found: Finding, unkept: HalfPrecisionSum) -> Finding:
    """The finding of the last operation of a row, told of the sum at its beginning."""
    after = f" ({', '.join(unkept.after)})" if unkept.after else ""
    return replace(
        found,
        title=f"a sum in float16 is likely to have overflowed at step {count(found.steps[0])}",
        where=unkept.place,
        evidence={
            **found.evidence,
            "terms": Evidence(float(unkept.terms), "numbers in one sum", float(FEWEST)),
            "largest_number": Evidence(LARGEST, "of float16"),
        },
        explanation=(
            f"The loss of step {count(found.steps[0])} is not finite, and all that PyTorch keeps "
            f"of what ran before {unkept.place} is finite. Of that sum and of what follows it"
            f"{after} it keeps nothing, so the first number was made in one of these. The "
            f"sum is the likely one: it adds {count(unkept.terms)} numbers in float16, whose "
            f"largest is {count(LARGEST)}, and none of the others makes a number as many times as "
            "large."
        ),
        remedies=(
            Remedy(
                "sum in float32: x.float().sum(…), or sum(…, dtype=torch.float32)",
                f"the largest number of float16 is {count(LARGEST)}, that of float32 3.4·10³⁸",
            ),
            *found.remedies[1:],
        ),
    )


def _first_loss(case: Case) -> int | None:
    steps = [
        step
        for series in case.losses.values()
        for step, value in zip(series.steps, series.values, strict=True)
        if not math.isfinite(value)
    ]
    return min(steps, default=None)


def _ranges(inputs: object) -> dict[str, tuple[float, float, int]]:
    """`{name: (smallest, largest, how many non-finite)}` of what the operation was given."""
    ranges: dict[str, tuple[float, float, int]] = {}
    if isinstance(inputs, (list, tuple)):
        for entry in inputs:
            if isinstance(entry, (list, tuple)) and len(entry) == 4:
                name, low, high, wrong = entry
                ranges[str(name)] = (float(low), float(high), int(wrong))
    return ranges


def _history(case: Case, step: int) -> tuple[float, float]:
    """Median of the first finite losses, and the last finite loss before the step."""
    series = case.main_loss()
    if series is None:
        return math.nan, math.nan
    before = [
        v for s, v in zip(series.steps, series.values, strict=True) if s < step and math.isfinite(v)
    ]
    return (middle(before[:5]), before[-1]) if before else (math.nan, math.nan)


def _finding(
    case: Case,
    step: int,
    place: Place,
    direction: str,
    ranges: Mapping[str, tuple[float, float, int]],
    after: str = "",
) -> Finding:
    start, last = _history(case, step)
    evidence = {"step": Evidence(float(step), "step"), "last_finite_loss": Evidence(last)}
    for name, (low, high, wrong) in ranges.items():
        key = name if name in _RESULTS else f"input_{name}"
        evidence[f"{key}_minimum"] = Evidence(low)
        evidence[f"{key}_maximum"] = Evidence(high)
        if wrong:
            evidence[f"{key}_nonfinite"] = Evidence(float(wrong), "values")
    what = f"{place.operation}" if place.operation else "an operation that was not seen"
    why, cure = _WHY.get(place.operation, _OVERFLOW)
    seen = "; ".join(
        f"{name} between {number(low)} and {number(high)}"
        for name, (low, high, _) in ranges.items()
        if name not in _RESULTS
    )
    made = next((r for name, r in ranges.items() if name in _RESULTS), None)
    if direction == "unknown":
        text = (
            f"The loss of step {count(step)} is not finite. That step was not sampled, so the "
            "operation is not known; run again with `--every all` to have it named."
        )
        why, cure = "the operation was not seen", "run again with `--every all`"
    elif direction == "data":
        text = (
            f"At step {count(step)} {place if str(place) else what} was given a number that is "
            "not finite, and no operation of the graph had made it: it was in the batch, the "
            "targets or another tensor that the script put in."
        )
        why, cure = (
            "a NaN or an infinity in the data spreads to every weight",
            "look at that batch: torch.isfinite(x).all(); clean or drop such rows",
        )
    else:
        forward = direction != "backward"
        if not forward:
            known = "its incoming gradient was finite and its result was not"
        elif seen:
            known = "its inputs were finite and its result was not"
        elif made is not None:
            known = "what ran before it was finite and its result was not"
        else:
            known = "its result was not, and what it was given PyTorch does not keep"
        text = (
            f"The first number that is not finite appeared at step {count(step)} in the "
            f"{'forward' if forward else 'backward'} pass, in {place if str(place) else what}: "
            f"{known}. The likely reason: {why}."
        )
        if seen:
            text += f" It was given {seen}."
        elif made is not None:
            text += f" {_told(made)}"
    if place.operation and not place.source:
        text += (
            " Where in the script that is could not be told, for the operations of that step are "
            "not those of the steps that were measured"
            + (f"; the last one before it that is known is {after}." if after else ".")
        )
    text += _divergence(start, last)
    return Finding(
        fault=NAME,
        severity="error",
        title=(
            f"{what} was given a non-finite number at step {count(step)}"
            if direction == "data"
            else f"{what} made the first non-finite number at step {count(step)}"
        ),
        where=place,
        steps=(step, case.last_step),
        evidence=evidence,
        explanation=text,
        remedies=(
            (Remedy(cure, why), _NO_SPREAD)
            if direction == "data"
            else _remedies(cure, why, start, last)
        ),
        consequences=_consequences(case, step),
    )


def _told(made: tuple[float, float, int]) -> str:
    """A sentence on a result of which some values are not finite."""
    low, high, wrong = made
    if math.isnan(low):
        return "Nothing of its result is finite."
    told = f"Of its result {plural(wrong, 'value')} {'is' if wrong == 1 else 'are'} not finite"
    return f"{told}; the others lie between {number(low)} and {number(high)}."


def _weights(case: Case, event: Event) -> Finding:
    """The weights were non-finite before the loss was: the update before made them so."""
    listed = event.data.get("parameters")
    spoiled = [int(i) for i in listed] if isinstance(listed, (list, tuple)) else []
    spoiled = [i for i in spoiled if i in case.parameters]
    step = max(event.step - 1, 0)
    start, last = _history(case, event.step)
    origins = _frontier(case, spoiled)
    origin = origins[0] if origins else None
    place = origin or Place(module=names([case.parameters[i].name for i in spoiled]))
    many = names([case.parameters[i].name for i in spoiled])
    held = [i for i, p in case.parameters.items() if p.optimizers]
    text = (
        f"The loss of step {count(event.step)} is not finite because the weights already were "
        f"not: the update of step {count(step)} wrote non-finite values into "
        f"{len(spoiled)} of {len(held)} parameters ({many}). The loss of that step was still "
        "finite, so the backward pass or the update broke, not the forward pass."
    )
    why, cure = _OVERFLOW
    if origin is not None:
        why, cure = _WHY.get(origin.operation, _OVERFLOW)
        text += (
            f" All of them lie behind {origin}, and no spoiled one lies elsewhere, so its "
            f"derivative is the likely origin: {why}."
        )
        if len(origins) > 1:
            text += f" The same holds for {names([str(o) for o in origins[1:]])}, less likely."
    text += _divergence(start, last)
    return Finding(
        fault=NAME,
        severity="error",
        title=f"the update of step {count(step)} wrote non-finite weights",
        where=place,
        steps=(step, case.last_step),
        evidence={
            "step": Evidence(float(step), "step"),
            "nonfinite_parameters": Evidence(float(len(spoiled)), "parameters"),
            "parameters": Evidence(float(len(held)), "parameters"),
            "last_finite_loss": Evidence(last),
        },
        explanation=text,
        remedies=_remedies(cure, why, start, last),
        consequences=_consequences(case, event.step),
    )


def _frontier(case: Case, spoiled: list[int]) -> list[Place]:
    """The operations known to break behind which all spoiled parameters lie, and no other.

    In the last sampled graph: nodes from which every spoiled parameter and no sound one is
    reached and whose derivative can be infinite; first those that are infinite at 0.
    """
    graph = next((c.graph for _, c in reversed(case.chains)), None)
    if graph is None or not spoiled:
        return []
    below = parameters_below(graph)
    present = set().union(*below) if below else set()
    wanted = set(spoiled) & present
    found = [
        node.place
        for i, node in enumerate(graph.nodes)
        if wanted and below[i] == wanted and node.place.operation in _WHY
    ]
    found.sort(key=lambda place: place.operation in ("Pow", "Exp"))  # finite at 0, mostly
    return list(dict.fromkeys(found))


def _divergence(start: float, last: float) -> str:
    if math.isfinite(start) and math.isfinite(last) and last > _GREW * abs(start):
        return (
            f"\n\nBefore it broke, the loss had grown from {number(start)} to {number(last)}: the "
            "steps θ ← θ − η∇L were overshooting, and the overflow is where that ended."
        )
    return ""


_NO_SPREAD = Remedy(
    "where data are divided by their own spread or range (x / x.std(0)), leave out columns that "
    "have the same value in every row, or add a small number below the line",
    "such a column's spread is 0, and 0/0 is NaN",
)
"""A way to a NaN before the graph begins, which no recorded number tells from missing values."""


def _remedies(cure: str, why: str, start: float, last: float) -> tuple[Remedy, ...]:
    local = Remedy(cure, why)
    slower = Remedy(
        "lower the learning rate, or clip the gradient (torch.nn.utils.clip_grad_norm_)",
        "numbers overflow after steps that were too long",
    )
    look = Remedy(
        "run again with `chainrule run --every all`",
        "every operation of every step is then measured, forward and backward",
    )
    if math.isfinite(start) and math.isfinite(last) and last > _GREW * abs(start):
        return (slower, local, look)
    return (local, slower, look)


def _consequences(case: Case, step: int) -> tuple[str, ...]:
    wasted = case.last_step - step
    if wasted <= 0 or case.broke_at is None:
        return ()
    return (f"The {count(wasted)} steps after step {count(step)} trained nothing.",)
