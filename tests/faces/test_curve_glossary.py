"""The symbols of a curve, at the end of its slope in every notation and format."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from katex import mathematics_in, refused_by_katex, with_katex
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus.curve_narration import OF_CURVES
from chainrule.faces.cli import status_of

CURVE = ("explain", "x^2 + a sin(y)^2 = π")
DEFINED = ("explain", "x^2 + r = 4; r = y^2")


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


@pytest.mark.parametrize("command", ["explain [^\n]+ --of [^\n]+", "gradient [^\n]+"])
def test_the_block_in_the_docs_is_what_is_printed(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = (Path(__file__).parents[2] / "docs" / "derivations.md").read_text("utf-8")
    blocks = re.findall(rf"```\nchainrule ({command})\n```\n\n```\n(.+?)\n```\n", text, re.DOTALL)
    assert len(blocks) == 1
    for typed, block in blocks:
        assert block in printed(capsys, *shlex.split(typed))


def symbols(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, tuple[str, str]]:
    found: dict[str, Any] = json.loads(printed(capsys, *arguments, "--format", "json"))
    return {each["symbol"]: (each["type"], each["meaning"]) for each in found["glossary"]}


def test_it_reads_as_recorded(
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert printed(capsys, *CURVE).partition("Symbols")[2] == snapshot


@pytest.mark.parametrize("notation", OF_CURVES)
def test_every_symbol_stands_in_what_is_told(
    notation: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    told, _, listed = printed(capsys, *CURVE, "--notation", notation).partition("Symbols")
    found = symbols(capsys, *CURVE, "--notation", notation)
    assert {"x", "y", "a", "π"} <= found.keys()
    for symbol in found:
        assert symbol in listed
        spoken = {"sin(x)": "sine", "cos(x)": "cosine", "π": "pi"} if notation == "words" else {}
        sign = spoken.get(symbol, symbol).removesuffix("(x)")
        assert sign in told or symbol == "π", (symbol, notation)


def test_a_number_is_no_function(capsys: pytest.CaptureFixture[str]) -> None:
    found = symbols(capsys, *CURVE)
    assert {name: kind for name, (kind, _) in found.items() if name in ("x", "y", "a")} == {
        "x": "number",
        "y": "number",
        "a": "number",
    }
    assert found["dy/dx"][0] == found["d²y/dx²"][0] == found["∂F/∂x"][0] == "function"
    assert found["d/dx"][0] == "operator"
    assert found["a"][1] == "Held constant here."


def test_a_name_with_a_definition_says_what_it_stands_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert symbols(capsys, *DEFINED)["r"] == ("number", "Stands for y².")


@with_katex
def test_katex_takes_the_whole_page(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [
        text
        for notation in OF_CURVES
        for form in ("latex", "markdown")
        for text in mathematics_in(
            printed(capsys, *CURVE, "--notation", notation, "--format", form)
        )
    ]
    assert len(texts) > 200
    assert refused_by_katex(texts) == []
