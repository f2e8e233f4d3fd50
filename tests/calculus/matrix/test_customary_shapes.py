"""Shapes of names where nobody said any: the customary way first, then all others, each once."""

from itertools import product

import pytest

from chainrule.calculus.matrix.customary_shapes import customary, ways
from chainrule.calculus.matrix.fit import Shape

MATRICES: list[Shape] = [(3, 2), (2, 2)]
VECTORS: list[Shape] = [(3,), (2,)]


@pytest.mark.parametrize(
    ("name", "axes"), [("X", 2), ("W1", 2), ("w", 1), ("x_2", 1), ("eta", 0), ("λ", 0)]
)
def test_what_a_name_is_by_custom(name: str, axes: int) -> None:
    offered = customary(name, MATRICES, VECTORS)
    assert len(offered[0]) == axes
    assert {*offered} == {*MATRICES, *VECTORS, ()}


def test_strictly_a_capital_letter_is_a_matrix_and_nothing_else_is() -> None:
    assert customary("X", MATRICES, VECTORS, strictly=True) == (*MATRICES,)
    assert customary("w", MATRICES, VECTORS, strictly=True) == (*VECTORS, ())


def test_all_ways_come_once_and_the_customary_ones_first() -> None:
    offered = {name: customary(name, MATRICES, VECTORS) for name in ("X", "w", "eta")}
    found = [*ways(offered)]
    assert found[0] == {"X": (3, 2), "w": (3,), "eta": ()}
    every = [dict(zip(offered, way, strict=True)) for way in product(*offered.values())]
    assert len(found) == len(every)
    assert all(way in found for way in every)
    ranks = [sum(offered[name].index(shape) for name, shape in way.items()) for way in found]
    assert ranks == sorted(ranks)
