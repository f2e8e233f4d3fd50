"""All questions that a view can ask; adding one is writing it and adding its line here."""

from collections.abc import Mapping
from typing import cast

from chainrule.faces.learning import (
    practice_questions,
    progress_questions,
    wall_questions,
)
from chainrule.faces.learning import questions as learning
from chainrule.records.json_values import Json
from chainrule.records.shortened import brief
from chainrule.store import RunFileError

from . import (
    chain,
    compare,
    derivation,
    examples,
    formula,
    graph,
    landscape,
    run,
    runs,
    scans,
    series,
    slope,
)
from .language import in_language, refusal_in_language, translation
from .question import Context as Context
from .question import Parameters as Parameters
from .question import Question as Question
from .question import Refusal as Refusal

QUESTIONS: tuple[Question, ...] = (
    *chain.QUESTIONS,
    *compare.QUESTIONS,
    *run.QUESTIONS,
    *runs.QUESTIONS,
    *scans.QUESTIONS,
    *series.QUESTIONS,
    *slope.QUESTIONS,
    *formula.QUESTIONS,
    *derivation.QUESTIONS,
    *graph.QUESTIONS,
    *landscape.QUESTIONS,
    *examples.QUESTIONS,
    *learning.QUESTIONS,
    *practice_questions.QUESTIONS,
    *wall_questions.QUESTIONS,
    *progress_questions.QUESTIONS,
)
"""Modules of views import `question`, never this one."""


def named(name: str) -> Question:
    """The question of a name.

    Raises:
        Refusal: If there is none.
    """
    for question in QUESTIONS:
        if question.name == name:
            return question
    known = ", ".join(question.name for question in QUESTIONS)
    raise Refusal(f"Expected a question ({known}), found {brief(name)!r}.")


def answer(name: str, parameters: Mapping[str, Json], context: Context) -> dict[str, Json]:
    """The document that answers a question.

    Args:
        name: Of a question.
        parameters: As they came; `language` says in which what is said is to be.
        context: What it is asked of.

    Raises:
        Refusal: If there is no such question, or it cannot be answered as it was asked.
    """
    asked = Parameters(parameters)
    say = translation(asked)
    try:
        document = named(name).answer(asked, context)
    except RunFileError as error:
        raise Refusal(str(error)) from error
    except Refusal as refusal:
        raise refusal_in_language(refusal, say) from refusal
    return cast(dict[str, Json], in_language(document, say))
