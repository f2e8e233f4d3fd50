"""What is refused, with which words; which options of Python go on; when we run inside."""

import sys
from pathlib import Path

import pytest
from launching import driven, run

from chainrule.launcher import LaunchError, interpreter, target
from chainrule.launcher.start import environment


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python -m chainrule run -O x.py", []),
        ("python -uX dev -W error -m chainrule run", ["-uX", "dev", "-W", "error"]),
        ("python -OWerror -Xdev -um chainrule", ["-OWerror", "-Xdev", "-u"]),
        ("python -Im chainrule run", ["-I"]),
        (
            "python --check-hash-based-pycs always -B -mchainrule",
            ["--check-hash-based-pycs", "always", "-B"],
        ),
        ("python -sP /bin/chainrule run -m x", []),
        ("python -OsX dev /bin/chainrule run", ["-OX", "dev"]),
        ("python -S -c code -O", []),
        ("python", []),
    ],
)
def test_options_of_the_interpreter(command: str, expected: list[str]) -> None:
    assert interpreter.options(command.split()) == expected


def test_obstacles() -> None:
    assert interpreter.obstacle(["-O", "-X", "dev", "-Werror:I"]) is None
    assert "-I" in (interpreter.obstacle(["-OI"]) or "")
    assert "-E" in (interpreter.obstacle(["-E"]) or "")


def test_an_empty_executable_is_an_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    assert interpreter.obstacle([]) == "sys.executable is empty"


def test_isolated_python_runs_the_script_inside() -> None:
    code = (
        "import sys; from chainrule.launcher import start; "
        "start(['arguments.py', 'a'], is_module=False, settings={'verdict_command': '[\"true\"]'})"
    )
    done = run(["-I", "-c", code])
    assert done.stdout == "['arguments.py', 'a']\n"


@pytest.mark.parametrize(
    ("arguments", "is_module", "words"),
    [
        ([], False, "Expected a Python script, found nothing"),
        ([], True, "Expected a module after -m, found nothing"),
        (["no.py"], False, "there is no file 'no.py'"),
        (["json"], False, "chainrule run -m json"),
        (["folder"], False, "without a __main__.py"),
        (["no_such_module.a"], True, "no module 'no_such_module.a' is found"),
        (["here.py"], True, "no module 'here.py'"),
    ],
)
def test_what_cannot_be_started_is_explained(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    is_module: bool,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises(LaunchError, match=words.replace("'", ".")):
        target.find(arguments, is_module=is_module)


def test_a_launch_error_is_one_line_and_exit_code_2() -> None:
    done = run(driven(["no.py"]))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "VERDICT" not in done.stderr


def test_launchers_of_workers_are_known() -> None:
    assert target.only_workers_train(["torch.distributed.run", "x.py"], is_module=True)
    assert target.only_workers_train(["/bin/torchrun", "x.py"], is_module=False)
    assert target.only_workers_train(["accelerate", "launch", "x.py"], is_module=False)
    assert not target.only_workers_train(["accelerate", "config"], is_module=False)
    assert not target.only_workers_train(["train.py", "torchrun"], is_module=False)


def test_the_users_environment_is_kept_in_order() -> None:
    users = {"A": "1", "PYTHONPATH": "/x", "B": "2"}
    made = environment({}, users, workers=False)
    assert list(made)[:3] == ["A", "PYTHONPATH", "B"]
    assert made["PYTHONPATH"].endswith("boot:/x")
    assert environment({}, {"A": "1"}, workers=False)["PYTHONPATH"].endswith("boot")
