"""Every notation in every format, for each kind of question: written, and in its own signs."""

import json
import re

import pytest
from katex import mathematics_in, refused_by_katex, with_katex

from chainrule.calculus.curve_narration import OF_CURVES
from chainrule.calculus.notations import NOTATIONS
from chainrule.faces.cli import status_of

NETWORK = "L = (sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2"
QUESTIONS = {
    "one variable": ("x^2 sin(3x)", "--at", "x=1"),
    "several": ("x^2 y + exp(x*y)", "--wrt", "x", "--at", "x=1,y=2"),
    "composition": ("z = x^2 y; x = cos t; y = sin t", "--at", "t=0.5"),
    "equation": ("x^2 + y^2 = 25", "--at", "x=3,y=4"),
    "matrix": ("sum((X @ w - y)^2)", "--wrt", "w", "--shapes", "X=3x2,w=2,y=3"),
    "network": (NETWORK, "--wrt", "w1", "--at", "w1=0.5,w2=1,b1=0,b2=0.1,x=2,t=1"),
}
MOVING = ("composition", "equation")
"""Where other names move with the variable: ∂ₓ and ∂₁ hold them, so d/dx is written as well."""

LEIBNIZ = r"\bd/d|\bd[a-z]\d*/d[a-z]"
PRIMES = "′|″"
OPERATOR = r"\bD[ₐ-ₜ(]|\bD [a-z]\b"
ROUND = "∂"
NUMBERED = r"∂[₁-₉]"
LETTERED = r"∂(?:[ₐ-ₜ]|_\w)"
FOREIGN = {
    "leibniz": (PRIMES, OPERATOR, NUMBERED, LETTERED),
    "lagrange": (LEIBNIZ, OPERATOR, ROUND),
    "operator": (LEIBNIZ, PRIMES, ROUND),
    "partial": (PRIMES, OPERATOR, NUMBERED, LEIBNIZ),
    "differential": (PRIMES, OPERATOR, NUMBERED, LETTERED),
    "index": (PRIMES, OPERATOR, LETTERED, LEIBNIZ),
    "pytorch": (PRIMES, OPERATOR, ROUND, LEIBNIZ, "[·²³]|[a-z][₁-₉]"),
    "words": (PRIMES, OPERATOR, ROUND, LEIBNIZ, "[·²³]"),
}
"""Signs of other notations, as patterns."""

COMBINATIONS = [
    (kind, notation.id)
    for kind in QUESTIONS
    for notation in NOTATIONS
    # a program computes something, and an equation computes nothing
    if kind != "equation" or notation.id in OF_CURVES
]


def printed(
    capsys: pytest.CaptureFixture[str], kind: str, notation: str, format_: str = "text"
) -> str:
    arguments = (*QUESTIONS[kind], "--notation", notation, "--format", format_)
    assert status_of(["explain", *arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize(("kind", "notation"), COMBINATIONS)
def test_it_is_written_in_its_own_signs(
    kind: str, notation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, kind, notation)
    document = json.loads(printed(capsys, kind, notation, "json"))
    assert document["notation"] == notation
    if kind == "matrix":
        return  # its rules are stated for functions of numbers, whose derivative is f′ everywhere
    # numbers are shown with what they are numbers of, once in each notation's own way
    told = text if notation != "differential" else re.sub(r"d\w+/d\w+ +=", "", text)
    for foreign in FOREIGN[notation]:
        if foreign == LEIBNIZ and kind in MOVING and notation in ("partial", "index"):
            continue
        assert re.findall(foreign, told) == []


@with_katex
@pytest.mark.parametrize("format_", ["latex", "markdown"])
def test_katex_takes_all_mathematics(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    texts = [printed(capsys, *each, format_) for each in COMBINATIONS]
    assert all(texts)
    assert refused_by_katex([each for text in texts for each in mathematics_in(text)]) == []


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
def test_what_names_stand_for_is_said_in_every_format(
    notation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # LaTeX left it out once
    for format_ in ("text", "latex", "markdown"):
        text = printed(capsys, "composition", notation, format_)
        head = re.split("total derivative|import torch", text)[0]
        assert len(re.findall(r"cos|cosine", head)) == 1
