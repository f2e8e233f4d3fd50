"""Answers in their reader's language.

A question may carry a `language`. Documents are made in English, with a `Message` wherever
something is said; here each is said anew. Any other text, a formula or a name, stays as it is.
"""

from collections.abc import Mapping
from types import NoneType

from chainrule.learning.course.lesson import LANGUAGES
from chainrule.learning.locale import catalogue
from chainrule.records.message import Message, Translate, told

from .question import Parameters, Refusal


def language_asked(parameters: Parameters) -> str:
    """The `language` of a question, English without it.

    Raises:
        Refusal: If it is none that the course is in.
    """
    language = parameters.text("language", "en")
    if language not in LANGUAGES:
        raise Refusal(
            f"Expected one of the languages {', '.join(LANGUAGES)}, found {language!r}.",
            field="language",
        )
    return language


def translation(parameters: Parameters) -> Translate:
    """How texts are said in the `language` of a question.

    Raises:
        Refusal: If it is none that the course is in.
    """
    return catalogue(language_asked(parameters)).gettext


_SAYS_NOTHING = frozenset({float, int, bool, str, NoneType})
"""Types of values that are no message and hold none: of a long run there are a hundred thousand."""


def in_language(document: object, say: Translate) -> object:
    """A document with all its messages said in a language, as plain texts in English too.

    Args:
        document: Of objects, lists and values, as JSON has them.
        say: The translation.
    """
    if isinstance(document, Message):
        return told(document, say)
    if isinstance(document, Mapping):
        return {
            key: value if type(value) in _SAYS_NOTHING else in_language(value, say)
            for key, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [
            value if type(value) in _SAYS_NOTHING else in_language(value, say) for value in document
        ]
    return document


def refusal_in_language(refusal: Refusal, say: Translate) -> Refusal:
    """A refusal whose sentence is said in a language."""
    return Refusal(
        told(refusal.sentence, say) if isinstance(refusal.sentence, Message) else refusal.sentence,
        field=refusal.field,
        column=refusal.column,
        text=refusal.text,
        instead=refusal.instead,
    )
