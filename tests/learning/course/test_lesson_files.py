"""A lesson's file is read as it is documented; what is wrong in it is a sentence with its line."""

import math
from pathlib import Path

import pytest

from chainrule.learning.course.blocks import (
    Code,
    Display,
    Inline,
    Mathematics,
    Paragraph,
    Plain,
    Table,
)
from chainrule.learning.course.front_matter import read_outline
from chainrule.learning.course.lesson import Lesson, LessonError
from chainrule.learning.course.reading import read_lesson

SAMPLE = Path(__file__).parent / "sample" / "chain_rule.md"
GERMAN = SAMPLE.parent / "de" / SAMPLE.name


@pytest.fixture(scope="module")
def sample() -> Lesson:
    return read_lesson(SAMPLE)


def said(parts: Inline) -> str:
    return "".join(
        p.text if isinstance(p, Plain | Code) else p.latex if isinstance(p, Mathematics) else ""
        for p in parts
    )


def test_the_front_matter_says_what_the_lesson_is(sample: Lesson) -> None:
    outline = sample.outline
    assert (outline.id, outline.number, outline.minutes) == ("chain-rule", 7, 10)
    assert outline.faults == ("vanishing-gradient",)
    assert outline == read_outline(SAMPLE)


def test_every_kind_of_number_is_computed(sample: Lesson) -> None:
    x = 1.5
    slope = 2 * x * math.cos(x**2)
    ratio = (math.sin((x + 0.001) ** 2) - math.sin(x**2)) / 0.001
    expected = {
        "slope": slope,
        "outer": math.cos(x**2),
        "inner": 3.0,
        "ratio": ratio,
        "both": 9.0,
        "lam": 10.0,
        "end": 0.2**20,
        "p": math.exp(1) / (math.exp(1) + math.exp(2) + math.exp(3)),
        "third": 12.0,
    }
    assert set(sample.numbers) == set(expected)
    for name, value in expected.items():
        assert sample.numbers[name] == pytest.approx(value, rel=1e-9), name


def test_numbers_stand_in_texts_mathematics_code_and_tables(sample: Lesson) -> None:
    first, second = (b for b in sample.blocks[:1] for _ in (0, 1))
    assert isinstance(first, Paragraph) and isinstance(second, Paragraph)
    text = said(first.parts)
    assert "−1.885, not −0.628" in text
    assert "1.049·10⁻¹⁴; y = -1.88" in text
    table = next(b for b in sample.blocks if isinstance(b, Table))
    assert said(table.rows[0][1]) == "−0.628"
    assert table.right == (False, True)


def test_a_formula_of_the_engine_is_said_in_words(sample: Lesson) -> None:
    shown = [p for b in sample.blocks if isinstance(b, Paragraph) for p in b.parts]
    spoken = [p.speech for p in shown if isinstance(p, Mathematics) and p.speech]
    assert spoken == ["y' = 2x times the cosine of x squared"]
    display = next(b for b in sample.blocks if isinstance(b, Display))
    assert r"\cos\left(x^{2}\right)" in display.latex


def test_a_prediction_knows_its_truth_from_the_numbers(sample: Lesson) -> None:
    (prediction,) = sample.predictions
    assert prediction.answer == 1
    assert len(prediction.choices) == 3
    assert [view.kind for view in sample.views] == ["slope", "derivation"]


def test_exercises_have_their_answers_from_the_numbers(sample: Lesson) -> None:
    first, second, third = sample.exercises
    assert [e.id for e in sample.exercises] == [f"chain-rule/{i}" for i in (1, 2, 3)]
    assert (first.formula, first.wrt) == ("sin(3*x)", "x")
    assert second.value == sample.numbers["slope"]
    assert third.answer == 1


def test_a_translation_has_its_own_texts_and_the_numbers_of_the_original(sample: Lesson) -> None:
    german = read_lesson(GERMAN, SAMPLE)
    assert german.outline.title.startswith("Die Kettenregel")
    assert german.outline.language == "de"
    assert german.outline.faults == sample.outline.faults
    assert german.numbers == sample.numbers
    assert [type(b) for b in german.all_blocks() if not isinstance(b, Paragraph)] == [
        type(b)
        for b in sample.all_blocks()
        if type(b).__name__ not in ("Paragraph", "Heading", "Table", "Items", "Display")
    ]
    assert said(german.predictions[0].choices[1].text) == "dreimal so groß"
    assert german.predictions[0].answer == 1
    assert german.cells[0].code == sample.cells[0].code
    assert german.views[0].formula == "sin(x**2)"


FARTHEST = 1
"""Lines that a mistake may stand below the one that is told."""

WRONG = {
    "no front matter": ("+++\nid", "id", "Expected the front matter to begin with +++"),
    "no TOML": ("number = 7", "number = ", "Expected TOML"),
    "a field that there is not": ("minutes = 10", "minuts = 10", "Expected no field `minuts`"),
    "another id": ('id = "chain-rule"', 'id = "chains"', "Expected the id of chain_rule.md"),
    "a number that cannot be computed": (
        'value = "2*x", at = { x = 1.5 }',
        'value = "log(x)", at = { x = -1 }',
        "`inner` cannot be computed",
    ),
    "an unknown kind of number": ('value = "2*x"', 'valu = "2*x"', "Expected one of value"),
    "an earlier number that there is not": ('a = "@inner"', 'a = "@later"', "found @later"),
    "a number that the text asks for": ("said {{ rule", "said {{ rull", "found rull"),
    "a format": ("{{ outer | .3f }}.", "{{ outer | .3q }}.", "found .3q"),
    "a directive": (":::run", ":::runn", "Expected a directive"),
    "a view": (":::view slope", ":::view slop", "Expected a view"),
    "what may be dragged": ('drag = "x"', 'drag = "z"', "Expected one of h, x"),
    "a prediction without a reveal": ("::::reveal", "::::view slope", "Expected the :::reveal"),
    "truths that hold both": ("slope > outer", "outer > slope", "found 2"),
    "hints": ('["a", "b", "c"]', '["a", "b"]', "Expected three hints"),
    "HTML": ("- one *idea*", "![x](y)", "has no image"),
    "a link elsewhere": ("#/learn/the-step", "the-step", "Expected a link to #/learn/"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    old, new, sentence = WRONG[name]
    text = SAMPLE.read_text("utf-8")
    assert old in text
    path = tmp_path / SAMPLE.name
    path.write_text(text.replace(old, new, 1), "utf-8")
    line = text.count("\n", 0, text.index(old) + len(old) - len(old.split("\n")[-1])) + 1
    with pytest.raises(LessonError) as raised:
        read_lesson(path)
    assert sentence in raised.value.sentence
    assert 0 <= line - raised.value.line <= FARTHEST, str(raised.value)
    assert "\n" not in str(raised.value)


WRONG_TRANSLATIONS = {
    "a field of the original's": (
        ":::view\ncaption",
        ':::view\nformula = "x"\ncaption',
        "only texts",
    ),
    "a text that is missing": ('question = "Glieder …"\n', "", "Expected a translation of `quest"),
    "a directive too few": (":::code\n:::\n", "", "directives of the original in their order"),
    "a choice too few": ('"dreimal so groß", ', "", "Expected two choices or more"),
}


@pytest.mark.parametrize("name", WRONG_TRANSLATIONS)
def test_a_translation_that_does_not_fit_is_told(name: str, tmp_path: Path) -> None:
    old, new, sentence = WRONG_TRANSLATIONS[name]
    text = GERMAN.read_text("utf-8")
    assert old in text
    path = tmp_path / "de" / GERMAN.name
    path.parent.mkdir()
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(LessonError) as raised:
        read_lesson(path, SAMPLE)
    assert sentence in raised.value.sentence
    assert raised.value.file == "de/chain_rule.md"
