"""The verdict as Markdown."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.markdown import explanation_markdown, verdict_markdown
from chainrule.records import Finding, Place, Run


@pytest.mark.parametrize(
    "case", ["vanishing", "dead_units", "non_finite", "healthy", "long_names", "thousand_links"]
)
def test_verdict_reads_as_recorded(
    case: str, run: Run, request: pytest.FixtureRequest, snapshot: SnapshotAssertion
) -> None:
    assert verdict_markdown(run, [request.getfixturevalue(case)]) == snapshot


def test_several_findings_and_none_read_as_recorded(
    run: Run,
    changed_run: Callable[..., Run],
    several: tuple[Finding, ...],
    snapshot: SnapshotAssertion,
) -> None:
    assert verdict_markdown(run, several) == snapshot
    assert verdict_markdown(changed_run(steps=0), []) == snapshot


def test_formulas_become_code_and_text_is_no_markup() -> None:
    written = explanation_markdown("a *b* <i>\nc `d|e`\n\n    x = y * z\n      = 2\nthen w_1")
    assert written == (
        "a \\*b\\* \\<i\\> c `d\\|e`\n\n```text\nx = y * z\n  = 2\n```\n\nthen w\\_1"
    )


def test_names_cannot_break_out_of_a_table(run: Run, vanishing: Finding) -> None:
    evil = replace(vanishing, where=Place("a|b`\n# c", "<script>"))
    table = verdict_markdown(run, [evil]).splitlines()[4]
    assert table.startswith("| error |")
    assert "`a\\|b' # c <script>`" in table


def test_consequences_are_nested_as_they_follow(run: Run, with_consequences: Finding) -> None:
    written = verdict_markdown(run, [with_consequences])
    told = written.partition("### What follows from it\n\n")[2].split("\n\n")[0].split("\n")
    assert [line.partition(":")[0] for line in told] == [
        "- fc1 computes with 73 units, not with 256.",
        "- **vanishing-gradient**",
        "  - **plateau**",
    ]
    for line, link in zip(told[1:], with_consequences.links, strict=True):
        assert line.endswith(f"{link.title}. {link.because}")  # the numbers that justify the link
