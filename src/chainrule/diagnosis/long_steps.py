"""Steps as long as the weights themselves: `learning-rate-too-high` where no scan can show it.

After one such step units are dead or saturated, and the steps that are done again later go nowhere,
or downhill: what overshot is over. But its length was measured. Of a tenth of that length it must
have done harm as well: the run ends worse than an answer that does not look at its input.
"""

import math
from collections.abc import Sequence
from statistics import median

from chainrule.records import Evidence, Finding, Place, Remedy

from .case import Case
from .constant_prediction import constant_prediction
from .unlearned import Unlearned, unlearned
from .wording import count, number, percent, plural

FAULT = "learning-rate-too-high"

SYMPTOMS = frozenset({"dead-units", "saturated-units"})
"""What such a step leaves behind. Any other fault that is found says better why steps are long."""

LATER_SYMPTOM = "exploding-gradient"
"""What it leaves behind, too, if there was no growth before: large weights are large factors."""

HALF_THE_WEIGHTS = 0.5
"""Median over the weights of ‖Δw‖/‖w‖ of a step: training goes by thousandths to hundredths, and of
390 healthy runs only L-BFGS, which searches along its first step, had one as long."""

A_TENTH = 0.1
"""Such a length of a step, not the first, in a run that ends worse than a constant answer. Healthy
steps are below it (TheDeepChecker, settings.yaml); the first one from small weights is not."""

WORSE_SHARE = 0.75
"""Share of the losses in the last quarter that are above that of a constant answer, in a run that
also ends above its first loss: short steps downhill cannot bring that about. By chance, of 32
losses that vary about it, so many are on one side in 4 of 1,000 runs."""

FEWEST_LOSSES = 32
"""In the last quarter, for that chance."""

_CLIP = Remedy(
    "clip the gradient: torch.nn.utils.clip_grad_norm_",
    "a step of descent is as long as the gradient, and one that has grown on its way back makes "
    "one such step",
    "Pascanu et al. (2013), arXiv 1211.5063",
)


def long_steps(case: Case, found: Sequence[Finding]) -> list[Finding]:
    """The finding, if a step was that long, nothing was learned, and nothing else explains it.

    Args:
        case: The run.
        found: What was found otherwise.
    """
    left = unlearned(case)
    if len(case.optimizers) != 1 or not left.nothing:
        return []
    long, least, worse = as_long_as_the_weights(case), HALF_THE_WEIGHTS, _share_above_constant(case)
    if not long and worse >= WORSE_SHARE:
        long, least = [(s, r) for s, r in _lengths(case) if s > 0 and r >= A_TENTH], A_TENTH
    if not long or not all(_left_behind(f, long[0][0]) for f in found if f.severity != "note"):
        return []
    step, longest = max(long, key=lambda pair: pair[1])
    kind = case.optimizers[0].kind
    return [
        Finding(
            fault=FAULT,
            severity="error",
            title=f"a step moved the weights by {percent(longest)} of their own size",
            where=Place(),
            steps=(long[0][0], long[-1][0]),
            evidence={
                "longest_step": Evidence(
                    longest,
                    "of the weights",
                    least,
                    "training goes by thousandths to hundredths",
                    f"parameter_sample {step}",
                ),
                "long_steps": Evidence(float(len(long)), "measured steps"),
                **left.evidence_of_nothing,
                **_harm(worse),
            },
            explanation=_explanation(kind, step, longest, len(long), left)
            if least == HALF_THE_WEIGHTS
            else _of_a_tenth(kind, step, longest, len(long), left, worse),
            remedies=(
                Remedy(
                    "divide the learning rate by ten, until no step moves the weights by more than "
                    "some hundredths",
                    "the step is η∇L, with momentum up to η∇L/(1 − β)"
                    if case.step_follows_gradient
                    else f"steps of {kind} are no shorter where the gradient is: it is η that says "
                    "how long they are",
                ),
                Remedy(
                    "warm the learning rate up over the first steps",
                    "curvature is often largest at the start and falls as training goes on",
                    "Gilmer et al. (2021), arXiv 2110.04369",
                ),
                *((_CLIP,) if case.step_follows_gradient else ()),
            ),
        )
    ]


def _explanation(kind: str, step: int, longest: float, many: int, left: Unlearned) -> str:
    return (
        f"The gradient says what a small change of the weights does to the loss, and of a "
        f"change as large as the weights it says nothing. In step {count(step)} "
        f"{kind} moved them by\n\n"
        f"    ‖Δw‖ / ‖w‖ = {number(longest)}   (median over the weights)\n\n"
        f"so what was there before, the initialisation or what was learned, is gone; "
        f"{plural(many, 'measured step')} {'was' if many == 1 else 'were'} at least half as long "
        f"as the weights. The loss was {number(left.reference)} at first, or with a constant "
        f"answer, and ends at {number(left.end)}."
    )


def _of_a_tenth(
    kind: str, step: int, longest: float, many: int, left: Unlearned, worse: float
) -> str:
    return (
        "Descent with short steps does not end above where it began. This run did, at "
        f"{number(left.end)}, and {percent(worse)} of the losses in the last quarter are above "
        "that of an answer that does not look at its input; the lower of that and the first loss "
        f"is {number(left.reference)}. In step {count(step)} {kind} moved the weights by\n\n"
        f"    ‖Δw‖ / ‖w‖ = {number(longest)}   (median over the weights)\n\n"
        f"and {plural(many, 'measured step')} {'was' if many == 1 else 'were'} a tenth of the "
        "weights or longer. Steps that a scan could show to overshoot lie between those that were "
        "done again."
    )


def _share_above_constant(case: Case) -> float:
    """Share of the last quarter's losses above a constant answer's; NaN if the end is not worse.

    Worse than that answer, and than the first loss.
    """
    constant, loss = constant_prediction(case), case.main_loss()
    if constant is None or loss is None or not case.loss_end > max(constant.loss, case.loss_start):
        return math.nan
    finite = [v for v in loss.values if math.isfinite(v)]
    last = finite[-(len(finite) // 4) :]
    if len(last) < FEWEST_LOSSES:
        return math.nan
    return sum(v > constant.loss for v in last) / len(last)


def _harm(worse: float) -> dict[str, Evidence]:
    if math.isnan(worse):
        return {}
    return {
        "losses_above_constant": Evidence(
            worse,
            "of the last quarter",
            WORSE_SHARE,
            "short steps downhill do not end there",
            "series loss",
        )
    }


def _left_behind(found: Finding, step: int) -> bool:
    """True of what a long step makes, and began no earlier than after it."""
    if found.fault in SYMPTOMS:
        return True
    return found.fault == LATER_SYMPTOM and found.steps[0] > step


def as_long_as_the_weights(case: Case) -> list[tuple[int, float]]:
    """`(step, median ‖Δw‖/‖w‖)` of the measured steps with half of the weights' length or more."""
    return [(step, ratio) for step, ratio in _lengths(case) if ratio >= HALF_THE_WEIGHTS]


def _lengths(case: Case) -> list[tuple[int, float]]:
    """`(step, median ‖Δw‖/‖w‖)` of the measured steps, over weights that were not 0."""
    ratios: dict[int, list[float]] = {}
    for weight in case.weights:
        for step, sample in case.measured.get(weight, ()):
            if sample.weight_norm > 0:
                ratios.setdefault(step, []).append(sample.update_ratio)
    return [(step, median(values)) for step, values in sorted(ratios.items())]
