"""`chainrule critical`: where a formula is flat, as a learner asks it."""

import json

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.cli import status_of


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of(["critical", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize(
    "formula",
    [
        "x^3 - 3x + y^2",
        "x^4",
        "x^3",
        "x^2 y^2",
        "abs(x)",
        "relu(x)",
        "exp(x)",
        "(x^2 - 1)^2",
        "(x^2 + y^2 - 1)^2",
        "abs(x - y)",
        "abs(x) + y^2",
    ],
)
def test_what_a_learner_reads(
    formula: str,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert printed(capsys, formula) == snapshot


def test_himmelblau_has_its_nine_places(capsys: pytest.CaptureFixture[str]) -> None:
    formula = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
    document = json.loads(printed(capsys, formula, "--format", "json"))
    kinds = [point["kind"] for point in document["points"]]
    assert sorted(kinds) == ["maximum"] + ["minimum"] * 4 + ["saddle"] * 4
    assert {"x": 3.0, "y": 2.0} in [
        {name: round(value, 9) for name, value in point["at"].items()}
        for point in document["points"]
    ]
    assert document["index"] == document["winding"] == 1


def test_definitions_are_put_in(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--box", "t=0:2", "--format", "json")
    typed = json.loads(printed(capsys, "z = x^2 y; x = cos t; y = sin t", *arguments))
    by_hand = json.loads(printed(capsys, "cos(t)^2 sin(t)", *arguments))
    assert typed["points"] == by_hand["points"]
    assert {point["kind"] for point in typed["points"]} == {"maximum", "minimum"}


def test_a_circle_of_minima_has_no_saddles(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "(x^2+y^2-1)^2", "--format", "json"))
    assert [point["kind"] for point in document["points"]] == ["maximum"]
    assert {point["likely"] for point in document["extended"]} == {"minimum"}
    assert {point["extent"] for point in document["extended"]} == {"curve"}


def test_a_minimum_at_a_kink_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(printed(capsys, "abs(x - 1) + y^2", "--format", "json"))
    (kink,) = document["kinks"]
    assert (kink["kind"], kink["at"], kink["value"]) == ("minimum", {"x": 1.0, "y": 0.0}, 0.0)
    assert kink["parts"] == ["abs(x - 1)"]


def test_the_box_is_where_it_looks(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(printed(capsys, "sin(x)", "--box", "x=0:3", "--format", "json"))
    assert [point["kind"] for point in found["points"]] == ["maximum"]
    assert found["points"][0]["at"]["x"] == pytest.approx(3.141592653589793 / 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x y z"], "Expected a formula of one or two variables, found 3 (x, y, z)"),
        (["x +"], "column 4 of the formula"),
        (["norm([x, 1], 3)"], "is for vectors and matrices"),
        (["x^2 + y^2 = 1"], "found an equation"),
        (["x^2", "--box", "x=3:1"], "gives x from 3 to 1"),
        (["x^2", "--box", "q=0:1"], "q"),
    ],
)
def test_what_cannot_be_searched_is_one_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["critical", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
