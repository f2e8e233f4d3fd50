"""Plateau.

What it is
    A place where the loss is flat in all directions although a much lower loss is known farther
    away: no slope to follow, and no curvature that would lead off it.

Why it happens
    A saturated activation, units that are dead, a chain of small factors: the loss no longer
    depends on the weights, so it cannot say where to go.

How it is found
    The loss of the later half of the run does not fall and is still above half of what it was
    at the first step (`loss_ratio`, threshold 0.5). Where the run ended, moving the weights by a
    tenth of their size (quantity `variation`) changes the loss, measured over all captured
    batches, by less than a thousandth of the fall that was found farther away (`fall_in_sight`).

Example that has it
    `examples/plateau_digits.py`.

Example that has not
    `examples/healthy_noise_floor_diabetes.py`: its loss is level because it is at its minimum.

Remedies
    They follow from the kind of plateau: initialisation and normalisation where activations
    are saturated, those of dead units and of vanishing gradients where these are the reason.

Known limits
    Measured once, at the end, along some directions.

References
    Fukumizu and Amari (2000), Neural Networks 13(3), on plateaus of multilayer networks.
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.flat import STILL_HIGH, stands_still
from chainrule.diagnosis.wording import number, plural
from chainrule.records import Evidence, Finding, Place, Remedy

NAME = "plateau"
SUMMARY = "The run stands still where the loss is flat in all directions, and a lower one is known."


_OTHERWISE = ("noise-floor", "zero-learning-rate")
"""Level places that are no fault of the place: nothing to gain, or nothing that moves."""


def check(case: Case) -> list[Finding]:
    """The finding, if the run ended on a plateau that is not the noise of its batches."""
    final = case.final_place
    if final is None or final.place.kind != "plateau" or final.place.plateau in _OTHERWISE:
        return []
    facts = {fact.quantity: fact for fact in final.place.facts}
    sight = facts.get("fall in sight")
    near = next((f for q, f in facts.items() if q.startswith("change of the loss")), None)
    if sight is None or near is None or not sight.value > 0 or not stands_still(case):
        return []
    rows = "final_place 0"
    loss = facts["loss"].value
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"the loss is flat all around, at {number(loss)}",
            where=Place(),
            steps=(final.step, final.step),
            evidence={
                "gradient_norm": Evidence(facts["gradient norm"].value, rows=rows),
                "variation": Evidence(near.value, "loss", 1e-3 * sight.value, "", rows),
                "fall_in_sight": Evidence(sight.value, "loss", rows=rows),
                "loss_slope_high": Evidence(final.loss_slope_high, "loss per step", rows=rows),
                "loss_ratio": Evidence(case.loss_end / case.loss_start, "", STILL_HIGH),
            },
            explanation=(
                f"The loss against steps is flat: {number(case.loss_start)} at the first step, "
                f"{number(case.loss_end)} at the end. The loss against θ was measured there over "
                f"{plural(final.batches, 'captured batch', 'captured batches')}: its gradient has "
                f"length {number(facts['gradient norm'].value)}, and the {near.quantity} of here "
                f"is at most {number(near.value)}, in every direction that was tried. Yet "
                f"farther away a loss was met that is lower by {number(sight.value)}.\n\n"
                f"    {_why(final.place.plateau)}\n\n"
                "Where nothing that a weight does shows in the loss, no optimizer can know where "
                "to go."
            ),
            remedies=(
                Remedy(
                    "look for the first activation whose derivative is nearly 0, and give it "
                    "inputs near 0: a smaller initialisation, or normalisation before it",
                    "its derivative is a factor of every gradient behind it",
                    "Glorot and Bengio (2010), AISTATS",
                ),
                Remedy(
                    "take a loss that goes with the last activation (cross entropy on logits)",
                    "its derivative cancels that of a saturated sigmoid or softmax",
                ),
            ),
        )
    ]


def _why(kind: str | None) -> str:
    return {
        "dead-units": "Units are switched off: their derivative is exactly 0.",
        "vanished-chain": "There is a slope, but a chain of small factors leaves next to nothing.",
        "zero-learning-rate": "The learning rate is 0.",
    }.get(kind or "", "No reason showed.")
