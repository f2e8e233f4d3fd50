"""The commands for learners, from help to failure, say no sentence of theirs in English."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import lru_cache
from string import Formatter

import pytest

from chainrule.calculus import parse
from chainrule.calculus.matrix import (
    MATRIX_NOTATIONS,
    MatrixDerivation,
    derive_matrix,
    first_entry,
    narrate_matrix,
)
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.notations import MatrixNotation
from chainrule.faces.cli import COMMANDS, status_of
from chainrule.faces.cli.languages import LEARNERS, spoken, typed_value
from chainrule.faces.learning.session_words import SessionWords
from chainrule.faces.matrix_derivation import write_matrix_derivation
from chainrule.faces.page import Page
from chainrule.faces.worked_solution import write_solution
from chainrule.learning.locale import catalogue
from chainrule.learning.practice import generate, worked

GERMAN = catalogue("de")
SAY = GERMAN.gettext

SHORTEST = 12
"""Letters of a stretch of English that is looked for: shorter ones stand in German texts too."""


@lru_cache(maxsize=1)
def english_stretches() -> dict[str, str]:
    """Stretches of two words or more that only English messages have, and the message of each."""
    german = "\n".join(GERMAN.messages.values())
    found: dict[str, str] = {}
    for message, text in GERMAN.messages.items():
        if message != text:
            for stretch in _literals(message):
                words = " ".join(stretch.replace("`", "").split())
                if " " in words and len(words) >= SHORTEST and words not in german:
                    found[words] = message
    return found


def _literals(message: str) -> Iterator[str]:
    try:
        yield from [literal for literal, *_ in Formatter().parse(message)]
    except ValueError:  # braces of a formula
        yield message


def english_in(shown: str) -> list[str]:
    """Messages of the catalogue whose English stands in what was shown."""
    plain = " ".join(shown.split())
    return [message for words, message in english_stretches().items() if words in plain]


def test_what_english_is_looked_for_is_found() -> None:
    assert len(english_stretches()) >= 1000
    assert english_in("chainrule: Missing argument\n'FORMULA'. Nothing is\ndue.")
    assert not english_in("Richtig. Noch nicht richtig. Die Formel ist leer.")


def run(*arguments: str, typed: str = "", asked: bool = True) -> str:
    """What a command shows, in German by its option, or by the environment alone."""
    import os

    ended = subprocess.run(
        [sys.executable, "-m", "chainrule", *arguments, *(["--language", "de"] if asked else [])],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        env={**os.environ, "LANGUAGE": "", "LANG": "en_US.UTF-8" if asked else "de_DE.UTF-8"},
    )
    assert "Traceback" not in ended.stderr
    return ended.stdout + ended.stderr


def test_a_whole_session_is_german() -> None:
    """A wrong answer, a hint of each depth, the solution; matrices; a lesson; the wall."""
    shown = [
        run(
            *("practice", "--skill", "chain-rule", "--level", "2", "--count", "2", "--seed", "5"),
            "--forget",
            typed="x(\n1\n\n\n?\n??\n???\nLösung\nweiter\n",
        ),
        run(
            *("practice", "--skill", "matrices", "--level", "4", "--count", "2", "--seed", "1"),
            "--forget",
            typed="weiter\nA^T u\n?\nlösung\n",
            asked=False,
        ),
        run("learn", "why-the-transpose", "--text", asked=False),
        run("practice", "--find-wall", "--seed", "2", "--forget", typed="?\nende\n"),
    ]
    assert [english_in(each) for each in shown] == [[], [], [], []]
    first, matrices, lesson, wall = (" ".join(each.split()) for each in shown)
    assert "0 von 2 gelöst." in first
    assert "Kettenregel" in first
    assert "Zurück von L: dL = ⟨∂L/∂u, du⟩ bei jedem Wert u" in matrices
    assert "Erst vorhersagen" in lesson
    assert "Vorzeitig beendet" in wall


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_help_is_german(name: str) -> None:
    shown = run(name, "--help")
    assert shown.startswith(f"Aufruf: chainrule {name} [OPTIONEN]")
    assert "Optionen:" in shown
    assert english_in(shown) == []
    assert "default" not in shown
    assert "Examples" not in shown


def test_help_follows_the_environment_and_the_option_before_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert status_of(["grade", "-h"]) == 0
    assert "Prüft eine Antwort" in capsys.readouterr().out
    assert status_of(["grade", "--language=en", "-h"]) == 0
    english = capsys.readouterr().out
    assert english.startswith("Usage: chainrule grade [OPTIONS] {FORMULA}\n\n  Grade an answer")
    assert "FORMULA  Such as" in english
    assert "[required]" in english
    assert status_of(["runs", "-h"]) == 0
    assert capsys.readouterr().out.startswith("Usage: chainrule runs")


MISFIT = ("grade", "sum(X @ w + Y)", "--answer", "1", "--wrt", "w", "--shapes")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("grade",), "Es fehlt das Argument 'FORMULA'."),
        (("grade", "x^2"), "Es fehlt die Option '--answer'."),
        (("grade", "x^2", "--answr", "2x"), "Die Option --answr gibt es nicht (mögliche Opt"),
        (("practice", "--level", "9"), "eine ganze Zahl x mit 1<=x<=5. Hier steht '9'."),
        (("practice", "--format=xml"), "eines von text, json. Hier steht 'xml'."),
        (("practice", "--goal", "matrices"), "--find-wall"),
        (("practice", "--due=3"), "Die Option '--due' nimmt keinen Wert."),
        (("practice", "3"), "Mehr Argumente werden nicht erwartet, hier steht '3'."),
        (("learn", "repair", "nothing", "-o", "-"), "Erwartet wird ein Skript zum Reparieren"),
        (("learn", "chain-rul", "--text"), "Eine Lektion 'chain-rul' gibt es nicht; meinst du cha"),
        (("practice", "--skill", "nothing"), "nested-chain und "),
        (("grade", "x^2", "--answer", "2x", "--at", "x=[1"), "Klammern, die nicht zusammenpass"),
        (("grade", "x^2", "--answer", "2x", "--at", "x=1,x=2"), "Nenn es einmal."),
        (("grade", "A @ u", "--answer", "A", "--wrt", "q"), "hier steht 'q'; sie hat A, u."),
        (("grade", "A @ u", "--answer", "A", "--shapes", "A=0x2"), "Größen sind mindestens 1."),
        ((*MISFIT, "X=3x2,w=2,Y=2x2"), "Ein Vektor aus 3 Zahlen passt nicht zu: eine 2 × 2-M"),
        (("grade", "1 = 2 = 3", "--answer", "1"), "Das ist das zweite = in einer Angabe"),
        (("grade", "x = y; y = x", "--answer", "1"), "Definitionen dürfen nicht im Kreis gehen"),
        (("grade", "sin = x", "--answer", "1"), "'sin' ist der Name einer Funktion"),
        (("grade", "tr(A)", "--answer", "1", "--shapes", "A=2x3"), "eine quadratische Matrix"),
    ],
)
def test_failures_are_german(
    typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of([*typed, "--language", "de"]) == 2
    shown = " ".join(capsys.readouterr().err.split())
    assert said in shown
    assert english_in(shown) == []


def test_an_option_without_its_value_is_told_in_the_language_of_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert status_of(["practice", "--level"]) == 2
    said = "Die Option '--level' braucht einen Wert. Mehr dazu: chainrule practice --help"
    assert said in capsys.readouterr().err
    assert status_of(["run", "--budget"]) == 2
    assert "Option '--budget' requires an argument. Try:" in capsys.readouterr().err


def test_a_language_that_is_none_is_refused_in_that_of_the_environment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    assert status_of(["practice", "--language", "xx"]) == 2
    assert "Erwartet wird eine Sprache (en, de), hier steht 'xx'." in capsys.readouterr().err


def test_only_the_commands_for_learners_speak_another_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LANGUAGE", "de")
    names = {each.__name__.rpartition(".")[2] for each in COMMANDS}
    assert names >= LEARNERS
    message = "Nothing is due."
    assert {name for name in names if spoken([name])(message) != message} == LEARNERS
    assert spoken([])(message) == message
    assert spoken(["practice", "--language", "en"])(message) == message
    assert typed_value(["grade", "--", "--language", "en"], ("--language",)) is None
    assert typed_value(["practice", "--count", "3", "--count=x"], ("--count",)) == "x"  # as Typer


def test_words_in_place_of_an_answer_are_those_of_both_languages() -> None:
    english, german = SessionWords.of(str), SessionWords.of(SAY)
    assert english.quit < german.quit
    assert english.skip < german.skip
    assert english.worked < german.worked == {"worked", "lösung"}
    assert not german.quit & german.skip


FORMULAS: tuple[tuple[str, str, dict[str, Shape]], ...] = (
    ("norm(X @ w - y)^2", "w", {"X": (3, 2), "w": (2,), "y": (3,)}),
    ("cross_entropy(X @ W + b, t)", "b", {"X": (4, 2), "W": (2, 3), "b": (3,), "t": (4,)}),
    ("logdet(A) + tr(A @ B) + dot(x, inverse(A) @ x)", "A", {"A": (2, 2), "B": (2, 2), "x": (2,)}),
    ("mean(relu(A @ x) * x) + max(x)", "x", {"A": (2, 2), "x": (2,)}),
    ("sum(max(x, y)) + sum(where(x, x, y))", "x", {"x": (2,), "y": (2,)}),
    ("softmax(A @ x)", "x", {"A": (2, 2), "x": (2,)}),
    ("sum((X - column_mean(X))^2 / 3)", "X", {"X": (3, 2)}),
)


@pytest.mark.parametrize("way", MATRIX_NOTATIONS, ids=lambda way: way.id)
def test_derivatives_by_matrices_are_told_in_german(way: MatrixNotation) -> None:
    """In every notation; only in words are the formulas of another language as well."""
    for text, by, shapes in FORMULAS:
        found = derive_matrix(parse(text), by, shapes)
        entry = first_entry(found)
        shown = io.StringIO()
        page = Page(shown, width=100)
        write_matrix_derivation(page, found, None, [entry] if entry else [], way.id, say=SAY)
        assert english_in(shown.getvalue()) == [], text
        told, german = narrate_matrix(found, way), narrate_matrix(found, way, say=SAY)
        if way.style == "words":
            continue
        pairs = [*zip(german.formulas(), told.formulas(), strict=True)]
        assert all(own == english or english in GERMAN.messages for own, english in pairs)
        assert [*code(german.code)] == [*code(told.code)]
        assert german.kinds.text != told.kinds.text


def code(program: str) -> Iterator[str]:
    for line in program.split("\n"):
        yield line.partition("#")[0]


def test_rows_have_their_formulas_where_the_language_puts_them() -> None:
    from chainrule.calculus.matrix.narration import Mathematics, Piece, Row
    from chainrule.records.message import Message

    row = Row(
        Message("so {equation} {extent}", equation=Mathematics("x = 1"), extent=Message("here")),
        aside=Message("{count} uses add up", count=2),
    )
    turned = {"so {equation} {extent}": "{extent} gilt {equation}", "here": "hier"}
    said = row.in_language(lambda text: turned.get(text, text))
    assert row.text == "so x = 1 here   (2 uses add up)"
    assert said.text == "hier gilt x = 1   (2 uses add up)"
    assert row.pieces == (Piece(text="so "), Piece(text="x = 1", formula=True), Piece(text=" here"))
    assert said.pieces == (Piece(text="hier gilt "), Piece(text="x = 1", formula=True))
    assert Row(Mathematics("here")).in_language(lambda text: turned.get(text, text)).is_formula


def test_worked_exercises_with_matrices_are_german() -> None:
    seen = 0
    for level in (4, 5):
        for seed in range(8):
            solution = worked(generate("matrices", level, seed))
            if isinstance(solution, MatrixDerivation):
                seen += 1
                shown = io.StringIO()
                write_solution(Page(shown, width=80), solution, str, SAY)
                assert english_in(shown.getvalue()) == []
                assert re.search(r"abgeleitet nach [a-z]\n", shown.getvalue())
    assert seen >= 2
