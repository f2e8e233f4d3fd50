"""Which kinds of exercise a skill has at which level."""

import random
from collections.abc import Callable

from . import direction_exercises as direction
from . import flat_exercises as flat
from . import matrix_exercises as matrix
from . import path_exercises as path
from . import probability_exercises as probability
from . import shape_exercises as shape
from . import step_exercises as step
from . import tangent_exercises as tangent
from . import torch_exercises as torch
from . import vanishing_exercises as vanishing
from .drafts import Draft

Kind = Callable[[random.Random], Draft]

NUMBERS: dict[str, Callable[[random.Random, int], Draft]] = {
    "rate-of-change": tangent.rate_of_change,
    "descent-step": step.descent_step,
    "products-vanish": vanishing.products_vanish,
    "matrices": matrix.entry_of_squares,
    "softmax-cross-entropy": probability.softmax,
    "pytorch-grad": torch.passes_that_add,
}
"""The first kind of each skill whose answer is a number, at all levels."""

FURTHER_KINDS: dict[tuple[str, int], tuple[Kind, ...]] = {
    ("rate-of-change", 2): (tangent.value_nearby,),
    ("rate-of-change", 4): (tangent.error_of_tangent,),
    ("notation", 4): (shape.jacobian_shape,),
    ("notation", 5): (shape.jacobian_shape, direction.second_by_both),
    ("partial-derivative", 3): (direction.second_by_one,),
    ("partial-derivative", 4): (direction.second_by_both,),
    ("gradient", 2): (direction.component,),
    ("gradient", 3): (direction.slope_in_direction,),
    ("gradient", 4): (direction.steepest_descent, direction.steepest_slope),
    ("gradient", 5): (direction.slope_in_direction, shape.entry_of_jacobian),
    ("paths-add", 2): (path.count_of_paths,),
    ("paths-add", 3): (path.sum_over_paths,),
    ("paths-add", 4): (path.sum_with_direct_path, path.slope_of_curve),
    ("paths-add", 5): (path.slope_of_curve_with_product,),
    ("descent-step", 3): (step.step_of_two,),
    ("descent-step", 4): (step.second_step,),
    ("descent-step", 5): (step.step_of_batch, step.largest_rate),
    ("backpropagation", 1): (path.back_to_weight,),
    ("backpropagation", 2): (path.shared_weight,),
    ("products-vanish", 1): (vanishing.power_of_quarter,),
    ("products-vanish", 2): (vanishing.product_of_slopes,),
    ("products-vanish", 4): (vanishing.layers_until_small,),
    ("products-vanish", 5): (vanishing.weight_that_keeps,),
    ("flat-places", 2): (flat.place_of_slope_zero,),
    ("flat-places", 3): (flat.plateau_or_minimum,),
    ("flat-places", 4): (flat.what_hessian_says, direction.second_by_one),
    ("flat-places", 5): (flat.saddle_between_axes,),
    ("matrices", 1): (shape.weight_gradient_shape,),
    ("matrices", 2): (shape.why_transpose,),
    ("matrices", 3): (shape.entry_of_weight_gradient,),
    ("matrices", 4): (shape.entry_behind_weight, matrix.squared_error),
    ("matrices", 5): (shape.entry_of_jacobian, matrix.with_penalty),
    ("softmax-cross-entropy", 1): (probability.from_probabilities,),
    ("softmax-cross-entropy", 3): (probability.mean_of_batch,),
    ("softmax-cross-entropy", 4): (probability.slope_of_probability,),
    ("softmax-cross-entropy", 5): (probability.back_to_weight_of_class,),
    ("pytorch-grad", 2): (torch.after_zero_grad,),
    ("pytorch-grad", 3): (torch.of_mean,),
    ("pytorch-grad", 4): (torch.behind_detach,),
    ("pytorch-grad", 5): (torch.after_optimizer_step,),
}
"""By skill and level. Consecutive seeds take turns through them, so that a session has each."""


def kind_of(skill: str, level: int, seed: int) -> Kind | None:
    """The further kind whose turn it is; None for the skill's first one."""
    further = FURTHER_KINDS.get((skill, level), ())
    turn = seed % (1 + len(further))
    return further[turn - 1] if turn else None
