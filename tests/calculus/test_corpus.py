"""Textbook problems: what a learner reads, and that it is right."""

import pytest
from corpus import FOLDER, Problem, problems
from derivation_checks import Checked, check
from step_list import step_list
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import derive

PROBLEMS = problems()

TOPICS = sorted({problem.topic for problem in PROBLEMS})


def test_there_are_enough_and_each_once() -> None:
    assert len(PROBLEMS) >= 300
    asked = [problem.title for problem in PROBLEMS if not problem.more]
    again = {title for title in asked if asked.count(title) > 1}
    same_topic = {(problem.topic, problem.title) for problem in PROBLEMS if problem.title in again}
    assert len(same_topic) == sum(asked.count(title) for title in again)


def test_every_file_is_of_a_kind() -> None:
    assert FOLDER.is_dir()
    assert len(TOPICS) >= 15


@pytest.mark.parametrize("topic", TOPICS)
def test_what_a_learner_reads(topic: str, snapshot: SnapshotAssertion) -> None:
    texts = [step_list(derive(p.formula, p.variable)) for p in PROBLEMS if p.topic == topic]
    assert "\n\n".join(texts) == snapshot


@pytest.mark.parametrize(
    "problem", PROBLEMS, ids=[f"{problem.topic}: {problem.title}" for problem in PROBLEMS]
)
def test_it_is_right(problem: Problem) -> None:
    checked = Checked()
    check(problem.formula, problem.variable, problem.point, checked)
    assert checked.by_sympy == checked.by_difference == checked.by_torch == 1
    assert not checked.disagreements, "\n".join(checked.disagreements)
