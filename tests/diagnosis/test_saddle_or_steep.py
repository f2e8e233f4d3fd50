"""A place that the curvature calls a saddle, with a slope of nearly 0 or with a steep one."""

import pytest
from synthetic import case

from chainrule.diagnosis.faults import saddle
from chainrule.records import FinalPlace, FlatPlace
from chainrule.records.flatness import Escape, PlaceFact


@pytest.mark.parametrize(
    ("gradient", "curvature", "named"),
    [
        (1e-6, -2.0, True),
        (0.05, -2.0, True),  # over half a unit it promises a tenth of the fall
        # sines of sines of sines: slopes and curvatures of all signs everywhere
        (16538.0, -4.7e9, False),
        (2.0, -2.0, False),
    ],
)
def test_where_the_slope_promises_more_than_the_fall_the_place_is_not_flat(
    gradient: float, curvature: float, named: bool
) -> None:
    numbers = {
        "loss": 1.0,
        "gradient norm": gradient,
        "smallest eigenvalue": curvature,
        "largest eigenvalue": -curvature,
    }
    place = FlatPlace(
        kind="saddle",
        certainty="certain",
        plateau=None,
        escape=Escape(direction=(), curvature=curvature, fall=0.25, distance=0.5, goes_on=False),
        facts=tuple(PlaceFact(quantity=name, value=value) for name, value in numbers.items()),
        reason="",
    )
    final = FinalPlace(
        step=99,
        batches=4,
        place=place,
        loss_slope=0.0,
        loss_slope_low=-1e-6,
        loss_slope_high=1e-6,
        seconds=0.0,
    )
    found = saddle.check(case([1.0] * 100, place=final))
    assert [f.fault for f in found] == [saddle.NAME] * named
