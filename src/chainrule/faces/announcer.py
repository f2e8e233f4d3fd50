"""Telling of an error while the training goes on: once, in one line, when it is certain.

The process that draws the status line diagnoses the run file now and then, only by reading it, and
never takes more than a small share of one core.
"""

import time
from collections.abc import Callable
from pathlib import Path

from chainrule.records import Finding, Severity

from .labels import place_label
from .numerals import count

_FIRST_S = 2.0  # a run that is over sooner gets its verdict anyway
_RARER = 1.5  # each pause is longer than the one before
_LONGEST_S = 300.0
_SHARE = 0.03  # of one core, at most, spent on looks


class Announcer:
    """Looks at a run that goes on.

    Args:
        run: The run file.
        say: Writes one line.
        least: The mildest severity that is told.
        mark: A file that asks the training to end, written when something was told; None if it
            shall go on.
    """

    def __init__(
        self, run: Path, say: Callable[[str], None], least: Severity, mark: Path | None
    ) -> None:
        from chainrule.diagnosis.certainty import Looks

        self._run = run
        self._say = say
        self._mark = mark
        self._looks = Looks(least)
        self._pause_s = _FIRST_S
        self._next = time.monotonic() + _FIRST_S

    def look(self, now: float | None = None) -> None:
        """Diagnose what there is, if it is time to."""
        from chainrule.diagnosis import diagnose
        from chainrule.store import RunFileError, open_run

        began = time.monotonic() if now is None else now
        if began < self._next:
            return
        try:
            with open_run(self._run) as reader:
                steps = reader.run().steps
                certain = self._looks.take(diagnose(reader), steps)
        except RunFileError:  # not written yet, or for a moment not readable
            certain = ()
            steps = 0
        for finding in certain:
            self._say(announcement(finding, steps))
        if certain and self._mark is not None:
            self._mark.write_text(reason(certain[0]))
        cost = time.monotonic() - began
        self._pause_s = min(self._pause_s * _RARER, _LONGEST_S)
        self._next = time.monotonic() + max(self._pause_s, cost / _SHARE)


def announcement(finding: Finding, steps: int) -> str:
    """`error at step 1,240: dead-units since step 12 in fc1: 183 of 256 units …`."""
    where = place_label(finding.where)
    return (
        f"{finding.severity} at step {count(steps)}: {finding.fault} since step "
        f"{count(finding.steps[0])}{f' in {where}' if where else ''}: {finding.title}"
    )


def reason(finding: Finding) -> str:
    """Why a training was ended: `dead-units since step 12`."""
    return f"{finding.fault} since step {count(finding.steps[0])}"
