"""Hints in three depths, from where the learner stands in the derivation."""

import re

from chainrule.calculus import Derivation, write
from chainrule.calculus.derivation import HOLE, Step
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.rules import ALL_RULES, Rule, Task
from chainrule.calculus.rules.rewriting import RewritingRule
from chainrule.calculus.tree import Call
from chainrule.records.exercise import Exercise, Hint
from chainrule.records.message import Message, as_message, joined

from .curve_asked import read_curve
from .further_hints import of_curve, of_draft, of_matrices, three
from .matrix_asked import is_of_matrices, read_matrix
from .standing import Standing, first_step, standing


def hints(exercise: Exercise, answer: str = "") -> tuple[Hint, Hint, Hint]:
    """Three hints, each saying more than the one before; only the third may have the answer in it.

    Args:
        exercise: What is asked.
        answer: What the learner has so far; empty for nothing. The first hint says what of it is
            right already, and all are about the step where it leaves the way, if that is known;
            otherwise about the first step.
    """
    if exercise.kind != "derivative":
        return of_draft(exercise, answer)
    problem = read_problem(exercise.formula)
    if problem.equation is not None:
        return of_curve(read_curve(problem, exercise.wrt))
    if is_of_matrices(problem):
        return of_matrices(read_matrix(problem, exercise.wrt).derivation)
    found = standing(exercise, answer)
    derivation = found.derivation
    step = found.step or first_step(derivation)
    rule = ALL_RULES[step.rule]
    part = write(step.operand)
    where = Message(
        "Look at `{part}`. The rule to use there: {rule}.", part=part, rule=as_message(rule.name)
    )
    last = Message(
        "The derivative of `{part}` by {variable} is `{after}`.",
        part=part,
        variable=step.variable,
        after=_after(step),
    )
    return three(
        joined([*_right_already(found), where]),
        _rule_with_parts(rule, step, derivation),
        last,
        rule=rule.id,
        node=step.operand.id,
    )


def _right_already(found: Standing) -> list[Message]:
    said = []
    if found.entries:
        said.append(
            Message("The entry by {names} is right already.", names=", ".join(found.entries))
        )
    if found.right:
        parts = ", ".join(f"`{write(each)}`" for each in found.right)
        said.append(Message("Right already is the derivative of {parts}.", parts=parts))
    return said


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
    if isinstance(rule, RewritingRule) and step.steps:
        return Message(
            "`{part}` is the same as `{written}`: write it so first, then differentiate.",
            part=write(step.operand),
            written=write(step.steps[0].operand),
        )
    left, right = _statement(rule, step)
    stated = Message(
        "The rule says: the derivative of `{left}` is `{right}`.", left=left, right=_primed(right)
    )
    letters = _letters(step, derivation)
    return joined([stated, Message("Here {letters}.", letters=letters)]) if letters else stated


def _statement(rule: Rule, step: Step) -> tuple[str, str]:
    """A rule in letters, without those of an argument that was not given, as the base of ln."""
    if rule.id == "log" and isinstance(step.operand, Call) and len(step.operand.arguments) == 1:
        return "ln(u)", "du/u"
    return rule.statement


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
        shown = shown.replace(f"{HOLE}{i}", f"{_sign(below)}[{write(below.operand)}]")
    return shown


def _sign(step: Step) -> str:
    """What stands before something that is still to be differentiated."""
    return f"∂/∂{step.variable}" if step.partial else f"d/d{step.variable}"
