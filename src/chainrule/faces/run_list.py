"""The runs of a folder as a list."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chainrule.records import Finding, Run

from .document import Json, run_document
from .labels import path_label, shorten
from .numerals import count
from .page import Page


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run file in the list.

    Attributes:
        path: The file.
        run: Its run; None if the file cannot be read.
        finding: The most important finding that is stored in it, if any is.
        error: Why it cannot be read, in one sentence.
    """

    path: Path
    run: Run | None = None
    finding: Finding | None = None
    error: str = ""


def write_runs(page: Page, listed: Sequence[ListedRun], folder: Path) -> None:
    """List runs in the terminal, in the order given."""
    if not listed:
        page.line(f"There are no runs in {path_label(str(folder))} yet.")
        page.line(("chainrule run train.py", "bold"), ("  makes one", "dim"))
        return
    header = ("run", "status", "steps", "when", "device", "finding")
    table = [_cells(entry) for entry in listed]
    widths = [
        max(len(header[i]), *(len(page.safe(cells[i])) for cells in table if len(cells) > 2))
        if any(len(cells) > 2 for cells in table)
        else len(header[i])
        for i in range(5)
    ]
    name_room = max(page.width // 3, 20)
    widths[0] = min(max(widths[0], *(len(page.safe(cells[0])) for cells in table)), name_room)

    def line(cells: Sequence[str], style: str = "") -> None:
        first = shorten(page.safe(cells[0]), widths[0], page.glyphs.ellipsis)
        rest = (f"{page.safe(cells[i]):{'>' if i == 2 else '<'}{widths[i]}}" for i in range(1, 5))
        page.line(("  ".join([f"{first:<{widths[0]}}", *rest, cells[5]]).rstrip(), style))

    line(header, "dim")
    for entry, cells in zip(listed, table, strict=True):
        if entry.run is None:
            name = shorten(page.safe(cells[0]), widths[0], page.glyphs.ellipsis)
            page.item(f"{name:<{widths[0]}}  ", (cells[1], "yellow"))
        else:
            line(cells)


def runs_document(listed: Sequence[ListedRun]) -> list[Json]:
    """List runs as JSON."""
    return [
        {
            "path": str(entry.path),
            "run": run_document(entry.run) if entry.run else None,
            "finding": (
                {
                    "fault": entry.finding.fault,
                    "severity": entry.finding.severity,
                    "title": entry.finding.title,
                }
                if entry.finding
                else None
            ),
            "error": entry.error or None,
        }
        for entry in listed
    ]


def _cells(entry: ListedRun) -> tuple[str, ...]:
    if entry.run is None:
        return entry.path.stem, entry.error
    run = entry.run
    return (
        run.name,
        run.status,
        count(run.steps),
        time.strftime("%Y-%m-%d %H:%M", time.localtime(run.started_at)),
        run.device or "-",
        entry.finding.fault if entry.finding else "-",
    )
