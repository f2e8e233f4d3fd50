"""What is to be run: a script, a folder or a module."""

import os
import shutil
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

_LAUNCHER_MODULES = (
    "torch.distributed.run",
    "torch.distributed.launch",
    "accelerate.commands.launch",
)


class LaunchError(Exception):
    """The script cannot be started; the message says what was expected, found and can be done."""


def find(arguments: Sequence[str], *, is_module: bool) -> list[str]:
    """The arguments as Python will get them.

    Args:
        arguments: A script or module and its own arguments.
        is_module: True after `-m`.

    Returns:
        `arguments`, with `torchrun` and `accelerate` replaced by the path of the command.

    Raises:
        LaunchError: There is no such script or module.
    """
    if not arguments:
        what = "a module after -m" if is_module else "a Python script"
        raise LaunchError(f"Expected {what}, found nothing. Try: chainrule run train.py")
    name = arguments[0]
    if is_module:
        _check_module(name)
        return list(arguments)
    command = _command(name)
    if command is not None:
        return [command, *arguments[1:]]
    if name != "-":
        _check_script(name)
    return list(arguments)


def only_workers_train(arguments: Sequence[str], *, is_module: bool) -> bool:
    """True for torchrun and its like: they start the processes that train, and do not train."""
    if is_module:
        return arguments[0] in _LAUNCHER_MODULES
    name = os.path.basename(arguments[0])
    return name in ("torchrun", "accelerate-launch") or (
        name == "accelerate" and list(arguments[1:2]) == ["launch"]
    )


def _command(name: str) -> str | None:
    if name not in ("torchrun", "accelerate", "accelerate-launch") or os.path.exists(name):
        return None
    beside = os.path.join(os.path.dirname(sys.executable or ""), name)
    return beside if os.path.isfile(beside) else shutil.which(name)


def _check_script(name: str) -> None:
    path = Path(name)
    if path.is_dir():
        if not any((path / f"__main__.{suffix}").is_file() for suffix in ("py", "pyc")):
            raise LaunchError(
                f"Expected a Python script, found the folder {name!r} without a __main__.py. "
                "Name a script in it."
            )
    elif not path.exists():
        here = Path.cwd()
        if _module(name) and "/" not in name and not name.endswith(".py"):
            hint = f"To run it as a module: chainrule run -m {name}"
        else:
            hint = f"The path is taken from {here}."
        raise LaunchError(f"Expected a Python script, but there is no file {name!r}. {hint}")
    elif path.suffix != ".py" and not zipfile.is_zipfile(path) and _is_binary(path):
        raise LaunchError(
            f"Expected a Python script, found the program {name!r}. Name the script that it runs."
        )


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return False  # Python says it better
    return start in (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def _check_module(name: str) -> None:
    # Only the first part: finding a submodule would run its package, here, ahead of its time.
    top = name.partition(".")[0]
    if not _module(top):
        hint = f" For a script, leave out -m: chainrule run {name}" if Path(name).is_file() else ""
        raise LaunchError(
            f"Expected a module after -m, but no module {name!r} is found from {Path.cwd()}.{hint}"
        )


def _module(name: str) -> bool:
    if not name.isidentifier():
        return False
    if name in sys.modules or PathFinder.find_spec(name, [os.getcwd()]) is not None:
        return True
    try:
        return any(f.find_spec(name, None) is not None for f in sys.meta_path)
    except Exception:
        return True  # a finder of somebody's fails: let Python report it
