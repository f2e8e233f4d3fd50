"""The documentation of a fault, read from its module: `chainrule explain` and the docs show it."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from .document import Json
from .page import Page


@dataclass(frozen=True, slots=True)
class FaultPage:
    """A fault's documentation.

    Attributes:
        name: The fault, e.g. `vanishing-gradient`.
        summary: One sentence.
        sections: Heading and text, in their order; text that is indented is verbatim.
    """

    name: str
    summary: str
    sections: tuple[tuple[str, str], ...]


def fault_page(module: ModuleType) -> FaultPage:
    """Read a fault's docstring: unindented lines are headings, indented ones their text."""
    lines = inspect.cleandoc(module.__doc__ or "").split("\n")[1:]  # the first line is the name
    sections: list[tuple[str, list[str]]] = []
    for line in lines:
        if line and not line[0].isspace():
            sections.append((line.strip(), []))
        elif sections:
            sections[-1][1].append(line.removeprefix("    "))
    return FaultPage(
        name=module.NAME,
        summary=module.SUMMARY,
        sections=tuple((heading, "\n".join(text).strip("\n")) for heading, text in sections),
    )


def write_fault(page: Page, fault: FaultPage) -> None:
    """Show it in the terminal."""
    page.line()
    page.paragraph((fault.name, "bold"))
    page.paragraph(fault.summary)
    for heading, text in fault.sections:
        page.line()
        page.line((heading, "bold"))
        page.prose(text)
    page.line()


def write_faults(page: Page, faults: Sequence[FaultPage]) -> None:
    """List faults in the terminal."""
    widest = max((len(fault.name) for fault in faults), default=0)
    for fault in faults:
        name = f"{fault.name:<{widest}}  "
        page.item((name, "bold"), fault.summary)
    page.line()
    page.line(("chainrule explain FAULT", "bold"), ("  tells more of one", "dim"))


def fault_markdown(fault: FaultPage) -> str:
    """Show it as Markdown; the text of a fault is Markdown already."""
    parts = [f"# {fault.name}", fault.summary]
    parts += [part for heading, text in fault.sections for part in (f"## {heading}", text)]
    return "\n\n".join(part for part in parts if part) + "\n"


def fault_document(fault: FaultPage) -> dict[str, Json]:
    """Show it as JSON."""
    return {
        "fault": fault.name,
        "summary": fault.summary,
        "sections": [{"heading": heading, "text": text} for heading, text in fault.sections],
    }
