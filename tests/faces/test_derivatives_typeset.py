"""Gradients, Jacobians and Hessians in LaTeX and Markdown, of numbers and of matrices."""

import re

import pytest
from katex import mathematics_in, refused_by_katex, with_katex
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.cli import status_of

DATA = "X=[[1,2],[3,4],[5,6]],w=[1,-1],y=[0,1,2]"

ASKED = {
    "gradient": ("gradient", "x^2 y + sin x", "--at", "x=1,y=2", "--direction", "x=3,y=-4"),
    "gradient of indexed names": ("gradient", "sqrt(w1 w2^2) + log2(w1)", "--at", "w1=1,w2=1e-9"),
    "gradient at a kink": ("gradient", "|x| y", "--at", "x=0,y=1", "--direction", "x=1,y=0"),
    "jacobian": ("jacobian", "r cos(t), r sin(t), 3", "--wrt", "r,t", "--at", "r=2,t=0.5"),
    "hessian": ("hessian", "x^2 y + sin x", "--at", "x=1,y=2"),
    "gradient of matrices": ("gradient", "sum((X @ w - y)^2)", "--at", DATA),
    "gradient of shapes": ("gradient", "logdet(A) + sum(relu(A))", "--shapes", "A=2x2"),
    "jacobian of matrices": ("jacobian", "sigmoid(X @ w - y)", "--at", DATA, "--wrt", "w,y"),
    "hessian of entries": ("hessian", "sum((X @ w - y)^2)", "--at", DATA, "--wrt", "w"),
    "hessian with zeros": ("hessian", "trace(W)^2", "--shapes", "W=2x2"),
}


def typeset(capsys: pytest.CaptureFixture[str], form: str, *arguments: str) -> str:
    assert status_of([*arguments, "--format", form]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize("name", ["gradient", "hessian of entries", "jacobian of matrices"])
def test_it_reads_as_recorded(
    name: str, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    assert typeset(capsys, "latex", *ASKED[name]) == snapshot


@pytest.mark.parametrize("form", ["latex", "markdown"])
def test_all_of_it_is_mathematics_with_everything_closed(
    form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, arguments in ASKED.items():
        for text in mathematics_in(typeset(capsys, form, *arguments, "--steps")):
            assert text.isascii(), (name, text)
            assert text.count("{") == text.count("}"), (name, text)
            left, right = (re.findall(rf"\\{side}\b", text) for side in ("left", "right"))
            assert len(left) == len(right), (name, text)


@with_katex
def test_katex_takes_all_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        text
        for arguments in ASKED.values()
        for form in ("latex", "markdown")
        for text in mathematics_in(typeset(capsys, form, *arguments, "--steps"))
    ]
    assert len(texts) > 200
    assert refused_by_katex(texts) == []


def test_the_steps_come_behind_what_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    brief = typeset(capsys, "latex", *ASKED["gradient of matrices"])
    full = typeset(capsys, "latex", *ASKED["gradient of matrices"], "--steps")
    assert full.startswith(brief.rstrip("\n"))
    assert len(re.findall("matrix times vector", full)) == 2  # not by y
    assert "matrix times vector" not in brief


def test_a_kink_leaves_no_number(capsys: pytest.CaptureFixture[str]) -> None:
    written = typeset(capsys, "markdown", *ASKED["gradient at a kink"])
    assert r"\begin{bmatrix} \text{no number here} \\ 0 \end{bmatrix}" in written
    assert "has a kink" in written
    assert r"\text{ahead, towards } u" in written
