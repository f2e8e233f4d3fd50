"""`chainrule learn` as a learner meets it: on a pipe, at a terminal, and the scripts to repair."""

import io
import json
import math
import os
import pty
import re
import shlex
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from chainrule.faces.learning.reading import Reading
from chainrule.faces.learning.unicode_mathematics import unicode_mathematics
from chainrule.faces.page import Page
from chainrule.faces.practice import Quit
from chainrule.learning.course.course import lesson, lesson_files
from chainrule.learning.course.repairs import repair
from chainrule.learning.locale import catalogue
from chainrule.learning.progress import Progress

ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "PYTHONIOENCODING": "utf-8",
    "COLUMNS": "80",
    "HOME": "/",
    "TERM": "dumb",
}


def learn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", "learn", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=ENVIRONMENT,
        timeout=120,
    )


def read(id: str, *typed: str, language: str = "en") -> str:
    """A lesson as somebody reads it who types these lines, and then closes the terminal."""
    written = io.StringIO()
    lines = iter(typed)
    reading = Reading(Page(written, width=80), lambda prompt: next(lines, None), language)
    with suppress(Quit):
        reading.write(lesson(id, language))
    return written.getvalue()


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("id", sorted(lesson_files()))
def test_nothing_above_a_prediction_tells_its_answer(id: str, language: str) -> None:
    prediction = lesson(id, language).predictions[0]
    told = read(id, language=language)
    above, _, asked = told.partition(catalogue(language).gettext("Predict first"))
    (right,) = re.findall(rf"^  {prediction.answer + 1}\. (.*)$", asked, re.MULTILINE)[:1]
    for answer in numbers(right)[:1]:  # the choice itself; those behind it say how it comes about
        near = 0 if answer.is_integer() else 0.003  # a table of slopes has three digits
        assert not [n for n in numbers(above) if math.isclose(n, answer, rel_tol=near)]


def numbers(text: str) -> list[float]:
    """All numbers but 0, which is in nearly every text."""
    found = re.findall(r"(?<![\w.])[−-]?\d+(?:\.\d+)?(?![\w.]*\d)", text)
    return [number for each in found if (number := float(each.replace("−", "-")))]


SKIPPED = ["skip"] * 4
"""A prediction and three exercises."""


def test_the_script_of_a_real_run_is_where_the_lesson_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (command,) = re.findall(r"^  chainrule run (.*)$", read("the-step", *SKIPPED), re.MULTILINE)[:1]
    (place,) = shlex.split(command)
    assert Path(place).is_file()
    monkeypatch.chdir(Path(place).parents[1])
    assert "  chainrule run examples/learning_rate_too_high_digits.py\n" in read(
        "the-step", *SKIPPED
    )


def test_without_a_lesson_all_are_listed_and_how_to_open_one() -> None:
    ended = learn()
    assert ended.returncode == 0, ended.stderr
    assert all(f"chainrule learn {id}" in ended.stdout for id in lesson_files())
    assert "opens a lesson" in ended.stdout
    listed = json.loads(learn("--list", "--format", "json").stdout)["lessons"]
    assert [each["number"] for each in listed] == list(range(1, len(lesson_files()) + 1))


def test_an_unknown_lesson_is_answered_with_the_nearest() -> None:
    ended = learn("chainrule")
    assert ended.returncode == 2
    assert ended.stderr == "chainrule: There is no lesson 'chainrule'; did you mean chain-rule?\n"
    assert learn("zzz").stderr.endswith("chainrule learn --list names them all.\n")
    assert "a language (en, de)" in learn("chain-rule", "--language", "tlh").stderr


def test_on_a_pipe_a_lesson_is_whole_and_asks_nothing() -> None:
    ended = learn("7")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == learn("chain_rule").stdout
    assert "dy/dx = dy/du · du/dx = cos(u) · 2x" in ended.stdout
    choices, reveal = ended.stdout.index("4. 2.372"), ended.stdout.index("Measured with a tiny")
    assert choices < reveal
    assert "chainrule explain 'x**2*sin(x)' --wrt x --at x=1.5 --graph" in ended.stdout
    assert "autograd -1.885" in ended.stdout
    assert "chainrule learn backpropagation" in ended.stdout


def test_json_has_the_blocks_and_no_answer_to_an_exercise() -> None:
    document = json.loads(learn("chain-rule", "--format", "json").stdout)
    asked = [each for each in document["blocks"] if each["is"] == "lesson-exercise"]
    assert len(asked) == 3
    assert not {"value", "answer", "worked", "hints"} & {name for each in asked for name in each}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("id", sorted(lesson_files()))
def test_every_lesson_can_be_read_without_latex(id: str, language: str) -> None:
    written = io.StringIO()
    Reading(Page(written, width=80), None, language).write(lesson(id, language))
    assert not re.search(r"\\[a-z]|\{\{|\$\$", written.getvalue())


def test_a_prediction_comes_before_its_reveal_and_says_why() -> None:
    before = read("chain-rule")
    assert "2. −1.885" in before
    assert "Measured with a tiny" not in before
    wrong = read("chain-rule", "nine", "1")
    assert "Type a number of a choice" in wrong
    assert "Not yet right." in wrong
    assert "it is one link of two" in " ".join(wrong.split())
    assert "Measured with a tiny" in wrong


def test_an_exercise_is_hinted_judged_and_explained() -> None:
    shown = read("chain-rule", "2", "?", "?", "cos(3x)", "3 cos(3x)", "worked", "72/2")
    told = " ".join(shown.split("Exercise 1")[1].split())
    first, second = told.split("Exercise 2")
    assert "Not yet right." in first
    assert "How fast does its inside move?" in first
    assert first.strip().endswith("Right.")
    worked, third = second.split("Exercise 3")
    assert "du/dx = du/dv · dv/dx" in worked
    assert "Right. In a real run" in third


def test_hints_begin_anew_where_another_answer_stands() -> None:
    outside, inside = "Look at exp(sin(x**2))", "Look at sin(x**2)"
    letters = "First the outside: differentiate exp(u)"
    typed = ("2", "skip", "?", "cos(x^2) exp(sin(x^2))", "?", "2x exp(sin(x^2))", "?")
    shown = " ".join(read("chain-rule", *typed).split("Exercise 2")[1].split())
    # the outer link is right in the first answer, and the second leaves the way at it
    places = [shown.index(outside), shown.index(inside), shown.rindex(outside)]
    assert places == sorted(places)
    assert len({*places}) == 3
    assert letters not in shown


def test_hints_that_an_answer_changes_nothing_of_go_on() -> None:
    typed = ("2", "skip", "?", "exp(cos(x^2))", "?", "exp(cos(x^2)) + 1", "?")
    shown = " ".join(read("chain-rule", *typed).split("Exercise 2")[1].split())
    assert shown.count("Look at exp(sin(x**2))") == 1
    assert shown.count("First the outside: differentiate exp(u)") == 1
    assert shown.count("d/dx[sin(x**2)]") == 1


def test_what_is_answered_in_a_lesson_is_kept_as_in_practice(tmp_path: Path) -> None:
    kept = Progress(tmp_path / "progress.db")
    lines = iter(["2", "?", "cos(3x)", "3 cos(3x)"])
    reading = Reading(Page(io.StringIO(), width=80), lambda _: next(lines, None), "en", kept)
    with suppress(Quit):
        reading.write(lesson("chain-rule", "en"))
    assert [(each.exercise, each.answer, each.correct, each.hints) for each in kept.answers()] == [
        ("chain-rule/1", "cos(3x)", False, 1),
        ("chain-rule/1", "3 cos(3x)", True, 1),
    ]
    assert {each.mistake for each in kept.cards()} == {"", "chain-inner-lost"}


def test_a_file_that_cannot_be_used_ends_no_lesson(tmp_path: Path) -> None:
    (tmp_path / "progress.db").write_text("notes" * 100)
    written = io.StringIO()
    lines = iter(["2", "cos(3x)", "3 cos(3x)"])
    kept = Progress(tmp_path / "progress.db")
    reading = Reading(Page(written, width=80), lambda _: next(lines, None), "en", kept)
    with suppress(Quit):
        reading.write(lesson("chain-rule", "en"))
    assert written.getvalue().count("damaged or something else") == 1
    assert "Right." in written.getvalue()


def test_a_choice_and_what_is_no_answer() -> None:
    shown = read("vanishing-and-exploding", "3", "skip", "skip", "7", "x", "1", "2")
    asked = shown.split("Exercise 3")[1]
    assert asked.count("Type a number of a choice") == 2
    assert asked.index("Not yet right.") < asked.index("\nRight.")


def test_at_a_terminal_it_waits_for_the_prediction() -> None:
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "chainrule", "learn", "rate-of-change"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=ENVIRONMENT,
    )
    os.close(theirs)
    os.write(ours, b"1\nquit\n")
    shown = b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:  # so Linux says that the other end is closed
            break
        if not more:
            break
        shown += more
    os.close(ours)
    assert running.wait(60) == 0
    text = shown.decode()
    assert text.index("Predict first") < text.index("> ") < text.index("Not yet right.")
    assert "The step may be divided out" in text
    assert "Exercise 2" not in text


@pytest.mark.parametrize(
    ("arguments", "route"),
    [
        (("--no-browser", "--port", "0"), "#/learn"),
        (("7", "--port", "0", "--language", "de"), "#/learn/chain-rule?language=de"),
    ],
)
def test_the_page_is_served_at_the_lesson_where_it_is_asked_for(
    arguments: tuple[str, ...], route: str
) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "chainrule", "learn", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert running.stdout is not None
    url = running.stdout.readline().strip()
    running.terminate()
    running.communicate(timeout=10)
    assert running.returncode == 0
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]+" + re.escape(route), url)


def test_options_of_the_page_do_not_go_with_those_of_the_terminal() -> None:
    refused = learn("chain-rule", "--text", "--no-browser")
    assert refused.returncode == 2
    assert "are for the page: leave them out" in refused.stderr
    assert "did you mean chain-rule?" in learn("chainrule", "--no-browser").stderr


def test_a_script_to_repair_is_written_once_and_its_judge_is_named(tmp_path: Path) -> None:
    to = tmp_path / "slow.py"
    ended = learn("repair", "slow_descent", "-o", str(to))
    assert ended.returncode == 0, ended.stderr
    assert f"chainrule run {to}" in ended.stdout.replace("\n", "")
    assert to.read_text("utf-8") == repair("slow_descent").code
    to.write_text("mine")
    refused = learn("repair", "slow_descent", "-o", str(to))
    assert refused.returncode == 2
    assert "--force overwrites it" in refused.stderr
    assert to.read_text("utf-8") == "mine"
    assert learn("repair", "slow_descent", "-o", str(to), "--force").returncode == 0
    assert to.read_text("utf-8") == repair("slow_descent").code


def test_repairs_are_listed_and_what_is_missing_is_said() -> None:
    listed = json.loads(learn("repair", "--list", "--format", "json").stdout)
    assert {each["lesson"] for each in listed} == set(lesson_files())
    assert "vanishing_chain" in learn("repair").stdout
    assert "-o vanishing_chain.py" in learn("repair", "vanishing_chain").stderr
    assert "Expected a script to repair" in learn("repair", "nothing", "-o", "x.py").stderr
    assert "Expected one lesson" in learn("chain-rule", "the-step").stderr
    assert "are for: chainrule learn repair" in learn("chain-rule", "-o", "x.py").stderr


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\frac{\partial L}{\partial w}", "∂L/∂w"),
        (r"\frac{\partial^2 L}{\partial x_i \partial x_j}", "∂²L/(∂xᵢ ∂xⱼ)"),
        (r"\frac{(3+h)^2 - 9}{h}", "((3+h)² − 9)/h"),
        (r"\frac{1}{2\sqrt{s}}", "1/(2√s)"),
        (r"\frac{dy}{dx} = \lim_{h \to 0} f", "dy/dx = lim_(h→0) f"),
        (r"\theta \leftarrow \theta - \eta \, \nabla L(\theta)", "θ ← θ − η ∇L(θ)"),
        (r"e^{\sin(3z)}", "e^(sin(3z))"),
        (r"\|\nabla L\| \cos\varphi", "‖∇L‖ cos φ"),
        (r"e^{z_i}", "e^(zᵢ)"),
        (r"\text{.grad} + \unknown x", ".grad + unknown x"),
        (r"x}", "x"),
    ],
)
def test_mathematics_on_one_line(latex: str, text: str) -> None:
    assert unicode_mathematics(latex) == text
