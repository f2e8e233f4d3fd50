"""What was seen of one forward pass: what went into the layers and the loss, and what was cut."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from .place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """A tensor in numbers. NaN stands for what could not be computed, as for an empty tensor.

    Of more than 4,096 elements some rows are looked at, evenly spaced over the first axis: a mean
    and an RMS are then known to about 2 % of the spread, and extremes are those of these rows.

    Attributes:
        shape: Its shape.
        dtype: `float32`, `int64`, ...
        minimum: Smallest finite element.
        maximum: Largest finite element.
        mean: Mean of the finite elements.
        rms: Root of the mean square of the finite elements.
        nonfinite: How many elements are NaN or infinite.
        integral: True if every finite element is a whole number.
        sum_last: Smallest and largest sum over the last axis, `(low, high)`: 1 and 1 for
            probabilities.
        trained: True if it depends on a weight that is trained.
    """

    shape: tuple[int, ...]
    dtype: str
    minimum: float = math.nan
    maximum: float = math.nan
    mean: float = math.nan
    rms: float = math.nan
    nonfinite: int = 0
    integral: bool = False
    sum_last: tuple[float, float] = (math.nan, math.nan)
    trained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureScales:
    """How the features of the data compare, over the examples of one batch.

    Features are the last axis, or the channels of what a convolution is given. At most 2¹⁸ elements
    are looked at.

    Attributes:
        features: How many there are.
        smallest_std: Of the features that vary at all.
        median_std: Of the same.
        largest_std: Of the same.
        largest_offset: max |mean| / std over them: how far from 0 the data lie, in their own
            spread.
        constant: Features that do not vary in the batch.
        condition: Largest over smallest positive eigenvalue of E[x xᵀ], with a 1 appended to x for
            the bias: ∂²L/∂W² of a linear layer is this matrix times the curvature of what follows
            (LeCun et al. 1998, Efficient BackProp, section 5). NaN above 512 features; above 64 it
            is computed once a run for each layer.
        rms_over_std: RMS of all elements over the root of the mean variance.
    """

    features: int
    smallest_std: float
    median_std: float
    largest_std: float
    largest_offset: float
    constant: int
    condition: float
    rms_over_std: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCall:
    """A product with a weight, in the order in which they ran.

    Attributes:
        place: Where.
        function: As PyTorch names it, e.g. `linear`, `conv2d`, `matmul`, `embedding`.
        parameter: Index of the weight.
        fan_in: Inputs that each output sums over.
        given: What it was given.
        made: What it made.
        scales: How the features compare, if it was given data (nothing trained before it).
    """

    place: Place
    function: str
    parameter: int
    fan_in: int
    given: Values
    made: Values
    scales: FeatureScales | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCall:
    """A call that compared a prediction with a target, or reduced such a comparison.

    Attributes:
        place: Where.
        function: `cross_entropy_loss`, `nll_loss`, `mse_loss`, `binary_cross_entropy`, ..., or
            `sub` for a difference written by hand.
        reduction: `mean`, `sum`, `none`, or empty if the function has none.
        prediction: What depends on the weights.
        target: What does not; None if there is no such tensor. Of a loss of two inputs that both
            depend on weights, as `cosine_embedding_loss`, the labels of the pairs.
        made: What it made.
        after: Operations between the last layer and the prediction, the last one first, without
            those that only reshape: `("Softmax",)`, `("Sigmoid",)`, `()`.
    """

    place: Place
    function: str
    reduction: str
    prediction: Values
    target: Values | None
    made: Values
    after: tuple[str, ...] = ()


_DRAWS = frozenset({"normal", "bernoulli", "poisson", "binomial", "multinomial"})


def draws(function: str) -> bool:
    """True of PyTorch's functions that draw at random with tensors as their settings."""
    return function.strip("_") in _DRAWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A call that took what depends on weights and gave back what has no gradient.

    Attributes:
        place: Where.
        function: `detach`, `argmax`, `round`, `item`, `numpy`, `tolist`, `no_grad` for any
            function that ran with gradients switched off, ...
        given: Shape of what it was given.
        parameters: Indices of the parameters behind what it was given (at most 64).
        used: True if what it gave, or something made of it, met the loss or a layer afterwards;
            False where it was only looked at, as by a printed accuracy.
        met: Of a draw, indices of the parameters behind what it was computed with afterwards: the
            weights of the layer that it went into. Empty if it had too many uses to look into (8,
            or more than 64 parameters), and of anything else, of which nobody asks.
    """

    place: Place
    function: str
    given: tuple[int, ...]
    parameters: tuple[int, ...]
    used: bool
    met: tuple[int, ...] = ()

    @property
    def is_draw(self) -> bool:
        """True if it drew at random, with what it was given as its settings."""
        return draws(self.place.operation)


@dataclass(frozen=True, slots=True, kw_only=True)
class NormalizationCall:
    """A call of batch normalisation.

    Attributes:
        place: Where.
        training: True if it used the batch's own mean and variance.
        values: Values of each channel that they were taken over (batch × positions).
        examples: Size of the batch.
        gap: RMS over channels of (batch mean − running mean) / running standard deviation; NaN
            without running statistics. Of many values some are looked at, as for the next.
        deviation_ratio: Median over channels of √((batch variance + ε) / (running variance + ε)):
            how many times as large as 1 what an evaluation hands on is. NaN without running
            statistics, for a single value a channel, and in runs from before it was recorded.
    """

    place: Place
    training: bool
    values: int
    examples: int
    gap: float
    deviation_ratio: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterState:
    """A parameter before the step.

    Units lie along the first axis; along the last for a matrix that is the right-hand side of a
    product as it is, as in `x @ W`. Of more than 2²⁰ elements some units are looked at.

    Attributes:
        parameter: Its index.
        unit_spread: RMS(W − mean over units) / RMS(W): 0 if all units have the same incoming
            weights. NaN for a weight of zeros, or with a single unit.
        gradient_spread: The same of the gradient that the optimizer used.
        carried: RMS of the `.grad` that was there before the first backward pass of the step;
            0 if there was none.
        twins: Units that have another one with the same weights and the same gradient, other than
            0, where there are three units or more; 0 too if there were none at the first look.
        units: How many units there are; 0 where `twins` is 0.
    """

    parameter: int
    unit_spread: float
    gradient_spread: float
    carried: float
    twins: int = 0
    units: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardPass:
    """What was seen of the forward pass of one step.

    Attributes:
        step: The optimizer step that it led to.
        optimizer: Index of the optimizer that made the step.
        layers: Products with weights, in order.
        losses: Comparisons of a prediction with a target.
        cuts: Where a path was cut.
        normalizations: Batch normalisations.
        parameters: The parameters that the optimizer holds.
        evaluating: Names of outermost modules that ran in evaluation mode.
        passes_since_step: Backward passes between the step before and this one; if there are none,
            those since the optimizer's own step before: it shares them with another optimizer.
    """

    step: int
    optimizer: int
    layers: tuple[LayerCall, ...] = ()
    losses: tuple[LossCall, ...] = ()
    cuts: tuple[Cut, ...] = ()
    normalizations: tuple[NormalizationCall, ...] = ()
    parameters: tuple[ParameterState, ...] = ()
    evaluating: tuple[str, ...] = ()
    passes_since_step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduler:
    """A learning-rate scheduler.

    Attributes:
        index: Its number in this run.
        kind: Class name, e.g. `CosineAnnealingLR`.
        optimizer: Index of the optimizer whose rate it sets.
        settings: Its numbers: `T_max`, `total_steps`, `step_size`, `gamma`, ...
        steps: How often it was stepped, by its own count, when it was last looked at.
        seen_at: The optimizer step at which that was.
    """

    index: int
    kind: str
    optimizer: int
    settings: Mapping[str, float | bool | str | None] = field(default_factory=dict)
    steps: int = 0
    seen_at: int = 0
