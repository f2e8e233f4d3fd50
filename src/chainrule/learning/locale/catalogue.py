"""A catalogue of translated messages, read from its `.po` file.

gettext's own reader wants a compiled file, which every change of the text would have to make anew;
a course has a few hundred messages, and reading them takes a few milliseconds.
"""

import gettext
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent

_FIELDS = ("msgctxt", "msgid", "msgstr")


class Catalogue(gettext.NullTranslations):
    """Messages by their English text; what is not translated stays English.

    Args:
        messages: The translations.
    """

    def __init__(self, messages: Mapping[str, str]) -> None:
        super().__init__()
        self.messages = dict(messages)

    def gettext(self, message: str) -> str:
        """A message in the language of the catalogue."""
        return self.messages.get(message) or message


@lru_cache(maxsize=8)
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language by its code; that of a language without a file is empty."""
    path = FOLDER / f"{language}.po"
    if not language.isalpha() or not path.is_file():
        return Catalogue({})
    entries = read_po(path.read_text("utf-8").splitlines())
    return Catalogue({message: text for message, text in entries if message and text})


def read_po(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The messages of a `.po` file with their translations; fuzzy and obsolete ones are left out.

    Args:
        lines: Of the file. Plural forms are not used here.
    """
    entry: dict[str, str] = {}
    field = ""
    fuzzy = False
    for line in (*lines, ""):
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
            continue
        word, _, rest = line.partition(" ")
        if word in _FIELDS:
            field, line = word, rest
        if line.startswith('"') and field:
            entry[field] = entry.get(field, "") + json.loads(line)
        elif not line.strip():
            if "msgid" in entry and not fuzzy:
                yield entry["msgid"], entry.get("msgstr", "")
            entry, field, fuzzy = {}, "", False


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """The code of the language that a user's environment asks for; "en" if it says nothing."""
    there = os.environ if environment is None else environment
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        first = there.get(name, "").split(":")[0]
        code = first.partition(".")[0].partition("_")[0].lower()
        if code and code not in ("c", "posix"):
            return code
    return "en"
