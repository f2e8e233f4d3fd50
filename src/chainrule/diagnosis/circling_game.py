"""Two players whose losses go round and round: an `oscillating-loss` of many steps a turn.

Each optimizer minimises a loss of its own, in which the other's weights stand as well. Where
neither loss is curved in its own player's weights, nothing pulls a player to a place: each step
turns the pair (θ, φ) by an angle and leaves its distance from the equilibrium as it was.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from statistics import fmean, pstdev

from chainrule.records import Evidence, Finding, Place, Remedy

from .case import Case
from .wording import count, number, plural

FAULT = "oscillating-loss"

RETURNS = 0.5
"""Correlation of a loss with itself one turn later: 1 for a swing, and half where noise moves it as
much. Losses of healthy runs with two optimizers had 0.45 at most."""

OPPOSITE = -0.4
"""The same about half a turn later: −1 for a swing. A player's loss is a product of two, and so a
swing and one twice as fast (θ·φ beside θ); (2 cos x + cos 2x)/3, the least deep of such sums, has
−1/2, and noise takes some of it away."""

NEARLY = 0.9
"""Share of the best correlation from which a loss is back: of many turns it is the first."""

TURNS = 3
"""Turns that the later half of the losses must hold: two may be chance, or a drift."""

SHORTEST = 4
"""Losses a turn: fewer are the alternation from step to step."""

AS_WIDE = 0.9
"""Spread of the losses in the last quarter over that in the second: a swing that has become
narrower by a tenth is dying away."""

LOSSES = 50
"""Losses of the later half that are needed, as for an alternation."""

MOST = 1000
"""Values that are compared; of more losses it is the means of so many blocks."""

SCANS = 2
"""Scanned steps of each player: one odd batch is no verdict."""


@dataclass(frozen=True, slots=True)
class _Swing:
    period: int  # in losses
    returns: float
    opposite: float
    width: float  # over that of the second quarter


def circling_game(case: Case) -> list[Finding]:
    """The finding, if both losses swing as widely as before, and no player's own step ends it.

    That is: within a turn its own loss would still fall, however often it made the step again.
    """
    losses = [s.values for s in case.losses.values() if s.values]
    if len(case.optimizers) != 2 or len(losses) != 2:
        return []
    swings = [swing for values in losses if (swing := _swing(values)) is not None]
    if len(swings) != 2:
        return []
    turn = max(swing.period for swing in swings)
    scans = [s for s in case.step_scans if s.losses]
    if any(sum(s.optimizer == o.index for s in scans) < SCANS for o in case.optimizers):
        return []
    furthest = min(s.best_on_each[0] for s in scans)
    if not furthest > turn:
        return []
    rates = {i: series.values[-1] for i, series in case.rates.items() if series.values}
    return [
        Finding(
            fault=FAULT,
            severity="warning",
            title=f"two players go round each other, once in {count(turn)} steps of each",
            where=Place(),
            steps=(min(s.step for s in scans), case.last_step),
            evidence={
                "period": Evidence(float(turn), "losses", float(SHORTEST), "", "series loss"),
                "turns": Evidence(
                    min(len(v) // 2 / s.period for v, s in zip(losses, swings, strict=True)),
                    "in the later half",
                    float(TURNS),
                    "not by chance",
                ),
                "correlation_a_turn_later": Evidence(
                    min(s.returns for s in swings), "", RETURNS, "more than noise and drift have"
                ),
                "correlation_half_a_turn_later": Evidence(
                    max(s.opposite for s in swings), "", OPPOSITE, "more than they have"
                ),
                "width_left": Evidence(
                    min(s.width for s in swings), "of the second quarter's", AS_WIDE, "not dying"
                ),
                "best_multiple": Evidence(
                    furthest, "times the step made, at least", float(turn), "steps of a turn"
                ),
                **{f"learning_rate_{i}": Evidence(rate) for i, rate in rates.items()},
            },
            explanation=(
                "Each optimizer goes down a loss of its own, and each loss also depends on the "
                "weights of the other. Both losses come back to where they were, turn after turn, "
                f"and the swing stays as wide: {number(min(s.width for s in swings))} of what it "
                "was in the second quarter of the run. With a loss that is not curved in a "
                "player's own weights, such as θ·φ for the one and −θ·φ for the other,\n\n"
                "    θ ← θ − η φ,   φ ← φ + η θ\n\n"
                "a step turns the pair (θ, φ) by an angle and brings it no nearer to where both "
                "gradients are 0. That is so here: on each of "
                f"{plural(len(scans), 'scanned step')} a player's own loss, with the other at "
                f"rest, still fell {count(furthest)} "
                f"step lengths further on, and {count(turn)} steps are a whole turn. So it is not "
                "a valley that turns a player back, but the other player's moves. A smaller rate "
                "makes the turns longer, and no narrower."
            ),
            remedies=(
                Remedy(
                    "give a player's loss some curvature in its own weights: a penalty on the "
                    "gradient of the critic at the data, or weight decay on the critic",
                    "it pulls towards one place at each step, and the circle becomes a spiral "
                    "inwards",
                    "Mescheder et al. (2018), arXiv 1801.04406",
                ),
                Remedy(
                    "step with the gradient of one step ahead (extragradient, optimistic descent), "
                    "or use the average of the weights over a turn",
                    "both take away the part of the step that goes round",
                    "Gidel et al. (2019), arXiv 1802.10551; Daskalakis et al. (2018), arXiv "
                    "1711.00141",
                ),
            ),
        )
    ]


def _swing(values: Sequence[float]) -> _Swing | None:
    """The swing of a loss over the later half of a run; None if there is none, or it dies away."""
    late = list(values[len(values) // 2 :])
    if len(late) < LOSSES or not all(map(math.isfinite, values)):
        return None
    block = -(-len(late) // MOST)
    late = [fmean(late[i : i + block]) for i in range(0, len(late) - block + 1, block)]
    middle = fmean(late)
    late = [v - middle for v in late]
    lags = _correlations(late, len(late) // TURNS)
    if not lags:
        return None
    opposite = min(lags[2:])
    if not opposite <= OPPOSITE:
        return None
    half = next(i for i, c in enumerate(lags) if c <= NEARLY * opposite)
    returns = max(lags[half:])
    if not returns >= RETURNS:
        return None
    back = next(i for i, c in enumerate(lags) if i >= half and c >= NEARLY * returns)
    turn = max(range(back, min(back + back // 4 + 1, len(lags))), key=lambda i: lags[i])
    if turn < SHORTEST:
        return None
    quarter = len(values) // 4
    before, after = pstdev(values[quarter : 2 * quarter]), pstdev(values[-quarter:])
    width = after / before if before > 0 else math.nan
    return _Swing(turn * block, lags[turn], opposite, width) if width >= AS_WIDE else None


def _correlations(values: Sequence[float], furthest: int) -> list[float]:
    """Mean product of values 0, 1, 2, … apart, over their mean square; none if that is 0."""
    square = fmean(map(mul, values, values))
    if not square > 0:
        return []
    return [
        fmean(map(mul, values, values[lag:])) / square  # as many as have a partner
        for lag in range(furthest + 1)
    ]
