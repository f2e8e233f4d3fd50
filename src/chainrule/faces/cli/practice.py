"""`chainrule practice`: exercises with reasons for wrong answers, and the wall finder."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from .failure import CommandFailed, failed
from .formats import ListFormat
from .languages import Language, language_asked

if TYPE_CHECKING:
    from chainrule.faces.practice import Dialogue, Practised, ReadLine
    from chainrule.learning.progress import Progress
    from chainrule.records.json_values import Json
    from chainrule.records.message import Translate

DEFAULT_COUNT = 5


def command(
    skill: Annotated[
        str | None,
        typer.Option(
            metavar="SKILL", help="Such as chain-rule.  [default: what is due, or the next new one]"
        ),
    ] = None,
    level: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=5,
            help="Of all exercises.  [default: 1, and up as they go well]",
        ),
    ] = None,
    count: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many exercises.")
    ] = DEFAULT_COUNT,
    seed: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Which exercises.  [default: others each time]"),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only what is due for repetition.")] = False,
    find_wall: Annotated[
        bool,
        typer.Option("--find-wall", help="At most fifteen questions, then what your wall is."),
    ] = False,
    goal: Annotated[
        str | None,
        typer.Option(
            metavar="SKILL",
            help="With --find-wall: ask and lead only up to this skill.  [default: all of them]",
        ),
    ] = None,
    skills: Annotated[bool, typer.Option("--skills", help="List the skills and end.")] = False,
    progress: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where progress is kept.  [default: your data folder's chainrule]"
        ),
    ] = None,
    forget: Annotated[bool, typer.Option("--forget", help="Keep nothing.")] = False,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what was kept as JSON and end; - for stdout."),
    ] = None,
    erase: Annotated[
        bool, typer.Option("--erase", help="Delete all that was kept and end.")
    ] = False,
    language: Language = None,
    format: Annotated[
        ListFormat,
        typer.Option(help="Of the record of the session; with json the dialogue is on stderr."),
    ] = ListFormat.text,
) -> None:
    """Practise derivatives: exercises, hints, and the reason why an answer is wrong.

    Example: chainrule practice --skill chain-rule
    """
    from chainrule.faces.page import page_for_stderr, page_for_stdout
    from chainrule.faces.practice import Dialogue, Quit
    from chainrule.learning.locale import catalogue
    from chainrule.learning.progress import Progress, ProgressError, progress_path
    from chainrule.learning.skills import SKILLS
    from chainrule.records.message import Message

    say = catalogue(language_asked(language)).gettext
    for each in (skill, goal):
        if each is not None and each not in SKILLS:
            known = ", ".join(SKILLS)
            raise failed("Expected a skill ({skills}), found {found!r}.", skills=known, found=each)
    if goal is not None and not find_wall:
        raise failed("--goal says how far --find-wall leads: give both, or --skill alone.")
    kept = None if forget else Progress(progress_path(progress))
    try:
        if export is not None:
            return _export(kept, export)
        if erase:
            return _erase(kept, say)
    except ProgressError as error:
        raise CommandFailed(error.reason) from None
    if skills:
        return _list_skills(format, say)
    as_json = format is ListFormat.json
    page = page_for_stderr() if as_json else page_for_stdout()
    dialogue = Dialogue(page, _reader(sys.stderr if as_json else sys.stdout), kept, say)
    document: dict[str, Json]
    if find_wall:
        document = _find_wall(dialogue, _seed(seed), goal)
    else:
        session: list[Practised] = []
        with suppress(Quit):
            _session(dialogue, session, skill, level, count, _seed(seed), due)
        from chainrule.faces.practice_document import session_document

        document = session_document(session, _place(dialogue), say)
        if session:
            solved = sum(each.solved for each in session)
            page.line()
            page.paragraph(
                say(Message("{solved} of {count} solved.", solved=solved, count=len(session)))
            )
    if as_json:
        from chainrule.faces.document import to_json

        page_for_stdout().verbatim(to_json(document) + "\n")


def _session(
    dialogue: "Dialogue",
    session: "list[Practised]",
    skill: str | None,
    level: int | None,
    count: int,
    seed: int,
    due: bool,
) -> None:
    from chainrule.faces.practice import Practised
    from chainrule.learning.practice import generate, prepare
    from chainrule.learning.practice.levels import level_after
    from chainrule.learning.skills import SKILLS
    from chainrule.records.message import Message, as_message

    chosen = skill or _next_skill(dialogue, due)
    if chosen is None:
        dialogue.page.paragraph(dialogue.say("Nothing is due."))
        return
    name = as_message(SKILLS[chosen].name)
    head = (
        Message("1 exercise on: {skill}.", skill=name)
        if count == 1
        else Message("{count} exercises on: {skill}.", count=count, skill=name)
    )
    dialogue.page.paragraph(
        (dialogue.say(head) + " ", "bold"),
        (dialogue.say("? gives a hint, worked the solution, quit ends."), "dim"),
    )
    current = level or 1
    for i in range(count):
        session.append(Practised(exercise=generate(chosen, current, seed + i)))
        prepare(session[-1].exercise)
        place = Message(
            "{number}/{count} · level {level}", number=i + 1, count=count, level=current
        )
        dialogue.practise(session[-1], dialogue.say(place))
        if level is None:
            done = session[-1]
            current = level_after(current, solved=done.solved, at_once=done.solved_at_once)


def _next_skill(dialogue: "Dialogue", due: bool) -> str | None:
    from datetime import UTC, datetime

    from chainrule.learning.progress import ProgressError
    from chainrule.learning.progress.next_skill import next_skill
    from chainrule.learning.progress.schedule import due_now

    now = datetime.now(UTC)
    try:
        cards = dialogue.progress.cards() if dialogue.progress else ()
    except ProgressError as error:
        dialogue.page.paragraph((dialogue.say(error.reason), "yellow"))
        dialogue.progress, cards = None, ()
    if due:
        overdue = due_now(cards, now)
        return overdue[0].skill if overdue else None
    return next_skill(cards, now)


def _find_wall(dialogue: "Dialogue", seed: int, goal: str | None) -> "dict[str, Json]":
    from chainrule.faces.practice import Quit
    from chainrule.faces.practice_document import wall_document
    from chainrule.learning.course.course import outlines
    from chainrule.learning.progress import ProgressError
    from chainrule.learning.wall import (
        MOST_QUESTIONS,
        Answered,
        found,
        nearest_stop,
        next_question,
        sentence,
        way,
    )
    from chainrule.learning.wall.finder import answered
    from chainrule.records.message import Message

    page = dialogue.page
    page.paragraph(
        (
            dialogue.say(
                Message("At most {most} questions, then what your wall is.", most=MOST_QUESTIONS)
            )
            + " ",
            "bold",
        ),
        (dialogue.say("? if you do not know, quit ends."), "dim"),
    )
    answers: list[Answered] = []
    try:
        while (exercise := next_question(answers, seed, goal)) is not None:
            grade = dialogue.ask_once(exercise, f"{len(answers) + 1}")
            answers.append(answered(exercise, grade))
    except Quit:
        early = dialogue.say("Ended early: what follows rests on fewer answers.")
        page.paragraph((early, "dim"))
    said = found(answers, goal=goal)
    minutes = {each.id: each.minutes for each in outlines()}
    stages, stop = way(said, minutes), nearest_stop(said, minutes)
    told = sentence(said, dialogue.say)
    dialogue.found(told, said, stages, stop)
    if dialogue.progress is not None and answers:
        try:
            dialogue.progress.keep_wall(said.wall, said.sure, said.questions)
        except ProgressError as error:
            page.paragraph((dialogue.say(error.reason), "yellow"))
            dialogue.progress = None
    return wall_document(told, said, stages, _place(dialogue), stop, dialogue.say)


def _reader(shown_on: TextIO | None) -> "ReadLine":
    def read(prompt: str) -> str | None:
        if sys.stdin is None:
            return None
        if sys.stdin.isatty():
            print(prompt, end="", flush=True, file=shown_on)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            return None
        return line.rstrip("\r\n") if line else None

    return read


def _seed(given: int | None) -> int:
    """Without one: others each time, so that nobody learns answers by heart."""
    if given is not None:
        return given
    import secrets

    return secrets.randbelow(10**9)


def _place(dialogue: "Dialogue") -> str | None:
    return None if dialogue.progress is None else str(dialogue.progress.path)


def _list_skills(format: ListFormat, say: "Translate") -> None:
    from chainrule.faces.page import page_for_stdout
    from chainrule.learning.skills import SKILLS

    page = page_for_stdout()
    if format is ListFormat.json:
        from chainrule.faces.document import to_json

        page.verbatim(
            to_json(
                [
                    {
                        "id": each.id,
                        "name": say(each.name),
                        "prerequisites": list(each.prerequisites),
                        "lesson": each.lesson,
                    }
                    for each in SKILLS.values()
                ]
            )
            + "\n"
        )
        return
    for each in SKILLS.values():
        page.item((f"{each.id:30}", "cyan"), say(each.name))


def _export(kept: "Progress | None", to: Path) -> None:
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    if kept is None:
        raise failed("--export writes what was kept, --forget keeps nothing: choose one.")
    text = to_json(kept.export()) + "\n"
    if str(to) == "-":
        page_for_stdout().verbatim(text)
        return
    try:
        to.write_text(text, "utf-8")
    except OSError as error:
        raise failed(
            "Expected to write {file}, but: {reason}.", file=to, reason=error.strerror
        ) from None


def _erase(kept: "Progress | None", say: "Translate") -> None:
    from chainrule.faces.page import page_for_stdout
    from chainrule.records.message import Message

    if kept is None:
        raise failed("--erase deletes what was kept, --forget keeps nothing: choose one.")
    there = kept.path.exists()
    kept.erase()
    page_for_stdout().paragraph(
        say(
            Message("Deleted {file}.", file=kept.path)
            if there
            else Message("Nothing was kept in {file}.", file=kept.path)
        )
    )
