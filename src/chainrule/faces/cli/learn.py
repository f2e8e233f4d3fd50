"""`chainrule learn`: the course on the page or in the terminal, and the scripts to repair."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from .failure import CommandFailed, failed
from .formats import ListFormat
from .languages import Language, language_asked
from .page_options import HOST, PORT, Host, NoBrowser, Port, serve_page

if TYPE_CHECKING:
    from chainrule.faces.page import Page
    from chainrule.faces.practice import ReadLine
    from chainrule.learning.course.blocks import Repair
    from chainrule.records.json_values import Json
    from chainrule.records.message import Translate

REPAIR = "repair"
"""In place of a lesson: the next argument is a script to repair."""


def command(
    lesson: Annotated[
        str | None,
        typer.Argument(
            metavar="[LESSON|repair]",
            help="Such as chain-rule, or its number; or repair, with a script's name.",
        ),
    ] = None,
    script: Annotated[
        str | None,
        typer.Argument(metavar="[SCRIPT]", help="After repair: such as vanishing_chain."),
    ] = None,
    text: Annotated[
        bool, typer.Option("--text", help="In this terminal, not on the page.")
    ] = False,
    list_all: Annotated[
        bool, typer.Option("--list", help="List the lessons, or the scripts to repair, and end.")
    ] = False,
    language: Language = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Where the script to repair is written."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite that file.")] = False,
    format: Annotated[
        ListFormat, typer.Option(help="Of a lesson or a list; json has no answers.")
    ] = ListFormat.text,
    host: Host = HOST,
    port: Port = PORT,
    no_browser: NoBrowser = False,
) -> None:
    """Open the course in a browser, or read it in the terminal.

    It is read in the terminal with --text, where there is no screen, and where the output is no
    terminal; --no-browser, --host and --port ask for the page in any case.

    Example: chainrule learn
    Example: chainrule learn chain-rule --text
    Example: chainrule learn repair vanishing_chain -o vanishing_chain.py
    """
    from chainrule.learning.course.lesson import LessonError
    from chainrule.learning.locale import catalogue

    say = catalogue(language_asked(language)).gettext
    _refuse(lesson, script, output, force, list_all)
    asked_for_page = no_browser or (host, port) != (HOST, PORT)
    if asked_for_page and (text or list_all or lesson == REPAIR or format is ListFormat.json):
        raise failed("--no-browser, --host and --port are for the page: leave them out.")
    try:
        if lesson == REPAIR:
            if script is None or list_all:
                _list_repairs(format, say)
            else:
                _write_repair(script, output, force, say)
        elif not (text or list_all or format is ListFormat.json) and (
            asked_for_page or _is_on_a_screen()
        ):
            _open(lesson, language, host=host, port=port, no_browser=no_browser)
        elif lesson is None or list_all:
            _list_lessons(language_asked(language), format)
        else:
            _show(lesson, language_asked(language), format)
    except LessonError as error:
        raise CommandFailed(str(error)) from None


def _refuse(
    lesson: str | None,
    script: str | None,
    output: Path | None,
    force: bool,
    list_all: bool,
) -> None:
    if lesson != REPAIR:
        if script is not None:
            raise failed(
                "Expected one lesson, found {first} and {second}.", first=lesson, second=script
            )
        if output is not None or force:
            raise failed("-o and --force are for: chainrule learn repair SCRIPT -o FILE.")
    elif script is not None and output is None and not list_all:
        raise failed(
            "Where to write it: chainrule learn repair {name} -o {name}.py; -o - for stdout.",
            name=Path(script).stem,
        )


def _list_lessons(language: str, format: ListFormat) -> None:
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.course.course import outlines
    from chainrule.learning.locale import catalogue

    page = page_for_stdout()
    if format is ListFormat.json:
        from chainrule.faces.document import to_json
        from chainrule.faces.learning.lesson_document import course_document

        page.verbatim(to_json(cast("Json", course_document(language))) + "\n")
        return
    found = outlines(language)
    for each in found:
        page.item(f"{each.number:>2}  ", (each.title, "bold"), (f"  {each.minutes} min", "dim"))
        page.paragraph(each.summary, indent=4)
        page.line((f"    chainrule learn {each.id}", "cyan"))
    page.line()
    say = catalogue(language).gettext
    opens, begins = say("opens a lesson"), say("says with which to begin")
    page.line((f"chainrule learn {found[0].id}", "bold"), (f"  {opens}", "dim"))
    page.line(("chainrule practice --find-wall", "bold"), (f"  {begins}", "dim"))


def _is_on_a_screen() -> bool:
    """Whether somebody sits here who would rather read the page."""
    from chainrule.faces.server.serving import has_screen

    return _reader() is not None and has_screen()


def _open(
    lesson: str | None, language: str | None, *, host: str, port: int, no_browser: bool
) -> None:
    from chainrule.faces import DEFAULT_FOLDER
    from chainrule.faces.views.question import Context
    from chainrule.learning.course.course import NoLesson
    from chainrule.learning.course.course import lesson as read_lesson
    from chainrule.learning.locale import catalogue

    route = "/learn"
    if lesson is not None:
        id, known = _id(lesson)
        try:
            read_lesson(id)
        except NoLesson:
            raise _no_lesson(id, known) from None
        route += f"/{id}"
    if language is not None:
        route += f"?language={language_asked(language)}"
    context = Context(Path(DEFAULT_FOLDER).absolute(), None)
    serve_page(
        context,
        route,
        host=host,
        port=port,
        no_browser=no_browser,
        translate=catalogue(language_asked(language)).gettext,
    )


def _id(lesson: str) -> tuple[str, list[str]]:
    """The id of a lesson that was named by it or by its number, and all that there are."""
    from chainrule.learning.course.course import outlines

    by_number = {str(each.number): each.id for each in outlines()}
    return by_number.get(lesson, lesson.lower().replace("_", "-")), list(by_number.values())


def _show(id: str, language: str, format: ListFormat) -> None:
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.course.course import NoLesson, lesson

    id, known = _id(id)
    page = page_for_stdout()
    try:
        if format is ListFormat.json:
            from chainrule.faces.document import to_json
            from chainrule.faces.learning.lesson_document import lesson_document

            page.verbatim(to_json(cast("Json", lesson_document(id, language))) + "\n")
            return
        found = lesson(id, language)
    except NoLesson:
        raise _no_lesson(id, known) from None
    _write(page, found.outline.id, language)


def _write(page: "Page", id: str, language: str) -> None:
    from chainrule.faces.learning.reading import Reading
    from chainrule.faces.practice import Quit
    from chainrule.learning.course.course import lesson, outlines
    from chainrule.learning.progress import Progress, progress_path

    try:
        Reading(page, _reader(), language, Progress(progress_path())).write(lesson(id, language))
    except Quit:
        return
    known = outlines(language)
    at = next(i for i, each in enumerate(known) if each.id == id)
    for after in known[at + 1 : at + 2]:
        page.line((f"chainrule learn {after.id}", "bold"), (f"  {after.title}", "dim"))


def _no_lesson(id: str, known: list[str]) -> CommandFailed:
    from difflib import get_close_matches

    near = [each for each in known if id in each] or get_close_matches(id, known, 3)
    if not near:
        return failed("There is no lesson {id!r}; chainrule learn --list names them all.", id=id)
    return failed("There is no lesson {id!r}; did you mean {near}?", id=id, near=" / ".join(near))


def _reader() -> "ReadLine | None":
    """Answers are asked for where somebody sits on both ends."""
    if sys.stdin is None or sys.stdout is None:
        return None
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None

    def read(prompt: str) -> str | None:
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            return None

    return read


def _list_repairs(format: ListFormat, say: "Translate") -> None:
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    found = _repairs()
    if format is ListFormat.json:
        from chainrule.faces.document import to_json

        rows: list[Json] = [
            {"name": each.name, "lesson": lesson, "fault": each.fault, "judge": each.judge}
            for lesson, each in found
        ]
        page.verbatim(to_json(rows) + "\n")
        return
    widest = max(len(each.name) for _, each in found)
    for lesson, each in found:
        page.item((f"{each.name:<{widest}}  ", "cyan"), (lesson, "dim"))
    page.line()
    name = found[0][1].name
    page.line(
        (f"chainrule learn repair {name} -o {name}.py", "bold"), ("  " + say("writes one"), "dim")
    )


def _repairs() -> "list[tuple[str, Repair]]":
    from chainrule.learning.course.course import lesson, outlines

    found = [(each.id, lesson(each.id).repair) for each in outlines()]
    return [(id, each) for id, each in found if each is not None]


def _write_repair(script: str, output: Path | None, force: bool, say: "Translate") -> None:
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.course.repairs import NoRepair, repair
    from chainrule.records.message import Message

    assert output is not None
    page = page_for_stdout()
    try:
        found = repair(Path(script).name)
    except NoRepair as error:
        raise CommandFailed(error.reason) from None
    if str(output) == "-":
        page.verbatim(found.code)
        return
    try:
        with output.open("w" if force else "x", encoding="utf-8") as file:
            file.write(found.code)
    except FileExistsError:
        raise failed(
            "{file} is there already: --force overwrites it, or choose another name.", file=output
        ) from None
    except OSError as error:
        raise failed(
            "Expected to write {file}, but: {reason}.", file=output, reason=error.strerror
        ) from None
    judge = next((each.judge for _, each in _repairs() if each.name == found.name), "check")
    page.paragraph(
        say(
            Message(
                "Written to {file}. Find what is wrong with it, change it, and ask again:",
                file=output,
            )
        )
    )
    page.line((f"  chainrule {judge} {output}", "cyan"))
