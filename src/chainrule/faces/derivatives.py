"""Gradients, Jacobians, Hessians and Taylor's expansion of formulas, in the terminal."""

import math
from collections.abc import Mapping, Sequence

from chainrule.calculus import Derivation, Evaluation
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.pretty import pretty
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.taylor import TaylorExpansion
from chainrule.calculus.tree import Node, Number, children, distinct, with_children

from .numerals import number
from .page import Page

DIGITS = 6
"""Of values beside formulas; JSON has all."""


def write_gradient(
    page: Page,
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
) -> None:
    """Write ∇f, an entry a line, and the slope along a direction if one was asked for."""
    values = None if evaluation is None else found.at(evaluation)
    _title(page, "the gradient of", found.formula.text, evaluation)
    _entries(
        page,
        [f"∂f/∂{partial.variable}" for partial in found.partials],
        [pretty(partial.factored) for partial in found.partials],
        values,
    )
    if values is not None:
        page.line()
        page.line(f"  ‖∇f‖ = {number(math.hypot(*values))}", ("  the steepest slope here", "dim"))
    if direction is not None:
        page.line()
        _write_direction(page, found.variables, direction)
    page.line()


def write_jacobian(page: Page, found: Jacobian, evaluation: Evaluation | None = None) -> None:
    """Write J, a row a result."""
    values = None if evaluation is None else found.at(evaluation)
    _title(page, "the Jacobian of", found.formula.text, evaluation)
    for i, (result, row) in enumerate(zip(found.results, found.cells, strict=True)):
        page.line((f"Row {i + 1}", "bold"), (f"  f{_index(i + 1)} = {pretty(result.root)}", "dim"))
        _entries(
            page,
            [f"∂f{_index(i + 1)}/∂{name}" for name in found.variables],
            [_cell(cell) for cell in row],
            None if values is None else values[i],
        )
    page.line()
    rows, columns = len(found.results), len(found.variables)
    page.paragraph(
        (
            f"{rows} × {columns}: a row for each result, a column for each variable (the numerator "
            "layout). 0 without a formula: the result does not hold the variable.",
            "dim",
        ),
        indent=2,
    )
    page.line()


def write_hessian(page: Page, found: HessianMatrix, evaluation: Evaluation | None = None) -> None:
    """Write ∇²f, and how it bends at a point."""
    values = None if evaluation is None else found.at(evaluation)
    _title(page, "the Hessian of", found.gradient.formula.text, evaluation)
    names = found.gradient.variables
    for i, (first, row) in enumerate(zip(names, found.cells, strict=True)):
        slope = pretty(found.gradient.partials[i].factored)
        page.line((f"From ∂f/∂{first} = {slope}", "dim"))
        _entries(
            page,
            [_second(first, second) for second in names],
            [_cell(cell) for cell in row],
            None if values is None else values[i],
        )
    page.line()
    if len(names) > 1:
        page.paragraph((_symmetry(names, values), "dim"), indent=2)
    if values is not None:
        page.paragraph(_bending(values), indent=2)
    page.line()


def write_taylor(page: Page, found: TaylorExpansion) -> None:
    """Write the expansion, and how far it is from f."""
    gradient = found.hessian.gradient
    point = dict(zip(gradient.variables, found.point, strict=True))
    _title(page, "Taylor's expansion to second order of", gradient.formula.text, None)
    page.line(f"  at {_point(point)}")
    page.line()
    page.line(f"  f = {number(found.value, DIGITS)}")
    for name, slope in zip(gradient.variables, found.gradient, strict=True):
        page.line(f"  ∂f/∂{name} = {number(slope, DIGITS)}")
    for i, first in enumerate(gradient.variables):
        for j in range(i, len(gradient.variables)):
            second = _second(first, gradient.variables[j])
            page.line(f"  {second} = {number(found.second[i][j], DIGITS)}")
    page.line()
    page.formula(f"  f ≈ {pretty(_shortened(found.expansion))}")
    page.line()
    page.line(("How far it holds", "bold"), ("  all variables moved alike", "dim"))
    page.line(("    distance           f   expansion       error", "dim"))
    for error in found.errors:
        if error.value is None:
            page.line(f"  {number(error.distance):>10}  f has no value there")
            continue
        off = abs(error.value - error.expansion)
        page.line(
            f"  {number(error.distance):>10}  {number(error.value, 5):>10}  "
            f"{number(error.expansion, 5):>10}  {number(off, 2):>10}"
        )
    page.line()
    page.paragraph(
        ("Ten times nearer, the error is about a thousand times smaller.", "dim"), indent=2
    )
    page.line()


def _title(page: Page, what: str, text: str, evaluation: Evaluation | None) -> None:
    page.line()
    at = "" if evaluation is None else f" at {_point(evaluation.point)}"
    page.item(("chainrule  ", "bold"), (f"{what} {text}{at}", "dim"))
    page.line()


def _point(point: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {number(value, DIGITS)}" for name, value in point.items())


def _entries(
    page: Page, labels: Sequence[str], formulas: Sequence[str], values: Sequence[float] | None
) -> None:
    width = max(map(len, labels))
    for i, (label, formula) in enumerate(zip(labels, formulas, strict=True)):
        page.formula(f"  {label:<{width}} = {formula}")
        if values is not None and not _is_number(formula):
            page.line(f"  {'':<{width}} = {number(values[i], DIGITS)}")


def _is_number(formula: str) -> bool:
    return formula.removeprefix("−").replace(".", "", 1).isdecimal()


def _shortened(tree: Node) -> Node:
    """The tree with its numbers rounded to what is shown of others."""
    made: dict[int, Node] = {}
    for node in distinct(tree):
        if isinstance(node, Number):
            made[id(node)] = Number(text=f"{node.value:.{DIGITS}g}")
        else:
            made[id(node)] = with_children(node, [made[id(child)] for child in children(node)])
    return made[id(tree)]


def _cell(cell: Derivation | None) -> str:
    return "0" if cell is None else pretty(cell.factored)


def _second(first: str, second: str) -> str:
    return f"∂²f/∂{first}²" if first == second else f"∂²f/∂{second}∂{first}"


def _index(value: int) -> str:
    return str(value).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def _write_direction(page: Page, names: Sequence[str], found: DirectionalSlope) -> None:
    given = ", ".join(number(entry) for entry in found.direction)
    unit = ", ".join(number(entry) for entry in found.unit)
    page.line(("Along a direction", "bold"), (f"  in the order {', '.join(names)}", "dim"))
    page.line(f"  v = ({given}), ‖v‖ = {number(found.length)}")
    page.line(
        f"  u = v/‖v‖ = ({unit})", ("  of length 1, so that only where it points counts", "dim")
    )
    terms = [
        f"{number(g)} · {number(u) if u >= 0 else f'({number(u)})'}"
        for g, u in zip(found.gradient, found.unit, strict=True)
    ]
    page.formula(f"  D_u f = ∇f · u = {' + '.join(terms)} = {number(found.slope)}")
    if found.cosine is None:
        page.line(("  ∇f is 0 here: the slope is 0 in every direction", "dim"))
        return
    angle = math.degrees(math.acos(max(-1.0, min(1.0, found.cosine))))
    page.line(
        f"  = ‖∇f‖ · cos {number(angle)}° = {number(found.gradient_norm)} · {number(found.cosine)}"
    )


def _symmetry(names: Sequence[str], values: Sequence[Sequence[float]] | None) -> str:
    said = (
        "Each cell was derived by its own way; where both orders are continuous they are equal "
        "(Schwarz)."
    )
    if values is None:
        return said
    size = len(names)
    worst = max(abs(values[i][j] - values[j][i]) for i in range(size) for j in range(i))
    return f"{said} Here they differ by {number(worst)} at most."


def _bending(values: Sequence[Sequence[float]]) -> str:
    import numpy as np

    matrix = np.array(values)
    curvatures = np.linalg.eigvalsh((matrix + matrix.T) / 2)[::-1]
    listed = ", ".join(number(float(value)) for value in curvatures)
    noise = np.finfo(float).eps * len(curvatures) * float(np.abs(curvatures).max())
    up, down = int((curvatures > noise).sum()), int((curvatures < -noise).sum())
    if up == len(curvatures):
        said = "it bends upwards in every direction"
    elif down == len(curvatures):
        said = "it bends downwards in every direction"
    elif up and down:
        said = "it bends upwards in one direction and downwards in another, like a saddle"
    else:
        said = "in some direction it does not bend"
    return f"Eigenvalues {listed}: {said}."
