"""Several views in one document: what a saved report and a run in a notebook show."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

from chainrule.records.json_values import Json


class Section(TypedDict):
    """One view.

    Attributes:
        id: Of the element, for links within the page.
        question: What to ask for its document, with `parameters`.
        document: The document itself where it is at hand; else null.
    """

    id: str
    heading: str
    question: str
    parameters: dict[str, Json]
    document: dict[str, Json] | None


class ReportDocument(TypedDict):
    """The view `report`.

    Attributes:
        layout: One below the other with a table of contents, or one at a time.
        remarks: Sentences that hold for all of it.
        version: Another number whenever the answers are worth asking for again.
        busy: Why an answer may be long in coming; empty if nothing is in its way.
    """

    view: Literal["report"]
    title: str
    layout: Literal["page", "tabs"]
    remarks: list[str]
    sections: list[Section]
    version: int
    busy: str


VIEWS = (("run", "Run"), ("chain", "Chain"), ("slope", "Slope"), ("scans", "Landscape"))
"""The questions that are asked of one run, with what their views are called."""


def run_sections(names: Sequence[str]) -> list[Section]:
    """The views of each run, and of more than one the comparison before them."""
    sections = []
    if len(names) > 1:
        comparison = section("compare", "Side by side", "compare", {"runs": [*names]})
        sections.append(comparison)
    for i, name in enumerate(names):
        before = f"{name}: " if len(names) > 1 else ""
        sections += [
            section(f"{question}-{i}", before + heading, question, {"run": name})
            for question, heading in VIEWS
        ]
    return sections


def section(
    id: str,
    heading: str,
    question: str,
    parameters: Mapping[str, Json],
    document: dict[str, Json] | None = None,
) -> Section:
    """One section."""
    return {
        "id": id,
        "heading": heading,
        "question": question,
        "parameters": {**parameters},
        "document": document,
    }


def report_document(
    title: str,
    sections: list[Section],
    *,
    layout: Literal["page", "tabs"] = "page",
    remarks: Sequence[str] = (),
    version: int = 0,
    busy: str = "",
) -> ReportDocument:
    """The document of several views."""
    return {
        "view": "report",
        "title": title,
        "layout": layout,
        "remarks": [*remarks],
        "sections": sections,
        "version": version,
        "busy": busy,
    }
