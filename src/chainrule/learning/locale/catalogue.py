"""A catalogue of translated messages, read from its `.po` file.

gettext's own reader wants a compiled file, which every change of the text would have to make anew;
there are two thousand messages, and reading them takes less than a tenth of a second, once.
"""

import gettext
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import polib

from chainrule.records.message import told

FOLDER = Path(__file__).parent
INTERFACE = "interface"
"""What a catalogue says of a word of the interface, beside where other messages come from."""


class Catalogue(gettext.NullTranslations):
    """Messages by their English text; what is not translated stays English.

    Args:
        messages: The translations.
        words: Those of the interface among them, which a page needs at once.
    """

    def __init__(self, messages: Mapping[str, str], words: Mapping[str, str]) -> None:
        super().__init__()
        self.messages = dict(messages)
        self.words = dict(words)

    def gettext(self, message: str) -> str:
        """A message in the language of the catalogue, with its fields if it has some."""
        return told(message, lambda text: self.messages.get(text) or text)


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language by its code; that of a language without a file is empty."""
    path = FOLDER / f"{language}.po"
    if not language.isalpha() or not path.is_file():
        return Catalogue({}, {})
    entries = polib.pofile(str(path)).translated_entries()
    words = {each.msgid: each.msgstr for each in entries if each.comment == INTERFACE}
    return Catalogue({entry.msgid: entry.msgstr for entry in entries}, words)


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """The code of the language that a user's environment asks for; "en" if it says nothing."""
    there = os.environ if environment is None else environment
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        first = there.get(name, "").split(":")[0]
        code = first.partition(".")[0].partition("_")[0].lower()
        if code and code not in ("c", "posix"):
            return code
    return "en"
