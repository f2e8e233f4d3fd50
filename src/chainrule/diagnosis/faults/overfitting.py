"""Overfitting.

What it is
    The loss on the data that the model is trained on goes on falling, while the loss on other data
    has passed its lowest point and rises. From there on ∂L/∂w moves the weights towards what is
    particular to the training examples: their noise, their accidents, their exact values.

Why it happens
    More weights than the examples can tie down, and training that goes on after everything that
    holds for other data, too, was learned.

How it is found
    The validation loss is what the script itself evaluates with gradients switched off
    (`torch.no_grad` and the like), by the loss function that it trains with. Its rise is the median
    of the last third of the evaluations since the lowest one, less the median of the three around
    the lowest. It must be more than a twentieth of that (quantity `generalization_loss`, threshold
    0.05: the criterion GL of Prechelt at 5 %), more than three times the scatter of neighbouring
    evaluations (`rise_over_scatter`, threshold 3: where nothing but scatter is, the lowest of a
    hundred evaluations brings 1.4 σ, and the median of three is wrong by 0.7 σ), and more than a
    fiftieth of what was learned (`share_lost`, threshold 0.02: less would not be seen on a curve
    drawn from its start). Where there are ten evaluations since the lowest, three of four pairs of
    them must be in rising order (`rank_correlation`, Kendall's τ, threshold 0.5): a bump that has
    gone by is none. What was learned is the fall from the loss before training; where the first
    evaluation came later, it is carried back in proportion to the training loss. And the training
    loss must have fallen meanwhile: its slope is below 0 with its whole 95 % interval
    (`training_slope_high`), or its median has halved. A warning, if a tenth of what was learned was
    lost again (`share_lost`, threshold 0.1); else a note.

Example that has it
    `examples/overfitting_digits.py`.

Example that has not
    `examples/healthy_validated_digits.py`: a gap between both losses that stays as it is.

Remedies
    Stop at the best evaluation; weight decay, dropout, more data or augmentation.

Known limits
    A script that evaluates only an accuracy, or another function than it trains with, shows no
    validation loss. Which data are evaluated is not known: an evaluation of the training data falls
    with the training loss and is not accused. A cross entropy rises with the confidence of wrong
    answers, and may do so while the accuracy still grows (Guo et al.). A script that stops early
    and goes back to its best weights is told of the steps that it threw away: by a note, if it
    evaluates another loss after its last step and that is nearer to the lowest than to the last one
    (`loss_after_the_end`).

References
    Prechelt (1998), Early Stopping - But When?; Guo et al. (2017), On Calibration of Modern Neural
    Networks, section 3; Mann (1945), Nonparametric tests against trend; Goodfellow et al. (2016),
    Deep Learning, section 7.8.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.wording import count, number, percent, plural
from chainrule.instruments.loss_curve import FEWEST, loss_curve_slope
from chainrule.records import Evidence, Finding, Place, Remedy, Series

NAME = "overfitting"
SUMMARY = "The training loss falls on, while the loss on other data has turned and rises."

FEWEST_EVALUATIONS = 6
"""Below, the scatter of neighbours is a guess: it is read off second differences, and four of them
are the fewest whose median means something."""

LAST = 3
"""Evaluations at the end whose median counts, at least: one of them may be an accident."""

GENERALIZATION_LOSS = 0.05
"""Rise over the lowest validation loss, as a share of it: Prechelt's criterion GL at α = 5."""

SCATTERS = 3.0
"""Times the scatter σ of neighbouring evaluations. The median of three scatters by 0.67 σ; the
lowest of the thirty in a hundred evaluations lies 1.4 σ below their mean, and the last one is
higher by the other 1.6 σ in one of a hundred."""

RISING_ORDER = 0.5
"""Kendall's τ: three of four pairs in rising order. Of ten values without any, one in forty reaches
it (0.024 of 20,000 drawn; Kendall, Rank Correlation Methods, 1948, has the table)."""

NOTED_SHARE = 0.02
"""Of what was learned, lost again: on a curve drawn from its start a smaller rise is not seen."""

WARNED_SHARE = 0.1
"""Of what was learned, lost again: a tenth is also what a run must learn to count as learning."""

FELL = 0.5
"""Training loss at the end over that at the best step, where no slope can be fitted, or where it
has long arrived at 0."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """A validation loss that has turned.

    Attributes:
        series: Its values.
        best: Where in it the lowest is.
        lowest: Median of the three around the lowest.
        late: Median of the last ones.
        scatter: Of neighbouring evaluations, as a standard deviation.
        share_lost: The rise as a share of the fall from before training to the lowest.
        rank_correlation: Kendall's τ of step and value since the lowest; NaN of a few.
    """

    series: Series
    best: int
    lowest: float
    late: float
    scatter: float
    share_lost: float
    rank_correlation: float

    @property
    def rise(self) -> float:
        return self.late - self.lowest

    @property
    def from_step(self) -> int:
        return self.series.steps[self.best]


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run."""
    training = case.main_loss()
    if training is None or case.broke_at is not None:
        return []
    turns = [
        turn
        for series in case.validation_losses.values()
        if (turn := _turn(series, training)) is not None
    ]
    if not turns:
        return []
    turn = max(turns, key=lambda t: t.share_lost)
    evidence = _training_falls(training, turn.from_step)
    return [] if evidence is None else [_finding(case, turn, training, evidence)]


def _turn(series: Series, training: Series) -> _Turn | None:
    values = series.values
    if len(values) < FEWEST_EVALUATIONS or not all(map(math.isfinite, values)):
        return None
    best = min(range(len(values)), key=values.__getitem__)
    since = len(values) - 1 - best
    if since < LAST:
        return None
    lowest = median(values[max(0, best - 1) : best + 2])
    late = median(values[-max(LAST, since // 3) :])
    scatter = _scatter(values)
    if not late - lowest > max(GENERALIZATION_LOSS * abs(lowest), SCATTERS * scatter):
        return None
    learned = _start(series, training) - lowest
    share = (late - lowest) / learned if learned > 0 else math.inf
    if not share > NOTED_SHARE:
        return None
    order = math.nan
    if since >= FEWEST:
        order = _rank_correlation(values[best + 1 :])
        if not order >= RISING_ORDER:
            return None
    return _Turn(series, best, lowest, late, scatter, share, order)


def _after_the_end(case: Case, turn: _Turn) -> Series | None:
    """An evaluation after the last step that is nearer to the lowest than to the end of a turn.

    It is of other data than those that were evaluated on the way, which the weights of the last
    step answer no better; so they are no longer those.
    """
    last = turn.series.steps[-1]
    return next(
        (
            series
            for series in case.validation_losses.values()
            if series.name != turn.series.name
            and series.steps
            and series.steps[0] >= max(last, case.last_step)
            and series.values[-1] < (turn.lowest + turn.late) / 2
        ),
        None,
    )


def _rank_correlation(values: Sequence[float]) -> float:
    """Kendall's τ with the order: pairs that rise less those that fall, as a share of all.

    The interval of a straight line's slope does not serve here: it is widened for neighbours that
    go together, and on a smooth curve that levels off they do because the curve bends.
    """
    from scipy.stats import kendalltau

    return float(kendalltau(range(len(values)), values).statistic)


def _scatter(values: Sequence[float]) -> float:
    """Standard deviation of an evaluation about the line through its neighbours.

    A second difference of independent values has six times their variance.
    """
    seconds = [a - 2 * b + c for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return 1.4826 * median(map(abs, seconds)) / math.sqrt(6)


def _start(series: Series, training: Series) -> float:
    """The validation loss before training, in proportion to the training loss."""
    first = series.values[0]
    finite = [v for v in training.values if math.isfinite(v)]
    then = _around(training, series.steps[0])
    if not finite or not then > 0:
        return first
    return first * max(1.0, finite[0] / then)


def _around(training: Series, step: int) -> float:
    """Median training loss in the twentieth of the run that ends with a step."""
    width = max(5, len(training.steps) // 20)
    near = [
        v
        for s, v in zip(training.steps, training.values, strict=True)
        if step - width <= s <= step and math.isfinite(v)
    ]
    return median(near) if near else math.nan


def _training_falls(training: Series, step: int) -> dict[str, Evidence] | None:
    """What shows that the training loss fell from a step on; None if it did not."""
    kept = [(s, v) for s, v in zip(training.steps, training.values, strict=True) if s >= step]
    finite = [v for _, v in kept if math.isfinite(v)]
    if not finite:
        return None
    then, end = _around(training, step), median(finite[-max(1, len(finite) // 10) :])
    if len(finite) >= FEWEST and end < then:
        slope = loss_curve_slope([v for _, v in kept], [s for s, _ in kept])
        if slope.high < 0:
            return {
                "training_slope": Evidence(slope.slope, "loss per step", rows="series loss"),
                "training_slope_high": Evidence(
                    slope.high, "loss per step", 0.0, "95 % interval", "series loss"
                ),
            }
    if end <= FELL * then:
        return {"training_ratio": Evidence(end / then, "", FELL, "end over best step")}
    return None


def _finding(case: Case, turn: _Turn, training: Series, falls: dict[str, Evidence]) -> Finding:
    series, rows = turn.series, f"series {turn.series.name}"
    order = (
        {}
        if math.isnan(turn.rank_correlation)
        else {
            "rank_correlation": Evidence(
                turn.rank_correlation, "", RISING_ORDER, "three of four pairs rise", rows
            )
        }
    )
    at_best, at_end = _around(training, turn.from_step), _around(training, series.steps[-1])
    back = _after_the_end(case, turn)
    warned = turn.share_lost > WARNED_SHARE and back is None
    source = next(
        (
            str(e.data.get("source", ""))
            for e in case.events
            if e.kind == "evaluation" and e.data.get("series") == series.name
        ),
        "",
    )
    after = len(series.values) - 1 - turn.best
    return Finding(
        fault=NAME,
        severity="warning" if warned else "note",
        title=(
            f"the loss on other data was lowest, {number(turn.lowest)}, at step "
            f"{count(turn.from_step)}, and has risen to {number(turn.late)}"
        ),
        where=Place(source=source),
        steps=(turn.from_step, case.last_step),
        evidence={
            "best_step": Evidence(turn.from_step, "step", rows=rows),
            "best_validation_loss": Evidence(series.values[turn.best], "loss", rows=rows),
            "last_validation_loss": Evidence(series.values[-1], "loss", rows=rows),
            "lowest_median": Evidence(turn.lowest, "loss", rows=rows),
            "late_median": Evidence(turn.late, "loss", rows=rows),
            "generalization_loss": Evidence(
                turn.rise / abs(turn.lowest) if turn.lowest else math.inf,
                "",
                GENERALIZATION_LOSS,
                "Prechelt 1998, GL at 5 %",
                rows,
            ),
            "rise_over_scatter": Evidence(
                turn.rise / turn.scatter if turn.scatter else math.inf,
                "σ",
                SCATTERS,
                "one run in a hundred that only scatters",
                rows,
            ),
            "share_lost": Evidence(
                turn.share_lost, "", WARNED_SHARE if warned else NOTED_SHARE, "of the fall", rows
            ),
            **order,
            **(
                {}
                if back is None
                else {
                    "loss_after_the_end": Evidence(
                        back.values[-1],
                        "loss",
                        (turn.lowest + turn.late) / 2,
                        "half way back to the lowest",
                        f"series {back.name}",
                    )
                }
            ),
            "gap": Evidence(turn.late - at_end, "loss", rows=f"{rows}, series {training.name}"),
            **falls,
        },
        explanation=(
            "The script evaluates its loss on other data than those of its steps"
            f"{f' ({source})' if source else ''}. Both losses over the "
            f"{plural(after, 'evaluation')} since the best one:\n\n"
            f"    {'':<13}{f'at step {count(turn.from_step)}':<18}at the end\n"
            f"    {'training':<13}{number(at_best):<18}{number(at_end)}\n"
            f"    {'validation':<13}{number(turn.lowest):<18}{number(turn.late)}\n\n"
            f"θ ← θ − η∇L lowers the loss of the training examples, and does so here. What it "
            "learned since then does not hold for other data: on them the loss went up again by "
            f"{percent(turn.share_lost)} of what it had come down since training began."
            + (
                ""
                if back is None
                else " After the last step the script measured a loss of "
                f"{number(back.values[-1])} on data of another evaluation, nearer to the lowest "
                "than to the last one: it seems to have gone back to its best weights. Then only "
                f"the steps since {count(turn.from_step)} were for nothing."
            )
        ),
        remedies=(
            Remedy(
                f"stop at step {count(turn.from_step)}, or keep the weights of the best evaluation",
                f"the loss on other data was {number(turn.lowest)} there, and is "
                f"{number(turn.late)} at the end",
            ),
            Remedy(
                "add weight decay or dropout",
                "both make it harder to fit what only single examples say",
            ),
            Remedy(
                "train on more data, or vary the data by augmentation",
                "what is particular to an example is then seen too seldom to be learned",
            ),
            Remedy(
                "use a smaller model",
                "fewer weights can follow fewer accidents of the data",
            ),
        ),
    )
