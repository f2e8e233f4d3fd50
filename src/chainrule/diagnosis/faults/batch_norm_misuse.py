"""Batch norm misuse.

What it is
    Batch normalisation that normalises by numbers that do not describe the data: the statistics
    of one or two values, or running ones that were never, or no longer, fitted to what arrives.

Why it happens
    Batches of one; `model.eval()` before the training, or after an evaluation without a
    `model.train()`; a momentum of 0 or of 0.001, with which running statistics keep their first
    values for long.

How it is found
    Of each call in a forward pass that led to a step:

    - In training mode, the values per channel it took mean and variance of
      (`values_per_channel`, threshold 2): two values become −1 and 1 whatever they were, and one
      becomes 0.
    - In evaluation mode, whether the running statistics describe the batch: how far the batch's
      mean lies from the running one, in running standard deviations (RMS over channels, `gap`,
      threshold 1), and how many times as large as the running standard deviation the batch's is
      (median over channels, `deviation_ratio`, thresholds 0.4 and 2.5, over 16 values a channel
      or more). One of the two is enough: then what should be normalised is not. A frozen
      normalisation of a pretrained network has a small gap and a ratio near 1, and is none.
    - In training mode, the same in every call of the layer from step 32 on, up to step 64 at
      least, over 16 values a channel or more: an evaluation would use other statistics than the
      training.

    The two thresholds are the same distance, by the divergence of Kullback and Leibler: it is ½
    between two normal distributions whose means lie one standard deviation apart, and again ½
    between two of one mean whose standard deviations are as 1 : 2.5.

    The first two must hold on most of the passes that were looked at. It is an error if the loss
    has not gained a tenth. A run that an exception "Expected more than 1 value per channel" ended
    is told with it.

    It explains plateaus, learning rates that seem too low, growth and decay along the chain.

Example that has it
    A network with BatchNorm1d that is switched to `model.eval()` before its training loop.

Example that has not
    `examples/healthy_resnet_digits.py`: batches of some dozens in training mode. Fine-tuning with
    frozen statistics that fit.

Remedies
    `model.train()` before each epoch; larger batches, or GroupNorm or LayerNorm.

Known limits
    Statistics are compared channel by channel, but told as one number of the layer: a few channels
    that do not fit among many that do are not seen. In evaluation mode with fewer than 16 values a
    channel only the mean counts. Batches of one image with many positions are left in peace: that
    is instance normalisation. Runs recorded before `deviation_ratio` was are judged by the mean.

References
    Ioffe and Szegedy (2015), arXiv 1502.03167; Wu and He (2018), arXiv 1803.08494; Kullback and
    Leibler (1951), Annals of Mathematical Statistics 22, for the divergence.
"""

import math
from dataclasses import dataclass

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.losses.misuse import graded
from chainrule.diagnosis.wording import names, number, plural
from chainrule.records import Evidence, Finding, NormalizationCall, Place, Remedy

NAME = "batch-norm-misuse"
SUMMARY = "Batch normalisation by statistics that do not describe the data."

FEW_VALUES = 2
"""Values of a channel up to which nothing but a sign is left: (x − m)/s of two is −1 and 1."""

GAP = 1.0
"""Distance of the batch's mean from the running mean, in running standard deviations: from there
on most of what arrives lies on one side of what should be its middle."""

RATIO = 2.5
"""Factor between the batch's standard deviation and the running one, either way. Of two normal
distributions with the deviations s and 1, and means that lie g apart, the divergence is
(s² + g²)/2 − ½ − ln s. It is ½ for s = 1 and g = 1 (`GAP`), and 0.50 as well for g = 0 and
s = 1/2.5; with s = 2.5 it is more, so the factor is the one that holds both ways round. What the
layer hands on is then 2.5 times too small or too large, and with it the gradient by the weights
next to it on either side: a step of gradient descent lowers the loss 2.5² = 6 times less, or is 6
times nearer to its limit."""

ENOUGH_VALUES = 16
"""Values of a channel from which a batch's mean is known to a quarter of a deviation (1/√16), and
its standard deviation to a fifth (1/√30)."""

SETTLED = 64
"""Step by which running statistics are past their first values: 0.9⁶⁴ = 0.1 % is left of them, and
3 % at half of it."""

MOST = 0.5
"""Share of the passes on which it must hold: one odd batch, such as the last one, is none."""

_LEAST = 1e-30  # a ratio of 0, which ε = 0 allows, is told as infinitely far

_EXCEPTION = "more than 1 value per channel"


def check(case: Case) -> list[Finding]:
    """The finding, for the first of the ways that was met."""
    calls = [(f.step, c) for f in case.forward_passes for c in f.normalizations]
    for found in (_few(case, calls), _evaluating(case, calls), _drifting(case, calls)):
        if found is not None:
            return [found]
    if _EXCEPTION in (case.run.exception or ""):
        return [_died(case, calls)]
    return []


_Calls = list[tuple[int, NormalizationCall]]


def _strayed(call: NormalizationCall) -> bool:
    """True if the batch's standard deviation is far from the running one; not if it is unknown."""
    ratio = call.deviation_ratio
    return call.values >= ENOUGH_VALUES and (ratio <= 1 / RATIO or ratio >= RATIO)


def _apart(call: NormalizationCall) -> bool:
    """True if the running statistics do not describe the batch."""
    return call.gap >= GAP or _strayed(call)


def _layer(call: NormalizationCall) -> str:
    """Whose running statistics they are, wherever the script calls it.

    The discriminator of a GAN sees real examples on one line and generated ones on another: its
    running statistics lie between the two, and follow both.
    """
    return call.place.module or str(call.place)


@dataclass(frozen=True, slots=True)
class _Apart:
    """How far apart the statistics are, in words and numbers.

    Attributes:
        gap: Median of `NormalizationCall.gap` over the passes.
        ratio: Median of `NormalizationCall.deviation_ratio` over them.
        layer: Where the ratio is that, the farthest of all; empty for the first one.
    """

    gap: float
    ratio: float
    layer: str

    @property
    def varies(self) -> str:
        """How the batches vary, by what the running statistics say."""
        if self.ratio > 1:
            return f"{number(self.ratio)} times more"
        return f"{number(1 / self.ratio if self.ratio else math.inf)} times less"

    @property
    def words(self) -> str:
        """What lies how far apart."""
        if self.gap >= GAP:
            return (
                f"the mean of a channel lay {number(self.gap)} running standard deviations (RMS "
                "over the channels) from the running mean"
            )
        return (
            f"the standard deviation of a channel was {number(self.ratio)} times the running one "
            f"(median over the channels{f', at {self.layer}' if self.layer else ''})"
        )

    @property
    def handed_on(self) -> str:
        """What the next layer is given in evaluation mode."""
        if self.gap >= GAP:
            return "that are neither centred nor of size 1"
        return f"with a standard deviation of {number(self.ratio)} and not 1, times the weight γ"

    def evidence(self, of_gap: str) -> dict[str, Evidence]:
        """The numbers, and what the threshold of the gap means."""
        ratio = Evidence(
            self.ratio,
            "times the running standard deviation",
            RATIO if self.ratio > 1 else 1 / RATIO,
            "as far as a gap of 1 is",
        )
        gap = Evidence(self.gap, "running standard deviations", GAP, of_gap)
        return {"gap": gap} | ({} if math.isnan(self.ratio) else {"deviation_ratio": ratio})


def _how_far(hits: _Calls) -> _Apart:
    """Of the calls in which the statistics lie apart: by the mean if it does on most steps."""
    beside = [(step, c) for step, c in hits if c.gap >= GAP]
    if _most(beside, hits):
        gap = middle(c.gap for _, c in beside)
        return _Apart(gap, middle(c.deviation_ratio for _, c in beside), "")
    layers: dict[str, list[NormalizationCall]] = {}
    for _, c in hits:
        if _strayed(c):
            layers.setdefault(str(c.place), []).append(c)
    ratios = {name: middle(c.deviation_ratio for c in calls) for name, calls in layers.items()}
    layer = max(ratios, key=lambda name: max(ratios[name], 1 / max(ratios[name], _LEAST)))
    first = layer == str(hits[0][1].place)
    return _Apart(middle(c.gap for c in layers[layer]), ratios[layer], "" if first else layer)


def _most(hits: _Calls, calls: _Calls) -> bool:
    """True if it held on most of the steps that were looked at."""
    steps = {step for step, _ in calls}
    return bool(hits) and len({step for step, _ in hits}) > MOST * len(steps)


def _few(case: Case, calls: _Calls) -> Finding | None:
    hits = [(step, c) for step, c in calls if c.training and c.values <= FEW_VALUES]
    if not _most(hits, calls):
        return None
    worst = min((c for _, c in hits), key=lambda c: c.values)
    return _finding(
        case,
        hits,
        title=f"batch normalisation over {plural(worst.values, 'value')} a channel",
        evidence={
            "values_per_channel": Evidence(
                float(worst.values), "values", float(FEW_VALUES), "nothing but a sign is left"
            ),
            "batch": Evidence(float(worst.examples), "examples"),
        },
        reason=(
            f"takes the mean m and the standard deviation s of each channel over "
            f"{plural(worst.values, 'value')} (a batch of {worst.examples}). With so few\n\n"
            + (
                "    (x − m)/s = (x − x)/s = 0"
                if worst.values < FEW_VALUES
                else "    (x₁ − m)/s = ±1,   (x₂ − m)/s = ∓1,   as s = |x₁ − x₂|/2"
            )
            + "\n\nwhatever the values were: how large they are does not reach the next layer, nor "
            "does it reach the gradient. An evaluation uses the running statistics, and gives "
            "another network than the one that was trained."
        ),
        remedies=(
            Remedy(
                "use larger batches, and drop_last=True for a last one that is small",
                "mean and variance of 16 examples or more describe the data",
            ),
            Remedy(
                "or use GroupNorm or LayerNorm in its place",
                "they normalise each example by itself, in training and in evaluation",
                "Wu and He (2018), arXiv 1803.08494",
            ),
        ),
    )


def _evaluating(case: Case, calls: _Calls) -> Finding | None:
    late = calls[len(calls) // 2 :]
    resting = [(step, c) for step, c in late if not c.training]
    hits = [(step, c) for step, c in resting if _apart(c)]
    if not _most(hits, late):
        return None
    apart = _how_far(hits)
    before = [step for step, c in calls if c.training]
    since = min(step for step, c in calls if not c.training and step > max(before, default=-1))
    roots = names(sorted({r for f in case.forward_passes for r in f.evaluating}))
    return _finding(
        case,
        [(step, c) for step, c in calls if not c.training and step >= since],
        title=(
            f"batch normalisation in evaluation mode, {number(apart.gap)} deviations beside the "
            "data"
            if apart.gap >= GAP
            else f"batch normalisation in evaluation mode, of data that vary {apart.varies} than "
            "it expects"
        ),
        evidence={
            **apart.evidence("most lies on one side"),
            "first_step_in_evaluation_mode": Evidence(float(since), "step"),
            "steps_looked_at": Evidence(float(len({s for s, _ in calls})), "steps"),
        },
        reason=(
            f"normalised by its running statistics, not by those of the batch, "
            f"{'from the first step on' if not before else f'since step {since} at the latest'}"
            + (f" ({roots} was in evaluation mode)" if roots else "")
            + f". They do not describe what arrives: {apart.words},\n\n"
            "    (x − m_running)/s_running   in place of   (x − m_batch)/s_batch\n\n"
            f"so the next layer is given values {apart.handed_on}, and in this mode the running "
            "statistics do not move to where the data are."
        ),
        remedies=(
            Remedy(
                "call model.train() before the training loop, and again after each evaluation",
                "only then are the batch's statistics used and the running ones updated",
                "PyTorch documentation of Module.train",
            ),
        ),
    )


def _drifting(case: Case, calls: _Calls) -> Finding | None:
    late = [(s, c) for s, c in calls if s >= SETTLED // 2 and c.training]
    steps = {s for s, _ in late}
    layers = {_layer(c) for _, c in late if c.values >= ENOUGH_VALUES}
    layers -= {_layer(c) for _, c in late if not _apart(c)}
    hits = [(s, c) for s, c in late if _layer(c) in layers]
    if len(steps) < 2 or max(steps) < SETTLED or not hits:
        return None
    apart = _how_far(hits)
    return _finding(
        case,
        hits,
        title=(
            f"running statistics {number(apart.gap)} deviations away from those of the batches"
            if apart.gap >= GAP
            else f"running statistics of batches that vary {apart.varies} than they say"
        ),
        evidence=apart.evidence("a lag of ten steps is less"),
        reason=(
            "normalises by the batch's statistics and keeps running ones for evaluation. At step "
            f"{hits[-1][0]}, long after the first, the two still lay apart: {apart.words}. So\n\n"
            "    m_running ← (1 − μ)·m_running + μ·m_batch,   and v_running by v_batch likewise\n\n"
            "does not follow: the momentum μ is 0 or next to it, or the activations grow or shrink "
            "from step to step. In evaluation mode the next layer is given values "
            f"{apart.handed_on}: the network computes something else than in training."
        ),
        remedies=(
            Remedy(
                "set the momentum of the normalisation to 0.1, PyTorch's default",
                "then running statistics are those of about the last ten steps",
            ),
        ),
        warning=True,
    )


def _died(case: Case, calls: _Calls) -> Finding:
    return _finding(
        case,
        calls[-1:],
        title="batch normalisation of a single value per channel ended the training",
        evidence={
            "values_per_channel": Evidence(1.0, "values", float(FEW_VALUES), "from the exception")
        },
        reason=(
            "was given a batch with one value a channel, as by a last batch of one example. The "
            "variance of one value is 0:\n\n    (x − m)/s = 0/0\n\nand PyTorch raises "
            f"{case.run.exception}."
        ),
        remedies=(
            Remedy(
                "set drop_last=True in the DataLoader",
                "the last batch, smaller than the others, is left out",
            ),
        ),
    )


def _finding(
    case: Case,
    hits: _Calls,
    *,
    title: str,
    evidence: dict[str, Evidence],
    reason: str,
    remedies: tuple[Remedy, ...],
    warning: bool = False,
) -> Finding:
    places = [c.place for _, c in hits]
    where = places[0] if places else Place(operation="batch_norm")
    others = len({str(place) for place in places}) - 1
    loss = case.loss_end
    return Finding(
        fault=NAME,
        severity="warning" if warning and not math.isnan(loss) else graded(case),
        title=title,
        where=where,
        steps=(hits[0][0] if hits else case.last_step, case.last_step),
        evidence={
            **evidence,
            "layers": Evidence(float(max(1, others + 1)), "layers"),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(loss, rows="series loss"),
        },
        explanation=(
            f"{where} {reason}"
            + (f" So do {plural(others, 'other layer')}." if others > 0 else "")
            + f" The loss went from {number(case.loss_start)} to {number(loss)}."
        ),
        remedies=remedies,
    )
