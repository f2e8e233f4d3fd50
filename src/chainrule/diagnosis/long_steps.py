"""Steps as long as the weights themselves: `learning-rate-too-high` where no scan can show it.

After one such step units are dead or saturated, and the steps that are done again later go nowhere,
or downhill: what overshot is over. But its length was measured.
"""

from statistics import median

from chainrule.records import Evidence, Finding, Place, Remedy

from .case import Case
from .unlearned import unlearned
from .wording import count, number, percent, plural

FAULT = "learning-rate-too-high"

SYMPTOMS = frozenset({"dead-units", "saturated-units"})
"""What such a step leaves behind. Any other fault that is found says better why steps are long."""

HALF_THE_WEIGHTS = 0.5
"""Median over the weights of ‖Δw‖/‖w‖ of a step: training goes by thousandths to hundredths, and of
390 healthy runs only L-BFGS, which searches along its first step, had one as long."""

NOT_LEARNED = 0.9
"""Share of the loss left: not a tenth gained."""


def long_steps(case: Case, found: frozenset[str]) -> list[Finding]:
    """The finding, if a step was that long, nothing was learned, and nothing else explains it.

    Args:
        case: The run.
        found: Faults of warnings and errors that were found otherwise.
    """
    left = unlearned(case)
    if len(case.optimizers) != 1 or found - SYMPTOMS or not left.share >= NOT_LEARNED:
        return []
    long = [(step, ratio) for step, ratio in _lengths(case) if ratio >= HALF_THE_WEIGHTS]
    if not long:
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
                    HALF_THE_WEIGHTS,
                    "training goes by thousandths to hundredths",
                    f"parameter_sample {step}",
                ),
                "long_steps": Evidence(float(len(long)), "measured steps"),
                **left.evidence,
                "loss_left": Evidence(
                    left.share, "of the reference", NOT_LEARNED, "a tenth not gained", "series loss"
                ),
            },
            explanation=(
                f"The gradient says what a small change of the weights does to the loss, and of a "
                f"change as large as the weights it says nothing. In step {count(step)} "
                f"{kind} moved them by\n\n"
                f"    ‖Δw‖ / ‖w‖ = {number(longest)}   (median over the weights)\n\n"
                f"so what was there before, the initialisation or what was learned, is gone; "
                f"{plural(len(long), 'measured step')} "
                + ("was" if len(long) == 1 else "were")
                + f" at least half as long as the weights. The loss was {number(left.reference)} "
                f"at first, or with a constant answer, and ends at {number(left.end)}."
            ),
            remedies=(
                Remedy(
                    "divide the learning rate by ten, until no step moves the weights by more than "
                    "some hundredths",
                    "Adam's first steps have the length η in each weight, whatever the gradient"
                    if "Adam" in kind
                    else "the step is η∇L, with momentum up to η∇L/(1 − β)",
                ),
                Remedy(
                    "warm the learning rate up over the first steps",
                    "curvature is often largest at the start and falls as training goes on",
                    "Gilmer et al. (2021), arXiv 2110.04369",
                ),
                *(
                    ()
                    if "Adam" in kind
                    else (
                        Remedy(
                            "clip the gradient: torch.nn.utils.clip_grad_norm_",
                            "a step of descent is as long as the gradient, and one that has grown "
                            "on its way back makes one such step",
                            "Pascanu et al. (2013), arXiv 1211.5063",
                        ),
                    )
                ),
            ),
        )
    ]


def _lengths(case: Case) -> list[tuple[int, float]]:
    """`(step, median ‖Δw‖/‖w‖)` of the measured steps, over weights that were not 0."""
    ratios: dict[int, list[float]] = {}
    for weight in case.weights:
        for step, sample in case.measured.get(weight, ()):
            if sample.weight_norm > 0:
                ratios.setdefault(step, []).append(sample.update_norm / sample.weight_norm)
    return [(step, median(values)) for step, values in sorted(ratios.items())]
