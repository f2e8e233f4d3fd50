"""The Python that will run the script, and whether it can be watched from its path."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

BOOT = Path(__file__).parent / "boot"
"""The folder whose `sitecustomize` the script's Python finds."""

_SHEBANGS = frozenset("sPEIS")
"""Options of an installer's shebang, which are not meant for the script."""


def options(command: Sequence[str]) -> list[str]:
    """The interpreter's options in a command line such as `sys.orig_argv`.

    `python -uX dev -W error -m chainrule run train.py` has `-u`, `-X dev`, `-W error`. If
    chainrule was started by its own name, the options of its shebang are left out.
    """
    found: list[list[str]] = []
    end = ""
    rest = iter(command[1:])
    for word in rest:
        if word == "--check-hash-based-pycs":
            found.append([word, next(rest, "default")])
        elif not word.startswith("-") or word in ("-", "--"):
            break
        else:
            flags, value, end = _split(word[1:])
            words = [f"-{flags}{value or ''}"] if flags else []
            found.append([*words, next(rest, "")] if value == "" else words)
            if end:
                break
    if end != "m":
        found = [[_without_shebang(words[0]), *words[1:]] for words in found if words]
    return [word for words in found for word in words if word != "-"]


def _split(cluster: str) -> tuple[str, str | None, str]:
    """A word of one-letter options: up to one that takes a value, that value, and `m` or `c`.

    The value is None if no option takes one, and empty if it is the next word.
    """
    for i, letter in enumerate(cluster):
        if letter in "mc":
            return cluster[:i], None, letter
        if letter in "WX":
            return cluster[: i + 1], cluster[i + 1 :], ""
    return cluster, None, ""


def _without_shebang(option: str) -> str:
    if option.startswith("--"):
        return option
    flags, value, _ = _split(option[1:])
    return "-" + "".join(letter for letter in flags if letter not in _SHEBANGS) + (value or "")


def obstacle(kept: Sequence[str]) -> str | None:
    """Why the script cannot be watched in a Python of its own, if it cannot.

    Args:
        kept: Options that this Python will be given.
    """
    if os.name != "posix":
        return "this system cannot replace a process"
    if not sys.executable:
        return "sys.executable is empty"
    for option in kept:
        flags = "" if option.startswith("--") else _split(option[1:])[0]
        for letter in "IES":
            if letter in flags:
                return f"Python was started with -{letter}, which ignores PYTHONPATH"
    main = sys.modules.get("__main__")
    packed = type(getattr(main, "__loader__", None)).__name__ == "zipimporter"
    if packed or "PEX" in os.environ or not (BOOT / "sitecustomize.py").is_file():
        return "chainrule runs from an archive, which another Python cannot see"
    return None
