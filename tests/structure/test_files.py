"""Files stay small, are named after what they hold, and tell nothing of the machine they are on."""

import ast
import re
from pathlib import Path

import pytest
from checkout import ROOT, SOURCE, sources

MOST_LINES = 500
"""A file is read in one sitting. What is longer does two things, and the second has a name."""

NAMELESS = re.compile(
    r"(utils?|helpers?|misc(ellaneous)?|common|shared|base|core|managers?|handlers?)", re.IGNORECASE
)
"""Names that say nothing of what is inside, so that anything ends up there."""

WRITTEN = ("src", "tests", "docs", "examples", "benchmarks", ".ci")
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".sql", ".ambr", ".yml", ".yaml", ".cfg", ""}
PLACES = re.compile(
    "|".join(
        [
            r"(?<![\w.])/home/(?!ada/)\w+/",  # Ada is the user of our examples
            r"(?<![\w.])/Users/\w+/",
            r"(?<![\w.])/(?:root|work|workspace|srv|builds)/",  # where machines keep checkouts
            re.escape(f"{ROOT}/"),
        ]
    )
)


def written() -> list[Path]:
    """Every text file that people wrote or that is kept with what they wrote."""
    found = [path for path in ROOT.iterdir() if path.is_file()]
    for folder in WRITTEN:
        found += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted(
        path
        for path in found
        if path.suffix in TEXT and "__pycache__" not in path.parts and ".git" not in path.name
    )


@pytest.mark.parametrize(
    "folder", [SOURCE, ROOT / "tests", ROOT / "ui" / "src"], ids=["src", "tests", "ui"]
)
def test_files_are_short_enough_to_read(folder: Path) -> None:
    paths = [path for path in folder.rglob("*") if path.suffix in {".py", ".sql", ".ts", ".svelte"}]
    assert len(paths) > 20, f"only {len(paths)} files were found in {folder}"
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in paths}
    long = {str(p.relative_to(ROOT)): n for p, n in lines.items() if n > MOST_LINES}
    assert not long, f"longer than {MOST_LINES} lines: {long}; split by what each part does"


def test_files_and_folders_are_named_after_what_they_hold() -> None:
    folders = (SOURCE, ROOT / "tests", ROOT / "benchmarks", ROOT / "ui" / "src")
    paths = [path for folder in folders for path in folder.rglob("*")]
    nameless = [str(p.relative_to(ROOT)) for p in paths if NAMELESS.fullmatch(p.stem.strip("_"))]
    assert not nameless, f"name these after what is in them: {nameless}"


@pytest.mark.parametrize("name", ["utils", "helper", "core", "base", "_common", "Manager"])
def test_a_name_that_says_nothing_is_noticed(name: str) -> None:
    assert NAMELESS.fullmatch(name.strip("_"))


def test_no_two_test_files_share_a_name() -> None:
    """The folders of tests are no packages, so pytest refuses to collect the second of two."""
    paths = sorted((ROOT / "tests").rglob("test_*.py"))
    names = [path.name for path in paths]
    assert not [str(path) for path in paths if names.count(path.name) > 1]


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    here = Path(__file__).resolve()
    found = []
    for path in written():
        if path == here:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if PLACES.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found, "absolute paths of one machine:\n" + "\n".join(found)


@pytest.mark.parametrize(
    "path",
    [
        "/home/bob/x",
        *(f"see /{folder}/a" for folder in ("root", "work", "workspace", "srv", "builds")),
        f"{ROOT}/README.md",
    ],
)
def test_a_place_on_somebodys_machine_is_noticed(path: str) -> None:
    assert PLACES.search(path)


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_everything_public_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{path} has no docstring"
    silent = [f"{path.name}:{node.lineno} {node.name}" for node in undocumented(tree)]
    assert not silent, f"public and without a docstring: {silent}"


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def undocumented(parent: ast.Module | ast.ClassDef) -> list[Definition]:
    """Functions, classes and methods without a docstring, whatever is in a private class apart."""
    found: list[Definition] = []
    for node in parent.body:
        if not isinstance(node, Definition) or node.name.startswith("_"):
            continue
        if any(isinstance(d, ast.Name) and d.id == "overload" for d in node.decorator_list):
            continue  # the function itself is documented
        if not ast.get_docstring(node):
            found.append(node)
        if isinstance(node, ast.ClassDef):
            found += undocumented(node)
    return found


def test_something_undocumented_is_noticed() -> None:
    tree = ast.parse("class A:\n    '''A.'''\n    def b(self): ...\ndef c(): ...\ndef _d(): ...")
    assert [node.name for node in undocumented(tree)] == ["b", "c"]
