"""Descents of the browser against PyTorch's optimizers, and its limits of η against Python's."""

import math
from typing import Any

import pytest
from node_formulas import Node, ordered, program

from chainrule.faces.descent_document import descent_document
from chainrule.instruments.descent import descend
from chainrule.instruments.optimizers import SETTINGS
from chainrule.objective import Objective

CLOSE = 1e-9
"""Of a coordinate, relative to the largest of the path: a step's rounding, 1e-16, grows along a
path where neighbours part, some 1e4 times on these, and PyTorch adds up in another order."""

BOWL = "(x**2 + 50*y**2)/2 + x*y"
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
CASES: list[tuple[str, dict[str, float], str, float, dict[str, float]]] = [
    (BOWL, {"x": 9.0, "y": 1.0}, "gradient-descent", 0.035, {}),
    (BOWL, {"x": 9.0, "y": 1.0}, "gradient-descent", 0.05, {}),
    (BOWL, {"x": 9.0, "y": 1.0}, "momentum", 0.02, {"momentum": 0.9}),
    (BOWL, {"x": 9.0, "y": 1.0}, "momentum", 0.02, {"momentum": 0.0}),
    (BOWL, {"x": 9.0, "y": 1.0}, "nesterov", 0.02, {"momentum": 0.8}),
    (BOWL, {"x": 9.0, "y": 1.0}, "rmsprop", 0.05, {}),
    (BOWL, {"x": 9.0, "y": 1.0}, "rmsprop", 0.01, {"momentum": 0.5, "alpha": 0.9}),
    (BOWL, {"x": 9.0, "y": 1.0}, "adam", 0.1, {}),
    (BOWL, {"x": 9.0, "y": 1.0}, "adam", 0.1, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
    (BOWL, {"x": 9.0, "y": 1.0}, "adamw", 0.1, {"weight_decay": 0.3}),
    (BOWL, {"x": 9.0, "y": 1.0}, "newton", 1.0, {}),
    (HIMMELBLAU, {"x": 0.0, "y": -1.0}, "gradient-descent", 0.01, {}),
    (HIMMELBLAU, {"x": 0.0, "y": -1.0}, "nesterov", 0.003, {}),
    (HIMMELBLAU, {"x": 0.0, "y": -1.0}, "adam", 0.05, {}),
    (HIMMELBLAU, {"x": 0.0, "y": -1.0}, "newton", 0.5, {}),
    ("(1 - x)**2 + 100*(y - x**2)**2", {"x": -1.2, "y": 1.0}, "gradient-descent", 0.001, {}),
    ("(sigmoid(w*x + b) - t)**2", {"w": 0.5, "x": 2.0, "b": -1.0, "t": 1.0}, "adam", 0.1, {}),
    ("|x| + relu(y)", {"x": 0.35, "y": 1.0}, "gradient-descent", 0.1, {}),
    ("x**4", {"x": 3.0}, "gradient-descent", 0.5, {}),
    ("(x + y)**2", {"x": 3.0, "y": 1.0}, "newton", 1.0, {}),
]

IN_THE_PLANE = [case for case in CASES if len(case[1]) <= 2]
"""Of more names the browser knows the curvature along two axes, and Python along all."""


@pytest.mark.parametrize(
    ("formula", "start", "optimizer", "rate", "settings"),
    CASES,
    ids=[f"{case[2]}-{i}" for i, case in enumerate(CASES)],
)
def test_a_path_is_that_of_pytorch(
    formula: str,
    start: dict[str, float],
    optimizer: str,
    rate: float,
    settings: dict[str, float],
    browser_formulas: Node,
) -> None:
    steps = 60
    objective = Objective.from_formula(formula, start)
    document: dict[str, Any] = descent_document(
        descend(objective, rate, optimizer, steps=steps, settings=settings)
    )
    given = program(formula)
    found = browser_formulas.ask(
        "descend",
        program=given,
        start=ordered(given, start),
        options={"optimizer": optimizer, "rate": rate, "steps": steps, "settings": settings},
    )
    rows = [row for row in document["trajectory"] if isinstance(row["loss"], float)]
    assert len(rows) > 4
    names = found["moving"]
    largest = 0.0
    for row in rows:
        k = row["step"]
        point = found["points"][k * len(names) : (k + 1) * len(names)]
        expected = [row["theta"][name] for name in names]
        largest = max(largest, *map(abs, expected))
        assert point == pytest.approx(expected, rel=CLOSE, abs=CLOSE * largest), (k, row)
        scale = abs(rows[0]["loss"]) * 1e-15
        assert found["values"][k] == pytest.approx(row["loss"], rel=1e-7, abs=scale)


def test_a_path_ends_where_numbers_are_not_finite(browser_formulas: Node) -> None:
    found = browser_formulas.ask(
        "descend",
        program=program("x**4"),
        start=[3.0],
        options={"optimizer": "gradient-descent", "rate": 0.5, "steps": 100},
    )
    assert not found["finite"]
    assert found["steps"] < 10
    assert len(found["values"]) == found["steps"] + 1
    assert all(map(math.isfinite, found["values"][:-1]))


def test_only_what_moves_is_moved(browser_formulas: Node) -> None:
    found = browser_formulas.ask(
        "descend",
        program=program("(w*x - t)**2"),
        start=[0.0, 2.0, 6.0],
        options={"optimizer": "gradient-descent", "rate": 0.1, "steps": 50, "moving": ["w"]},
    )
    assert found["points"][-1] == pytest.approx(3.0)
    assert len(found["points"]) == 51


def test_the_settings_are_those_of_the_command(browser_formulas: Node) -> None:
    assert browser_formulas.ask("settings") == {name: dict(each) for name, each in SETTINGS.items()}


@pytest.mark.parametrize(
    ("formula", "start", "optimizer", "rate", "settings"),
    IN_THE_PLANE,
    ids=[f"{case[2]}-{i}" for i, case in enumerate(IN_THE_PLANE)],
)
def test_limits_and_multipliers_are_those_of_python(
    formula: str,
    start: dict[str, float],
    optimizer: str,
    rate: float,
    settings: dict[str, float],
    browser_formulas: Node,
) -> None:
    objective = Objective.from_formula(formula, start)
    document: dict[str, Any] = descent_document(
        descend(objective, rate, optimizer, steps=20, settings=settings)
    )
    given = program(formula)
    found = browser_formulas.ask(
        "regimes",
        program=given,
        at=ordered(given, start),
        optimizer=optimizer,
        rate=rate,
        settings=settings,
    )
    flat = document["sharpness"] <= document["eigenvalue_bound"]
    assert found["eigenvalues"] == pytest.approx(
        document["eigenvalues"], rel=1e-9, abs=document["eigenvalue_bound"] + 1e-9
    )
    if not flat:
        for mine, theirs in (("monotone", "monotone"), ("stable", "stable")):
            assert found[mine] == pytest.approx(float(document["limit"][theirs]), rel=1e-9)
    for mine, theirs in zip(found["directions"], document["directions"], strict=True):
        assert mine["curvature"] == pytest.approx(theirs["eigenvalue"], rel=1e-9, abs=1e-9)
        assert abs(mine["slope"]) == pytest.approx(abs(theirs["gradient"]), rel=1e-6, abs=1e-9)
        if abs(theirs["eigenvalue"]) > document["eigenvalue_bound"]:
            assert mine["multiplier"]["value"] == pytest.approx(theirs["multiplier"], rel=1e-9)
            assert mine["multiplier"]["complex"] == theirs["complex"]
            assert mine["multiplier"]["motion"] == theirs["motion"]


@pytest.mark.parametrize(
    "matrix",
    [
        [3.0],
        [2.0, 0.0, 0.0, 2.0],
        [2.0, 1.0, 1.0, -3.0],
        [1e8, 1.0, 1.0, 1.0],
        [0.0, 0.0, 0.0, 0.0],
        [-5.0, 2.0, 2.0, -5.0],
        [1.0, 2.0, 2.0, 4.0],
    ],
)
def test_eigenvectors_are_turned_into_multiples(
    matrix: list[float], browser_formulas: Node
) -> None:
    found = browser_formulas.ask("eigen", matrix=matrix)
    size = round(math.sqrt(len(matrix)))
    values, vectors = found["values"], found["vectors"]
    assert values == sorted(values, reverse=True)
    scale = max(map(abs, matrix)) * 1e-15
    for value, vector in zip(values, vectors, strict=True):
        assert math.hypot(*vector) == pytest.approx(1.0)
        assert max(vector, key=abs) > 0
        for i in range(size):
            row = sum(matrix[i * size + j] * vector[j] for j in range(size))
            assert row == pytest.approx(value * vector[i], rel=1e-12, abs=4 * scale)


def test_eigenvalues_of_what_is_not_finite_are_none(browser_formulas: Node) -> None:
    found = browser_formulas.ask("eigen", matrix=["NaN", 0.0, 0.0, 1.0])
    assert all(map(math.isnan, found["values"]))
