"""Bring the catalogues up to date with the messages of the program.

    python -m chainrule.learning.locale

Translations are kept, new messages are put in untranslated, and those that are gone are left out.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from chainrule.learning.course.lesson import LANGUAGES

from .catalogue import FOLDER, catalogue

SOURCES = Path(__file__).parents[2] / "faces" / "learning"
"""Where the words of the interface stand, as `say("…")`."""


def messages() -> dict[str, str]:
    """All messages in a fixed order, with where each comes from."""
    from chainrule.calculus.rules import ALL_RULES
    from chainrule.learning.practice.stated_mistakes import STATED
    from chainrule.learning.skills import SKILLS

    found: dict[str, str] = {}
    for path in sorted(SOURCES.glob("*.py")):
        for word in _said(path.read_text("utf-8")):
            found.setdefault(word, "interface")
    for skill in SKILLS.values():
        found.setdefault(skill.name, f"skill {skill.id}")
    for rule in ALL_RULES.values():
        for mutation in rule.mutations:
            found.setdefault(mutation.message, f"mistake {mutation.id}")
    for _, mutation in STATED:
        found.setdefault(mutation.message, f"mistake {mutation.id}")
    return found


def _said(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if name == "say" and isinstance(node.args[0].value, str):
                yield node.args[0].value


def written(language: str) -> polib.POFile:
    """The catalogue of a language as it has to be."""
    known = catalogue(language).messages
    made = polib.POFile(wrapwidth=100)
    made.metadata = {"Language": language, "Content-Type": "text/plain; charset=UTF-8"}
    for message, where in messages().items():
        text = known.get(message, "")
        made.append(polib.POEntry(msgid=message, msgstr=text, comment=where))
    return made


def main() -> int:
    """Write all catalogues, and say how much of each is translated."""
    for language in list(LANGUAGES)[1:]:
        written(language).save(str(FOLDER / f"{language}.po"))
        catalogue.cache_clear()
        total, done = messages(), catalogue(language).messages
        translated = sum(message in done for message in total)
        sys.stdout.write(f"{language}: {translated} of {len(total)} messages are translated\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
