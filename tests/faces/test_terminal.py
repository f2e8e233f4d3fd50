"""The verdict in the terminal. The snapshots are read by eye when they change."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.page import Page
from chainrule.faces.terminal import chain_heading, write_verdict
from chainrule.records import ChainLink, Finding, Place, Run

CASES = [
    "vanishing",
    "dead_units",
    "non_finite",
    "healthy",
    "long_names",
    "thousand_links",
    "with_consequences",
]


def verdict(run: Run, *findings: Finding, full: bool = False) -> Callable[[Page], None]:
    return lambda page: write_verdict(page, run, findings, full=full)


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("case", CASES)
def test_verdict_reads_as_recorded(
    case: str,
    width: int,
    run: Run,
    render: Callable[..., str],
    request: pytest.FixtureRequest,
    snapshot: SnapshotAssertion,
) -> None:
    assert render(verdict(run, request.getfixturevalue(case)), width) == snapshot


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("width", [80, 120])
def test_several_findings_read_as_recorded(
    full: bool,
    width: int,
    run: Run,
    several: tuple[Finding, ...],
    render: Callable[..., str],
    snapshot: SnapshotAssertion,
) -> None:
    assert render(verdict(run, *several, full=full), width) == snapshot


def test_empty_run_reads_as_recorded(
    changed_run: Callable[..., Run], render: Callable[..., str], snapshot: SnapshotAssertion
) -> None:
    empty = changed_run(steps=0, sampled_steps=0, observed_s=0.0, training_s=0.0, status="lost")
    assert render(verdict(empty)) == snapshot


def test_ascii_terminal_reads_as_recorded(
    run: Run, several: tuple[Finding, ...], render: Callable[..., str], snapshot: SnapshotAssertion
) -> None:
    written = render(verdict(run, *several, full=True), encoding="ascii")
    assert written == snapshot
    assert written.isascii()


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "koi8-r", "utf-8"])
def test_every_encoding_can_print_it(
    encoding: str, run: Run, several: tuple[Finding, ...], render: Callable[..., str]
) -> None:
    assert "vanishing-gradient" in render(verdict(run, *several), encoding=encoding)


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
@pytest.mark.parametrize("case", CASES)
def test_no_line_is_wider_than_the_terminal(
    case: str, width: int, run: Run, render: Callable[..., str], request: pytest.FixtureRequest
) -> None:
    written = render(verdict(run, request.getfixturevalue(case), full=True), width)
    wide = [line for line in written.splitlines() if len(line) > width and "https://" not in line]
    assert wide == []


def test_colours_only_where_asked_for(
    run: Run, vanishing: Finding, render: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b" not in render(verdict(run, vanishing))
    coloured = render(verdict(run, vanishing), color=True)
    assert "\x1b[1;31m" in coloured
    plain = render(verdict(run, vanishing))
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured) == plain


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_the_reader_wants_none(
    variable: str,
    value: str,
    run: Run,
    vanishing: Finding,
    render: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv(variable, value)
    written = render(verdict(run, vanishing), color=True)
    assert not re.search("\x1b\\[[0-9;]*3[0-9]m", written)


def test_escape_sequences_in_names_never_reach_the_terminal(
    run: Run, vanishing: Finding, render: Callable[..., str]
) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\r\n\u202e\x9b31m\udc80"
    link = ChainLink(Place(evil, evil, evil), "other", 0.5, 0.5, True)
    bad = replace(vanishing, title=evil, where=Place(evil, evil, evil), chain=(link,))
    written = render(verdict(replace(run, name=evil, path=evil), bad))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", written)


def test_exploding_zero_and_non_finite_factors_are_drawn(
    run: Run,
    vanishing: Finding,
    chain_of: Callable[..., tuple[ChainLink, ...]],
    render: Callable[..., str],
    snapshot: SnapshotAssertion,
) -> None:
    gains = [0.1, 5e4, 3e8, 0.0, 1.0]
    chain = chain_of([(f"fc{i}", "Mm", "weight", gain) for i, gain in enumerate(gains)], "weight")
    broken = (
        ChainLink(Place("a", "Exp"), "other", float("inf"), float("inf"), True),
        ChainLink(Place("b", "Mul"), "other", float("nan"), float("nan")),
    )
    write = verdict(run, replace(vanishing, explanation="", remedies=(), chain=(*chain, *broken)))
    assert render(write) == snapshot


def test_formula_too_long_for_the_terminal_breaks_between_factors(
    render: Callable[..., str],
) -> None:
    formula = "    ∂L/∂w = " + " · ".join(f"0.{i:03}" for i in range(20))
    lines = render(lambda page: page.prose(formula), 60).splitlines()
    assert len(lines) > 1
    assert all(len(line) <= 60 for line in lines)
    assert all(line.startswith(" " * 10 + "· 0.") for line in lines[1:])
    assert "".join(lines).split("·")[-1].strip() == "0.019"


def test_sentence_on_the_end_of_a_run(
    changed_run: Callable[..., Run], vanishing: Finding, render: Callable[..., str]
) -> None:
    failed = changed_run(status="failed", exception="ValueError: no data")
    assert "ended after 640 steps on cpu with ValueError: no data" in render(
        verdict(failed, vanishing)
    )
    quit_ = changed_run(status="failed", exit_code=3)
    assert "with exit code 3" in render(verdict(quit_, vanishing))
    killed = changed_run(status="lost", exception="killed by SIGKILL")
    assert "lost after 640 steps on cpu: killed by SIGKILL" in render(verdict(killed, vanishing))


def test_a_chain_that_ends_in_compiled_code_says_so(vanishing: Finding) -> None:
    first = vanishing.chain[0]
    compiled = replace(first, place=Place("net", "CompiledFunction"), kind="compiled")
    heading = chain_heading(replace(vanishing, where=Place(), chain=(first, compiled)))
    assert heading == "The gradient on its way from the loss through the compiled code of net"
