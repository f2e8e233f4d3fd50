"""Bring the catalogues up to date with the messages of the program.

    python -m chainrule.learning.locale

Translations are kept, new messages are put in untranslated, and those that are gone are left out.
"""

import ast
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

from chainrule.calculus.matrix.rules import MatrixRule
from chainrule.learning.course.lesson import LANGUAGES
from chainrule.records.message import Message

from .catalogue import FOLDER, catalogue
from .help_lines import help_lines

PACKAGE = Path(__file__).parents[2]
WORDS = {
    "say": "interface",
    "_say": "interface",
    "Message": "message",
    "as_message": "message",
    "failed": "message",
}
"""Calls whose first argument is a message, and what it is then: a word of the interface, or a
sentence that may have fields."""
FACES = (
    "faces/learning/*.py",
    "faces/practice*.py",
    "faces/dependency_graph.py",
    "faces/derivation.py",
    "faces/implicit.py",
    "faces/cli/grade.py",
    "faces/cli/learn.py",
    "faces/cli/learners_command.py",
    "faces/cli/practice.py",
)
"""Where `say` is that of a catalogue."""
HELP = tuple(
    f"faces/cli/{name}.py" for name in ("grade", "languages", "learn", "page_options", "practice")
)
"""Where the help of the commands for learners is: `help="…"`, `metavar="…"`, and the docstring of
`command`."""
PAGE = PACKAGE.parents[1] / "ui" / "src"
"""The page, of a checkout; its words are in `say("…")`, or in a view `tell("…")` and `later("…")`,
and the names of places are a `title: "…"`."""
_SAID_ON_PAGE = re.compile(r'\b(?:(?:say|tell|later)\(|title: )("(?:[^"\\]|\\.)*")')
MISTAKES = ("Mutation", "Mistake")
"""Calls whose `message` is what is said to a mistake."""


def messages() -> dict[str, str]:
    """All messages in a fixed order, with where each comes from."""
    from chainrule.calculus.functions import FUNCTIONS
    from chainrule.calculus.implicit import EQUATION_STEPS
    from chainrule.calculus.matrix import MATRIX_NOTATIONS, MATRIX_REWRITES
    from chainrule.calculus.matrix.rules import MATRIX_RULES
    from chainrule.calculus.matrix.speech import PHRASES
    from chainrule.calculus.notations import NOTATIONS
    from chainrule.calculus.rules import ALL_RULES
    from chainrule.calculus.speech import spoken_functions
    from chainrule.calculus.tidy import REWRITES
    from chainrule.learning.course.repairs import repair, repairs
    from chainrule.learning.practice.stated_mistakes import STATED
    from chainrule.learning.skills import SKILLS

    found: dict[str, str] = {}
    faces = {path for pattern in FACES for path in PACKAGE.glob(pattern)}
    for path in sorted(PACKAGE.rglob("*.py")):
        for word, where in _said(path.read_text("utf-8")):
            if where == "interface" and path in faces:
                found[word] = where
            elif where != "interface":
                found.setdefault(word, where)
    for name in spoken_functions():
        found.setdefault(name, "function as it is said")
    for function in FUNCTIONS.values():
        found.setdefault(function.sentence, f"function {function.name}")
    for name in HELP:
        for text in _help((PACKAGE / name).read_text("utf-8")):
            found.setdefault(text, "help")
    for path in sorted([*PAGE.rglob("*.svelte"), *PAGE.rglob("*.ts")]):
        for word in _SAID_ON_PAGE.findall(path.read_text("utf-8")):
            found[json.loads(word)] = "interface"
    for script in repairs():
        found.setdefault(repair(script).why, f"repair {script}")
    for notation in NOTATIONS:
        found.setdefault(notation.name, f"notation {notation.id}")
    for skill in SKILLS.values():
        found.setdefault(skill.name, f"skill {skill.id}")
    for rule in ALL_RULES.values():
        found.setdefault(rule.name, f"rule {rule.id}")
        found.setdefault(rule.why, f"reason for {rule.id}")
        for mutation in rule.mutations:
            found.setdefault(mutation.message, f"mistake {mutation.id}")
    for _, mutation in STATED:
        found.setdefault(mutation.message, f"mistake {mutation.id}")
    for way in MATRIX_NOTATIONS:
        found.setdefault(way.name, f"notation {way.id} of matrices")
        found.setdefault(way.about, f"signs of the notation {way.id} of matrices")
    for called, phrase in PHRASES.items():
        found.setdefault(phrase, f"{called} of matrices as it is said")
    for matrix_rule in MATRIX_RULES:
        found.setdefault(matrix_rule.name, f"matrix rule {matrix_rule.id}")
        found.setdefault(matrix_rule.why, f"reason for the matrix rule {matrix_rule.id}")
        for text in _statements_in_words(matrix_rule):
            found.setdefault(text, f"statement of the matrix rule {matrix_rule.id}")
        for mistake in matrix_rule.mutations:
            found.setdefault(mistake.message, f"mistake {mistake.id}")
    for id, name in (*REWRITES.items(), *EQUATION_STEPS.items(), *MATRIX_REWRITES.items()):
        found.setdefault(name, f"algebra {id}")
    return found


def _statements_in_words(rule: MatrixRule) -> Iterator[str]:
    """Statements that hold words, as each notation of changes writes them."""
    from chainrule.calculus.matrix import MATRIX_NOTATIONS
    from chainrule.calculus.matrix.notations.changes import ChangeNotation

    for way in MATRIX_NOTATIONS:
        if isinstance(way, ChangeNotation):
            if isinstance(rule.differential, Message):
                yield way.rule(rule.differential)
            yield from (way.change(each) for each in rule.moved if isinstance(each, Message))


def _said(source: str) -> Iterator[tuple[str, str]]:
    if not any(f"{name}(" in source for name in (*WORDS, *MISTAKES)):
        return
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in WORDS and node.args:
            yield from ((text, WORDS[name]) for text in _text(node.args[0]))
        elif name in MISTAKES:
            said = (word.value for word in node.keywords if word.arg == "message")
            yield from ((text, "mistake") for each in said for text in _text(each))


def _help(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            said = (word.value for word in node.keywords if word.arg in ("help", "metavar"))
            yield from (text for each in said for text in _text(each))
        elif isinstance(node, ast.FunctionDef) and node.name == "command":
            for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                yield from help_lines(paragraph)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


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
