"""The table of functions: each name means one thing, and the documentation lists them all."""

import re
from pathlib import Path

import pytest

from chainrule.calculus import ALL_FUNCTIONS, FUNCTIONS, FormulaError, Function, parse
from chainrule.calculus.cursor import MAX_NESTING
from chainrule.calculus.functions import POWER_ON_NAME, RADICALS
from chainrule.calculus.parse import MAX_DEPTH
from chainrule.calculus.tokens import MAX_LENGTH
from chainrule.calculus.tree import Call

PAGE = (Path(__file__).parents[2] / "docs" / "formulas.md").read_text("utf-8")


def test_a_name_means_one_function() -> None:
    names = [name for f in ALL_FUNCTIONS for name in (f.name, *f.aliases)]
    assert len(names) == len(set(names)) == len(FUNCTIONS)
    assert set(FUNCTIONS) >= POWER_ON_NAME | RADICALS


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_is_read_under_each_of_its_names(name: str) -> None:
    function = FUNCTIONS[name]
    for count in range(4):
        text = f"{name}({', '.join('xyz'[:count])})"
        if count and function.least <= count <= (function.most or count):
            root = parse(text).root
            assert isinstance(root, Call)
            assert (root.function, root.text) == (function.name, name)
        else:
            with pytest.raises(FormulaError):
                parse(text)


@pytest.mark.parametrize("function", ALL_FUNCTIONS, ids=lambda f: f.name)
def test_a_function_is_in_the_documentation(function: Function) -> None:
    also = ", ".join(f"`{alias}`" for alias in function.aliases)
    meaning = function.meaning.replace("|", "\\|")
    assert f"| `{function.usage}` | {also} | {meaning} |" in PAGE


def test_the_documentation_has_no_other_function() -> None:
    rows = re.findall(r"^\| `(\w+)\([^`]*\)` \|", PAGE.partition("## Functions")[2], re.MULTILINE)
    assert sorted(rows) == sorted(function.name for function in ALL_FUNCTIONS)


def test_the_documentation_has_the_limits() -> None:
    limits = PAGE.partition("## Limits")[2]
    assert f"{MAX_LENGTH:,}".replace(",", " ") in limits
    assert f"{MAX_NESTING} levels" in limits
    assert f"{MAX_DEPTH} operations" in limits


def table(heading: str) -> list[list[str]]:
    """The formulas in each cell of a table of the documentation."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    cells = [re.split(r"(?<!\\)\|", row)[1:-1] for row in rows]
    return [[text.replace("\\|", "|") for text in row] for row in cells]


def formulas(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("heading", ["Numbers and names", "Operators"])
def test_what_the_documentation_types_is_read(heading: str) -> None:
    rows = table(heading)
    assert len(rows) >= 3
    for cell, _ in rows:
        for text in formulas(cell):
            parse(text)


def test_what_the_documentation_calls_ambiguous_is_refused_and_its_remedies_are_read() -> None:
    rows = table("What can be read in two ways")
    assert len(rows) >= 6
    for typed, _, written in rows:
        (text,) = formulas(typed)
        if text != "A x":  # that is known once the shapes are
            with pytest.raises(FormulaError):
                parse(text)
        remedies = formulas(written)
        assert remedies
        for remedy in remedies:
            parse(remedy)


def test_what_the_documentation_says_is_read_by_everybody_is_read() -> None:
    sentence = PAGE.partition("These are read")[2].partition("\n## ")[0]
    texts = formulas(sentence)
    assert len(texts) >= 6
    for text in texts:
        parse(text)
