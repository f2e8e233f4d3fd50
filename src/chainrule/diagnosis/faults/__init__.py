"""The faults, one a file. Adding one is adding its file and its line here."""

from types import ModuleType

from . import (
    badly_scaled_initialization,
    batch_norm_misuse,
    cannot_tell,
    dead_units,
    exploding_gradient,
    healthy,
    learning_rate_too_high,
    learning_rate_too_low,
    loss_misuse,
    no_gradient,
    non_finite,
    not_optimized,
    overfitting,
    plateau,
    saddle,
    symmetric_initialization,
    training_died,
    unscaled_input,
    vanishing_gradient,
)

FAULTS: tuple[ModuleType, ...] = (
    training_died,
    non_finite,
    no_gradient,
    not_optimized,
    loss_misuse,
    batch_norm_misuse,
    unscaled_input,
    symmetric_initialization,
    badly_scaled_initialization,
    dead_units,
    exploding_gradient,
    vanishing_gradient,
    learning_rate_too_high,
    plateau,
    saddle,
    learning_rate_too_low,
    overfitting,
    cannot_tell,
    healthy,
)
"""Every fault; of equally severe findings the earlier fault is the more likely root."""
