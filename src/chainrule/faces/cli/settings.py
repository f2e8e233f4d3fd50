"""The options of `chainrule run`, checked, as the settings that travel to the watched process."""

import math
from enum import StrEnum
from pathlib import Path

from .failure import CommandFailed


class StopOn(StrEnum):
    """How bad a finding must be that ends the training."""

    error = "error"
    warning = "warning"


def budget_share(text: str) -> str:
    """`1%` or `0.01` as `0.01`.

    Raises:
        CommandFailed: If it is no share of time.
    """
    number, percent = text.strip().removesuffix("%").strip(), text.strip().endswith("%")
    try:
        share = float(number) / (100 if percent else 1)
    except ValueError:
        share = math.nan
    if not 0 < share < 1:
        raise CommandFailed(
            f"--budget {text} is no share of the training time; write a percentage such as 1% "
            "or a fraction such as 0.01."
        )
    return repr(round(share, 12))


def sampled_every(text: str) -> str:
    """A whole number of steps, or `all`.

    Raises:
        CommandFailed: If it is neither.
    """
    if text == "all" or (text.isascii() and text.isdigit() and int(text) > 0):
        return text
    raise CommandFailed(
        f"--every {text} says no steps; write a whole number from 1 on, or all for every step."
    )


def run_name(text: str) -> str:
    """A name that can be a file's.

    Raises:
        CommandFailed: If it cannot.
    """
    if not text or text.startswith(".") or any(c in "/\\" or not c.isprintable() for c in text):
        raise CommandFailed(
            f"--name {text!r} cannot name a run file; use letters, digits, - and _."
        )
    return text


def runs_folder(text: str) -> str:
    """The folder for run files, absolute: the script may change its own folder.

    Raises:
        CommandFailed: If something else is there.
    """
    folder = Path(text).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise CommandFailed(f"--folder {text} is a file; name a folder, which is made if need be.")
    return str(folder)


def output_file(text: str) -> str:
    """The file for the JSON verdict, absolute.

    Raises:
        CommandFailed: If its folder does not exist, so that it is said now and not after training.
    """
    file = Path(text).expanduser().absolute()
    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise CommandFailed(f"--json {text} cannot be written: {reason}.")
    return str(file)


def script_to_run(first: str, is_module: bool) -> str:
    """The script or module to run, as given; whether there is one is the launcher's question.

    Raises:
        CommandFailed: If it is Python itself.
    """
    if Path(first).name.startswith("python") and not is_module and not Path(first).is_file():
        raise CommandFailed(
            f"Expected a Python script, found {first}; leave it out: chainrule run train.py."
        )
    return first
