"""The exercises of lessons by their ids: judged, with hints and worked steps.

Derivatives are those of the practice engine; a number and a choice are judged by what the lesson
computed.
"""

from dataclasses import dataclass, replace

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import Array, Formula
from chainrule.records.exercise import Exercise, Grade
from chainrule.records.message import Message, Translate

from .blocks import Code, Inline, LessonExercise, Plain
from .course import lesson
from .lesson import LANGUAGES

CLOSE = 0.005
"""Share by which a typed number may differ: of 0.628 written with two digits, 0.63, it is 0.3 %."""


class NoExercise(ValueError):
    """An exercise that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What became of an answer.

    Attributes:
        grade: What it was found to be.
        because: What the lesson says to the choice that was made; empty for other exercises.
    """

    grade: Grade
    because: Inline = ()


def is_of_lesson(id: str) -> bool:
    """Whether an id is that of an exercise of a lesson; others are the practice engine's."""
    return "/" in id


def lesson_exercise(id: str, language: str = next(iter(LANGUAGES))) -> LessonExercise:
    """An exercise of a lesson.

    Args:
        id: `<lesson>/<number>`.
        language: Of its texts.

    Raises:
        NoExercise: If the lesson has none of this number.
        NoLesson: If there is no such lesson.
        LessonError: If its file cannot be read.
    """
    exercises = lesson(id.partition("/")[0], language).exercises
    for each in exercises:
        if each.id == id:
            return each
    raise NoExercise(
        f"Expected an exercise ({', '.join(e.id for e in exercises) or 'there is none'}), found "
        f"{id!r}."
    )


def generated_exercise(id: str) -> LessonExercise:
    """An exercise of practice, to be asked, judged and hinted as those of lessons are.

    Args:
        id: As `practice.generate` gives it.

    Raises:
        ValueError: If no exercise has this id; a sentence.
    """
    from chainrule.learning.practice import exercise_from_id

    made = exercise_from_id(id)
    seed = int(id.rpartition(".")[2])
    return LessonExercise(id=id, kind="derivative", skill=made.skill, generated=(made.level, seed))


def as_exercise(of: LessonExercise) -> Exercise:
    """The exercise as the practice engine knows it; its id is that of the lesson.

    A `value` and a `choice` of a lesson have no formula, and are judged by `judge` alone.
    """
    if of.generated is not None:
        from chainrule.learning.practice import generate

        return replace(generate(of.skill, *of.generated), id=of.id)
    return Exercise(
        id=of.id,
        kind=of.kind,
        skill=of.skill,
        level=1,
        question=Message("Differentiate `{formula}` by {wrt}.", formula=of.formula, wrt=of.wrt)
        if of.formula
        else "",
        formula=of.formula,
        wrt=of.wrt,
        at=tuple(of.at.items()),
        choices=tuple(str(i) for i in range(len(of.choices))),
    )


def judge(of: LessonExercise, answer: str, reply: str | None = None) -> Judged:
    """Judge an answer.

    Args:
        of: The exercise.
        answer: A formula, a number, or the index of a choice.
        reply: To the question that the last grade asked back.

    Raises:
        FormulaError: If the answer cannot be read.
    """
    if of.kind == "choice":
        index = _index(answer, len(of.choices))
        return Judged(
            grade=Grade(correct=index == of.answer, how="exact"), because=of.choices[index].because
        )
    if of.kind == "value":
        assert of.value is not None
        close = abs(_number(answer) - of.value) <= CLOSE * abs(of.value) + 1e-12
        return Judged(grade=Grade(correct=close, how="numeric"))
    from chainrule.learning.practice import generate, grade, grade_exercise

    if of.generated is not None:
        made = generate(of.skill, *of.generated)
        return Judged(grade=grade_exercise(made, answer, reply=reply))
    return Judged(grade=grade(of.formula, of.wrt, answer, at=of.at or None, reply=reply))


def hints(of: LessonExercise, answer: str = "", say: Translate = str) -> tuple[Inline, ...]:
    """Three hints, the lightest first; of a derivative from where the answer stands.

    Args:
        of: The exercise.
        answer: What was typed so far; it need not be readable.
        say: Translates hints that are made; those of a lesson's text are in its language.
    """
    if of.hints:
        return of.hints
    from chainrule.learning.practice import hints as made

    return tuple(in_backticks(say(hint.text)) for hint in made(practised(of), answer))


def practised(of: LessonExercise) -> Exercise:
    """The exercise under the id by which the practice engine has it, if it made it."""
    exercise = as_exercise(of)
    if of.generated is None:
        return exercise
    from chainrule.learning.practice import generate

    return generate(of.skill, *of.generated)


def in_backticks(text: str) -> Inline:
    """A text of the practice engine, in which formulas stand in backticks."""
    parts = text.split("`")
    return tuple(Code(part) if i % 2 else Plain(part) for i, part in enumerate(parts) if part)


def understood(of: LessonExercise, answer: str) -> tuple[Formula, ...]:
    """What was understood of an answer: one formula, or those of a list.

    Raises:
        FormulaError: If it cannot be read.
    """
    from chainrule.learning.practice.answers import read_answer
    from chainrule.learning.practice.grading import of_matrices
    from chainrule.learning.practice.matrix_asked import read_matrix
    from chainrule.learning.practice.matrix_reading import as_typed

    made = as_exercise(of)
    if made.kind == "value":
        return read_answer(answer, [name for name, _ in made.at], count=1).entries
    matrices = of_matrices(made.formula, answer)
    if matrices is not None:
        return (as_typed(answer, read_matrix(matrices, made.wrt).derivation.names),)
    return read_answer(answer, _names(made), count=_count(made)).entries


def shapes_text(exercise: Exercise) -> str:
    """Shapes with which a formula of vectors and matrices is shown, as `X=3x2,w=2`; else empty."""
    from chainrule.learning.practice.matrix_asked import is_of_matrices, read_matrix

    if exercise.kind != "derivative":
        return ""
    problem = read_problem(exercise.formula)
    if problem.equation is not None or not is_of_matrices(problem):
        return ""
    shapes = read_matrix(problem, exercise.wrt).derivation.names
    return ",".join(
        f"{name}={'x'.join(map(str, shape))}" for name, shape in shapes.items() if shape
    )


def _count(exercise: Exercise) -> int | None:
    """How many formulas are asked for; None of a Jacobian, which has rows."""
    problem = read_problem(exercise.formula) if exercise.formula else None
    if problem is not None and isinstance(problem.formula.root, Array):
        return None
    return exercise.wrt.count(",") + 1


def _names(exercise: Exercise) -> tuple[str, ...]:
    return read_problem(exercise.formula).names if exercise.formula else ()


def _number(answer: str) -> float:
    from chainrule.learning.practice.answers import read_answer

    read = read_answer(answer, (), count=1)
    if len(read.entries) != 1:
        raise FormulaError(Message("Expected one number, found a list."))
    return Evaluation({}, answer)(read.entries[0].root)


def _index(answer: str, choices: int) -> int:
    if not answer.strip().isdigit() or int(answer) >= choices:
        raise FormulaError(
            Message(
                "Expected the number of a choice, {first} to {last}.", first=0, last=choices - 1
            )
        )
    return int(answer)
