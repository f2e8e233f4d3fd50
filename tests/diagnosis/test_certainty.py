"""What may be said of a run before it is over."""

from collections.abc import Sequence

import pytest

from chainrule.diagnosis.certainty import AT_ONCE, ONLY_AT_THE_END, Looks, in_a_few_steps
from chainrule.diagnosis.faults import FAULTS
from chainrule.records import Finding, Place, Severity


def finding(fault: str, severity: Severity = "error", module: str = "fc") -> Finding:
    return Finding(fault, severity, "title", Place(module), (0, 9), {}, "")


def told(least: Severity, looks: Sequence[tuple[int, list[Finding]]]) -> list[tuple[int, str]]:
    """`(steps, fault)` of what is told in these looks."""
    looking = Looks(least)
    return [(s, f.fault) for s, found in looks for f in looking.take(tuple(found), s)]


def test_what_two_looks_find_is_told_once() -> None:
    dead = [finding("dead-units")]
    assert told("error", [(s, dead) for s in (40, 60, 80, 100)]) == [(60, "dead-units")]


@pytest.mark.parametrize(("first", "second"), [(40, 49), (100, 120), (100, 100)])
def test_looks_too_near_each_other_are_one(first: int, second: int) -> None:
    dead = [finding("dead-units")]
    assert told("error", [(first, dead), (second, dead)]) == []


def test_what_goes_away_in_between_begins_anew() -> None:
    dead = [finding("dead-units")]
    looks = [(40, dead), (80, []), (120, dead), (121, dead), (200, dead)]
    assert told("error", looks) == [(200, "dead-units")]


def test_another_place_is_another_finding() -> None:
    looks = [(40, [finding("dead-units", module="a")]), (80, [finding("dead-units", module="b")])]
    assert told("error", looks) == []


@pytest.mark.parametrize("fault", sorted(ONLY_AT_THE_END))
def test_what_only_a_whole_run_shows_is_never_told(fault: str) -> None:
    assert told("warning", [(s, [finding(fault)]) for s in (40, 400, 4000)]) == []


def test_warnings_are_told_only_if_asked_for() -> None:
    looks = [(s, [finding("dead-units", "warning")]) for s in (40, 400)]
    assert told("error", looks) == []
    assert told("warning", looks) == [(400, "dead-units")]


def test_a_few_steps_are_no_whole_run() -> None:
    found = (
        finding("healthy", "note"),
        finding("unscaled-input"),
        finding("plateau"),
        finding("vanishing-gradient"),
    )
    kept = in_a_few_steps(found)
    assert [(f.fault, f.severity) for f in kept] == [
        ("vanishing-gradient", "error"),
        ("unscaled-input", "warning"),
    ]


def test_both_lists_name_faults_that_there_are() -> None:
    known = {fault.NAME for fault in FAULTS}
    assert known >= AT_ONCE | ONLY_AT_THE_END.keys()
