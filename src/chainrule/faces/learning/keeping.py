"""Keeping answers in the learner's own file, whichever face they were given to."""

from chainrule.learning.course import exercises
from chainrule.learning.course.blocks import LessonExercise
from chainrule.learning.course.course import lesson
from chainrule.learning.progress import Progress
from chainrule.records import Grade


def keep_answer(
    progress: Progress,
    asked: LessonExercise,
    answer: str,
    grade: Grade,
    *,
    hints: int = 0,
    replied: bool = False,
) -> None:
    """Keep an answer to an exercise of a lesson or of practice.

    The last exercise of a lesson that is answered rightly ends the lesson. The same right answer
    once more tells nothing new, and is not kept.

    Args:
        progress: The learner's file.
        asked: The exercise.
        answer: As typed.
        grade: What it was found to be.
        hints: How many were shown before it.
        replied: Whether the grade is that after a question back about this answer, which was kept
            when the question was asked.

    Raises:
        ProgressError: If the file cannot be read or written; a sentence.
    """
    exercise = exercises.as_exercise(asked)
    if replied:
        progress.settle(exercise, answer, grade)
        return
    before = [each for each in progress.answers() if each.exercise == exercise.id]
    if before and before[-1].correct and before[-1].answer == answer:
        return
    wrong = 0
    for each in reversed(before):
        if each.correct:
            break
        wrong += 1
    progress.keep(exercise, answer, grade, hints=hints, tries=wrong + 1)
    if grade.correct and exercises.is_of_lesson(asked.id):
        _finish(progress, asked.id.partition("/")[0])


def _finish(progress: Progress, id: str) -> None:
    solved = {each.exercise for each in progress.answers() if each.correct}
    if {each.id for each in lesson(id).exercises} <= solved and id not in progress.lessons():
        progress.finish_lesson(id)
