"""Where a run ended, if its loss stood still while it was high: what kind of place that is."""

from dataclasses import dataclass

from .flatness import FlatPlace


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalPlace:
    """The place at which training stopped, measured after the last step.

    Attributes:
        step: The last step that was captured; its θ is the place.
        batches: Captured batches over which the loss was averaged.
        place: What kind of place it is, with the numbers that say so.
        loss_slope: Slope of the loss against steps over the later part of the run, per step.
        loss_slope_low: Lower end of its 95 % interval.
        loss_slope_high: Upper end.
        seconds: What measuring took, after the training.
    """

    step: int
    batches: int
    place: FlatPlace
    loss_slope: float
    loss_slope_low: float
    loss_slope_high: float
    seconds: float
