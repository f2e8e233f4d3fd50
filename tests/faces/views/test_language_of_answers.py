"""Questions that carry a language are answered in it; names, ids and formulas stay as they are."""

import re
from typing import Any

import pytest
from asking import ask, refusal

ENGLISH = re.compile(
    r"(?<!-)\b(the|is|are|of|and|that|with|for|this|its|by|not|expected|found)\b(?!-)",
    re.IGNORECASE,
)
"""Words of English sentences; ids of lessons have some between hyphens."""
FORMULAS = (
    *("latex", "code", "formula", "definitions", "names", "expression"),
    *("product", "derivative", "label", "kind", "id", "rule"),
)
"""Fields that hold none of our sentences."""


def texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [t for key, each in value.items() if key not in FORMULAS for t in texts(each)]
    if isinstance(value, list):
        return [t for each in value for t in texts(each)]
    return [value] if isinstance(value, str) else []


def numbers(value: Any) -> list[Any]:
    """All of a document that is no text."""
    if isinstance(value, dict):
        return [n for each in value.values() for n in numbers(each)]
    if isinstance(value, list):
        return [n for each in value for n in numbers(each)]
    return [] if isinstance(value, str) else [value]


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("derivation", {"formula": "x^2 sin(3x)/log(x)", "at": {"x": 2.0}}),
    ("derivation", {"formula": "sin(x)^2*exp(-x/2)", "notation": "words", "at": {"x": 1.0}}),
    ("derivation", {"formula": "relu(x) + abs(x)", "at": {"x": 0.0}}),
    ("derivation", {"formula": "sqrt(x)*log(x)", "at": {"x": -1.0}}),
    ("derivation", {"formula": "z = x*y; x = t^2; y = 3t"}),
    ("derivation", {"formula": "x^2 + y^2 = 25", "at": {"x": 3.0, "y": 4.2}}),
    ("derivation", {"formula": "x^2 + y^2 = 25", "at": {"x": 5.0}}),
    ("derivation", {"formula": "y^2 = x^3 + x^2", "at": {"x": 0.0}, "notation": "partial"}),
    ("derivation", {"formula": "norm(X@w - y)^2", "shapes": "X=3x2,w=2,y=3", "wrt": "w"}),
    ("derivation", {"formula": "mean((X@w - y)^2)", "at": "start", "wrt": "w"}),
    ("graph", {"formula": "relu(x) + x^2", "at": {"x": 0.0}}),
    ("formula", {"formula": "log(x)/x", "at": {"x": -1.0}}),
]


@pytest.mark.parametrize(("question", "parameters"), QUESTIONS)
def test_an_answer_in_german_says_nothing_in_english(
    question: str, parameters: dict[str, Any]
) -> None:
    german = ask(question, **parameters, language="de")
    assert [text for text in texts(german) if ENGLISH.search(text)] == []
    english = ask(question, **parameters)
    assert any(ENGLISH.search(text) for text in texts(english)) or question != "derivation"
    assert numbers(german) == numbers(english)


@pytest.mark.parametrize(
    ("question", "parameters"),
    [
        ("derivation", {"formula": "3 + 4"}),
        ("derivation", {"formula": "x^2", "wrt": "y"}),
        ("derivation", {"formula": "x^2", "at": {"y": 1.0}}),
        ("derivation", {"formula": "X@w", "at": "X="}),
        ("derivation", {"formula": "x*y", "at": {"x": 1.0}}),
        ("formula", {"formula": "x^2 = y"}),
        ("formula", {"formula": "x^2 +"}),
        ("graph", {"formula": "x^2 = y"}),
        ("graph", {"formula": "X@w", "at": "X=[[1,2],[3,4]],w=[1,2,3]"}),
        ("lesson", {"id": "no-such-lesson"}),
    ],
)
def test_a_refusal_in_german_says_nothing_in_english(
    question: str, parameters: dict[str, Any]
) -> None:
    german = refusal(question, **parameters, language="de")
    assert not ENGLISH.search(german.sentence), german.sentence
    english = refusal(question, **parameters)
    assert (german.field, german.column, german.text) == (
        english.field,
        english.column,
        english.text,
    )
    assert german.sentence != english.sentence


@pytest.mark.parametrize(("question", "parameters"), QUESTIONS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_said_is_plain_text(
    question: str, parameters: dict[str, Any], language: str
) -> None:
    """A marimo notebook writes the fields of a text that is more than one, and not the text."""
    document = ask(question, **parameters, language=language)
    assert {type(text) for text in texts(document)} == {str}


def test_what_cannot_be_read_of_an_answer_is_said_in_the_language_of_the_question() -> None:
    asked = {"exercise": "chain-rule/1", "answer": "3cos(3x"}
    for question in ("understood", "grade"):
        english, german = refusal(question, **asked), refusal(question, **asked, language="de")
        assert "closed" in english.sentence
        assert not ENGLISH.search(german.sentence), german.sentence
        assert (german.field, german.column) == (english.field, english.column) == ("answer", 4)


def test_a_language_that_there_is_not_is_refused() -> None:
    assert refusal("formula", formula="x", language="xx").field == "language"
