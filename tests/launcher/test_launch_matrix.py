"""A script watched is the script bare: exit code, stdout and stderr, byte for byte."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from launching import DRIVE, SCRIPTS, SILENT, Outcome, driven, run


@dataclass(frozen=True)
class Case:
    """One script and how it is called; `inside` is False where the fallback must differ."""

    name: str
    target: tuple[str, ...]
    module: bool = False
    flags: tuple[str, ...] = ()
    stdin: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: Path = SCRIPTS
    inside: bool = True


def case(name: str, *target: str, **more: object) -> Case:
    return Case(name, target or (f"{name}.py",), **more)  # type: ignore[arg-type]


OWN_SITE = {"PYTHONPATH": str(SCRIPTS / "own_site")}
CASES = (
    case("arguments", "arguments.py", "-o", "x", "--quiet", "--in-process", "-m", "--", "--lr=1"),
    case("exit_code"),
    case("exit_message"),
    case("click_like"),
    case("exception"),
    case("exception_group"),
    case("thread_fails"),
    case("syntax_error"),
    case("import_error"),
    case("torch raises", "broken_torch/statement.py"),
    case("torch raises in a function", "broken_torch/function.py"),
    case("torch raises, then works", "broken_torch/twice.py"),
    case("interrupt"),
    case("SIGTERM", "terminate.py", "SIGTERM"),
    case("SIGKILL", "terminate.py", "SIGKILL"),
    case("SIGHUP", "terminate.py", "SIGHUP"),
    case("leave"),
    case("abort"),
    case("crash"),
    case("pickling"),
    case("fork", "processes.py", "fork"),
    case("fork after torch", "processes.py", "fork", "early"),
    case("spawn", "processes.py", "spawn"),
    case("forkserver", "processes.py", "forkserver"),
    case("fork_exit"),
    case("child_environment", inside=False),
    case("-m package", "package", "-x", module=True),
    case("-m package, fails", "package", "fail", module=True),
    case("-m package.other", "package.other", "a", module=True),
    case("-m orig_argv", "package.other", "orig", module=True, inside=False),
    case("-m missing", "package.missing", module=True),
    case("stdin", stdin="first\nand more\n"),
    case("script on stdin", "-", "a", stdin="import sys\nprint(sys.argv, sys.path)\n"),
    case("state", inside=False),
    case("state, PYTHONPATH", "state.py", env={"PYTHONPATH": "/a:/b"}, inside=False),
    case("state, empty PYTHONPATH", "state.py", env={"PYTHONPATH": ""}, inside=False),
    case(
        "state, safe path",
        "state.py",
        env={"PYTHONSAFEPATH": "1", "PYTHONPATH": str(SCRIPTS)},
        inside=False,
    ),
    case("main_module"),
    case("torch_import"),
    case("exits"),
    case("exit_fails"),
    case("wait"),
    case("streams"),
    case("warnings are errors", "streams.py", flags=("-W", "error")),
    case("warnings by environment", "streams.py", env={"PYTHONWARNINGS": "error"}),
    case("-O -X dev", "state.py", flags=("-OX", "dev"), inside=False),
    case("own sitecustomize", "use_site.py", env=OWN_SITE, inside=False),
    case(
        "own sitecustomize fails",
        "use_site.py",
        env={"PYTHONPATH": str(SCRIPTS / "failing_site")},
        inside=False,
    ),
    case("no sitecustomize", "use_site.py"),
    case("a space", "folder with space/a script.py", "b c"),
    case("from another folder", "../exception.py", cwd=SCRIPTS / "package"),
    case("here", "./main_module.py"),
    case("directory", "application", "a"),
    case("directory, fails", "application", "fail"),
    case("signals"),
    case("SIGCHLD handled", "signal_child.py", "handle"),
    case("SIGCHLD ignored", "signal_child.py", "ignore"),
    case("exec_self"),
    case("nested", "nested.py", DRIVE, '{"quiet": "1"}', "exit_code.py"),
    case("hook"),
    case("hook fails", "hook.py", "fail"),
    case("closed_stdout"),
    case("folder_gone"),
    case("usage"),
)


@cache
def bare(name: str) -> Outcome:
    case = next(c for c in CASES if c.name == name)
    start = ["-m", *case.target] if case.module else list(case.target)
    return run([*case.flags, *start], stdin=case.stdin, env=case.env, cwd=case.cwd)


def watched(case: Case, **settings: str) -> Outcome:
    if case.module:
        settings["is_module"] = "1"
    command = driven(case.target, case.flags, **settings)
    return run(command, stdin=case.stdin, env=case.env, cwd=case.cwd)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_watched_is_bare(case: Case) -> None:
    assert watched(case, verdict_command=SILENT) == bare(case.name)


@pytest.mark.parametrize("case", CASES[::4], ids=lambda c: c.name)
def test_quiet_is_bare(case: Case) -> None:
    assert watched(case, quiet="1") == bare(case.name)


@pytest.mark.parametrize("case", CASES[1::4], ids=lambda c: c.name)
def test_with_a_page_it_is_bare(case: Case) -> None:
    assert watched(case, quiet="1", view="1", view_command=SILENT) == bare(case.name)


@pytest.mark.parametrize("case", [c for c in CASES if c.inside], ids=lambda c: c.name)
def test_inside_is_bare(case: Case) -> None:
    assert watched(case, quiet="1", in_process="1") == bare(case.name)
