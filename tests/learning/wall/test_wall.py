"""The wall finder: what is believed follows Bayes' rule, and simulated learners hear their wall."""

from itertools import islice

import numpy as np
import pytest
from benchmarks.walls import learners, outcome
from hypothesis import given
from hypothesis import strategies as st

from chainrule.learning.practice import generate, grade_exercise
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import MOST_QUESTIONS, Answered, found, next_question, sentence, way
from chainrule.learning.wall.finder import FEWEST_QUESTIONS, SURE, answered, knowledge_from
from chainrule.learning.wall.knowledge import SLIP, Knowledge, guess_of, nothing_known
from chainrule.learning.wall.questions import expected_information
from chainrule.learning.wall.states import ready, states, states_of

RIGHT_AT_LEAST = 0.85
"""Of the learners who slip as the model says: it stops at 90 % certainty, or at the last question
with less (`python -m benchmarks.walls`: 90 % of all 350)."""

ANSWERS = st.lists(st.tuples(st.sampled_from([*SKILLS]), st.booleans()), max_size=12)


def believed(told: list[tuple[str, bool]]) -> Knowledge:
    knowledge = nothing_known()
    for skill, correct in told:
        knowledge = knowledge.after(skill, correct)
    return knowledge


def test_a_state_has_the_prerequisites_of_all_its_skills() -> None:
    names = [*SKILLS]
    for state in states():
        there = {name for name, has in zip(names, state, strict=True) if has}
        assert all(there.issuperset(SKILLS[name].prerequisites) for name in there)
    assert len({tuple(state) for state in states()}) == len(states())


def test_a_chain_of_skills_has_one_state_more_than_skills() -> None:
    line = {id: SKILLS[id] for id in ("rate-of-change", "sums-and-multiples", "power-rule")}
    assert len(states_of(line)) == 4


def test_before_the_first_answer_half_of_the_skills_are_expected() -> None:
    probabilities = nothing_known().probabilities
    assert probabilities.sum() == pytest.approx(1.0)
    assert (probabilities @ states()).sum() == pytest.approx(len(SKILLS) / 2, rel=0.07)


@given(ANSWERS)
def test_the_belief_is_that_of_bayes_rule_over_all_states(told: list[tuple[str, bool]]) -> None:
    place = {id: i for i, id in enumerate(SKILLS)}
    weights = nothing_known().probabilities.copy()
    for skill, correct in told:
        for k, state in enumerate(states()):
            right = 1 - SLIP if state[place[skill]] else guess_of(0)
            weights[k] *= right if correct else 1 - right
    np.testing.assert_allclose(believed(told).probabilities, weights / weights.sum(), rtol=1e-9)


@given(ANSWERS, st.permutations(range(12)))
def test_the_order_of_the_answers_is_nothing(
    told: list[tuple[str, bool]], order: list[int]
) -> None:
    shuffled = [told[i] for i in order if i < len(told)]
    np.testing.assert_allclose(
        believed(told).probabilities, believed(shuffled).probabilities, rtol=1e-9
    )


@given(ANSWERS, st.sampled_from([*SKILLS]))
def test_no_question_is_expected_to_tell_less_than_nothing(
    told: list[tuple[str, bool]], skill: str
) -> None:
    assert expected_information(believed(told), skill, guess_of(0)) >= -1e-9


@given(ANSWERS, st.sampled_from([*SKILLS]))
def test_who_has_a_skill_has_those_before_it(told: list[tuple[str, bool]], skill: str) -> None:
    belief = believed(told)
    for before in SKILLS[skill].prerequisites:
        assert belief.of_skill(before) >= belief.of_skill(skill) - 1e-12


def test_simulated_learners_hear_their_wall_within_fifteen_questions() -> None:
    some = [*islice(learners(), 0, None, 7)]
    outcomes = [outcome(each, 1, SLIP) for each in some]
    assert len(some) == 50
    assert max(each.questions for each in outcomes) <= MOST_QUESTIONS
    assert min(each.questions for each in outcomes) >= FEWEST_QUESTIONS
    assert sum(each.right for each in outcomes) / len(some) >= RIGHT_AT_LEAST


def test_who_can_do_everything_hears_that_nothing_is_in_the_way() -> None:
    everything = next(each for each in learners() if not each.walls)
    answers: list[Answered] = []
    while (exercise := next_question(answers, 3)) is not None:
        answers.append(Answered(exercise=exercise.id, correct=True))
    said = found(answers)
    assert len(everything.skills) == len(SKILLS)
    assert said.wall is None
    assert said.missing == ()
    assert way(said, {}) == ()
    assert sentence(said).startswith("Nothing is in your way")


def test_paths_that_add_are_named_and_the_way_begins_there() -> None:
    missing = {"paths-add", "backpropagation", "products-vanish", "matrices"} | {
        "softmax-cross-entropy",
        "pytorch-grad",
    }
    answers: list[Answered] = []
    while (exercise := next_question(answers, 0)) is not None:
        answers.append(Answered(exercise=exercise.id, correct=exercise.skill not in missing))
    said = found(answers)
    minutes = {skill.lesson: 10 for skill in SKILLS.values()}
    assert said.wall == "paths-add"
    assert said.sure >= SURE
    assert sentence(said) == "This is fine: notation. This is the wall: paths that add."
    stages = way(said, minutes)
    assert stages[0].lesson == "chain-rule"
    assert {skill for stage in stages for skill in stage.skills} == missing
    order = [*SKILLS]
    later = [skill for stage in stages[1:] for skill in stage.skills]
    assert later == sorted(later, key=order.index)


def test_a_forgotten_inner_derivative_on_a_later_skill_tells_of_the_chain_rule() -> None:
    exercise = generate("nested-chain", 4, 0)
    assert exercise.formula == "ln(9 + cos(x^2))"
    grade = grade_exercise(exercise, "-sin(x^2)/(9 + cos(x^2))")
    assert [each.rule for each in grade.diagnoses] == ["chain"]
    told = answered(exercise, grade)
    assert told.mistake_in == "chain-rule"
    belief = knowledge_from([told])
    assert belief.of_skill("chain-rule") < nothing_known().of_skill("chain-rule") - 0.2


def test_a_skill_that_there_is_not_and_an_impossible_guess_are_refused() -> None:
    with pytest.raises(ValueError, match="Expected a skill"):
        nothing_known().after("long-division", True)
    with pytest.raises(ValueError, match="Expected a guess"):
        nothing_known().after("chain-rule", True, 0.0)
    assert ready().shape == states().shape
