"""Waking up inside a script started by `chainrule run`, and going to sleep with it."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from .ending import Ending, ending_of
from .governor import Governor
from .session import Session, in_words

_session: Session | None = None
_ending: Ending | None = None


def boot(settings: Mapping[str, str]) -> None:
    """Watch this process from now on; called by the launcher once torch has been imported.

    Args:
        settings: `script`, `is_module`, `folder`, `name`, `budget`, `every`, `inside_compiled`,
            `capture`, `save_captures`, `pointer` (file that tells the watcher the run file),
            `stop_on` and `stop_after` (see `ending`), and under torchrun `rank` and `world_size`.
    """
    global _session, _ending
    if settings.get("rank", "0") not in ("", "0"):
        return  # only rank 0 writes
    script = settings.get("script") or (sys.argv[0] if sys.argv else "run")
    is_module = bool(settings.get("is_module"))
    stem = script if is_module else Path(script).stem
    every = settings.get("every") or ""
    steps = 1 if every == "all" else int(every) if every else None
    budget = None if steps else float(settings.get("budget") or 0.01)
    pointer = settings.get("pointer") or ""

    def point(**entries: str) -> None:
        if pointer:
            point_to(Path(pointer), entries)

    session = Session(
        folder=Path(settings.get("folder") or "chainrule-runs").absolute(),
        name=settings.get("name") or None,
        default_name=f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}",
        command=("-m", script, *sys.argv[1:]) if is_module else (script, *sys.argv[1:]),
        governor=Governor(budget, steps),
        options={
            "budget": budget,
            "every": steps,
            "inside_compiled": "yes" if settings.get("inside_compiled") else None,
        },
        world_size=int(settings.get("world_size") or 1),
        on_created=lambda path: point(run=str(path)),
        on_failed=lambda reason: point(unrecorded=reason),
        inside_compiled=bool(settings.get("inside_compiled")),
        captures=int(settings.get("capture") or 8),
        save_captures=bool(settings.get("save_captures")),
    )
    session.shared = True
    session.start()
    _ending = ending_of(settings)
    if _ending is not None:
        session.ends_by(_ending)
        _ending.at_once = finish
    _session = session


def finish(exit_code: int | None = None) -> dict[str, str]:
    """Stop watching and write the closing row.

    Returns:
        What the verdict is told: `run`, the run file, if training was seen; `unrecorded`, why, if
        the recording ended before the training; `steps`, how many there were.
    """
    global _session
    session, _session = _session, None
    if session is None:
        return {}
    error = getattr(sys, "last_value", None)
    exception = in_words(error) if error is not None else None
    if _ending is not None and _ending.has_come and error is None:
        exit_code, exception = _ending.code, _ending.words or None
    if exception is not None and exit_code is None:
        exit_code = 1
    session.close(
        failed=bool(exception or exit_code),
        exit_code=exit_code,
        exception=exception,
        error=error,
    )
    told: dict[str, str] = {}
    if session.path is not None:
        told["run"] = str(session.path)
    if session.failure:
        told["unrecorded"] = session.failure
        told["steps"] = str(session.observation.step if session.observation is not None else 0)
    return told


def point_to(pointer: Path, entries: Mapping[str, str]) -> None:
    """Add entries to the pointer file, atomically."""
    try:
        known = json.loads(pointer.read_text())
    except (OSError, ValueError):
        known = {}
    temporary = pointer.with_name(f"{pointer.name}.{os.getpid()}")
    temporary.write_text(json.dumps({**known, **entries}))
    temporary.replace(pointer)
