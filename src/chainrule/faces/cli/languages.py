"""`--language` of the commands for learners, and what such a command speaks before it runs."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed, failed

if TYPE_CHECKING:
    from chainrule.records.message import Translate

LEARNERS = frozenset({"learn", "practice", "grade"})
"""Commands that speak a learner's language; all others are for who reads English messages."""

OPTION = "--language"

Language = Annotated[
    str | None,
    typer.Option(OPTION, metavar="CODE", help="en or de.  [default: that of your environment]"),
]


def language_asked(asked: str | None) -> str:
    """The code of the language to speak: the one asked for, else that of the environment.

    Raises:
        CommandFailed: If there is no such language.
    """
    from chainrule.learning.course.lesson import LANGUAGES
    from chainrule.learning.locale import language_of

    if asked is None:
        found = language_of()
        return found if found in LANGUAGES else next(iter(LANGUAGES))
    if asked not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise failed("Expected a language ({known}), found {found!r}.", known=known, found=asked)
    return asked


def spoken(arguments: Sequence[str]) -> "Translate":
    """What translates help and failures of a command line, which come before or instead of a run.

    Args:
        arguments: As typed, the name of the command first. That of a learner's command is asked
            in the language it names; where that is none, in that of the environment.
    """
    if not arguments or arguments[0] not in LEARNERS:
        return str
    from chainrule.learning.locale import catalogue

    try:
        language = language_asked(typed_value(arguments, (OPTION,)))
    except CommandFailed:
        language = language_asked(None)
    return catalogue(language).gettext


def typed_value(arguments: Sequence[str], names: Collection[str]) -> str | None:
    """What is typed for an option that has these names, the last time; None if it is not typed.

    For what is said of a command line that was not read, or not yet.
    """
    found = None
    for argument, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if argument == "--":
            break
        name, equals, value = argument.partition("=")
        if name in names:
            found = value if equals else after
    return found
