"""`chainrule check`: what is certain of a training after a few steps of it."""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed
from .formats import SILENT, Format, print_verdict
from .settings import run_name, runs_folder, script_to_run

CONTEXT = {"allow_interspersed_args": False}  # what follows the script is the script's

STEPS = 8
"""Enough to see each weight move, and that a gradient is missing on more than a special first pass;
few enough to wait for."""


def command(
    script: Annotated[str, typer.Argument(help="A Python script.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own.")] = None,
    is_module: Annotated[
        bool, typer.Option("-m", help="SCRIPT is a module's name, as with python -m.")
    ] = False,
    steps: Annotated[
        int, typer.Option(metavar="N", min=1, help="Optimizer steps to make.")
    ] = STEPS,
    format: Annotated[Format, typer.Option(help="Of what is found, on stdout.")] = Format.text,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the run.  [default: check, script and time]"),
    ] = None,
    folder: Annotated[
        str, typer.Option(metavar="DIR", help="Where the run file goes.")
    ] = DEFAULT_FOLDER,
) -> None:
    """Make a few steps of a training, and say what is wrong with it already.

    Every step is measured. What the script prints goes to stderr. Ends with status 0 if nothing
    is wrong, 1 if something is that the training cannot work with, 2 if it could not be checked.

    Example: chainrule check train.py --epochs 3
    """
    if not hasattr(os, "fork"):
        raise CommandFailed("chainrule check needs a system that can start a process by fork.")
    stem = script if is_module else Path(script).stem
    settings = {
        "script": script_to_run(script, is_module),
        "every": "all",
        "name": run_name(name) if name else f"check-{stem}-{time.strftime('%Y%m%d-%H%M%S')}",
        "folder": runs_folder(folder),
        "format": SILENT,
        "quiet": "1",
        "stop_after": str(steps),
    }
    handle, settings["pointer"] = tempfile.mkstemp(prefix="chainrule-", suffix=".json")
    os.close(handle)
    try:
        code = _trained([script, *(arguments or [])], is_module, settings)
        run = _run_of(Path(settings["pointer"]))
    finally:
        Path(settings["pointer"]).unlink(missing_ok=True)
    if code == _NOT_STARTED:
        raise typer.Exit(2)  # said by the child
    if run is None:
        raise CommandFailed(
            f"Expected {script} to train, but it ended with status {code} before its first "
            "backward pass, so there is nothing to check."
        )
    raise typer.Exit(_told(run, format))


_NOT_STARTED = 254  # of our child: the launcher refused, and said why


def _trained(arguments: list[str], is_module: bool, settings: dict[str, str]) -> int:
    """Run the script in a child that becomes it, and return its exit code."""
    from chainrule.launcher import LaunchError, start

    from .failure import say

    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    child = os.fork()
    if child == 0:
        try:
            os.dup2(2, 1)
            start(arguments, is_module=is_module, settings=settings)
        except LaunchError as error:
            say(str(error))
        except SystemExit as end:  # run inside the child, where it could not become the script
            sys.exit(end.code)
        finally:
            os._exit(_NOT_STARTED)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # the script's to answer
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.signal(signal.SIGINT, before)


def _run_of(pointer: Path) -> Path | None:
    try:
        run = json.loads(pointer.read_text() or "{}").get("run")
    except (OSError, ValueError):
        return None
    return Path(run) if run else None


def _told(run: Path, format: Format) -> int:
    """Print what is certain, keep it in the run file, and return the status to end with."""
    from chainrule.diagnosis import diagnose
    from chainrule.diagnosis.certainty import in_a_few_steps
    from chainrule.faces.page import page_for_stdout
    from chainrule.store import RunFileError, open_run, write_findings

    try:
        with open_run(run) as reader:
            findings = in_a_few_steps(diagnose(reader))
            header = reader.run()
        write_findings(run, findings)
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    page = page_for_stdout()
    if findings or format is not Format.text:
        print_verdict(page, header, findings, format, full=False)
    else:
        from chainrule.faces.terminal import write_nothing_wrong

        write_nothing_wrong(page, header)
    return 1 if any(finding.severity == "error" for finding in findings) else 0
