"""`examples`: what there is to start from works, and what is said of it is so."""

import math
import tomllib
from pathlib import Path

import pytest
from asking import ask
from node_formulas import Node, ordered, program

from chainrule.faces.views.examples import (
    DERIVATIONS,
    FORMULAS,
    DerivationExample,
    FormulaExample,
    scripts,
    scripts_folder,
)

ALL = pytest.mark.parametrize("example", FORMULAS, ids=[each.name for each in FORMULAS])


@ALL
def test_an_example_fits_its_formula(example: FormulaExample) -> None:
    document = ask("formula", formula=example.formula, at=example.start, axes=[*example.window])
    assert {*document["names"]} == {*example.start}
    assert document["value"] is not None
    for name, (low, high) in example.window.items():
        assert low <= example.start[name] <= high


@ALL
def test_a_descent_of_an_example_goes_down(example: FormulaExample, browser_formulas: Node) -> None:
    given = program(example.formula)
    options = {"optimizer": example.optimizer, "rate": example.learning_rate, "steps": 200}
    found = browser_formulas.ask(
        "descend", program=given, start=ordered(given, example.start), options=options
    )
    values = found["values"]
    bottomless = example.name == "Monkey saddle"  # it falls faster and faster
    assert found["finite"] is not bottomless
    last = [value for value in values if math.isfinite(value)][-1]
    assert last < values[0]


@pytest.mark.parametrize("example", DERIVATIONS, ids=[each.name for each in DERIVATIONS])
def test_a_derivation_to_begin_with_is_told_with_its_numbers(example: DerivationExample) -> None:
    document = ask("derivation", formula=example.formula, wrt=example.wrt, at=example.at or "start")
    assert document["wrt"] == example.wrt
    assert document["at"]
    assert document["steps"] if document["kind"] == "numbers" else document["parts"]


def test_derivations_to_begin_with_are_of_every_kind() -> None:
    listed = ask("examples")["derivations"]
    kinds = [
        ask("derivation", formula=each["formula"], at=each["at"] or "start")["kind"]
        for each in listed
    ]
    assert {*kinds} == {"numbers", "curve", "matrices"}


def path(
    browser_formulas: Node, name: str, steps: int, **changes: object
) -> dict[str, list[float]]:
    example = next(each for each in FORMULAS if each.name == name)
    given = program(example.formula)
    start = ordered(given, example.start)
    options = {"optimizer": example.optimizer, "rate": example.learning_rate, "steps": steps}
    found: dict[str, list[float]] = browser_formulas.ask(
        "descend", program=given, start=start, options={**options, **changes}
    )
    return found


def test_a_parabola_is_met_as_it_says(browser_formulas: Node) -> None:
    one_side = path(browser_formulas, "Parabola", 30, rate=0.5)["points"]
    swinging = path(browser_formulas, "Parabola", 30, rate=0.9)["points"]
    growing = path(browser_formulas, "Parabola", 30, rate=1.01)["points"]
    assert min(one_side) == 0.0
    assert swinging[1] < 0 < swinging[2] < swinging[0]
    assert abs(growing[-1]) > abs(growing[0])


def test_a_valley_takes_a_hundred_steps(browser_formulas: Node) -> None:
    """To a hundredth of the distance along its floor, at nearly the largest η."""
    points = path(
        browser_formulas, "Valley, fifty times steeper across than along", 200, rate=0.039
    )
    along = points["points"][::2]
    arrived = next(k for k, x in enumerate(along) if abs(x) < 0.01 * along[0])
    assert 90 < arrived < 130
    beyond = path(
        browser_formulas, "Valley, fifty times steeper across than along", 200, rate=0.041
    )
    assert beyond["values"][-1] > beyond["values"][0]


def test_rosenbrock_is_as_ill_conditioned_as_it_says(browser_formulas: Node) -> None:
    given = program("(1 - x)**2 + 100*(y - x**2)**2")
    found = browser_formulas.ask(
        "regimes", program=given, at=[1.0, 1.0], optimizer="gradient-descent", rate=0.001
    )
    largest, smallest = found["eigenvalues"]
    assert largest / smallest == pytest.approx(2508, rel=0.01)
    values = path(browser_formulas, "Rosenbrock", 20_000)["values"]
    assert values[10] < values[0] / 4
    assert values[5000] > 1e-3 > values[20_000]


def test_a_kink_is_jumped_over_for_ever(browser_formulas: Node) -> None:
    points = path(browser_formulas, "Kink", 100)["points"]
    assert {*points[-4:]} == {0.25, -0.25}


def test_a_dead_unit_stays_dead(browser_formulas: Node) -> None:
    given = program(next(each for each in FORMULAS if each.name == "Dead unit").formula)
    start = {"w": -1.0, "b": -1.0}
    (found,) = browser_formulas.ask("at", program=given, points=[ordered(given, start)])
    assert found["gradient"] == [0.0, 0.0]


def test_two_sigmoids_in_a_row_pass_little_on(browser_formulas: Node) -> None:
    given = program(next(each for each in FORMULAS if each.name == "Vanishing gradient").formula)
    middle, far = (
        browser_formulas.ask("at", program=given, points=[ordered(given, {"w": w, "v": v})])[0]
        for w, v in ((0.5, 0.5), (4.0, 7.5))
    )
    assert math.hypot(*far["gradient"]) < math.hypot(*middle["gradient"]) / 50


def test_the_scripts_are_told_with_their_verdicts() -> None:
    found = ask("examples")["scripts"]
    folder = scripts_folder()
    assert folder is not None
    expected = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
    assert {each["name"] for each in found} == {*expected} == {p.stem for p in folder.glob("*.py")}
    for each in found:
        assert each["fault"] == expected[each["name"]]["fault"]
        assert each["title"].endswith(".")
        assert each["source"].startswith('"""')
        assert each["command"] == f"chainrule run examples/{each['name']}.py"
        assert str(folder) not in str(each)


def test_without_scripts_there_are_formulas(tmp_path: Path) -> None:
    assert scripts(None) == []
    assert len(ask("examples")["formulas"]) == len(FORMULAS) >= 12
