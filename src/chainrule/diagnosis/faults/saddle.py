"""Saddle.

What it is
    A flat place that is no minimum: the loss is level in most directions and bends down in some.
    The run stands still on it although there is a way down.

Why it happens
    Near a saddle the gradient is nearly 0, so steps are nearly 0. Weights that start at 0, or
    all alike, put a network on one: what would make a layer useful is multiplied by another
    layer that is not useful yet. A model that is even in its weights, such as (a·w)², has a slope
    of exactly 0 at w = 0.

How it is found
    The loss of the later half of the run does not fall (its slope by Theil and Sen; quantity
    `loss_slope_high`, the upper end of its 95 % interval, does not lie below a hundredth of the
    loss over those steps), it is still above half of what it was at the first step
    (`loss_ratio`, threshold 0.5), and where the run ended the Hessian's smallest eigenvalue is
    below 0 by more than its error bound (`smallest_eigenvalue`), and going along its eigenvector
    lowers the loss (`fall`, measured over all captured batches) by at least a hundredth
    (threshold 0.01) and by more than going along the gradient does; and by more than a straight
    line as steep as ∇L would promise over that distance, or the place is not flat. A maximum is
    such a place as well if its largest eigenvalue is below 0 by more than the bound.

Example that has it
    `examples/saddle_digits.py`.

Example that has not
    `examples/healthy_converged_digits.py`.

Remedies
    Initialise the weights at random and not too small; momentum or Adam; wait.

Known limits
    Measured once, at the end, on the batches that were captured. Of the downward directions the
    steepest is found; of a degenerate saddle (all curvature 0) nothing is said, nor of a place
    that is a maximum only for all that was tried around it.

References
    Dauphin et al. (2014), arXiv 1406.2572; Saxe, McClelland, Ganguli (2014), arXiv 1312.6120.
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.flat import STILL_HIGH, stands_still
from chainrule.diagnosis.wording import number, plural
from chainrule.records import Evidence, Finding, FlatPlace, Place, Remedy

NAME = "saddle"
SUMMARY = "The run stands still on a flat place that bends down in some direction."

LEAST_FALL = 0.01
"""Share of the loss by which it must fall along the way down: less is within what batches vary."""


def check(case: Case) -> list[Finding]:
    """The finding, if the run ended on a saddle."""
    final = case.final_place
    if final is None or not _bends_down(final.place) or not stands_still(case):
        return []
    escape = final.place.escape
    facts = {fact.quantity: fact for fact in final.place.facts}
    loss = facts["loss"].value
    if escape is None or not escape.fall >= LEAST_FALL * loss:
        return []
    low, high = facts["smallest eigenvalue"], facts["largest eigenvalue"]
    gradient = facts["gradient norm"].value
    if gradient * escape.distance > escape.fall:
        return []  # steep: a slope that promises more than the whole fall is not as good as 0
    rows = "final_place 0"
    return [
        Finding(
            fault=NAME,
            severity="warning",
            title=(
                f"the run stands still at a {final.place.kind}; the loss falls by "
                f"{number(escape.fall)} in one direction"
            ),
            where=Place(),
            steps=(final.step, final.step),
            evidence={
                "smallest_eigenvalue": Evidence(
                    low.value, "loss per squared weight", 0.0, "bends down", rows
                ),
                "eigenvalue_bound": Evidence(low.bound, "loss per squared weight", rows=rows),
                "largest_eigenvalue": Evidence(high.value, "loss per squared weight", rows=rows),
                "gradient_norm": Evidence(gradient, rows=rows),
                "fall": Evidence(
                    escape.fall, "loss", LEAST_FALL * loss, "a hundredth of the loss", rows
                ),
                "distance": Evidence(escape.distance, "length of Δθ", rows=rows),
                "loss_slope_high": Evidence(final.loss_slope_high, "loss per step", rows=rows),
                "loss_ratio": Evidence(case.loss_end / case.loss_start, "", STILL_HIGH),
            },
            explanation=(
                f"The loss against steps is flat: {number(case.loss_start)} at the first step, "
                f"{number(case.loss_end)} at the end. The loss against θ, measured there over "
                f"{plural(final.batches, 'captured batch', 'captured batches')}, has a gradient of "
                f"length {number(gradient)}, and second derivatives between "
                f"{number(low.value)} and {number(high.value)} (± {number(low.bound)}). "
                + _bend(final.place.kind, low.value, low.bound)
                + " in the direction u of the lowest the loss falls.\n\n"
                f"    L(θ)             {number(loss)}\n"
                f"    L(θ + {number(escape.distance)}·u)  {number(loss - escape.fall)}\n\n"
                f"So this flat place is no minimum. The steps are short because ∇L is "
                f"{'exactly' if gradient == 0 else 'nearly'} 0 here, and for no other reason."
            ),
            remedies=(
                Remedy(
                    "initialise the weights at random, with a spread of about 1/√(inputs) "
                    "(PyTorch's default), and not at or near 0",
                    "away from the saddle the gradient is not small",
                    "Glorot and Bengio (2010), AISTATS",
                ),
                _leave(gradient, low.value),
            ),
        )
    ]


def _bends_down(place: FlatPlace) -> bool:
    """True for a saddle, and for a maximum that the curvature shows and not only what was tried."""
    return place.kind == "saddle" or (place.kind == "maximum" and place.certainty == "certain")


def _bend(kind: str, lowest: float, bound: float) -> str:
    """What the second derivatives say, no surer than their bound."""
    if kind == "maximum":
        return "All are negative:"
    if -lowest > bound:
        return "The lowest one is negative:"
    return "The sign of the lowest one is within that bound, but the loss itself was tried:"


def _leave(gradient: float, curvature: float) -> Remedy:
    if gradient == 0:
        return Remedy(
            "or add a little noise to the weights before the first step",
            "where ∇L is exactly 0 every step of every optimizer is 0: momentum, a higher rate and "
            "more steps change nothing",
        )
    return Remedy(
        "use momentum or Adam, or train for longer",
        "along u the distance from here grows by a factor of "
        f"1 + η·{number(abs(curvature))} a step",
        "Dauphin et al. (2014), arXiv 1406.2572",
    )
