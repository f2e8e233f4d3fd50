"""Catalogues have what the program says, and the second language's interface is complete."""

import io
import sys
from pathlib import Path

import pytest

from chainrule.faces.learning.reading import Reading
from chainrule.faces.page import Page
from chainrule.learning.course.course import lesson
from chainrule.learning.locale.__main__ import messages, written
from chainrule.learning.locale.catalogue import catalogue, language_of


def test_a_catalogue_brought_up_to_date_keeps_its_translations() -> None:
    before = catalogue("de").messages
    after = written("de")
    assert [entry.msgid for entry in after] == list(messages())
    kept = {entry.msgid: entry.msgstr for entry in after.translated_entries()}
    assert kept == {m: text for m, text in before.items() if m in messages()}
    assert len(kept) >= 30


def test_words_of_the_interface_and_skills_are_translated() -> None:
    known = catalogue("de").messages
    needed = [m for m, where in messages().items() if where.startswith(("interface", "skill"))]
    assert len(needed) >= 30
    assert [message for message in needed if message not in known] == []


def test_a_lesson_in_german_asks_in_german() -> None:
    page = io.StringIO()
    Reading(Page(page, width=80), None, "de").write(lesson("chain-rule", "de"))
    assert "Erst vorhersagen" in page.getvalue()
    assert "Predict first" not in page.getvalue()


def test_what_is_fuzzy_or_untranslated_stays_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = sys.modules[catalogue.__module__]  # the package has a function of this name
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    (tmp_path / "xx.po").write_text(
        'msgid ""\nmsgstr "Language: xx"\n\nmsgid "a "\n"b"\nmsgstr "c\\n"\n"d"\n\n'
        '#, fuzzy\nmsgid "e"\nmsgstr "f"\n\nmsgid "g"\nmsgstr ""\n'
    )
    read = catalogue("xx")
    assert [read.gettext(word) for word in ("a b", "e", "g")] == ["c\nd", "e", "g"]


def test_the_language_is_that_of_the_environment() -> None:
    assert language_of({"LANG": "de_DE.UTF-8"}) == "de"
    assert language_of({"LANG": "C.UTF-8"}) == "en"
