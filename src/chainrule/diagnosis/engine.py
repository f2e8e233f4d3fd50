"""From a run file to its findings."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from chainrule.records import Finding
from chainrule.store import RunReader, open_run

from .case import Case
from .causes import one_cause
from .faults import FAULTS, cannot_tell, healthy
from .log_probabilities import weighed_log_probabilities
from .long_steps import long_steps

_MOST_UNSEEN = 5  # sentences; the run file has them all
_ORDER = {"error": 0, "warning": 1, "note": 2}


@runtime_checkable
class HasPath(Protocol):
    """Anything that knows its run file, such as what `chainrule.watch()` gives."""

    @property
    def path(self) -> Path:
        """The run file."""
        ...


def diagnose(run: str | os.PathLike[str] | RunReader | HasPath) -> tuple[Finding, ...]:
    """The findings of a run, most important first; exactly one, `healthy`, if nothing is wrong.

    Args:
        run: A run file or its name, an open reader, or the run of a `chainrule.watch()` block.

    Raises:
        RunFileError: If the file cannot be read.
    """
    if isinstance(run, RunReader):
        return findings(Case(run))
    path = run if isinstance(run, (str, os.PathLike)) else run.path
    with open_run(Path(path) if isinstance(path, os.PathLike) else path) as reader:
        return findings(Case(reader))


def findings(case: Case) -> tuple[Finding, ...]:
    """Run every check and order what they found."""
    found = [
        finding
        for fault in FAULTS
        if fault not in (healthy, cannot_tell)
        for finding in fault.check(case)
    ]
    found += long_steps(case, found)
    found = one_cause(found, case)
    if not any(finding.severity in ("error", "warning") for finding in found):
        found = [*(cannot_tell.check(case) or healthy.check(case)), *found]  # then its notes
    found.sort(key=lambda finding: _ORDER[finding.severity])
    unseen = _unseen(case)
    if unseen:
        text = f"{found[0].explanation}\n\nWhat could not be seen: {' '.join(unseen)}"
        found[0] = replace(found[0], explanation=text)
    return tuple(found)


def _unseen(case: Case) -> list[str]:
    """Sentences on what the observer could not see or did not do, each once."""
    sentences = [text for graph in case.graphs.values() for text in graph.unseen]
    sentences += [event.text for event in case.events if event.kind == "note"]
    sentences += [
        f"An error inside chainrule cost part of the record ({event.text})."
        for event in case.events
        if event.kind == "internal-error"
    ]
    sentences = [sentence for sentence in (weighed_log_probabilities(case), *sentences) if sentence]
    return list(dict.fromkeys(sentences))[:_MOST_UNSEEN]
