"""What is loaded by what: reading a run must not cost the start of torch."""

import json
import subprocess
import sys

import pytest

import chainrule

PUBLIC = {
    "Objective",
    "__version__",
    "captured",
    "diagnose",
    "explain",
    "lesson",
    "open_run",
    "plot",
    "report",
    "watch",
    "widget",
}
"""A change here is a change for every user: it belongs into the changelog and the docs."""

MOST_MODULES = 60
"""That `import chainrule` may load, itself included. It takes 29 (`typing` and `importlib` bring
most); Rich alone would be 100, SQLite 40."""

HEAVY = {"torch", "numpy", "rich", "typer", "click", "sqlite3", "sklearn"}


def loaded_by(statement: str) -> set[str]:
    """Modules that a fresh Python has loaded after a statement and had not before."""
    code = (
        "import json, sys\n"
        "before = set(sys.modules)\n"
        f"{statement}\n"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "module",
    [
        "chainrule",
        "chainrule.records",
        "chainrule.store",
        "chainrule.instruments",
        "chainrule.diagnosis",
        "chainrule.diagnosis.faults",
        "chainrule.launcher",
        "chainrule.faces.cli",
        "chainrule.faces.terminal",
    ],
)
def test_reading_a_run_loads_no_torch(module: str) -> None:
    loaded = loaded_by(f"import {module}")
    assert module in loaded
    assert not {name for name in loaded if name.partition(".")[0] in ("torch", "numpy")}


def test_importing_chainrule_loads_little() -> None:
    loaded = loaded_by("import chainrule")
    assert not loaded & HEAVY
    assert len(loaded) <= MOST_MODULES, sorted(loaded)
    assert not {name for name in loaded if name.startswith("chainrule.")}


def test_the_launcher_loads_nothing_else_of_ours() -> None:
    ours = {n for n in loaded_by("import chainrule.launcher") if n.startswith("chainrule")}
    assert "chainrule.launcher.start" in ours
    assert not {n for n in ours if not n.startswith("chainrule.launcher")} - {"chainrule"}


def test_the_public_names_are_those_documented() -> None:
    assert set(chainrule.__all__) == PUBLIC
    assert dir(chainrule) == sorted(PUBLIC)
    missing = [name for name in PUBLIC if not hasattr(chainrule, name)]
    assert not missing


def test_what_is_not_public_is_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = chainrule.nothing
