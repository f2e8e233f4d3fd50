"""Read every lesson, run its code cells, and keep what they print beside it.

    python -m chainrule.learning.course

What is wrong in a lesson is a sentence with its file and line, and status 1.
"""

import subprocess
import sys

from .course import lesson_files
from .lesson import LANGUAGES, LessonError
from .reading import kept_of, read_keeping, read_lesson

TIME_S = 60
"""For one cell: a lesson's takes a few seconds, most of it the start of PyTorch."""


def printed(code: str) -> str:
    """What a cell prints, run by itself in a fresh Python.

    Raises:
        RuntimeError: If it fails, or takes too long; with the last line of what it said.
    """
    command = [sys.executable, "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_S, check=False)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"it took longer than {TIME_S} s") from None
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["it failed"])[-1])
    return done.stdout


def main() -> int:
    """Bring all that is kept up to date."""
    status = 0
    for path in lesson_files().values():
        try:
            kept = kept_of(path)
            for cell in read_keeping(path, kept).cells:
                kept.put_output(cell.code, printed(cell.code))
            kept.write()
            for language in LANGUAGES:
                there = path.parent / language / path.name
                if there.is_file():
                    read_lesson(there, path)
        except (LessonError, RuntimeError) as error:
            at = "" if isinstance(error, LessonError) else f"{path.name}: its cell: "
            sys.stderr.write(f"{at}{error}\n")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
