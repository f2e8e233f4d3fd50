"""Gradients and Jacobians by vectors and matrices: on the terminal, typeset, and as JSON."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chainrule import __version__
from chainrule.calculus.matrix import (
    DEFAULT_NOTATION,
    MatrixDerivation,
    MatrixEvaluation,
    MatrixNarration,
    OneEntry,
    first_entry,
    jacobian_values,
    mathematics,
    narrate_matrix,
    shape_text,
)
from chainrule.calculus.matrix.evaluate import short
from chainrule.calculus.matrix.kinks import matrix_kinks
from chainrule.calculus.matrix.narrated_shapes import shapes_of
from chainrule.calculus.matrix.typeset import matrix_latex, matrix_markdown
from chainrule.calculus.matrix.unicode_latex import latex_of_text, latex_of_values
from chainrule.calculus.tree import Name
from chainrule.calculus.typeset import as_text, code_block, displayed

from .document import Json
from .matrix_derivation import json_values, matrix_document, write_matrix_derivation
from .page import Page

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

Derivations = Sequence[MatrixDerivation]
"""One for each variable, of one formula."""


def write_matrix_derivatives(
    page: Page,
    found: Derivations,
    evaluation: MatrixEvaluation | None = None,
    notation: str | None = None,
    *,
    steps: bool = False,
) -> None:
    """Write the gradients of a number, or the Jacobians of a vector, one a variable.

    Args:
        page: Where to.
        found: By each variable.
        evaluation: A point, for the numbers.
        notation: Its id; None for ∂L/∂X.
        steps: Whether each is told step by step.
    """
    # before anything is written: where there is no value, that is all that is said
    values = [None if evaluation is None else _values(each, evaluation) for each in found]
    page.line()
    page.item(("chainrule  ", "bold"), (f"{_what(found)} {found[0].formula.text}", "dim"))
    page.line()
    told = [None if notation is None else narrate_matrix(each, notation) for each in found]
    if told[0] is not None:
        page.paragraph((_in_notation(told[0]), "dim"), indent=2)
        page.line()
    answers = [_answer(*pair) for pair in zip(found, told, strict=True)]
    width = max(len(left) for left, _ in answers)
    for each, (left, right), value in zip(found, answers, values, strict=True):
        if left:
            page.formula(f"  {left:<{width}} = {right}")
        else:
            page.paragraph(right, indent=2)
        if value is not None:
            page.line(f"  {'':<{width}} = {short(value)}")
        page.line((f"  {'':<{width}}   {_shape(each)}", "dim"))
    page.line()
    for notice in _notices(found, evaluation):
        page.paragraph((notice, "yellow"), indent=2)
    page.paragraph((_layout(found), "dim"), indent=2)
    page.line()
    for each in found if steps else ():
        entries = _entries(each, evaluation)
        write_matrix_derivation(page, each, evaluation, entries, notation or DEFAULT_NOTATION)


def matrix_derivatives_typeset(
    found: Derivations,
    evaluation: MatrixEvaluation | None = None,
    notation: str | None = None,
    *,
    steps: bool = False,
    dollars: bool = False,
) -> str:
    """The same as LaTeX for a document with amsmath, or as Markdown.

    Args:
        found: By each variable.
        evaluation: A point, for the numbers.
        notation: Its id; None for ∂L/∂X.
        steps: Whether each is told step by step.
        dollars: For Markdown.
    """
    what = _what(found).replace("the", "The", 1)
    head = f"**{what}**" if dollars else rf"\paragraph{{{what}}}"
    first = found[0]
    narrations = [narrate_matrix(each, notation or DEFAULT_NOTATION) for each in found]
    names = tuple({name for told in narrations for name in told.names})
    given = mathematics(first.formula.root, shapes_of(first))
    parts = [f"{head} ${latex_of_text(f'{first.result} = {given}', names)}$"]
    if notation is not None:
        said_of = _in_notation(narrations[0])
        parts.append(said_of if dollars else as_text(said_of))
    for each, told in zip(found, narrations, strict=True):
        left, right = _answer(each, None if notation is None else told)
        shape = _shape(each).replace("×", "by")
        if told.style != "mathematics":
            parts += _said(told.style, left, right, shape, dollars=dollars)
            if evaluation is not None:
                value = latex_of_values(short(_values(each, evaluation)))
                parts.append(displayed([f"&= {value}"], dollars=dollars))
            continue
        rows = [f"{latex_of_text(left, told.names)} &= {latex_of_text(right, told.names)}"]
        rows[0] += rf" && \text{{{shape}}}"
        if evaluation is not None:
            rows.append(f"&= {latex_of_values(short(_values(each, evaluation)))}")
        parts.append(displayed(rows, dollars=dollars))
    said = [*_notices(found, evaluation), _layout(found)]
    parts += said if dollars else [as_text(each) for each in said]
    write = matrix_markdown if dollars else matrix_latex
    for each in found if steps else ():
        entries = tuple(_entries(each, evaluation))
        way = notation or DEFAULT_NOTATION
        parts.append(write(each, evaluation, entries, way).rstrip("\n"))
    return "\n\n".join(parts) + "\n"


def matrix_derivatives_document(
    found: Derivations, evaluation: MatrixEvaluation | None = None, notation: str | None = None
) -> dict[str, Json]:
    """The document of gradients, or of Jacobians, by each variable; `value` by its name."""
    key = "gradient" if found[0].is_number else "jacobian"
    point = None
    if evaluation is not None:
        point = {name: json_values(value) for name, value in evaluation.point.items()}
    return {
        "chainrule": __version__,
        "formula": found[0].formula.text,
        "wrt": [each.variable for each in found],
        "shapes": {name: list(shape) for name, shape in found[0].names.items()},
        "at": point,
        key: [
            matrix_document(each, evaluation, notation=notation or DEFAULT_NOTATION)
            for each in found
        ],
        "value": None
        if evaluation is None
        else {each.variable: json_values(_values(each, evaluation)) for each in found},
        "notices": list(_notices(found, evaluation)),
    }


def _what(found: Derivations) -> str:
    return "the gradient of" if found[0].is_number else "the Jacobian of"


def _in_notation(told: MatrixNarration) -> str:
    return f"In {told.manner}. {told.about}"


def _said(style: str, left: str, right: str, shape: str, *, dollars: bool) -> list[str]:
    """An answer in words or code, and its shape."""
    if style == "words":
        return [f"{right} It is {shape}." if dollars else as_text(f"{right} It is {shape}.")]
    return [code_block(f"{left} = {right}", dollars=dollars), f"It is {shape}."]


def _answer(each: MatrixDerivation, told: MatrixNarration | None) -> tuple[str, str]:
    """What is asked for and what it is; of a Jacobian without a formula, what it does to G.

    In words it is one sentence, and nothing is on its left.
    """
    if told is not None:
        if told.style == "words":
            return "", f"{told.answer[:1].upper()}{told.answer[1:]}."
        left, _, right = told.answer.partition(" = ")
        return left, right
    shapes = shapes_of(each)
    slope = f"∂{each.result}/∂{each.variable}"
    if each.is_number:
        return slope, mathematics(each.gradient, shapes)
    if each.jacobian is not None:
        return slope, mathematics(each.jacobian, shapes)
    return f"({slope})ᵀ{mathematics(each.seed, shapes)}", mathematics(each.gradient, shapes)


def _shape(each: MatrixDerivation) -> str:
    shape = each.variable_shape if each.is_number else each.jacobian_shape
    said = shape_text(shape)
    without = not each.is_number and each.jacobian is None
    return f"it times any {mathematics(each.seed)}; it is {said}" if without else said


def _layout(found: Derivations) -> str:
    if found[0].is_number:
        return "Gradient layout: each has the shape of its variable."
    return (
        "Numerator layout: a row for each entry of the result, a column for each of the variable."
    )


def _values(each: MatrixDerivation, evaluation: MatrixEvaluation) -> "NDArray[float64]":
    """The gradient or the Jacobian in numbers, an array."""
    if each.is_number:
        return evaluation(each.gradient)
    assert isinstance(each.seed, Name)
    values: NDArray[float64] = jacobian_values(
        each.gradient, each.seed.name, each.shape, evaluation
    )
    return values


def _entries(each: MatrixDerivation, evaluation: MatrixEvaluation | None) -> list[OneEntry]:
    first = first_entry(each, None if evaluation is None else evaluation.point)
    return [] if first is None else [first]


def _notices(found: Derivations, evaluation: MatrixEvaluation | None) -> tuple[str, ...]:
    """A sentence for each kink exactly at the point."""
    if evaluation is None:
        return ()
    return tuple(dict.fromkeys(kink for each in found for kink in matrix_kinks(each, evaluation)))
