"""Opening the run file that a command line names."""

from typing import TYPE_CHECKING

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed

if TYPE_CHECKING:
    from chainrule.store import RunReader


def open_named(run: str | None) -> "RunReader":
    """Open a run by its path or name; without one, the newest run.

    Raises:
        CommandFailed: If there is none, or it cannot be read.
    """
    from chainrule.store import RunFileError, open_run, run_paths

    if run is None and not run_paths(DEFAULT_FOLDER):
        raise CommandFailed(
            f"There are no runs in ./{DEFAULT_FOLDER} yet. Make one: chainrule run train.py"
        )
    try:
        return open_run(DEFAULT_FOLDER if run is None else run)
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
