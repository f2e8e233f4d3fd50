"""The documentation is in step with the program."""

import re
import sqlite3
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from checkout import DOCS, EXAMPLES, PROSE, ROOT, SOURCE, prose

import chainrule
from chainrule.diagnosis.faults import FAULTS
from chainrule.faces.cli import COMMANDS, application
from chainrule.store.migrations import migrate

MADE = {"docs/benchmarks.md"}
"""Written by `make bench`, not by hand."""

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def command_name(module: ModuleType) -> str:
    """As it is typed."""
    return module.__name__.rpartition(".")[2]


VISIBLE = [module for module in COMMANDS if not getattr(module, "HIDDEN", False)]


@pytest.mark.parametrize("command", VISIBLE, ids=command_name)
def test_every_command_is_in_the_docs(command: ModuleType) -> None:
    assert f"chainrule {command_name(command)}" in prose()


@pytest.mark.parametrize("command", VISIBLE, ids=command_name)
def test_every_option_of_every_command_is_in_its_table(command: ModuleType) -> None:
    name = command_name(command)
    click = typer.main.get_command(application()).commands[name]
    text = (DOCS / "run.md").read_text("utf-8")
    table = text.partition(f"## Options of `chainrule {name}`")[2].partition("\n## ")[0]
    assert table, f"docs/run.md has no section on the options of {name}"
    options = [p.opts[0] for p in click.params if p.param_type_name == "option"]
    options = [o for o in options if o not in ("--help", "-h")]
    missing = [o for o in options if not re.search(rf"`{re.escape(o)}[ `]", table)]
    assert not missing, f"{name}: {missing} are not in docs/run.md"
    documented = re.findall(r"^\| `(-[\w-]+)", table, re.MULTILINE)
    gone = set(documented) - {o for p in click.params for o in p.opts}
    assert not gone, f"docs/run.md has options of {name} that are none: {gone}"


def test_the_hidden_commands_are_explained_to_the_next_engineer() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    hidden = [command_name(module) for module in COMMANDS if module not in VISIBLE]
    assert not [name for name in hidden if f"`{name}`" not in text]


def test_the_list_of_faults_is_that_of_the_program() -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (.+?) \|$", (DOCS / "faults.md").read_text("utf-8"), re.MULTILINE
    )
    assert sorted(rows) == sorted((fault.NAME, fault.SUMMARY) for fault in FAULTS)


@pytest.mark.parametrize("name", sorted(chainrule.__all__))
def test_every_public_name_is_in_the_docs(name: str) -> None:
    assert f"chainrule.{name}" in prose()


def test_every_table_and_column_of_the_run_file_is_in_the_docs() -> None:
    text = (DOCS / "run-file.md").read_text("utf-8")
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert len(tables) >= 7
    for (table,) in tables:
        section = text.partition(f"### `{table}`")[2].partition("\n### ")[0]
        assert section, f"docs/run-file.md has no section on the table {table}"
        columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
        missing = [c[1] for c in columns if f"`{c[1]}`" not in section]
        assert not missing, f"docs/run-file.md does not explain {missing} of {table}"
    connection.close()


def test_the_queries_in_the_docs_run() -> None:
    text = (DOCS / "run-file.md").read_text("utf-8")
    queries = re.findall(r"```sql\n(.+?)```", text, re.DOTALL)
    assert len(queries) >= 3
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    for query in queries:
        connection.execute(query)
    connection.close()


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    targets = [t for t in _LINK.findall(text) if not t.startswith(("http", "mailto:", "#"))]
    broken = [t for t in targets if not (path.parent / t.partition("#")[0]).exists()]
    assert not broken


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_the_docs_name_are_there(path: Path) -> None:
    """A name in backquotes that begins with a folder of ours is a file of ours."""
    text = path.read_text("utf-8")
    named = re.findall(
        r"`((?:src|docs|tests|examples|benchmarks)/[\w./-]+|(?:observer|store|records|diagnosis"
        r"|instruments|launcher|faces)/[\w./-]+)`",
        text,
    )
    gone = [
        name
        for name in named
        if name not in MADE
        and "your" not in name
        and not any((r / name).exists() for r in (ROOT, SOURCE))
    ]
    assert not gone, f"{path.name} names files that are not there: {gone}"


def test_every_target_that_the_docs_name_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)`", prose()))
    assert len(named) >= 4
    assert named <= targets
    contributing = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert {"check", "test", "bench", "format"} <= set(re.findall(r"make ([a-z-]+)", contributing))


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == chainrule.__version__
    assert project["version"] in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_example_says_what_is_expected_of_it() -> None:
    expected = tomllib.loads((EXAMPLES / "expected.toml").read_text("utf-8"))
    scripts = {path.stem for path in EXAMPLES.glob("*.py")}
    assert len(scripts) >= 10
    assert {name.removesuffix(".py") for name in expected} == scripts
