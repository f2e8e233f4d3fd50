"""`chainrule verdict`: called in a fresh process when a watched script has ended."""

import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed, say
from .formats import SILENT, Format, print_verdict

if TYPE_CHECKING:
    from chainrule.records import Run

HIDDEN = True


def command(
    run: Annotated[str | None, typer.Argument(metavar="[RUN]")] = None,
    settings: Annotated[str, typer.Option(metavar="JSON")] = "{}",
) -> None:
    """Diagnose a run that has ended, keep the findings and print them on stderr.

    Whatever goes wrong is one sentence: the script has ended and its exit code is its own.
    """
    try:
        chosen = _settings(settings)
        if run is None:
            _give_none(chosen)
            return
        _give(Path(run), chosen)
    except CommandFailed as failure:
        say(str(failure))
    except Exception as error:
        say(
            f"the verdict could not be made ({type(error).__name__}: {error}); this is a fault of "
            f"chainrule, not of your script. The run file is kept: {run}"
        )


def _give_none(settings: dict[str, str]) -> None:
    """Say why there is no verdict, and that a file which was asked for is not there."""
    unwritten = f" {settings['json']} is not written." if settings.get("json") else ""
    if settings.get("unrecorded"):
        script = settings.get("script") or "the script"
        say(f"{script} could not be recorded, so there is no verdict on it.{unwritten}")
    elif settings.get("torch") != "unobserved" and (unwritten or settings.get("format") != SILENT):
        say(_nothing_to_watch(settings) + unwritten)


def _give(path: Path, settings: dict[str, str]) -> None:
    from chainrule.diagnosis import diagnose
    from chainrule.faces.page import page_for_stderr
    from chainrule.store import RunFileError, open_run, write_findings

    try:
        with open_run(path) as reader:
            findings = diagnose(reader)
            header = reader.run()
    except RunFileError as error:
        raise CommandFailed(str(error)) from error
    header = _cut_short(_killed(header, settings), settings)
    chosen = settings.get("format") or Format.text
    if chosen != SILENT:
        print_verdict(page_for_stderr(), header, findings, Format(chosen), full=False)
    try:
        write_findings(path, findings)
    except RunFileError as error:
        if not settings.get("unrecorded"):  # else that the file cannot be written was said
            say(f"the findings could not be stored: {error}")
    if settings.get("json"):
        from chainrule.faces.document import to_json, verdict_document

        write_whole(Path(settings["json"]), to_json(verdict_document(header, findings)) + "\n")


def write_whole(path: Path, text: str, what: str = "The verdict") -> None:
    """Write a file so that nobody ever sees half of it.

    A pipe or a device is written into; what a link points to is replaced, not the link.

    Args:
        path: Where.
        text: All of it.
        what: It is, for the message.

    Raises:
        CommandFailed: If it cannot be written.
    """
    content = text.encode("utf-8", "backslashreplace")
    temporary: Path | None = None
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                file.write(content)
            return
        target = path.resolve()
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        temporary.write_bytes(content)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise CommandFailed(
            f"{what} could not be written to {path}: {error.strerror or error}."
        ) from error


def _settings(text: str) -> dict[str, str]:
    try:
        chosen = json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"The settings {text!r} are not JSON.") from error
    if not isinstance(chosen, dict):
        raise CommandFailed(f"The settings {text!r} are not a JSON object.")
    return {str(key): str(value) for key, value in chosen.items()}


def _killed(header: "Run", settings: dict[str, str]) -> "Run":
    """The run with the signal that killed its process, which it could not write down itself."""
    number = settings.get("signal", "")
    if header.status != "lost" or not number.isdigit():
        return header
    try:
        name = signal.Signals(int(number)).name
    except ValueError:
        name = f"signal {number}"
    return replace(header, exception=f"killed by {name}")


def _cut_short(header: "Run", settings: dict[str, str]) -> "Run":
    """The run as lost, if its file could not be written to the end: it holds no closing row."""
    if not settings.get("unrecorded"):
        return header
    missing = int(settings.get("steps") or 0) - header.steps
    rest = f", so its last {missing:,} steps are not in it" if missing > 1 else ""
    return replace(
        header, status="lost", exception=f"the run file could not be written any more{rest}"
    )


def _nothing_to_watch(settings: dict[str, str]) -> str:
    script = settings.get("script") or "the script"
    reason = {
        "never imported": "never imported torch",
        "imported": "took no optimizer step that could be seen",
    }.get(settings.get("torch", ""), "was not seen to take an optimizer step")
    return f"{script} {reason}, so there was no training to watch."
