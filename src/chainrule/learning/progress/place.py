"""Where the learner's file lies."""

import os
from pathlib import Path

VARIABLE = "CHAINRULE_PROGRESS"


def progress_path(given: str | os.PathLike[str] | None = None) -> Path:
    """The path of the file: as given, else `$CHAINRULE_PROGRESS`, else in the user's data folder.

    Args:
        given: What `--progress` says; None without it.
    """
    chosen = given or os.environ.get(VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("chainrule", appauthor=False) / "progress.db"
