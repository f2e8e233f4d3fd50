"""The scripts that end lessons: each has a fault, and beside it what repairs it."""

import tomllib
from dataclasses import dataclass

from chainrule.records.message import Message

from .course import REPAIRS


class NoRepair(ValueError):
    """A script to repair that there is not; the message names those that there are.

    Args:
        reason: A sentence; as a `Message` it can be told in another language.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Change:
    """One replacement in a script.

    Attributes:
        old: What stands there, once.
        new: What has to stand there.
    """

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Faulty:
    """A script to repair.

    Attributes:
        name: Of its file, without the suffix.
        fault: The id of its finding.
        why: What is wrong, in a sentence.
        code: As it is given to a learner.
        changes: What repairs it.
    """

    name: str
    fault: str
    why: str
    code: str
    changes: tuple[Change, ...]

    def repaired(self) -> str:
        """The script with the changes made."""
        code = self.code
        for change in self.changes:
            code = code.replace(change.old, change.new, 1)
        return code


def repairs() -> tuple[str, ...]:
    """Their names."""
    return tuple(path.stem for path in sorted(REPAIRS.glob("*.py")) if path.stem != "__init__")


def repair(name: str) -> Faulty:
    """A script to repair by its name.

    Raises:
        NoRepair: If there is none.
    """
    name = name.removesuffix(".py")
    if name not in repairs():
        known = ", ".join(repairs())
        raise NoRepair(
            Message(
                "Expected a script to repair ({known}), found {found!r}.", known=known, found=name
            )
        )
    code = (REPAIRS / f"{name}.py").read_text("utf-8")
    solution = tomllib.loads((REPAIRS / f"{name}.toml").read_text("utf-8"))
    return Faulty(
        name=name,
        fault=str(solution["fault"]),
        why=str(solution.get("why", "")),
        code=code,
        changes=tuple(Change(each["old"], each["new"]) for each in solution["fix"]),
    )
