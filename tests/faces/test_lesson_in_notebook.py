"""`chainrule.lesson`: what it shows with and without widgets, and what it refuses."""

import re

import pytest

import chainrule
from chainrule.faces.notebook import mimebundle
from chainrule.faces.notebook.depiction import depiction
from chainrule.learning.course.course import lesson, lesson_files
from chainrule.learning.course.lesson import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("id", lesson_files())
def test_every_lesson_is_markdown_and_text(id: str, language: str) -> None:
    shown = chainrule.lesson(id, language=language)
    text, markdown = repr(shown), shown._repr_markdown_()
    title = lesson(id, language).outline.title
    assert title in text
    assert title.replace("_", "\\_") in markdown
    assert markdown.count("```") % 2 == 0
    outside = re.sub(r"```.*?```|`[^`]*`", "", markdown, flags=re.DOTALL)
    assert re.sub(r"\\.", "", outside).count("$") % 2 == 0
    assert "](#/" not in markdown  # an address of the page leads nowhere in a notebook
    assert all(f" {each.id.partition('/')[2]}**" in markdown for each in lesson(id).exercises)


def test_a_saved_notebook_keeps_the_lesson() -> None:
    bundle, _ = mimebundle(chainrule.lesson("chain-rule", language="en"))
    assert "Predict first" in bundle["text/markdown"]
    assert "Predict first" in bundle["text/plain"]
    assert "image/png" not in bundle


def test_an_answer_is_judged_where_the_notebook_asks() -> None:
    looks = depiction(chainrule.lesson("chain-rule"))
    judged = looks.answers("answer", {"exercise": "chain-rule/1", "answer": "3cos(3x)"})
    assert judged["correct"] is True


def test_the_course_and_ways_to_name_a_lesson() -> None:
    overview = chainrule.lesson(language="de")
    assert all(f"chainrule.lesson({id!r})" in repr(overview) for id in lesson_files())
    assert all(f"chainrule.lesson({id!r})" in overview._repr_markdown_() for id in lesson_files())
    assert chainrule.lesson("chain_rule").id == chainrule.lesson(7).id == "chain-rule"


def test_what_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean chain-rule"):
        chainrule.lesson("chain-rul")
    with pytest.raises(ValueError, match="Expected a language"):
        chainrule.lesson("chain-rule", language="xx")
