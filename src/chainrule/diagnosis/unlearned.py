"""How much of the loss is left at the end of a run: the effect that faults of learning share."""

import math
from dataclasses import dataclass

from chainrule.records import Evidence

from .case import Case
from .constant_prediction import constant_prediction
from .wording import number, percent

NOT_HALVED = 0.5
"""Share of the loss left from which a run is taken not to have learned: one that is still at half
of what a constant answer gives has not found most of what there is to find."""

NOT_LEARNED = 0.9
"""Share of the loss left from which nothing was learned: batches of a few dozen examples differ by
some per cent, and a run that has not gained a tenth may have gained nothing."""

LEARNS_WITHIN = 200
"""Steps from which a loss that has not fallen by a tenth is worth a word: runs of small networks
with rates that work gain it in the first 20 to 200, whatever the optimizer."""


@dataclass(frozen=True, slots=True)
class Unlearned:
    """The loss at the end against what it must get below.

    Attributes:
        share: Loss at the end over the reference, both above what no answer gets below; NaN if
            the reference is not above it.
        reference: Loss of the first step, or of a constant answer where that is lower.
        end: Median loss of the last tenth of the steps.
        floor: What no answer gets below.
    """

    share: float
    reference: float
    end: float
    floor: float = 0.0

    @property
    def most(self) -> bool:
        """True if at least half of the loss is left."""
        return self.share >= NOT_HALVED

    @property
    def nothing(self) -> bool:
        """True if not a tenth was gained."""
        return self.share >= NOT_LEARNED

    @property
    def half_way(self) -> float:
        """The loss at which half of what there was to gain is gained."""
        return self.floor + NOT_HALVED * (self.reference - self.floor)

    @property
    def in_words(self) -> str:
        """The end as a share of the reference, for the end of a sentence; no full stop."""
        if not self.floor:
            return f"{number(self.end)}, {percent(self.share)} of {number(self.reference)}"
        return (
            f"{number(self.end)}, with {percent(self.share)} of what lay between "
            f"{number(self.reference)} and {number(self.floor)}, below which no answer gets"
        )

    @property
    def evidence(self) -> dict[str, Evidence]:
        """The numbers, for a finding: what is left against a half."""
        floor = {"loss_floor": Evidence(self.floor, "", None, "the entropy of the targets")}
        return {
            "loss_left": Evidence(
                self.share, "of the reference", NOT_HALVED, "not halved", "series loss"
            ),
            "loss_reference": Evidence(
                self.reference, "", None, "the first loss, or that of a constant answer if lower"
            ),
            "loss_last": Evidence(self.end, rows="series loss"),
            **(floor if self.floor else {}),
        }

    @property
    def evidence_of_nothing(self) -> dict[str, Evidence]:
        """The same numbers, with what is left against nine tenths."""
        return {
            **self.evidence,
            "loss_left": Evidence(
                self.share, "of the reference", NOT_LEARNED, "a tenth not gained", "series loss"
            ),
        }


def unlearned(case: Case) -> Unlearned:
    """What is left of the loss of a run.

    A loss that starts high because the first weights answer wildly has learned nothing yet when
    it is down at that of a constant answer. And what no answer gets below is not there to learn.
    """
    start, end = case.loss_start, case.loss_end
    constant = constant_prediction(case)
    reference = min(start, constant.loss) if constant is not None else start
    floor = constant.floor if constant is not None and constant.floor < end else 0.0
    share = (end - floor) / (reference - floor) if reference > floor else math.nan
    return Unlearned(share, reference, end, floor)
