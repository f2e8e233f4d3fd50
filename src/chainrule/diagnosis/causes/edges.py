"""The ways in which faults lead to others. No way leads back: see `forest`."""

import math

from chainrule.diagnosis.case import Case
from chainrule.records import Finding

from .edge import Edge, Holds, always

_OWN_CAUSE = frozenset({"Log", "Log1P", "Div", "Sqrt", "Rsqrt", "LinalgVectorNorm", "Norm"})
"""Operations that are not finite at 0, whatever the size of the gradient: growth does not make a
logarithm of 0."""


def _began_earlier(cause: Finding, symptom: Finding, case: Case) -> bool:
    """Of two that may each make the other, the earlier one did."""
    return cause.steps[0] < symptom.steps[0]


def _of_another_copy(cause: Finding, symptom: Finding, case: Case) -> bool:
    """Parameters that were left behind by replacing their module, or an optimizer of another model.

    Parameters of a module that was found were not left behind. But where no gradient reaches
    anything that is optimized and nothing that a gradient reaches is, one model was given for
    another.
    """
    if not symptom.evidence["unreached_in_models"].value:
        return True
    shares = (symptom.evidence.get("unreached_share"), cause.evidence.get("forgotten_share"))
    return all(share is not None and share.value >= 1 for share in shares)


def _is_about_the_step(cause: Finding, symptom: Finding, case: Case) -> bool:
    """A loss that is summed makes steps longer, one without a bound makes scores grow for ever.

    Other mistakes change where it points, and not how far.
    """
    lowest = cause.evidence.get("lowest_possible_loss")
    unbounded = lowest is not None and lowest.value == -math.inf
    return unbounded or "examples_summed" in cause.evidence


def _is_below_zero(cause: Finding, symptom: Finding, case: Case) -> bool:
    """A loss that is negative by its nature has no sign to be turned round."""
    lowest = cause.evidence.get("lowest_possible_loss")
    return lowest is not None and lowest.value < 0


def _is_about_the_order(cause: Finding, symptom: Finding, case: Case) -> bool:
    """The loss swings since batches differ, and not since steps are long."""
    return "batches_of_one_class" in cause.evidence


def _died_of(*families: str) -> Holds:
    """The exception is of one of these families; see `training-died`."""

    def holds(cause: Finding, symptom: Finding, case: Case) -> bool:
        return any(f"family_{family}" in symptom.evidence for family in families)

    return holds


def _same_place(cause: Finding, symptom: Finding, case: Case) -> bool:
    """Of one and the same activation: both say the same then, and the stronger word is first."""
    return cause.where == symptom.where


_NEARLY_ALL_DEAD = 0.9
"""Share of a layer: what is left passes on less than √0.1 = 0.3 of the gradient's RMS."""


def _units_stop_it(dead: Finding, vanished: Finding, case: Case) -> bool:
    """True if the gradient is lost in the activations; else layers that are half dead stand by.

    Of n units of which a share d is dead, √(1 − d) of the RMS comes through: for half of them that
    is what any ReLU takes.
    """
    share = dead.evidence.get("dead_share")
    if share is None or share.value >= _NEARLY_ALL_DEAD:
        return True
    lost = {
        name: e.value for name, e in vanished.evidence.items() if name.startswith("decades_lost_in")
    }
    return 2 * lost.get("decades_lost_in_activation", 0.0) >= sum(lost.values())


def _was_lost_in_weights(vanished: Finding, dead: Finding, case: Case) -> bool:
    """Units that are not what stops the gradient: what stops it made them so."""
    return not _units_stop_it(dead, vanished, case)


def _ways(
    cause: str,
    symptoms: str,
    mechanism: str,
    holds: Holds = always,
    *,
    placed: bool = False,
    repels: frozenset[str] = frozenset(),
) -> tuple[Edge, ...]:
    return tuple(
        Edge(
            cause=cause,
            symptom=symptom,
            mechanism=mechanism,
            holds=holds,
            placed=placed,
            repels=repels,
        )
        for symptom in symptoms.split()
    )


_STUCK = "learning-rate-too-low plateau saddle"
_LEAPS = "learning-rate-too-high oscillating-loss"

EDGES: tuple[Edge, ...] = (
    # ---- what goes into the network
    *_ways(
        "unscaled-input",
        "saturated-units dead-units",
        "inputs of that size drive what a layer computes far from 0",
    ),
    *_ways(
        "unscaled-input",
        f"{_LEAPS} exploding-gradient",
        "the gradient of the first weights is proportional to the input, and the curvature to its "
        "square",
    ),
    *_ways("unscaled-input", "non-finite", "products of large inputs overflow", repels=_OWN_CAUSE),
    *_ways(
        "unscaled-input",
        f"vanishing-gradient {_STUCK}",
        "features of very different sizes bend the loss so unevenly that no rate suits all weights",
    ),
    *_ways(
        "oscillating-loss",
        "learning-rate-too-high",
        "a step that lowers the loss of one class raises that of the batch of another, however "
        "short it is",
        _is_about_the_order,
    ),
    # ---- how the weights begin
    *_ways(
        "badly-scaled-initialization",
        "exploding-gradient vanishing-gradient",
        "the factor of a weight matrix in the chain is its scale times the root of its width",
        placed=True,
    ),
    *_ways(
        "badly-scaled-initialization",
        "saturated-units dead-units",
        "large weights make large sums before the activation",
    ),
    *_ways(
        "badly-scaled-initialization",
        f"non-finite {_LEAPS}",
        "a scale above that which keeps the size is multiplied with itself layer by layer",
        repels=_OWN_CAUSE,
    ),
    *_ways(
        "badly-scaled-initialization",
        _STUCK,
        "weights that begin at the wrong scale leave the gradient no usable size",
    ),
    *_ways(
        "symmetric-initialization",
        f"dead-units vanishing-gradient {_STUCK}",
        "units that begin alike get the same gradient and stay alike, so the loss stands where one "
        "unit for all would bring it",
    ),
    # ---- what the loss asks for
    *_ways(
        "loss-misuse",
        f"vanishing-gradient dead-units saturated-units {_STUCK}",
        "this loss passes on a gradient that is not that of the task",
    ),
    *_ways(
        "loss-misuse",
        f"{_LEAPS} non-finite exploding-gradient",
        "a sum over the examples makes the step as many times as long, and a loss without a bound "
        "drives the scores on for ever",
        _is_about_the_step,
        repels=_OWN_CAUSE,
    ),
    *_ways(
        "loss-misuse",
        "gradient-ascent",
        "of what it is given here the loss is negative, without a minus in front of it",
        _is_below_zero,
    ),
    *_ways(
        "gradient-ascent",
        f"{_LEAPS} exploding-gradient dead-units saturated-units non-finite {_STUCK}",
        "steps uphill drive the weights where the loss is large, without end",
    ),
    # ---- what the optimizer is given
    *_ways(
        "gradients-accumulate",
        f"{_LEAPS} exploding-gradient dead-units saturated-units",
        "a step follows the sum of all gradients so far, which grows with each step",
    ),
    *_ways(
        "gradients-accumulate",
        "non-finite",
        "a step follows the sum of all gradients so far, which grows with each step",
        repels=_OWN_CAUSE,
    ),
    *_ways(
        "gradients-zeroed",
        f"no-gradient vanishing-gradient {_STUCK}",
        "the optimizer is given gradients of 0, so no step moves the weights",
    ),
    *_ways(
        "not-optimized",
        "no-gradient",
        "the optimizer holds tensors of another copy, which no loss is computed from",
        _of_another_copy,
    ),
    *_ways(
        "not-optimized",
        _STUCK,
        "what no optimizer holds stays as it was initialised, and the rest learns alone",
    ),
    *_ways(
        "no-gradient",
        _STUCK,
        "what no gradient reaches stays as it was initialised, and the rest learns alone",
    ),
    # ---- how long the steps are
    *_ways(
        "schedule-out-of-step",
        f"{_STUCK} learning-rate-too-high oscillating-loss",
        "the scheduler gives other rates than it was set up for",
    ),
    *_ways(
        "weight-decay-too-strong",
        f"vanishing-gradient dead-units {_STUCK}",
        "decay shrinks the weights faster than the gradient can build them up, and small weights "
        "are small factors",
    ),
    *_ways(
        "learning-rate-too-high",
        "oscillating-loss",
        "a step across the valley and back leaves the loss where it was",
    ),
    *_ways(
        "learning-rate-too-high",
        "dead-units saturated-units",
        "a step that is far too long pushes sums beyond where the activation has a slope",
    ),
    *_ways(
        "learning-rate-too-high",
        "exploding-gradient",
        "steps that are far too long make large weights, which are large factors",
        _began_earlier,
    ),
    *_ways(
        "learning-rate-too-high",
        "non-finite",
        "each step overshoots by more than the one before, up to an overflow",
        repels=_OWN_CAUSE,
    ),
    *_ways(
        "exploding-gradient",
        "non-finite",
        "growth without bound ends in an overflow",
        repels=_OWN_CAUSE,
    ),
    *_ways(
        "exploding-gradient",
        "learning-rate-too-high",
        "a rate that suits the end near the loss is too long for the weights behind the growth",
    ),
    *_ways(
        "exploding-gradient",
        "oscillating-loss",
        "a rate that suits the end near the loss is too long for the weights behind the growth",
    ),
    *_ways(
        "exploding-gradient",
        "dead-units saturated-units",
        "a step as long as such a gradient pushes sums beyond where the activation has a slope",
    ),
    # ---- what normalises
    *_ways(
        "batch-norm-misuse",
        f"{_STUCK} oscillating-loss vanishing-gradient exploding-gradient dead-units "
        "saturated-units non-finite",
        "statistics that do not belong to the data change what every later layer is given",
    ),
    # ---- what stands on the chain
    *_ways(
        "saturated-units",
        "vanishing-gradient",
        "a saturated activation passes next to nothing of the gradient on",
        placed=True,
    ),
    *_ways(
        "dead-units",
        "vanishing-gradient",
        "a unit that is switched off passes on a gradient of exactly 0",
        _units_stop_it,
        placed=True,
    ),
    *_ways(
        "vanishing-gradient",
        "dead-units",
        "weights that shrink the gradient shrink what goes forward as well, until the offset of a "
        "unit alone decides whether it is on, for all data alike",
        _was_lost_in_weights,
        placed=True,
    ),
    *_ways(
        "dead-units",
        "saturated-units",
        "a derivative that is 0 on all data is a small one on all data",
        _same_place,
    ),
    *_ways(
        "saturated-units",
        _STUCK,
        "where activations are flat, the loss is flat against all weights before them",
    ),
    *_ways(
        "dead-units",
        _STUCK,
        "where units are switched off, the loss is flat against their weights",
    ),
    *_ways(
        "vanishing-gradient",
        _STUCK,
        "weights that receive next to no gradient make short steps, whatever the rate",
    ),
    # ---- where it ends
    *_ways("saddle", "learning-rate-too-low", "on a flat place any step is short"),
    *_ways("plateau", "learning-rate-too-low", "on a flat place any step is short"),
    *_ways(
        "non-finite",
        f"{_STUCK} dead-units saturated-units",
        "what is not finite any more neither learns nor dies of its own",
    ),
    # ---- what ends the script
    *_ways(
        "no-gradient",
        "training-died",
        "a loss that no weight leads to has no gradient to go back by",
        _died_of("grad"),
    ),
    *_ways(
        "not-optimized",
        "training-died",
        "a loss that no weight leads to has no gradient to go back by",
        _died_of("grad"),
    ),
    *_ways(
        "schedule-out-of-step",
        "training-died",
        "a schedule that is planned for a number of steps refuses the next one",
        _died_of("schedule"),
    ),
    *_ways(
        "non-finite",
        "training-died",
        "a number that is not finite reaches every later one, up to a function that refuses it",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "exploding-gradient",
        "training-died",
        "growth without bound ends in numbers that a function refuses",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "learning-rate-too-high",
        "training-died",
        "steps that overshoot end in numbers that a function refuses",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "gradient-ascent",
        "training-died",
        "steps uphill end in numbers that a function refuses",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "unscaled-input",
        "training-died",
        "large inputs make numbers that a function refuses",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "badly-scaled-initialization",
        "training-died",
        "a scale that is multiplied with itself makes numbers that a function refuses",
        _died_of("nonfinite", "linalg"),
    ),
    *_ways(
        "loss-misuse",
        "training-died",
        "the loss is given what it does not take, and says so",
        _died_of("nonfinite", "range", "shapes", "classes"),
    ),
    *_ways(
        "batch-norm-misuse",
        "training-died",
        "one value for each channel has no variance",
        _died_of("normalization"),
    ),
)
"""Every way. The first fault of a list that others lead to is found by `forest`, not by order."""
