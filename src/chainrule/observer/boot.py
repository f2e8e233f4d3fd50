"""Waking up inside a script started by `chainrule run`, and going to sleep with it."""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from .governor import Governor
from .session import Session

_session: Session | None = None


def boot(settings: Mapping[str, str]) -> None:
    """Watch this process from now on; called by the launcher once torch has been imported.

    Args:
        settings: `folder`, `name`, `budget`, `every`, `inside_compiled`, `capture`,
            `save_captures`, `pointer` (file that tells the watcher the run file), and under
            torchrun `rank` and `world_size`.
    """
    global _session
    if settings.get("rank", "0") not in ("", "0"):
        return  # only rank 0 writes
    script = settings.get("script") or (sys.argv[0] if sys.argv else "run")
    every = settings.get("every") or ""
    steps = 1 if every == "all" else int(every) if every else None
    budget = None if steps else float(settings.get("budget") or 0.01)
    pointer = settings.get("pointer") or ""

    def on_created(path: Path) -> None:
        if pointer:
            point_to(Path(pointer), {"run": str(path)})

    session = Session(
        folder=Path(settings.get("folder") or "chainrule-runs").absolute(),
        name=settings.get("name") or f"{Path(script).stem}-{time.strftime('%Y%m%d-%H%M%S')}",
        command=(script, *sys.argv[1:]),
        governor=Governor(budget, steps),
        options={
            "budget": budget,
            "every": steps,
            "inside_compiled": "yes" if settings.get("inside_compiled") else None,
        },
        world_size=int(settings.get("world_size") or 1),
        on_created=on_created,
        inside_compiled=bool(settings.get("inside_compiled")),
        captures=int(settings.get("capture") or 8),
        save_captures=bool(settings.get("save_captures")),
    )
    session.shared = True
    session.start()
    _session = session


def finish(exit_code: int | None = None) -> str | None:
    """Stop watching and write the closing row.

    Returns:
        Path of the run file; None if no training was seen.
    """
    global _session
    session, _session = _session, None
    if session is None:
        return None
    error = getattr(sys, "last_value", None)
    exception = f"{type(error).__name__}: {error}" if error is not None else None
    if exception is not None and exit_code is None:
        exit_code = 1
    session.close(failed=bool(exception or exit_code), exit_code=exit_code, exception=exception)
    return str(session.path) if session.path is not None else None


def point_to(pointer: Path, entries: Mapping[str, str]) -> None:
    """Add entries to the pointer file, atomically."""
    try:
        known = json.loads(pointer.read_text())
    except (OSError, ValueError):
        known = {}
    temporary = pointer.with_name(f"{pointer.name}.{os.getpid()}")
    temporary.write_text(json.dumps({**known, **entries}))
    temporary.replace(pointer)
