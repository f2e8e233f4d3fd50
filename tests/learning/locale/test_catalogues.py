"""Catalogues have what the program says, and the second language is complete."""

import io
import re
import string
import sys
from pathlib import Path

import pytest

from chainrule.faces.learning.reading import Reading
from chainrule.faces.page import Page
from chainrule.learning.course.course import lesson
from chainrule.learning.locale.__main__ import messages, written
from chainrule.learning.locale.catalogue import catalogue, language_of

GERMAN = catalogue("de")
MESSAGES = messages()
"""Collected once: all sources are read for it."""


def test_a_catalogue_brought_up_to_date_keeps_its_translations() -> None:
    after = written("de")
    assert [entry.msgid for entry in after] == list(MESSAGES)
    kept = {entry.msgid: entry.msgstr for entry in after.translated_entries()}
    assert kept == {m: text for m, text in GERMAN.messages.items() if m in MESSAGES}


def test_no_message_is_untranslated() -> None:
    known = GERMAN.messages
    assert len(MESSAGES) >= 900
    assert [message for message in MESSAGES if message not in known] == []


def fields(template: str) -> set[tuple[str, str, str]]:
    """Names of fields with how they are written: another number of digits is another number."""
    parts = string.Formatter().parse(template)
    return {(name, form or "", as_ or "") for _, name, form, as_ in parts if name is not None}


def test_fields_and_formulas_are_the_same_in_both_languages() -> None:
    for message, text in GERMAN.messages.items():
        assert formulas(message) == formulas(text), message
        try:
            expected = fields(message)
        except ValueError:  # braces of a formula in a message without fields
            continue
        assert expected == fields(text), message


def formulas(text: str) -> list[str]:
    return sorted(re.findall("`[^`]*`", text))


def test_translations_are_typed_as_germans_do() -> None:
    """No Sie where lessons say du, no ASCII for umlauts, no space that was forgotten."""
    for message, text in GERMAN.messages.items():
        assert not re.search(r"\b(Sie sich|Ihre Antwort|Ihnen|fuer|ueber|naechst)\b", text), text
        assert "  " not in text, text
        assert text.startswith(" ") == message.startswith(" "), message
        assert text.rstrip()[-1:] in ".?!:…)" or message.rstrip()[-1:] not in ".?!", message


def test_words_of_the_interface_are_a_small_part() -> None:
    assert 40 <= len(GERMAN.words) < len(GERMAN.messages) / 2
    assert GERMAN.words["Exercise"] == "Aufgabe"


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
