"""AutoTrainer (Zhang et al., ICSE 2021): its monitor's rules and default parameters.

What stands for what a run file does not hold: the accuracy that the script prints at its end for
the best one (the rules on gradients ask that it is low); of a program that prints none, a loss
that has not halved for a low accuracy. Slow convergence is read from the losses of epochs in
place of their accuracies. The share of zeros in the gradient is not recorded; a unit that was
silent on every example has a row of zeros, so the share of such units stands for it. The rule on
oscillating accuracy is left out: there is no series of accuracies.
"""

import math
from itertools import pairwise

from chainrule.diagnosis.case import Case
from chainrule.store import RunReader

from .symptom import Verdict, broke, checked, epoch_losses, kernels, verdict

BETA_1 = 1e-3  # gradient of the first kernel over that of the last, vanishing
BETA_2 = 1e-4  # gradient of the first kernel, vanishing
BETA_3 = 70.0  # the ratio, exploding
GAMMA = 0.7  # zeros in the gradient
THETA = 0.7  # accuracy that satisfies
DELTA = 0.01  # gain of the best epoch

MEANING = {
    "explode": ("exploding-gradient", "non-finite"),
    "vanish": ("vanishing-gradient",),
    "relu": ("dead-units",),
    "not_converge": ("learning-rate-too-low", "plateau"),
}


def judge(reader: RunReader, accuracy: float | None) -> Verdict:
    """What AutoTrainer's monitor would say of the run."""
    case = Case(reader)
    if broke(case):
        return verdict(["explode"], MEANING)
    losses = epoch_losses(case)
    if losses and losses[-1] >= 1e5:
        return verdict(["explode"], MEANING)
    slow = _slow(losses)
    low = accuracy < THETA if accuracy is not None else not _halved(losses)
    if not (low or slow):
        return verdict([], MEANING)
    if _silent(case) >= GAMMA:
        return verdict(["relu"], MEANING)
    ratios = _ratios(case)
    if any(ratio > BETA_3 for ratio, _ in ratios):
        return verdict(["explode"], MEANING)
    if any(ratio < BETA_1 and first < BETA_2 for ratio, first in ratios):
        return verdict(["vanish"], MEANING)
    return verdict(["not_converge"] if slow else [], MEANING)


def _ratios(case: Case) -> list[tuple[float, float]]:
    """`(‖g‖ of the first kernel / that of the last, that of the first)` at each check."""
    layers = kernels(case)
    found = []
    for parameters in checked(case):
        norms = [parameters[i].gradient_norm for i in layers if i in parameters]
        seen = [norm for norm in norms if norm is not None]
        if len(seen) >= 2:
            found.append((seen[0] / seen[-1] if seen[-1] else math.inf, seen[0]))
    return found


def _silent(case: Case) -> float:
    """Units that passed nothing on in the last sampled pass, of all units that can be silent."""
    dead = units = 0
    if case.chains:
        for a in case.chains[-1][1].backward_pass.activations:
            units += a.units
            dead += int.from_bytes(a.dead_mask, "big").bit_count()
    return dead / units if units else 0.0


def _slow(losses: list[float]) -> bool:
    gains = [before - after for before, after in pairwise(losses)]
    return bool(gains) and max(gains) < DELTA * abs(losses[0])


def _halved(losses: list[float]) -> bool:
    return bool(losses) and min(losses) < losses[0] / 2
