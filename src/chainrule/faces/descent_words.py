"""What a descent did, in sentences."""

import math
from collections.abc import Mapping

from chainrule.records.descent import Descent, OptimizerName, Reason, Regimes

from .numerals import number, plural
from .theta import vector_label

OPTIMIZERS: Mapping[OptimizerName, str] = {
    "gradient-descent": "gradient descent",
    "momentum": "gradient descent with momentum (heavy ball)",
    "nesterov": "gradient descent with Nesterov's momentum",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "newton": "Newton's method",
}

LIMITS: Mapping[OptimizerName, tuple[str, str]] = {
    "gradient-descent": ("1/λ", "2/λ"),
    "momentum": ("(1 − √β)²/λ", "2(1 + β)/λ"),
    "nesterov": ("((1 − β)/(1 + β))²/λ", "2(1 + β)/((1 + 2β)λ)"),
    "rmsprop": ("1/λ", "2/λ"),
    "adam": ("(1 − √β₁)²/((1 − β₁)λ)", "2(1 + β₁)/((1 − β₁)λ)"),
    "adamw": ("as for Adam, with decay", "2(1 + β₁)/((1 − β₁)λ + (1 + β₁)w)"),
    "newton": ("1", "2"),
}
"""Where monotone ends and where divergence begins, λ the largest (preconditioned) curvature."""

MOTIONS = {
    "monotone": "all directions come nearer from one side",
    "oscillating": "the sharpest direction swings, and comes nearer",
    "diverging": "the sharpest direction is thrown farther at each step",
}


def prediction_sentence(regimes: Regimes) -> str:
    """What the quadratic at the start says, and how far to believe it."""
    if all(direction.gradient == 0 for direction in regimes.directions):
        return "The gradient at the start is exactly 0: no step will move from here."
    sharp = regimes.directions[0]
    if regimes.preconditioned and regimes.preconditioner_steps == 1:
        return (
            "Of too many directions only the sharpest is known, so this is what it does with the "
            "preconditioner of the first step, if that stayed."
        )
    if regimes.preconditioned:
        return (
            "The same optimizer, run on the quadratic that touches L at the start, does this, with "
            "its preconditioner changing at each step."
        )
    if not math.isfinite(regimes.stable_limit):
        return (
            "The quadratic that touches L at the start has no minimum: the loss falls as far as "
            "that quadratic is true. It says nothing of what comes after."
        )
    if not sharp.active and sharp.eigenvalue > 0:
        return (
            "Of the directions in which the start has a slope. In the sharpest direction it has "
            "none, so its multiplier does not show within these steps."
        )
    said = {
        "monotone": "each step multiplies every distance by a number between 0 and 1",
        "oscillating": (
            f"along the sharpest direction each step multiplies the distance by "
            f"{number(sharp.multiplier)}{' in size' if sharp.complex else ''}"
        ),
        "diverging": (
            f"along the sharpest direction each step multiplies the distance by "
            f"{number(sharp.multiplier)}, which is more than 1 in size"
        ),
    }[regimes.prediction]
    if regimes.optimizer == "newton":
        said = (
            f"each step multiplies every distance by 1 − η = {number(1 - regimes.learning_rate)}, "
            "towards the stationary point of the quadratic, be it a minimum, saddle or maximum"
        )
    return f"On the quadratic that touches L at the start, {said}."


def outcome_sentence(descent: Descent) -> str:
    """What the path did, with its numbers."""
    first, last = descent.points[0], descent.points[-1]
    went = f"The loss went from {number(first.loss)} to {number(last.loss)} in "
    went += plural(last.step, "step")
    if descent.outcome == "non-finite":
        finite = [point for point in descent.points if math.isfinite(point.loss)]
        return (
            f"At step {last.step} the loss or its gradient is not a finite number any more (the "
            f"loss before was {number(finite[-1].loss)}): the step led to where L is not defined."
        )
    if descent.outcome == "not-moving":
        return (
            "No step moved: the gradient is 0 at the start."
            if first.gradient_norm == 0
            else "No step moved θ by as much as its last digit."
        )
    if descent.outcome == "diverging":
        ending = "" if math.isfinite(last.loss) else ", beyond the largest number there is"
        return f"{went}{ending}: the steps lead upwards, farther each time."
    rose = f"{number(descent.rises)} of them raised it" if descent.rises else "no step raised it"
    if descent.outcome == "oscillating":
        return f"{went}; {rose}, and the movement turned back {plural(descent.reversals, 'time')}."
    return f"{went}; {rose}."


def reason_sentences(descent: Descent) -> list[str]:
    """Why the prediction failed, one sentence a reason."""
    return [_reason(reason, descent) for reason in descent.reasons]


def departure(descent: Descent) -> str | None:
    """Where the quadratic ceased to tell the loss, if the prediction held nevertheless."""
    if descent.departs_at is None or not descent.agrees:
        return None
    return (
        f"From step {descent.departs_at} on the loss is no longer that of the quadratic at the "
        "start: the word held, the numbers did not."
    )


def kink_sentence(descent: Descent) -> str:
    """Where the path crossed a kink."""
    kink = descent.kink
    if kink is None:
        return ""
    where = vector_label(descent.parameters, kink.theta)
    return (
        f"Step {kink.step + 1} crossed a kink{f' at {where}' if where else ''}: along the step the "
        f"slope jumps from {number(kink.slope_before)} to {number(kink.slope_after)}. Gradients "
        "and curvature on one side say nothing of the other."
    )


def _reason(reason: Reason, descent: Descent) -> str:
    largest = [c.largest for c in descent.curvatures]
    start = largest[0] if largest else math.nan
    rate = descent.regimes.learning_rate
    limits = f"at η = {number(rate)}"
    if reason == "curvature-rose":
        peak = max(descent.curvatures, key=lambda c: c.largest)
        return (
            f"The curvature rose along the path, from λ_max = {number(start)} at the start to "
            f"{number(peak.largest)} at step {peak.step}: {limits} that is another regime."
        )
    if reason == "curvature-fell":
        least = min(descent.curvatures, key=lambda c: c.largest)
        return (
            f"The curvature fell along the path, from λ_max = {number(start)} at the start to "
            f"{number(least.largest)} at step {least.step}: {limits} that is another regime."
        )
    if reason == "curvature-turned-negative":
        least = min(descent.curvatures, key=lambda c: c.smallest)
        return (
            f"On the way the loss bends downwards in some direction (λ_min = "
            f"{number(least.smallest)} at step {least.step}), which it did not at the start."
        )
    if reason == "left-the-quadratic":
        return (
            f"From step {descent.departs_at} on the loss is no longer that of the quadratic at "
            "the start, by more than a tenth of what it had changed."
        )
    return {
        "kink": "The slope jumps at a kink, which no quadratic has.",
        "preconditioner-changed": (
            "The optimizer's preconditioner changed with the gradients it met, and with it the "
            "limits."
        ),
        "too-few-steps": (
            "On the quadratic itself these steps are too few to show the multiplier, too."
        ),
        "steps-below-rounding": (
            f"There is a slope, but η‖∇L‖ = {number(rate * descent.points[0].gradient_norm)} is "
            "lost when it is added to θ."
        ),
        "unexplained": "Nothing that was measured along the path explains it.",
    }[reason]
