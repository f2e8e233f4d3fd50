"""Loss misuse.

What it is
    The loss is not the function of the output and the target that it is meant to be, so that its
    gradient points to something else, or nowhere.

Why it happens
    A loss that takes logits is given the output of a softmax or a sigmoid; a loss of logarithms is
    given probabilities; shapes (N,) and (N, 1) broadcast without an error; the softmax runs over
    the wrong axis, or over one unit; the last activation cannot reach the targets; a sum stands
    where the mean was meant.

How it is found
    From the operations between the loss and the last layer, and from what the loss was given:

    - Softmax, sigmoid or tanh before a cross entropy on logits: it cannot fall below
      ln(1 + (K − 1)e^(a−b)) for outputs between a and b (`lowest_possible_loss`); for tanh, and
      for tanh and ReLU before a binary cross entropy, this must be half of the loss at the end
      or more (threshold 0.5). A softmax written by hand is known by what it makes: numbers of
      which every row adds up to 1. A log-softmax taken twice is a note: it changes nothing.
    - A loss of log-probabilities without a logarithm before it: its input is above 0
      (`largest_input`) or the loss below it.
    - N predictions and N targets that make N² differences (`differences`), by their shapes, or by
      the number of elements of the gradient on both sides of the subtraction.
    - A softmax over one unit passes on a gradient of exactly 0. One over the wrong axis breaks
      what holds of every softmax over the classes: that they add up to 1, that the largest
      log-probability is at least −ln K.
    - Between a layer and a cross entropy there is only a reshape, and the layer's units are not
      where the loss takes classes (`from_class_to_class` against the stride of the units): an
      exchange of axes is missing.
    - A ReLU on the scores of which some are 0 on all data (`scores_switched_off`).
    - Targets beyond the range of the last activation by half of their standard deviation or more
      (`beyond_reach`, threshold 0.5), with a tenth of their variance still missed (`missed`,
      threshold 0.1).
    - What each loss of `torch.nn.functional` documents that it takes, and PyTorch does not check
      (`losses/domains.py`): logarithms of probabilities (kl_div, ctc_loss), targets that are
      probabilities (binary cross entropies, cross entropy), counts and logarithms of rates
      (poisson_nll_loss), labels of −1 and 1 (hinge_embedding, soft_margin, margin_ranking,
      cosine_embedding), lists of classes (multilabel_margin_loss).
    - A loss summed over 8 examples or more under an optimizer whose step grows with the gradient,
      and the run does not learn for too long steps (`best_multiple` at most 1/2 on half of the
      scanned steps, or a loss that became non-finite).

    It explains learning rates that seem too low, plateaus, vanished gradients and dead units
    behind the loss; a sum explains a learning rate that seems too high and an overflow.

Example that has it
    A classifier whose forward ends in a softmax, trained by `nn.CrossEntropyLoss`.

Example that has not
    `examples/healthy_mlp_digits.py`. A Brier score (squared error of a softmax), label smoothing,
    log-softmax with nll_loss, a sum under Adam, a sigmoid trained on targets of 0 and 1 by a
    squared error.

Remedies
    Give each loss what its documentation asks for: logits, log-probabilities, equal shapes.

Known limits
    multilabel_soft_margin_loss and gaussian_nll_loss are several operations, and no call tells
    what they were given: targets of the one outside of 0 to 1 and a standard deviation given to
    the other for a variance are not seen. Labels of 0 for pairs of which one side is not trained,
    or beside another loss, may be a mask, and nothing is said.

    Of a loss written by hand only its broadcasting, a log-softmax and the reach of a squared
    error are seen. Inside compiled code nothing is.

References
    PyTorch documentation of the losses; PyTorch, Broadcasting semantics. Bridle (1990),
    Probabilistic interpretation of feedforward classification network outputs.
"""

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.losses.bounded_logits import bounded_logits
from chainrule.diagnosis.losses.broadcast import broadcast
from chainrule.diagnosis.losses.class_axis import class_axis
from chainrule.diagnosis.losses.domains import domains
from chainrule.diagnosis.losses.misuse import Misuse
from chainrule.diagnosis.losses.probabilities_as_logits import probabilities_as_logits
from chainrule.diagnosis.losses.single_unit_softmax import single_unit
from chainrule.diagnosis.losses.softmax_axis import softmax_axis
from chainrule.diagnosis.losses.summed import summed
from chainrule.diagnosis.losses.switched_off_logits import switched_off_logits
from chainrule.diagnosis.losses.target_range import target_range
from chainrule.diagnosis.losses.unlogged_probabilities import unlogged
from chainrule.records import Finding

NAME = "loss-misuse"
SUMMARY = "A loss that is given what it does not take: its gradient is not that of the task."

_MISTAKES = (
    bounded_logits,
    probabilities_as_logits,
    unlogged,
    broadcast,
    single_unit,
    softmax_axis,
    class_axis,
    switched_off_logits,
    target_range,
    domains,
    summed,
)


def check(case: Case) -> list[Finding]:
    """Findings of this fault in the run, one for each mistake."""
    return [_finding(case, misuse) for mistake in _MISTAKES for misuse in mistake(case)]


def _finding(case: Case, misuse: Misuse) -> Finding:
    return Finding(
        fault=NAME,
        severity=misuse.severity,
        title=misuse.title,
        where=misuse.where,
        steps=(misuse.first_step, case.last_step),
        evidence=misuse.evidence,
        explanation=misuse.explanation,
        remedies=misuse.remedies,
    )
