"""`gradient`, `jacobian` and `hessian` in every notation: each entry is written in its signs."""

import json
import re
from typing import Any

import pytest
from katex import mathematics_in, refused_by_katex, with_katex
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus.notations import NOTATIONS
from chainrule.faces.cli import status_of

QUESTIONS = {
    "gradient": ("gradient", "x^2 y + log(x)", "--at", "x=1,y=-2"),
    "jacobian": ("jacobian", "[x^2 y, 5x]", "--at", "x=1,y=-2"),
    "hessian": ("hessian", "x^2 y", "--at", "x=1,y=-2"),
    "one variable": ("hessian", "x^3", "--at", "x=2"),
    "gradient of a layer": ("gradient", "sum((X @ w - y)^2)", "--shapes", "X=3x2,w=2,y=3"),
    "jacobian of a layer": ("jacobian", "tanh(X @ w)", "--shapes", "X=3x2,w=2", "--wrt", "w"),
}
OF_NUMBERS = ("gradient", "jacobian", "hessian", "one variable")
NOTATION = pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])

ENTRIES = {
    "leibniz": ("∂z/∂x = 2x · y + 1/x", "∂z₁/∂y = x²", "∂²z/∂y∂x = 2x", "d²y/dx² = 6x"),
    "lagrange": ("f′ₓ  = 2x · y + 1/x", "f₁′_y = x²", "f″ₓ_y = 2x", "f″ = 6x"),
    "operator": ("Dₓf   = 2x · y + 1/x", "D_y f₁ = x²", "D_y Dₓf = 2x", "D D f = 6x"),
    "partial": ("∂ₓf   = 2x · y + 1/x", "∂_y f₁ = x²", "∂_y ∂ₓf = 2x", "∂ₓ∂ₓf = 6x"),
    "differential": (
        "dz = (2x · y + 1/x) · dx",
        "dz₁ = x² · dy",
        "d²z = 2x · dx · dy",
        "d²y = 6x · dx · dx",
    ),
    "index": ("∂₁f = 2x · y + 1/x", "∂₂f₁ = x²", "∂₂∂₁f = 2x", "∂₁∂₁f = 6x"),
    "pytorch": (
        "dz_dx = 2 * x * y + 1 / x",
        "dz1_dy = x**2",
        "d2z_dx_dy = 2 * x",
        "d2y_dx_dx = 6 * x",
    ),
    "words": (
        "The derivative of z by x is 2x times y plus 1 divided by x.",
        "The derivative of z₁ by y is x squared.",
        "The derivative of z by x and then by y is 2x.",
        "The derivative of y by x and then by x is 6x.",
    ),
}
OTHERS = {
    "leibniz": r"′|″|\bD[ₐ-ₜ]|∂[₁-₉ₐ-ₜ]",
    "lagrange": r"∂|\bD[ₐ-ₜ]",
    "operator": r"∂|′|″",
    "partial": r"′|″|\bD[ₐ-ₜ]|∂[₁-₉]",
    "differential": r"′|″|\bD[ₐ-ₜ]|∂",
    "index": r"′|″|\bD[ₐ-ₜ]|∂[ₐ-ₜ]",
    "pytorch": r"∂|′|″|[·²³∇‖]",
    "words": r"∂|′|″|[·²³∇‖]",
}
"""Signs that are those of other notations."""


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--format", "json"))
    return found


def cells(found: dict[str, Any]) -> list[dict[str, Any]]:
    if "jacobian" in found or "hessian" in found:
        return [cell for row in found.get("jacobian", found.get("hessian")) for cell in row]
    listed: list[dict[str, Any]] = found["gradient"]
    return listed


@NOTATION
def test_each_entry_is_called_and_written_in_it(
    notation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind, entry in zip(OF_NUMBERS, ENTRIES[notation], strict=True):
        text = printed(capsys, *QUESTIONS[kind], "--notation", notation)
        assert entry in text
        assert re.findall(OTHERS[notation], text) == []


@NOTATION
@pytest.mark.parametrize("kind", OF_NUMBERS)
def test_json_has_the_same_numbers_and_steps_in_it(
    kind: str, notation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = document(capsys, *QUESTIONS[kind])
    found = document(capsys, *QUESTIONS[kind], "--notation", notation)
    assert (plain["notation"], found["notation"]) == (None, notation)
    assert found["value"] == plain["value"]
    for cell, usual in zip(cells(found), cells(plain), strict=True):
        assert cell["factored"] == usual["factored"]  # can be typed again, whatever the notation
        assert cell["name"] and cell["written"]
        if cell["steps"] and notation != "partial":
            assert cell["steps"][0]["before"] != usual["steps"][0]["before"]


@NOTATION
def test_steps_are_told_in_it(notation: str, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in OF_NUMBERS:
        arguments = (*QUESTIONS[kind], "--notation", notation)
        brief, full = printed(capsys, *arguments), printed(capsys, *arguments, "--steps")
        assert full.startswith(brief) and len(full) > 2 * len(brief)
        assert full != printed(capsys, *QUESTIONS[kind], "--steps")


@pytest.mark.parametrize("kind", ["gradient of a layer", "jacobian of a layer"])
def test_matrices_are_told_in_it(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = {
        each.id: printed(capsys, *QUESTIONS[kind], "--notation", each.id) for each in NOTATIONS
    }
    answers = {re.sub(r"(?s)\A.*?\n\n.*?\n\n", "", text) for text in texts.values()}
    # of numbers and of matrices a differential is collected to the same gradient
    assert len(answers) >= len(NOTATIONS) - 1
    assert "the gradient at w is" in texts["words"].lower()
    assert "d_w = " in texts["pytorch"]
    found = document(capsys, *QUESTIONS[kind], "--notation", "index")
    parts = found["gradient"] if "gradient" in found else found["jacobian"]
    assert {each["notation"] for each in parts} == {"index"}


@with_katex
@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_all_of_it_is_mathematics(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        text
        for arguments in QUESTIONS.values()
        for each in NOTATIONS
        for text in mathematics_in(
            printed(capsys, *arguments, "--notation", each.id, "--format", form)
        )
    ]
    assert len(texts) > 200
    assert refused_by_katex(texts) == []


@pytest.mark.parametrize("command", ["gradient", "jacobian", "hessian"])
def test_a_notation_that_there_is_not_is_refused(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        status_of(
            [command, "[x^2 y, x]" if command == "jacobian" else "x^2 y", "--notation", "leibnitz"]
        )
        == 2
    )
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "leibniz" in captured.err and captured.err.count("\n") == 1


def test_it_reads_as_recorded(
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    asked = [(*QUESTIONS["hessian"], "--notation", each.id) for each in NOTATIONS]
    assert "\n".join(printed(capsys, *each) for each in asked) == snapshot


@pytest.mark.parametrize(
    ("formula", "entry"),
    [("log(x, 2)", "1/(x · ln(2))"), ("log(x) + ln(2)", "1/x"), ("x log(x)", "log(x) + 1")],
)
def test_the_natural_logarithm_is_called_as_explain_calls_it(
    capsys: pytest.CaptureFixture[str], formula: str, entry: str
) -> None:
    assert status_of(["gradient", formula, "--notation", "leibniz"]) == 0
    assert f"dy/dx = {entry}" in capsys.readouterr().out
    assert status_of(["explain", formula]) == 0
    assert entry in capsys.readouterr().out
