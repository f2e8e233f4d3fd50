"""Hints for what is no formula to differentiate: numbers, choices, and the slope of a curve."""

import re

from chainrule.calculus import FormulaError, write
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation, mathematics
from chainrule.calculus.tree import Sum
from chainrule.records.exercise import Exercise, Hint
from chainrule.records.message import Message, as_message, joined

from .exercises import draft_of, grade_exercise


def of_draft(exercise: Exercise, answer: str = "") -> tuple[Hint, Hint, Hint]:
    """Hints to a number or a choice: what to think of, the first step, the last one.

    Args:
        exercise: As generated.
        answer: If it comes from a known mistake, the first hint begins with that.
    """
    draft = draft_of(exercise)
    idea, way = IDEAS.get(exercise.skill, (_READ, _READ))
    first = as_message(draft.idea) if draft.idea else idea
    said_all = draft.kind == "value" and has_number(draft.steps[0], draft.truth)
    second = way if said_all or len(draft.steps) < 2 else as_message(draft.steps[0])
    said = _mistake(exercise, answer)
    return three(joined([said, first]) if said else first, second, as_message(draft.steps[-1]))


_NUMBER = re.compile(r"[-−]?\d+(?:\.\d+)?")


def has_number(text: str, wanted: float | None) -> bool:
    """Whether a number, rounded as sentences have it, stands in a text."""
    if wanted is None:
        return False
    found = (float(each.replace("−", "-")) for each in _NUMBER.findall(text))
    return any(abs(each - wanted) <= 1e-5 * abs(wanted) for each in found)


def _mistake(exercise: Exercise, answer: str) -> str:
    if not answer.strip():
        return ""
    try:
        found = grade_exercise(exercise, answer)
    except FormulaError:
        return ""
    return found.diagnoses[0].message if found.diagnoses else ""


def of_curve(found: ImplicitDerivation) -> tuple[Hint, Hint, Hint]:
    """Hints to the slope of a curve: both sides, what they become, how it is solved."""
    steps = {each.rule: each for each in found.steps}
    both = found.steps[0]
    last = steps.get("take-out") or steps.get("collect") or found.steps[-2]
    slope = f"d{found.of}/d{found.by}"
    return three(
        Message(
            "Differentiate both sides by {by}. {of} moves with {by}, so every part with {of} in it "
            "brings the unknown slope {slope} as a factor.",
            by=found.by,
            of=found.of,
            slope=slope,
        ),
        Message(
            "Both sides differentiated, with {prime} for {slope}: `{left} = {right}`.",
            prime=found.slope.name,
            slope=slope,
            left=write(both.left),
            right=write(both.right),
        ),
        Message(
            "With {prime} alone on the left: `{left} = {right}`. Divide by what multiplies "
            "{prime}.",
            prime=found.slope.name,
            left=write(last.left),
            right=write(last.right),
        ),
    )


def of_matrices(found: MatrixDerivation) -> tuple[Hint, Hint, Hint]:
    """Hints to a gradient by a vector or matrix: the way back, a part on it, the gradient."""
    inner = [each for each in found.quantities[:-1] if each.name != found.variable and each.shape]
    part = next((each for each in inner if isinstance(each.node, Sum)), inner[0] if inner else None)
    second = (
        Message(
            "First differentiate by `{part}`, as if it were the variable. Then go back through its "
            "product: a matrix that stands in front comes back transposed.",
            part=mathematics(part.node),
        )
        if part is not None
        else Message(
            "Each place at which {variable} stands brings a term.", variable=found.variable
        )
    )
    return three(
        Message(
            "Go back from the result one operation at a time. In the end the gradient has the "
            "shape of {variable}.",
            variable=found.variable,
        ),
        second,
        Message("All together: `{gradient}`.", gradient=mathematics(found.gradient)),
    )


def three(
    first: str, second: str, third: str, *, rule: str = "", node: int = -1
) -> tuple[Hint, Hint, Hint]:
    """Three hints about one place."""
    return (
        Hint(depth=1, text=first, rule=rule, node=node),
        Hint(depth=2, text=second, rule=rule, node=node),
        Hint(depth=3, text=third, rule=rule, node=node),
    )


_READ = Message("Read the question once more: what exactly is asked?")

IDEAS: dict[str, tuple[Message, Message]] = {
    "rate-of-change": (
        Message("A rate says by how much the function changes for each unit of x."),
        Message(
            "Differentiate first, as a function, and put the number in at the end. For an average "
            "divide the change by how far x moved."
        ),
    ),
    "notation": (
        Message("Is a number asked for, a function, or several numbers?"),
        Message(
            "A prime or d/dx makes a function; at one place it is a number; ∇ has one entry for "
            "each variable."
        ),
    ),
    "descent-step": (
        Message("A step goes against the gradient: new = old − η · gradient."),
        Message("Compute the slope at θ first; then multiply it by η and take it away."),
    ),
    "products-vanish": (
        Message("The factor of a layer is its weight times the slope of its activation."),
        Message("Compute the factor of one layer first; all layers multiply."),
    ),
    "matrices": (
        Message("Each entry of w acts on the error of every example, and what they bring adds."),
        Message("Compute the errors Xw − y first."),
    ),
    "softmax-cross-entropy": (
        Message("Of softmax with cross entropy the gradient by the logits is p − y."),
        Message("Compute the probability first; y is 1 at the right class and 0 elsewhere."),
    ),
    "pytorch-grad": (
        Message("Go through the lines one by one, and note what stands in .grad after each."),
        Message("backward() adds to .grad; zero_grad() empties it before."),
    ),
    "flat-places": (
        Message("Take a small step from the place in each direction: does it rise or fall?"),
        Message(
            "Look at each term: what becomes of it when its variable moves away from 0 to either "
            "side?"
        ),
    ),
}
"""By skill: what to think of, and the first step, for exercises that do not have their own."""
