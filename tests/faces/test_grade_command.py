"""`chainrule grade`: what a program and a learner get."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule.faces.cli import status_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "grade.schema.json").read_text("utf-8"))


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert status_of(["grade", *arguments, "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    found: dict[str, Any] = json.loads(captured.out)
    jsonschema.validate(found, SCHEMA)
    return found


def test_the_example_of_the_docs(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "x*exp(-x)", "--wrt", "x", "--answer", "exp(-x) + x*exp(-x)")
    assert list(found) == ["correct", "diagnoses", "question"]
    assert found["correct"] is False
    assert [list(each) for each in found["diagnoses"]] == [
        ["mutation", "rule", "node", "message"]
    ] * 2
    assert found["diagnoses"][0]["mutation"] == "chain-inner-lost"
    assert found["question"] == "What is the derivative of exp(-x) by x?"


def test_right_and_unexplained(capsys: pytest.CaptureFixture[str]) -> None:
    right = document(capsys, "x*exp(-x)", "--answer", "(1-x)e^-x")
    assert right == {"correct": True, "diagnoses": [], "question": None}
    wrong = document(capsys, "x*exp(-x)", "--answer", "ln(x)^3")
    assert wrong == {"correct": False, "diagnoses": [], "question": None}


def test_answers_that_begin_with_a_minus_sign(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "cos(x)", "--answer", "-sin(x)")["correct"]
    assert document(capsys, "-x^2", "--answer", "-2x")["correct"]


def test_points_gradients_and_replies(capsys: pytest.CaptureFixture[str]) -> None:
    assert document(capsys, "x^3", "--answer", "12", "--at", "x=2")["correct"]
    assert document(capsys, "x^2 y", "--wrt", "x,y", "--answer", "(2xy, x^2)")["correct"]
    settled = document(
        capsys, "x*exp(-x)", "--answer", "exp(-x) + x*exp(-x)", "--reply", "-exp(-x)"
    )
    assert [each["mutation"] for each in settled["diagnoses"]] == ["slip-sign"]
    assert settled["question"] is None


def test_the_slope_of_a_curve(capsys: pytest.CaptureFixture[str]) -> None:
    circle = ("x^2 + y^2 = 25", "--wrt", "x", "--answer")
    assert document(capsys, *circle, "-x/y") == {"correct": True, "diagnoses": [], "question": None}
    assert [each["mutation"] for each in document(capsys, *circle, "-y/x")["diagnoses"]] == [
        "reciprocal-of-whole"
    ]
    assert document(capsys, *circle, "-0.75", "--at", "x=3,y=4")["correct"]


def test_matrices_and_jacobians(capsys: pytest.CaptureFixture[str]) -> None:
    half = ("1/2*norm(A*x - b)^2", "--wrt", "x", "--answer")
    assert document(capsys, *half, "A^T*(A*x - b)")["correct"]
    shapes = ("--shapes", "A=4x2,x=2,b=4")
    (found,) = document(capsys, *half, "A*(A*x - b)", *shapes)["diagnoses"]
    assert found["mutation"] == "transpose-missing"
    rows = "[[2x y, x^2], [5, cos(y)]]"
    assert document(capsys, "[x^2 y, 5x + sin y]", "--wrt", "x,y", "--answer", rows)["correct"]


def test_in_which_layout_a_right_answer_is_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    square = ("norm(A x - b)^2", "--wrt", "x", "--answer")
    as_row = document(capsys, *square, "2 (A x - b)^T A")
    assert as_row["correct"]
    assert "numerator layout" in as_row["note"]
    assert "note" not in document(capsys, *square, "2 A^T (A x - b)")
    assert status_of(["grade", *square, "2 (A x - b)^T A"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert printed.startswith("Right. You wrote it as a row, as books in the numerator layout do.")
    assert status_of(["grade", *square, "2 (A x - b)^T A", "--language", "de"]) == 0
    assert "Zähler-Anordnung" in capsys.readouterr().out


def test_what_a_learner_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["grade", "sin(3x)", "--answer", "cos(3x)"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("Not yet right.")
    assert "How fast does its inside move?" in " ".join(printed.split())
    assert status_of(["grade", "sin(3x)", "--answer", "3cos(3x)"]) == 0
    assert capsys.readouterr().out.strip() == "Right."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["x^2", "--answer", "2x +"], "(column 5 of the answer)."),
        (["x^", "--answer", "2x"], "(column 3 of the formula)."),
        (["x^2 + y^2 = 1", "--wrt", "q", "--answer", "2x"], "found 'q'; it has x, y"),
        (["x^2 + y^2 = -1", "--answer", "2x"], "found too few of them"),
        (["x^2 + u^2 = v", "--answer", "2x"], "call the one that depends on x y"),
        (["x^2 + y^2 = 1", "--answer", "1", "--at", "x=1,y=1"], "the left side is 2 and"),
        (["x y", "--answer", "y"], "say by which"),
        (["x^2", "--wrt", "q", "--answer", "2x"], "found 'q'"),
        (["x^2", "--answer", "2x", "--at", "x=a"], "which is no number"),
        (["norm(x)", "--answer", "x", "--shapes", "x=q"], "--shapes 'x=q' cannot be read"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["grade", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert says in " ".join(captured.err.split())
    assert captured.err.count("\n") == 1
