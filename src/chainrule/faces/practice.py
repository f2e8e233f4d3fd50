"""Practice as a dialogue on a terminal or a pipe: a question, an answer, what it was found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chainrule.calculus import FormulaError
from chainrule.learning.practice import grade_exercise, hints, worked
from chainrule.learning.practice.hints_given import HintsGiven
from chainrule.learning.progress import Progress, ProgressError
from chainrule.learning.skills import SKILLS
from chainrule.records import Exercise, Grade
from chainrule.records.message import Message, Translate

from .learning.session_words import SessionWords
from .page import Page

if TYPE_CHECKING:
    from chainrule.learning.wall import Found, Stage, Stop

ReadLine = Callable[[str], str | None]
"""Shows a prompt and gives a line without its end; None when there are no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One answer.

    Attributes:
        answer: As typed.
        grade: What it was found to be; after the question back, if there was one.
        hints: How many had been shown.
    """

    answer: str
    grade: Grade
    hints: int


@dataclass(slots=True, kw_only=True)
class Practised:
    """One exercise with its answers."""

    exercise: Exercise
    tries: list[Try] = field(default_factory=list)
    given_up: bool = False

    @property
    def solved(self) -> bool:
        """Whether the last answer is right."""
        return bool(self.tries) and self.tries[-1].grade.correct

    @property
    def solved_at_once(self) -> bool:
        """Whether the first answer was right, without a hint."""
        return self.solved and len(self.tries) == 1 and self.tries[0].hints == 0


class Quit(Exception):
    """The learner ended the session."""


class Dialogue:
    """Asks, listens, and keeps what was done.

    Args:
        page: Where to write.
        read: Where answers come from.
        progress: The learner's file; None to keep nothing.
        say: Translates what is said; English without it.
    """

    def __init__(
        self, page: Page, read: ReadLine, progress: Progress | None, say: Translate = str
    ) -> None:
        self.page = page
        self.read = read
        self.progress = progress
        self.say = say
        self.words = SessionWords.of(say)

    def practise(self, done: Practised, number: str) -> None:
        """Ask one exercise until it is solved, skipped or worked.

        Args:
            done: The exercise; its answers are put in as they come.
            number: Its number and level, as shown.

        Raises:
            Quit: If the learner ends the session; what was answered is kept already.
        """
        exercise = done.exercise
        self._ask(exercise, number)
        given = HintsGiven[str]()
        while not done.solved and not done.given_up:
            line = self._line("> ")
            if line.lower() in self.words.skip:
                done.given_up = True
            elif line.lower() in self.words.worked:
                self._work(exercise)
                done.given_up = True
            elif line and set(line) == {"?"}:
                last = done.tries[-1].answer if done.tries else ""
                found = [self._plain(each.text) for each in hints(exercise, last)]
                self.page.paragraph(given.next(found, len(line)), indent=2)
            elif line:
                self._answer(done, line, given.most)
                given.answered()
            else:
                help = self.say(
                    "Type an answer; ? for a hint (?? and ??? say more), worked, skip, or quit."
                )
                self.page.paragraph((help, "dim"))

    def ask_once(self, exercise: Exercise, number: str) -> Grade:
        """Ask for one answer, without hints and without saying what it was found to be.

        Raises:
            Quit: If the learner ends the session.
        """
        self._ask(exercise, number)
        while True:
            line = self._line("> ")
            if not line:
                help = self.say("An answer, ? if you do not know, or quit.")
                self.page.paragraph((help, "dim"))
            elif set(line) == {"?"}:
                return Grade(correct=False)
            else:
                try:
                    return grade_exercise(exercise, self._chosen(exercise, line))
                except FormulaError as error:
                    self.page.paragraph((error.told(self.say), "yellow"))

    def keep(
        self, exercise: Exercise, answer: str, grade: Grade, *, shown: int, tries: int
    ) -> None:
        """Keep an answer; if that fails say so once, and go on without."""
        if self.progress is None:
            return
        try:
            self.progress.keep(exercise, answer, grade, hints=shown, tries=tries)
        except ProgressError as error:
            self.page.paragraph((self.say(error.reason), "yellow"))
            self.progress = None

    def found(
        self, sentence: str, found: "Found", stages: "Sequence[Stage]", stop: "Stop | None" = None
    ) -> None:
        """What the wall finder found, the way, and a nearer goal if there is one."""
        self.page.line()
        self.page.paragraph((sentence, "bold"))
        percent = 100.0 * found.sure
        self.page.paragraph(
            (
                self.say(
                    Message("{percent:.0f}% sure of it, after 1 question.", percent=percent)
                    if found.questions == 1
                    else Message(
                        "{percent:.0f}% sure of it, after {questions} questions.",
                        percent=percent,
                        questions=found.questions,
                    )
                ),
                "dim",
            )
        )
        if stages:
            total = sum(each.minutes for each in stages)
            self.page.paragraph(
                self.say(Message("The shortest way, {minutes} minutes:", minutes=total))
            )
            for i, each in enumerate(stages, 1):
                names = ", ".join(self.say(SKILLS[skill].name) for skill in each.skills)
                minutes = self.say(Message("{minutes} minutes", minutes=each.minutes))
                self.page.item(
                    f"  {i}. ",
                    (f"chainrule learn {each.lesson}", "cyan"),
                    f"  {names}, {minutes}",
                )
        if stop is not None:
            self.page.paragraph(self.say(stop.sentence))
            self.page.item("  ", (f"chainrule practice --find-wall --goal {stop.skill}", "cyan"))

    def _ask(self, exercise: Exercise, number: str) -> None:
        self.page.line()
        self.page.line((f"{number}  ", "bold"), (self.say(SKILLS[exercise.skill].name), "dim"))
        self.page.paragraph(self._plain(exercise.question))
        for i, choice in enumerate(exercise.choices, 1):
            self.page.item(f"  {i}. ", self._plain(choice))

    def _answer(self, done: Practised, line: str, shown: int) -> None:
        exercise = done.exercise
        try:
            answer = self._chosen(exercise, line)
            grade = grade_exercise(exercise, answer)
        except FormulaError as error:
            self.page.paragraph((error.told(self.say), "yellow"))
            return
        if grade.question is not None:
            grade = self._asked_back(exercise, answer, grade)
        self.keep(exercise, answer, grade, shown=shown, tries=len(done.tries) + 1)
        done.tries.append(Try(answer=answer, grade=grade, hints=shown))
        if grade.correct:
            self.page.paragraph((self.say("Right."), "green"))
            if grade.note is not None:
                self.page.paragraph(self._plain(grade.note), indent=2)
            return
        self.page.paragraph((self.say("Not yet right."), "yellow"))
        for each in grade.diagnoses:
            self.page.paragraph(self._plain(each.message), indent=2)
        if not grade.diagnoses:
            unknown = self.say("No single mistake that is known gives this answer.")
            self.page.paragraph(unknown, indent=2)

    def _asked_back(self, exercise: Exercise, answer: str, grade: Grade) -> Grade:
        """Several mistakes give this answer: ask which; what is not understood settles nothing."""
        assert grade.question is not None
        self.page.paragraph(self.say("Not yet right, and one question will tell why:"), indent=2)
        self.page.paragraph(self._plain(grade.question), indent=2)
        line = self._line("  ")
        if not line or set(line) == {"?"}:
            return grade
        try:
            return grade_exercise(exercise, answer, reply=line)
        except FormulaError as error:
            self.page.paragraph((error.told(self.say), "yellow"), indent=2)
            return grade

    def _work(self, exercise: Exercise) -> None:
        from .worked_solution import write_solution

        def write_sentence(sentence: str) -> None:
            self.page.paragraph(self._plain(sentence), indent=2)

        write_solution(self.page, worked(exercise), write_sentence, self.say)

    def _chosen(self, exercise: Exercise, line: str) -> str:
        """Choices are counted from 1 on the page and from 0 in a grade.

        Raises:
            FormulaError: If no choice has this number.
        """
        if exercise.kind != "choice" or line in exercise.choices:
            return line
        last = len(exercise.choices)
        if line.isdecimal() and 1 <= int(line) <= last:
            return str(int(line) - 1)
        raise FormulaError(
            Message(
                "Expected the number of a choice from {first} to {last}, found {found!r}.",
                first=1,
                last=last,
                found=line,
            )
        )

    def _plain(self, text: str) -> str:
        """A sentence in the learner's language; a terminal has no use for backticks."""
        return self.say(text).replace("`", "")

    def _line(self, prompt: str) -> str:
        line = self.read(prompt)
        if line is None or line.strip().lower() in self.words.quit:
            raise Quit
        return line.strip()
