"""The formats in which a verdict is printed."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.faces.page import Page
    from chainrule.records import Finding, Run


SILENT = "none"
"""In place of a format: the verdict is made and kept, but not printed."""


class Format(StrEnum):
    """Of a verdict."""

    text = "text"
    json = "json"
    markdown = "markdown"


class ExplainFormat(StrEnum):
    """Of an explanation; LaTeX is for formulas only."""

    text = "text"
    latex = "latex"
    json = "json"
    markdown = "markdown"


class ListFormat(StrEnum):
    """Of a list."""

    text = "text"
    json = "json"


def print_verdict(
    page: "Page", run: "Run", findings: "Sequence[Finding]", chosen: Format, *, full: bool
) -> None:
    """Write a verdict on a page.

    Args:
        page: Where to.
        run: The run.
        findings: Most important first.
        chosen: The format; JSON and Markdown always hold everything.
        full: In text, explain every finding and not the most important one alone.
    """
    if chosen is Format.json:
        from chainrule.faces.document import to_json, verdict_document

        page.verbatim(to_json(verdict_document(run, findings)) + "\n")
    elif chosen is Format.markdown:
        from chainrule.faces.markdown import verdict_markdown

        page.verbatim(verdict_markdown(run, findings))
    else:
        from chainrule.faces.terminal import write_verdict

        write_verdict(page, run, findings, full=full)
