"""What is too dear to compute whenever a lesson is read: descents, and what code cells print.

Beside the lessons lies one file for each, written by `python -m chainrule.learning.course`. Every
entry goes by what it was computed from, so that none outlives a change of the lesson.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Kept:
    """The results of one lesson.

    Args:
        path: Its file; it need not be there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._used: dict[str, dict[str, Any]] = {"numbers": {}, "outputs": {}}
        self._there: dict[str, dict[str, Any]] = {"numbers": {}, "outputs": {}}
        if path.is_file():
            self._there.update(json.loads(path.read_text("utf-8")))

    def number(self, asked: Mapping[str, Any], compute: Callable[[], float]) -> float:
        """A number by what it is computed from; computed if it is not there."""
        key = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        known = self._there["numbers"].get(key)
        value = compute() if known is None else float(known)
        self._used["numbers"][key] = value
        return value

    def output(self, code: str) -> str | None:
        """What a cell printed; None if it has not been run."""
        key = hashlib.sha256(code.encode()).hexdigest()[:16]
        found: str | None = self._there["outputs"].get(key)
        if found is not None:
            self._used["outputs"][key] = found
        return found

    def put_output(self, code: str, printed: str) -> None:
        """Keep what a cell printed."""
        key = hashlib.sha256(code.encode()).hexdigest()[:16]
        self._there["outputs"][key] = self._used["outputs"][key] = printed

    def write(self) -> None:
        """Write what was used since this was made, and nothing else."""
        if any(self._used.values()):
            self._path.parent.mkdir(exist_ok=True)
            text = json.dumps(self._used, indent=2, sort_keys=True, ensure_ascii=False)
            self._path.write_text(f"{text}\n", "utf-8")
        else:
            self._path.unlink(missing_ok=True)
