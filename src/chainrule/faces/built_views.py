"""What the build of the views left in the package: a script, and the fonts of its formulas."""

from functools import cache
from pathlib import Path

STATIC = Path(__file__).parent / "static"
"""Made by the build of the package; not in the repository."""


class NotBuilt(Exception):
    """The views are not there; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__(
            "The views are not built: install chainrule once more (pip install -e . in its "
            "checkout), which builds them."
        )


@cache
def script(*, alone: bool = False) -> str:
    """The views in one module of JavaScript.

    Args:
        alone: With all that it fetches otherwise when it is needed, but for the 3-D surface.

    Raises:
        NotBuilt: If there is none.
    """
    try:
        return (STATIC / ("report.js" if alone else "views.js")).read_text("utf-8")
    except OSError:
        raise NotBuilt from None


def files(name: str) -> dict[str, bytes]:
    """Built files by name: the one named, or for `fonts/` all of that folder; none if not there."""
    if name.endswith("/"):
        chosen = [path for path in STATIC.glob("*/*") if path.is_file()]
    else:
        chosen = [path for path in STATIC.iterdir() if path.is_file()] if STATIC.is_dir() else []
    named = {path.relative_to(STATIC).as_posix(): path for path in sorted(chosen)}
    return {
        each: path.read_bytes()
        for each, path in named.items()
        if each == name or (name.endswith("/") and each.startswith(name))
    }
