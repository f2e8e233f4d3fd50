"""Catalogues have what the program says, and the second language's interface is complete."""

import io

from chainrule.faces.learning.reading import Reading
from chainrule.faces.page import Page
from chainrule.learning.course.course import lesson
from chainrule.learning.locale.__main__ import messages, written
from chainrule.learning.locale.catalogue import catalogue, read_po


def test_a_catalogue_brought_up_to_date_keeps_its_translations() -> None:
    before = catalogue("de").messages
    after = dict(read_po(written("de").splitlines()))
    assert [message for message in after if message] == list(messages())
    kept = {message: text for message, text in after.items() if message and text}
    assert kept == {m: text for m, text in before.items() if m in messages()}
    assert len(kept) >= 30


def test_words_of_the_interface_and_skills_are_translated() -> None:
    known = catalogue("de").messages
    needed = [m for m, where in messages().items() if not where.startswith("mistake")]
    assert len(needed) >= 30
    assert [message for message in needed if message not in known] == []


def test_a_lesson_in_german_asks_in_german() -> None:
    page = io.StringIO()
    Reading(Page(page, width=80), None, "de").write(lesson("chain-rule", "de"))
    assert "Erst vorhersagen" in page.getvalue()
    assert "Predict first" not in page.getvalue()
