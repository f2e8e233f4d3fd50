"""Of every diagnosis: a right answer is never accused, a mistake is told or left open."""

from collections.abc import Iterator
from functools import cache

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chainrule.calculus import derive, write
from chainrule.calculus.build import add, divide, multiply, negative, number, raised, subtract
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.rules import Application, Mutation, Task, rules_for
from chainrule.calculus.tree import (
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    children,
    distinct,
    with_children,
)
from chainrule.learning.practice import AnswerError, generate, grade
from chainrule.learning.practice.asked import Asked, read_asked
from chainrule.learning.practice.explanations import _SAID_BY, ACCUSES_NOBODY, CLEARLY
from chainrule.learning.practice.formula_exercises import SKILLS_OF_FORMULAS
from chainrule.learning.practice.likelihood import likelihood

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])


@cache
def _asked(skill: str, level: int, seed: int) -> Asked | None:
    exercise = generate(skill, level, seed)
    if exercise.kind != "derivative" or exercise.at or "," in exercise.wrt:
        return None
    if read_problem(exercise.formula).equation is not None or ";" in exercise.formula:
        return None
    (asked,) = read_asked(exercise.formula, exercise.wrt)
    return asked


exercises = st.builds(
    _asked, st.sampled_from(SKILLS_OF_FORMULAS), st.integers(1, 5), st.integers(0, 10**6)
).filter(lambda asked: asked is not None)
"""Problems as learners get them."""


# ---- right answers ------------------------------------------------------------------------------


def _otherwise(node: Node, choose: int, letter: Node) -> Node:
    """One part written otherwise, which changes no value."""
    match node:
        case Sum() if choose % 3 == 0:
            signs = ("+", *node.operators)
            terms = [
                negative(each) if sign == "-" else each
                for each, sign in zip(node.terms, signs, strict=True)
            ]
            return add(*reversed(terms))
        case Product() if choose % 3 == 0:
            return multiply(*reversed(node.factors))
        case Quotient() if choose % 3 == 0:
            return multiply(node.numerator, raised(node.denominator, negative(number(1))))
        case _:
            pass
    two = number(2)
    match choose % 6:
        case 1:
            return divide(multiply(two, node), two)
        case 2:
            return subtract(add(node, letter), letter)
        case 4:
            return negative(negative(node))
        case 5:
            return multiply(node, number(1))
        case _:
            return node


def _rewritten(root: Node, choices: list[int], letter: str) -> Node:
    """The tree with some of its parts written otherwise; exponents stay as they are."""
    made: dict[int, Node] = {}
    exponents = {id(node.exponent) for node in distinct(root) if isinstance(node, Power)}
    left = iter(choices)
    for node in distinct(root):
        plain = with_children(node, [made[id(child)] for child in children(node)])
        made[id(node)] = plain
        if id(node) not in exponents:
            name = Name(name=letter, text=letter)
            made[id(node)] = _otherwise(plain, next(left, 0) or 3, name)
    return made[id(root)]


@SLOW
@given(
    asked=exercises,
    form=st.sampled_from(["raw", "tidy", "factored"]),
    choices=st.lists(st.integers(0, 5), max_size=8),
)
def test_a_right_answer_in_any_form_is_right_and_accused_of_nothing(
    asked: Asked, form: str, choices: list[int]
) -> None:
    found = derive(asked.formula, asked.variable, routes=False)
    answer = write(_rewritten(getattr(found, form), choices, asked.variable))
    graded = grade(asked.problem.text, asked.variable, answer)
    assert graded.correct, answer
    assert graded.diagnoses == ()


# ---- mistakes -----------------------------------------------------------------------------------


def _applied(node: Node, task: Task) -> Application:
    for rule in rules_for(node):
        applied = rule.apply(node, task)
        if applied is not None:
            return applied
    raise AssertionError(f"no rule for {type(node).__name__}")


def _derived(node: Node, task: Task, wrong: dict[int, Application]) -> Node:
    """A derivative by the rules, but at some nodes by what a mistake makes of them."""
    applied = wrong.get(id(node)) or _applied(node, task)
    # a mistake that asks for the derivative of the same part again would be made for ever
    left = {key: each for key, each in wrong.items() if key != id(node)}
    return applied.make([_derived(part.operand, task, left) for part in applied.parts])


def _mistakes(asked: Asked) -> Iterator[tuple[Mutation, Node, Application]]:
    """The mistakes that the rules on the usual way have, and where they can be made."""

    def below(node: Node) -> Iterator[tuple[Mutation, Node, Application]]:
        for rule in rules_for(node):
            applied = rule.apply(node, asked.task)
            if applied is None:
                continue
            for mutation in rule.mutations:
                wrong = rule.mutated(mutation, node, asked.task)
                if wrong is not None:
                    yield mutation, node, wrong
            for part in applied.parts:
                yield from below(part.operand)
            return

    yield from below(asked.formula.root)


@SLOW
@given(asked=exercises, which=st.integers(0, 10**6))
def test_a_mistake_is_told_or_left_open_and_no_other_is_laid_to_anybody(
    asked: Asked, which: int
) -> None:
    """Of one that a rule has: told, asked about, or nobody is accused of another.

    The one exception is stated: two mistakes that give one formula, of which one is clearly rarer
    or says what the other says.
    """
    possible = [*_mistakes(asked)]
    assume(possible)
    mutation, node, wrong = possible[which % len(possible)]
    answer = write(_derived(asked.formula.root, asked.task, {id(node): wrong}))
    try:
        graded = grade(asked.problem.text, asked.variable, answer)
    except AnswerError:
        assume(False)
    told = [each.mutation for each in graded.diagnoses]
    assume(not graded.correct)
    if not told or mutation.id in told or ACCUSES_NOBODY & {*told}:
        return
    said = {less for each in told for less in _SAID_BY.get(each, ())}
    clearly_rarer = max(map(likelihood, told)) >= likelihood(mutation.id) * CLEARLY * 0.9
    assert mutation.id in said or clearly_rarer, (answer, mutation.id, told)
