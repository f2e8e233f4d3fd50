"""Which kind of place is this? From measured numbers and their error bounds to a verdict.

A flat place is a minimum, a saddle, a maximum or a plateau, and what looks flat on the loss curve
may be none of them: bouncing across a valley with the gradient not small at all, or noise. Each
verdict rests on an inequality between a number and its error bound, or says that it does not.

Needs no torch: `flat_place.py` measures an objective, a diagnosis reads a run.
"""

import math
from typing import Literal

from chainrule.records.flatness import (
    Certainty,
    Escape,
    FlatPlace,
    PlaceFact,
    PlaceKind,
    PlaceMeasurements,
    PlateauKind,
)

FLAT_SHARE = 1e-3
"""A place is flat if moving by its radius changes the loss by less than this share of the fall that
is in sight: a thousand such moves would be needed."""

VANISHED_GAIN = 1e-3
"""Typical gradient at the first parameters over that at the last below which the chain counts as
vanished: three decades, as the fault `vanishing-gradient` counts them."""

DEAD_SHARE = 0.5
"""Share of dead units from which they are the reason of a plateau: most of the layer."""

AT_THE_EDGE = 0.9
"""Sharpness over the stability limit from which steps count as going back and forth at the edge:
the sharpness of a run hovers just around it then (Cohen et al., arXiv 2103.00065)."""

TURNED = -0.5
"""Cosine of consecutive gradients below which a step went to the other side of a valley: more than
120° between them; a walk down a slope keeps it above 0."""


ALL_NOISE = 0.8
"""Length that noise alone would give the mean gradient, as a share of the length it has, from which
all of it counts as noise: 1 where there is no slope, with a scatter of some 20 % over few batches.
Runs on random labels have 1.0 to 1.2, those that are only slow 0.6 (digits)."""


def classify(measured: PlaceMeasurements, escape: Escape | None = None) -> FlatPlace:
    """Say what kind of place was measured, and how sure that is.

    Args:
        measured: The numbers; the more are known, the more can be said.
        escape: The way down, if it was looked for.

    Raises:
        ValueError: If the loss or the gradient is not finite: no place has a kind there.
    """
    if not (math.isfinite(measured.loss) and math.isfinite(measured.gradient_norm)):
        raise ValueError(
            f"Expected a finite loss and gradient, found {measured.loss} and "
            f"{measured.gradient_norm}: find out where the first number that is not finite "
            "arises before asking what kind of place this is."
        )
    place = _Classification(measured, escape)
    return (
        place.zero_rate()
        or (None if place.is_stationary() or place.is_weak() else place.bouncing())
        or place.kink()
        or (place.stationary() if place.is_stationary() else None)
        or (place.plateau() if place.is_weak() else None)
        or place.noise_floor()
        or place.slope()
    )


NO_SLOPE = "the slope is as good as 0"


class _Classification:
    """One place, questioned."""

    def __init__(self, measured: PlaceMeasurements, escape: Escape | None) -> None:
        self.m = measured
        self.escape = escape

    # ---- questions --------------------------------------------------------------------------

    def is_stationary(self) -> bool:
        """Whether the slope is 0 here or so near that nobody could tell."""
        m = self.m
        near = m.stationary_distance is not None and m.stationary_distance <= m.reach
        return m.gradient_norm == 0 or near

    def is_weak(self) -> bool:
        """Whether the slope, although not 0, leads nowhere within the radius."""
        m = self.m
        if m.fall_in_sight is None:
            return False
        least = max(FLAT_SHARE * m.fall_in_sight, m.rounding)
        return m.gradient_norm * m.radius <= least and (m.variation or 0.0) <= least

    # ---- verdicts ---------------------------------------------------------------------------

    def zero_rate(self) -> FlatPlace | None:
        if self.m.learning_rate != 0:
            return None
        return self.made(
            "plateau",
            "certain",
            "the learning rate is 0, so the weights do not move, whatever the slope is",
            plateau="zero-learning-rate",
        )

    def kink(self) -> FlatPlace | None:
        if not self.m.kink:
            return None
        lower, higher = self._lower(), self._higher()
        says = "the slope jumps here, so gradient and curvature say nothing; "
        if higher and not lower:
            return self.made(
                "minimum", "likely", says + "everything tried nearby is higher", escape=None
            )
        if lower and not higher:
            return self.made("maximum", "likely", says + "everything tried nearby is lower")
        return self.made("kink", "likely", says + "some places nearby are lower and some higher")

    def stationary(self) -> FlatPlace:
        m = self.m
        low, high = m.smallest_eigenvalue, m.largest_eigenvalue
        if low is None or high is None:
            return self.made(
                "undecided",
                "undecided",
                NO_SLOPE + ", but the curvature was not measured, which tells a minimum from a "
                "saddle",
            )
        bound = m.eigenvalue_bound
        if low - bound > 0:
            return self.made(
                "minimum",
                "certain",
                NO_SLOPE + " and the smallest eigenvalue is above 0 by more than its error: the "
                "loss bends upwards in every direction",
                escape=None,
            )
        if high + bound < 0:
            return self.made(
                "maximum",
                "certain",
                NO_SLOPE + " and the largest eigenvalue is below 0 by more than its error: the "
                "loss bends downwards in every direction",
            )
        if low + bound < 0 < high - bound:
            return self.made(
                "saddle",
                "certain",
                NO_SLOPE + ", and the loss bends downwards in one direction and upwards in "
                "another, both by more than the error of their eigenvalues",
            )
        return self._degenerate()

    def _degenerate(self) -> FlatPlace:
        """The second derivative leaves a direction open; only trying places nearby can tell."""
        m = self.m
        lower, higher = self._lower(), self._higher()
        says = NO_SLOPE + " and an eigenvalue cannot be told from 0, so the curvature leaves "
        if lower is None or higher is None:
            return self.made(
                "undecided", "undecided", says + "open what is there, and nothing nearby was tried"
            )
        if not lower and not higher:
            return self.plateau()
        if lower and higher:
            certain = (m.smallest_eigenvalue or 0.0) + m.eigenvalue_bound < 0
            return self.made(
                "saddle",
                "likely",
                says
                + "it open; but places nearby are lower as well as higher"
                + (", and one direction surely bends downwards" if certain else ""),
            )
        if higher:
            return self.made(
                "minimum",
                "likely",
                says + "it open; but everything tried nearby is as high or higher",
                escape=None,
            )
        return self.made(
            "maximum", "likely", says + "it open; but everything tried nearby is as low or lower"
        )

    def plateau(self) -> FlatPlace:
        m = self.m
        if m.dead_share is not None and m.dead_share >= DEAD_SHARE:
            return self._plateau(
                "dead-units",
                "certain",
                "most units of a layer have a derivative of 0 on every example",
            )
        if m.chain_gain is not None and m.chain_gain < VANISHED_GAIN:
            return self._plateau(
                "vanished-chain",
                "certain",
                "the gradient is lost on its way through the layers",
            )
        if m.gradient_norm == 0 and m.variation == 0:
            return self._plateau(
                "dead-units",
                "likely",
                "slope and changes are exactly 0 all around, as where relus are switched off or "
                "sigmoids are saturated",
            )
        if m.chain_gain is None and m.gradient_norm > 0:
            return self._plateau(
                "vanished-chain",
                "likely",
                "there is a slope, but too small to lead anywhere, as where a sigmoid is saturated",
            )
        return self._plateau("unknown", "likely", "neither dead units nor a vanished chain show")

    def bouncing(self) -> FlatPlace | None:
        """The gradient is not small; does the loss nevertheless stand still?"""
        m = self.m
        edge = m.sharpness_times_rate is not None and m.sharpness_times_rate >= AT_THE_EDGE
        turned = m.turn is not None and m.turn <= TURNED
        if m.loss_falls is not False or not (turned or edge):
            return None
        return self.made(
            "bouncing",
            "certain" if turned and edge else "likely",
            "the loss stands still although the gradient is not small: "
            + (
                "the gradients before and after a step point against each other, so the steps "
                "cross the valley"
                if turned
                else "the curvature is at the limit that the learning rate allows"
            ),
        )

    def noise_floor(self) -> FlatPlace | None:
        m = self.m
        noisy = m.gradient_noise is not None and m.gradient_noise >= ALL_NOISE * m.gradient_norm
        if m.loss_falls is not False or not noisy:
            return None
        return self.made(
            "plateau",
            "likely",
            "the loss stands still although the gradient is not 0: the mean gradient is no longer "
            "than the scatter of single batches makes it, so steps undo each other",
            plateau="noise-floor",
        )

    def slope(self) -> FlatPlace:
        falls = self.m.short_step_falls
        return self.made(
            "slope",
            "certain" if falls else "likely",
            {
                None: "there is a slope; no step down it was tried",
                True: "there is a slope, and a short step down it lowers the loss",
                False: "there is a slope, but no step down it that was tried lowers the loss by "
                "more than rounding",
            }[falls],
        )

    # ---- parts ------------------------------------------------------------------------------

    def _plateau(self, kind: PlateauKind, certainty: Certainty, why: str) -> FlatPlace:
        return self.made("plateau", certainty, f"the loss is flat all around: {why}", plateau=kind)

    def _lower(self) -> bool | None:
        found = self.m.lowest_nearby
        return None if found is None else found < -self.m.rounding

    def _higher(self) -> bool | None:
        found = self.m.highest_nearby
        return None if found is None else found > self.m.rounding

    def made(
        self,
        kind: PlaceKind,
        certainty: Certainty,
        reason: str,
        *,
        plateau: PlateauKind | None = None,
        escape: Escape | Literal["found"] | None = "found",
    ) -> FlatPlace:
        """The record, with every number that was measured."""
        return FlatPlace(
            kind=kind,
            certainty=certainty,
            plateau=plateau,
            escape=self.escape if escape == "found" else None,
            facts=tuple(_facts(self.m)),
            reason=reason,
        )


def _facts(m: PlaceMeasurements) -> list[PlaceFact]:
    found = [
        PlaceFact(quantity="loss", value=m.loss),
        PlaceFact(quantity="gradient norm", value=m.gradient_norm),
    ]
    for quantity, value, bound, comparison in (
        ("smallest eigenvalue", m.smallest_eigenvalue, m.eigenvalue_bound, "0"),
        ("largest eigenvalue", m.largest_eigenvalue, m.eigenvalue_bound, "0"),
        (
            "distance to where the slope is 0",
            m.stationary_distance,
            0.0,
            f"{m.reach:.2g}, which counts as being there",
        ),
        (f"change of the loss within {m.radius:.2g}", m.variation, 0.0, ""),
        ("fall in sight", m.fall_in_sight, 0.0, ""),
        ("learning rate", m.learning_rate, 0.0, ""),
        ("cosine of consecutive gradients", m.turn, 0.0, f"{TURNED}"),
        ("sharpness over its limit", m.sharpness_times_rate, 0.0, f"{AT_THE_EDGE}"),
        (
            "gradient norm that noise would give",
            m.gradient_noise,
            0.0,
            f"{ALL_NOISE} of the gradient norm",
        ),
        ("gain of the chain", m.chain_gain, 0.0, f"{VANISHED_GAIN}"),
        ("share of dead units", m.dead_share, 0.0, f"{DEAD_SHARE}"),
    ):
        if value is not None:
            found.append(
                PlaceFact(quantity=quantity, value=value, bound=bound, comparison=comparison)
            )
    return found
