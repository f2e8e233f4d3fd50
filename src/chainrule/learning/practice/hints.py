"""Hints in three depths, from where the learner stands in the derivation."""

from chainrule.calculus import Derivation, FormulaError, derive, write
from chainrule.calculus.definitions import read_problem
from chainrule.calculus.derivation import HOLE, Step, walk_steps
from chainrule.calculus.rules import ALL_RULES, Task
from chainrule.records.exercise import Exercise, Hint

from .exercises import grade_exercise, worked

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
    left, right = rule.statement
    letters = _letters(step, derivation)
    with_parts = f" Here {letters}." if letters else ""
    after = _after(step)
    return (
        Hint(
            depth=1,
            text=f"Look at `{part}`: the {rule.name} is the one to use there.",
            rule=rule.id,
            node=step.operand.id,
        ),
        Hint(
            depth=2,
            text=f"{rule.name.capitalize()}: the derivative of `{left}` is `{right}`.{with_parts}",
            rule=rule.id,
            node=step.operand.id,
        ),
        Hint(
            depth=3,
            text=f"The derivative of `{part}` by {step.variable} is `{after}`.",
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


def _letters(step: Step, derivation: Derivation) -> str:
    if step.outer:
        return ", ".join(
            f"the outside is `{write(each.operand)}` with {each.letter} = `{write(each.inside)}`"
            for each in step.outer
        )
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
    found = worked(exercise)
    steps = found if isinstance(found, tuple) else (str(found),)
    asked = f"Start from the derivative of `{exercise.formula}`." if exercise.formula else ""
    first = asked if exercise.kind == "value" else "Ask of each choice what kind of thing it is."
    return (
        Hint(depth=1, text=first or "Read the question once more: what exactly is asked?"),
        Hint(depth=2, text=steps[0]),
        Hint(depth=3, text=steps[-1]),
    )
