"""The textbook problems in `tests/calculus/corpus`, one file a topic.

A file says what kind of problems it holds, by what they are differentiated and at which point they
are checked; a problem is a formula, or a table that says some of this otherwise.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainrule.calculus import Formula, parse

FOLDER = Path(__file__).parents[1] / "calculus" / "corpus"


@dataclass(frozen=True)
class Problem:
    """One problem.

    Attributes:
        topic: Name of its file.
        kind: What is asked; `derivative` is that of a formula by one variable.
        text: The formula as a learner types it.
        variable: By what.
        at: Numbers for all names.
        more: What else the file says of it.
    """

    topic: str
    kind: str
    text: str
    variable: str
    at: dict[str, float]
    more: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def formula(self) -> Formula:
        """The formula, read."""
        return parse(self.text)

    @property
    def point(self) -> dict[str, float]:
        """Numbers for the names that are in the formula."""
        return {name: float(self.at[name]) for name in self.formula.names}

    @property
    def title(self) -> str:
        """What is asked, in a line."""
        return f"d/d{self.variable} {self.text}"


def problems(kind: str = "derivative") -> list[Problem]:
    """All problems of one kind, in the order of the files' names."""
    found: list[Problem] = []
    for path in sorted(FOLDER.glob("*.toml")):
        page = tomllib.loads(path.read_text("utf-8"))
        if page.get("kind") != kind:
            continue
        for entry in page["problems"]:
            own = {"formula": entry} if isinstance(entry, str) else dict(entry)
            found.append(
                Problem(
                    topic=path.stem,
                    kind=kind,
                    text=own.pop("formula"),
                    variable=own.pop("variable", page.get("variable", "")),
                    at={**page.get("at", {}), **own.pop("at", {})},
                    more=own,
                )
            )
    return found
