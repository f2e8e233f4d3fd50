"""Matrix derivations on the terminal and as JSON: the page in the docs, and the schema."""

import json
import re
import shlex
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from chainrule.calculus.matrix import MATRIX_NOTATIONS
from chainrule.faces.cli import status_of

DOCS = Path(__file__).parents[2] / "docs"
_BLOCK = re.compile(
    r"```\nchainrule (explain [^\n]+ --shapes [^\n]+ --notation [^\n]+)\n```\n\n```\n(.+?)\n```\n",
    re.DOTALL,
)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert status_of([*arguments]) == 0
    return capsys.readouterr().out


def test_the_blocks_in_the_docs_are_what_is_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = (DOCS / "derivations.md").read_text("utf-8")
    blocks = _BLOCK.findall(text)
    assert len(blocks) == len(MATRIX_NOTATIONS)
    for typed, block in blocks:
        assert block.strip("\n") in printed(capsys, *shlex.split(typed)), typed
    shown = {shlex.split(typed)[-1] for typed, _ in blocks}
    assert shown == {each.id for each in MATRIX_NOTATIONS}


ASKED = [
    ["sum((X @ w - y)^2)", "--wrt", "w", "--shapes", "X=3x2,w=2,y=3"],
    ["logdet(A)", "--at", "A=[[2,1],[1,3]]", "--entry", "1,1"],
    ["softmax(x)", "--at", "x=[1,2,3]"],
    ["x + A @ x", "--wrt", "A", "--at", "x=[1,2],A=[[1,0],[2,1]]"],
]


@pytest.mark.parametrize("asked", ASKED, ids=lambda each: each[0])
def test_documents_follow_the_schema(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    schema: Any = json.loads((DOCS / "matrix-derivation.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    for notation in ("differential", "leibniz", "pytorch", "words"):
        text = printed(capsys, "explain", *asked, "--notation", notation, "--format", "json")
        document = json.loads(text)
        validator.validate(document)
        assert document["notation"] == notation
        assert bool(document["code"]) == (notation == "pytorch")
        assert {"matrix", "vector"} & {each["type"] for each in document["glossary"]}


@pytest.mark.parametrize("asked", ASKED, ids=lambda each: each[0])
@pytest.mark.parametrize("notation", [each.id for each in MATRIX_NOTATIONS])
def test_the_symbols_are_at_the_end(
    asked: list[str], notation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(capsys, "explain", *asked, "--notation", notation)
    _, _, symbols = text.partition("\nSymbols\n")
    assert re.search(r"^  \w+ +(vector of \d|\d × \d matrix)  +The variable", symbols, re.MULTILINE)
    for format in ("latex", "markdown"):
        typeset = printed(capsys, "explain", *asked, "--notation", notation, "--format", format)
        assert "Symbols" in typeset


@pytest.mark.parametrize("asked", ASKED, ids=lambda each: each[0])
def test_the_program_runs_as_it_is_printed(
    asked: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow terminal too, where other lines are broken."""
    import torch

    monkeypatch.setenv("COLUMNS", "40")
    text = printed(capsys, "explain", *asked, "--notation", "pytorch")
    start, end = text.index("  import torch"), text.index("\nPut together")
    default = torch.get_default_dtype()
    try:
        exec(textwrap.dedent(text[start:end]), {})
    finally:
        torch.set_default_dtype(default)
    said = capsys.readouterr().out.split("tensor(")[1:]
    by_hand, by_autograd = ([*map(float, re.findall(r"-?\d+\.\d*(?:e[-+]\d+)?", x))] for x in said)
    assert by_hand == pytest.approx(by_autograd) and by_hand
