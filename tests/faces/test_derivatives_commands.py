"""`chainrule gradient`, `jacobian`, `hessian` and `taylor`, as a learner asks them."""

import json
from typing import Any

import pytest

from chainrule.faces.cli import status_of


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--format", "json"))
    return found


def test_a_gradient_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys, "gradient", "x^2 y", "--at", "x=3,y=2", "--direction", "x=0,y=-2", "--wrt", "y,x"
    )
    assert found["wrt"] == ["y", "x"]
    assert found["value"] == [9.0, 12.0]
    assert [cell["factored"] for cell in found["gradient"]] == ["x^2", "2x · y"]
    assert found["direction"]["unit"] == [-1.0, 0.0]
    assert found["direction"]["slope"] == -9.0


def test_a_jacobian_as_json_says_its_layout(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "jacobian", "[x y, x, 3]", "--at", "x=2,y=5")
    assert found["shape"] == [3, 2]
    assert found["layout"].startswith("numerator")
    assert found["value"] == [[5.0, 2.0], [1.0, 0.0], [0.0, 0.0]]


def test_a_hessian_and_an_expansion_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "hessian", "x^2 y", "--at", "x=3,y=2")
    assert found["value"] == [[4.0, 6.0], [6.0, 0.0]]
    expanded = document(capsys, "taylor", "x^2 y", "--at", "x=3,y=2")
    assert (expanded["value"], expanded["gradient"]) == (18.0, [12.0, 9.0])
    assert expanded["hessian"] == found["value"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gradient", "x +"], "(column 4 of the formula)"),
        (["gradient", "3"], "found only numbers"),
        (["gradient", "x y", "--wrt", "z"], "found 'z'"),
        (["gradient", "x y", "--wrt", "x,x"], "write each once"),
        (["gradient", "x y", "--at", "x=1"], "but y is missing"),
        (["gradient", "x y", "--at", "x=1,y=2,q=3"], "but q is not in the formula"),
        (["gradient", "x y", "--direction", "x=1"], "give one with --at"),
        (
            ["gradient", "x y", "--at", "x=1,y=2", "--direction", "x=0"],
            "x = 0, y = 0, which points nowhere",
        ),
        (
            ["taylor", "log(x)", "--at", "x=-1"],
            "log needs a number above 0, found −1, at x = −1: choose x > 0 (column 1",
        ),
        (["jacobian", "[[x, 1], [2, x]]"], "found a matrix"),
        (["taylor", "x @ y", "--at", "x=1,y=2"], "ask chainrule explain by one name at a time"),
        (["gradient", "sum((X @ w - y)^2)"], "by shapes such as X=3x2,w=2"),
        (["gradient", "X @ w", "--shapes", "X=3x2,w=2"], "found a vector of 3, which has a Jac"),
        (["gradient", "[x, y]"], "found a vector of 2, which has a Jacobian: ask chainrule jac"),
        (["gradient", "sum(w)", "--shapes", "w=2", "--wrt", "v"], "found 'v'; it has w"),
        (["gradient", "sum(w)", "--shapes", "w=two"], "cannot be read at 'w=two'"),
        (["gradient", "sum(w)", "--shapes", "w=3", "--at", "w=[1,2]"], "found a vector of 2"),
        (["gradient", "w @ w", "--at", "w=[1,2]", "--direction", "w=1"], "for formulas of numbers"),
        (["jacobian", "w @ w", "--shapes", "w=2"], "its Jacobian is one row, which is its grad"),
        (["jacobian", "X @ w", "--shapes", "X=3x2,w=2", "--wrt", "X"], "has 3 axes, 3 × 3 × 2"),
        (["hessian", "softmax(w)", "--shapes", "w=2"], "found a vector of 2: make a number of it"),
        (["hessian", "w @ w", "--shapes", "w=9"], "of 8 entries together at most, found 9"),
        (["critical", "3"], "found only numbers: their value is the same everywhere"),
        (["explain", "x^2 + y^2 = 25", "--graph"], "ask for the graph of one of its sides"),
        (["hessian", "1/x", "--at", "x=0"], "denominator x must not be 0"),
        (["gradient", "norm(w)", "--at", "w=[0,0]"], "Choose another point"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_asked_is_one_sentence(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert message in captured.err
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err


@pytest.mark.parametrize("command", ["gradient", "jacobian", "hessian", "taylor"])
def test_definitions_are_put_in(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed = document(capsys, command, "z = x^2 y; x = cos t; y = sin t", "--at", "t=0.5")
    itself = document(capsys, command, "cos(t)^2 sin(t)", "--at", "t=0.5")
    assert typed["value"] == itself["value"]
    assert typed["wrt"] == ["t"]


def test_an_equation_is_no_formula(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["gradient", "x^2 + y^2 = 1"]) == 2
    assert "found an equation: chainrule explain finds the slope" in capsys.readouterr().err


def test_each_cell_has_its_steps(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "hessian", "x^2 y + z")
    assert found["gradient"][0]["steps"][0]["rule"] == "sum"
    assert found["hessian"][0][0]["steps"][0]["after"]
    assert found["hessian"][2][2]["steps"] == []
    brief = printed(capsys, "gradient", "x^2 sin(y)", "--at", "x=1,y=2")
    full = printed(capsys, "gradient", "x^2 sin(y)", "--at", "x=1,y=2", "--steps")
    assert full.startswith(brief)
    assert "constant multiple" in full and "constant multiple" not in brief


@pytest.mark.parametrize("command", ["explain", "gradient", "jacobian", "hessian", "taylor"])
def test_a_formula_may_begin_with_a_minus_sign(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = printed(capsys, command, "-x^2 + x", "--at", "x=-1")
    after = printed(capsys, command, "--at", "x=-1", "-x^2 + x")
    assert before == after
    assert status_of([command, "--wrong", "x"]) == 2
    assert "No such option" in capsys.readouterr().err
