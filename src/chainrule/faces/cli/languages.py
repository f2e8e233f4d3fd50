"""`--language` of the commands for learners."""

from typing import Annotated

import typer

from .failure import CommandFailed

Language = Annotated[
    str | None,
    typer.Option(
        "--language", metavar="CODE", help="en or de.  [default: that of your environment]"
    ),
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
        raise CommandFailed(f"Expected a language ({', '.join(LANGUAGES)}), found {asked!r}.")
    return asked
