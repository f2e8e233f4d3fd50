"""Derivations on the terminal: what a learner reads, in every notation."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import Evaluation, derive
from chainrule.calculus.glossary import glossary
from chainrule.calculus.narrate import narrate
from chainrule.calculus.notations import NOTATIONS
from chainrule.calculus.read_problem import read_problem
from chainrule.faces.derivation import write_derivation

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "oracles"))

from told_derivations import PROBLEMS  # noqa: E402

Render = Callable[..., str]
IDS = [notation.id for notation in NOTATIONS]


def page(render: Render, problem: str, notation: str, **options: object) -> str:
    here = PROBLEMS[problem]
    narration = narrate(
        here.derivation,
        notation,
        evaluation=here.evaluation,
        routes=bool(options.pop("routes", False)),
    )
    return render(lambda page: write_derivation(page, narration), **options)


@pytest.mark.parametrize("notation", IDS)
@pytest.mark.parametrize("problem", PROBLEMS)
def test_it_reads_as_recorded(
    problem: str, notation: str, render: Render, snapshot: SnapshotAssertion
) -> None:
    written = page(render, problem, notation)
    assert written == snapshot
    if notation != "pytorch":
        too_wide = [line for line in written.split("\n") if len(line) > 80]
        assert not too_wide
    assert "□" not in written
    assert not [line for line in written.split("\n") if line != line.rstrip()]


@pytest.mark.parametrize("problem", ["power", "quotient"])
def test_other_ways_are_told_in_full(
    problem: str, render: Render, snapshot: SnapshotAssertion
) -> None:
    assert page(render, problem, "leibniz", routes=True) == snapshot


@pytest.mark.parametrize("width", [50, 60, 120])
def test_it_fits_other_widths(width: int, render: Render) -> None:
    written = page(render, "chain", "leibniz", width=width)
    assert max(map(len, written.split("\n"))) <= width
    assert "cos(1 + x²)" in written


def test_there_is_no_colour_where_there_is_no_terminal(render: Render) -> None:
    assert "\x1b" not in page(render, "chain", "leibniz")
    assert "\x1b[" in page(render, "chain", "leibniz", color=True)


def test_a_stream_without_unicode_gets_ascii(render: Render) -> None:
    for notation in IDS:
        written = page(render, "three_levels", notation, encoding="ascii")
        assert written.isascii()
        assert "?" not in written.replace("does?", "")


def test_a_derivative_without_a_value_says_so_once_on_the_way(render: Render) -> None:
    written = page(render, "outside", "leibniz")
    assert (
        written.count("sqrt needs a number that is not negative") == 2
    )  # at the step, and at the end


# ---- the page in the docs ------------------------------------------------------------------------

_BLOCK = re.compile(r"```\nchainrule explain ([^\n]+)\n```\n\n```\n(.+?)\n```\n", re.DOTALL)
_TYPED = re.compile(
    r'"(?P<text>[^"]+)" --wrt (?P<variable>\w+)(?: --at (?P<at>\S+))?(?: --notation (?P<way>\w+))?'
    r"(?P<routes> --routes)?\Z"
)


def shown(typed: str, render: Render) -> str:
    match = _TYPED.match(typed)
    assert match, typed
    pairs = [pair.split("=") for pair in (match["at"] or "").split(",") if pair]
    evaluation = Evaluation({n: float(v) for n, v in pairs}, match["text"]) if pairs else None
    problem = read_problem(match["text"])
    found = derive(
        problem.formula, match["variable"], definitions=problem.defined, name=problem.name
    )
    way = match["way"] or "leibniz"
    narration = narrate(found, way, evaluation=evaluation, routes=bool(match["routes"]))
    symbols = glossary(found, way, narration=narration, letters=False)
    return render(lambda page: write_derivation(page, narration, symbols))


def test_the_blocks_in_the_docs_are_what_is_printed(render: Render) -> None:
    text = (ROOT / "docs" / "derivations.md").read_text("utf-8")
    # those of matrices are in test_matrix_page.py, that of a curve in test_curve_glossary.py
    found = _BLOCK.findall(text)
    blocks = [each for each in found if "--shapes" not in each[0] and "--of" not in each[0]]
    assert len(blocks) >= len(NOTATIONS)
    for typed, block in blocks:
        whole = shown(typed, render).strip("\n")
        assert block.strip("\n") in whole, f"docs/derivations.md: {typed}"
    assert {notation for notation in IDS if f"--notation {notation}" in text} == set(IDS)


def test_the_python_in_the_docs_says_what_it_says() -> None:
    text = (ROOT / "docs" / "derivations.md").read_text("utf-8")
    code = re.findall(r"```python\n(.+?)```", text, re.DOTALL)[-1]
    names: dict[str, object] = {}
    exec(code, names)
    said = re.findall(r"print\(narration.answer\)  # (.+)", code)
    assert [names["narration"].answer] == said  # type: ignore[attr-defined]
