"""Hints in three depths, from where the learner stands in the derivation."""

import re

from chainrule.calculus import Derivation, FormulaError, derive, write
from chainrule.calculus.definitions import read_problem
from chainrule.calculus.derivation import HOLE, Step, walk_steps
from chainrule.calculus.rules import ALL_RULES, Rule, Task
from chainrule.records.exercise import Exercise, Hint
from chainrule.records.message import Message, as_message, joined

from .exercises import draft_of, grade_exercise

_TRIVIAL = frozenset({"constant", "held-constant", "variable"})


def hints(exercise: Exercise, answer: str = "") -> tuple[Hint, Hint, Hint]:
    """Three hints, each saying more than the one before.

    Args:
        exercise: What is asked.
        answer: What the learner has so far; empty for nothing. If a mistake in it is known, the
            hints are about the step where it was made; otherwise about the first step.
    """
    if exercise.kind != "derivative":
        return _of_numbers(exercise)
    by, derivation = _of_entry(exercise, answer)
    step = by or _first(derivation)
    rule = ALL_RULES[step.rule]
    part = write(step.operand)
    return (
        Hint(
            depth=1,
            text=Message(
                "Look at `{part}`. The rule to use there: {rule}.",
                part=part,
                rule=as_message(rule.name),
            ),
            rule=rule.id,
            node=step.operand.id,
        ),
        Hint(
            depth=2,
            text=_rule_with_parts(rule, step, derivation),
            rule=rule.id,
            node=step.operand.id,
        ),
        Hint(
            depth=3,
            text=Message(
                "The derivative of `{part}` by {variable} is `{after}`.",
                part=part,
                variable=step.variable,
                after=_after(step),
            ),
            rule=rule.id,
            node=step.operand.id,
        ),
    )


def _of_entry(exercise: Exercise, answer: str) -> tuple[Step | None, Derivation]:
    """The step where a mistake was made, if one is known, and the derivation that it is in."""
    problem = read_problem(exercise.formula)
    variables = [part.strip() for part in exercise.wrt.split(",") if part.strip()]
    derivations = [
        derive(problem.formula, each, definitions=problem.defined, name=problem.name)
        for each in variables or [problem.only_name()]
    ]
    if answer.strip():
        try:
            grade = grade_exercise(exercise, answer)
        except FormulaError:
            return None, derivations[0]
        for found in grade.diagnoses:
            for derivation in derivations:
                for step in walk_steps(derivation.root):
                    if step.operand.id == found.node and found.node >= 0:
                        return step, derivation
    return None, derivations[0]


def _first(derivation: Derivation) -> Step:
    """The outermost step that is no mere constant, variable or sum."""
    steps = walk_steps(derivation.root)
    plain = _TRIVIAL | {"sum", "difference", "constant-multiple", "minus"}
    return next((step for step in steps if step.rule not in plain), steps[0])


def _rule_with_parts(rule: Rule, step: Step, derivation: Derivation) -> Message:
    """The rule in words or letters, and what its letters are in this problem."""
    if step.outer:
        said = [
            Message(
                "First the outside: differentiate `{outer}` as if {letter} were the variable. Then "
                "multiply by the derivative of the inside, {letter} = `{inside}`.",
                outer=write(each.operand),
                letter=each.letter,
                inside=write(each.inside),
            )
            for each in step.outer
        ]
        return joined(said)
    if rule.id == "total-derivative":
        return Message(
            "Follow every path from {variable} to the result. Along a path the slopes multiply; "
            "where several paths arrive, what they bring is added.",
            variable=step.variable,
        )
    if rule.id in _SAID_IN_WORDS:
        return as_message(rule.why)
    left, right = rule.statement
    stated = Message(
        "The rule says: the derivative of `{left}` is `{right}`.", left=left, right=_primed(right)
    )
    letters = _letters(step, derivation)
    return joined([stated, Message("Here {letters}.", letters=letters)]) if letters else stated


_SAID_IN_WORDS = frozenset({"dependent-variable", "implicit-variable", "chain"})
"""Rules whose letters say less than a sentence."""

_DERIVATIVE_OF_LETTER = re.compile(r"\bd([uvw])\b")


def _primed(statement: str) -> str:
    """A rule's right side as textbooks write it: u′ for the derivative of u."""
    return _DERIVATIVE_OF_LETTER.sub(r"\1′", statement)


def _letters(step: Step, derivation: Derivation) -> str:
    definitions = {each: formula.root for each, formula in derivation.definitions}
    task = Task(
        variable=step.variable,
        moving=frozenset({step.variable}),
        definitions={} if step.partial else definitions,
    )
    found = ALL_RULES[step.rule].match(step.operand, task)
    if not found:
        return ""
    shown = [f"{letter} = `{write(part)}`" for letter, part in found.items() if letter != "f"]
    return ", ".join(shown)


def _after(step: Step) -> str:
    """What the rule makes, with derivatives still to be taken as d/dx(…)."""
    if not step.steps:
        return write(step.result)
    shown = write(step.after)
    for i, below in reversed([*enumerate(step.steps)]):
        shown = shown.replace(f"{HOLE}{i}", f"d/d{below.variable}[{write(below.operand)}]")
    return shown


def _of_numbers(exercise: Exercise) -> tuple[Hint, Hint, Hint]:
    steps = draft_of(exercise).steps
    if exercise.kind == "choice":
        first = Message("Ask of each choice what kind of thing it is.")
    elif exercise.formula:
        first = Message("Start from the derivative of `{formula}`.", formula=exercise.formula)
    else:
        first = Message("Read the question once more: what exactly is asked?")
    return (
        Hint(depth=1, text=first),
        Hint(depth=2, text=steps[0]),
        Hint(depth=3, text=steps[-1]),
    )
