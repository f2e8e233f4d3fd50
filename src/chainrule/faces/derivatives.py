"""Gradients, Jacobians, Hessians and Taylor's expansion of formulas, in the terminal."""

import math
from collections.abc import Mapping, Sequence

from chainrule.calculus import Derivation, Evaluation
from chainrule.calculus.cells import Cells, cells_of
from chainrule.calculus.derive import told_in_parts
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.narrate import narrate
from chainrule.calculus.pretty import pretty
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.taylor import TaylorExpansion
from chainrule.calculus.tree import Formula, Node, Number, children, distinct, with_children
from chainrule.records.message import Message, Translate, told

from .derivation import write_derivation
from .numerals import number
from .page import Page

DIGITS = 6
"""Of values beside formulas; JSON has all."""


def write_gradient(
    page: Page,
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
    say: Translate = str,
    notation: str | None = None,
) -> None:
    """Write ∇f, an entry a line, and the slope along a direction if one was asked for.

    Args:
        page: Where to.
        found: ∇f.
        evaluation: A point, for the numbers.
        direction: A slope along a direction at that point.
        say: Translates the words around the formulas.
        notation: Its id; None for ∂f/∂x.
    """
    values = None if evaluation is None else found.at(evaluation)
    cells = cells_of(found.formula, notation, variables=found.variables)
    _title(page, told(Message("the gradient of"), say), found.formula.text, evaluation)
    _about(page, cells, notation, found.formula)
    _entries(
        page,
        cells,
        [cells.first(partial.variable) for partial in found.partials],
        [cells.write(partial.factored, partial.variable) for partial in found.partials],
        _figures(cells, values, [(partial.variable,) for partial in found.partials]),
    )
    known = _known(values)
    if known is not None:
        page.line()
        # min(|x|, |y|) is steep at the origin along every slanted line, and ∇f is 0
        smooth = evaluation is not None and not found.is_kinked(evaluation)
        page.line(
            f"  {cells.equation(cells.length, number(math.hypot(*known)))}",
            ("  the steepest slope here" if smooth else "", "dim"),
        )
    _notices(page, () if evaluation is None else found.notices(evaluation))
    if direction is not None:
        page.line()
        _write_direction(page, found.variables, direction)
    page.line()


def write_jacobian(
    page: Page,
    found: Jacobian,
    evaluation: Evaluation | None = None,
    notation: str | None = None,
) -> None:
    """Write J, a row a result; `notation` as for `write_gradient`."""
    values = None if evaluation is None else found.at(evaluation)
    cells = cells_of(found.formula, notation, variables=found.variables)
    _title(page, "the Jacobian of", found.formula.text, evaluation)
    _about(page, cells, notation)
    for i, (result, row) in enumerate(zip(found.results, found.cells, strict=True)):
        stands_for = cells.equation(cells.result(i), cells.write(result.root))
        page.line((f"Row {i + 1}", "bold"), (f"  {stands_for}", "dim"))
        _entries(
            page,
            cells,
            [cells.first(name, i) for name in found.variables],
            [_cell(cells, cell, name) for name, cell in zip(found.variables, row, strict=True)],
            _figures(
                cells, None if values is None else values[i], [(name,) for name in found.variables]
            ),
        )
    _notices(page, () if evaluation is None else found.notices(evaluation))
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


def write_hessian(
    page: Page,
    found: HessianMatrix,
    evaluation: Evaluation | None = None,
    absent: Sequence[str] = (),
    notation: str | None = None,
) -> None:
    """Write ∇²f, and how it bends at a point.

    Args:
        page: Where to.
        found: ∇²f.
        evaluation: A point, for the numbers.
        absent: Of vectors, which entries do not stand in f.
        notation: Its id; None for ∂²f/∂y∂x.
    """
    values = None if evaluation is None else found.at(evaluation)
    names = found.gradient.variables
    cells = cells_of(found.gradient.formula, notation, variables=names)
    _title(page, "the Hessian of", found.gradient.formula.text, evaluation)
    _about(page, cells, notation, found.gradient.formula)
    for i, (first, row) in enumerate(zip(names, found.cells, strict=True)):
        slope = cells.write(found.gradient.partials[i].factored, first)
        found_first = cells.equation(cells.first(first), slope)
        if cells.notation.style == "words":
            page.paragraph(f"{found_first} From it:")
        else:
            page.formula(f"From {found_first}")
        _entries(
            page,
            cells,
            [cells.second(first, second) for second in names],
            [_cell(cells, cell, first, second) for second, cell in zip(names, row, strict=True)],
            _figures(
                cells,
                None if values is None else values[i],
                [(first, second) for second in names],
            ),
        )
    _notices(page, () if evaluation is None else found.notices(evaluation))
    page.line()
    rows = [_known(row) for row in values or ()]
    whole = [row for row in rows if row is not None]
    full = whole if len(whole) == len(names) else None
    if len(names) > 1:
        page.paragraph((symmetry(names, full), "dim"), indent=2)
    if absent:
        page.paragraph((left_out(absent), "dim"), indent=2)
    if full is not None:
        page.paragraph(bending(full), indent=2)
    page.line()


def _about(page: Page, cells: Cells, notation: str | None, formula: Formula | None = None) -> None:
    """What the signs of a notation that was asked for mean, and what is called by its letter."""
    if notation is not None:
        if formula is not None:
            page.formula(f"  {cells.equation(cells.result(), cells.write(formula.root))}")
        page.paragraph((f"In {cells.name}. {cells.about}", "dim"), indent=2)
        page.line()


def left_out(absent: Sequence[str]) -> str:
    """What is to be said of entries that do not stand in a formula."""
    return f"Not in the formula, so with rows and columns of 0: {', '.join(absent)}."


def write_taylor(page: Page, found: TaylorExpansion) -> None:
    """Write the expansion, and how far it is from f."""
    gradient = found.hessian.gradient
    point = dict(zip(gradient.variables, found.point, strict=True))
    _title(page, "Taylor's expansion to second order of", gradient.formula.text, None)
    page.line(f"  at {_point(point)}")
    page.line()
    page.line(f"  f = {number(found.value, DIGITS)}")
    for name, slope in zip(gradient.variables, found.gradient, strict=True):
        page.line(f"  ∂f/∂{name}{_equals(slope)}{_figure(slope)}")
    for i, first in enumerate(gradient.variables):
        for j in range(i, len(gradient.variables)):
            second = _second(first, gradient.variables[j])
            value = found.second[i][j]
            page.line(f"  {second}{_equals(value)}{_figure(value)}")
    _notices(page, found.notices)
    page.line()
    if found.expansion is None:
        page.paragraph(
            "There is no expansion to second order here: it needs all these derivatives.", indent=2
        )
        page.line()
        return
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
    said = _how_fast(found)
    if said:
        page.paragraph((said, "dim"), indent=2)
        page.line()


NOISE = 1e-13
"""Of an error, relative to the values that it is the difference of: what rounding leaves of it."""


def _how_fast(found: TaylorExpansion) -> str:
    """What the errors in the table say; nothing where they say nothing simple."""
    errors = [
        (abs(each.value - each.expansion), NOISE * max(1.0, abs(each.value)))
        for each in found.errors
        if each.value is not None
    ]
    if len(errors) < len(found.errors):
        return ""
    if all(error <= noise for error, noise in errors):
        return "At all these distances the expansion is f, as far as float64 can tell."
    (one, noise), (other, other_noise) = errors[-2:]
    if other <= other_noise:
        return "Near the point the error is as small as float64 can tell."
    if one <= noise:
        return ""
    ratio = one / other
    nearer = "Ten times nearer, the error is about"
    if 300 < ratio < 3000:
        return f"{nearer} a thousand times smaller: what is left out begins with the third order."
    if ratio >= 3000:
        return f"{nearer} {number(ratio, 2)} times smaller: the third order vanishes here, too."
    if ratio > 1:
        return f"{nearer} {number(ratio, 2)} times smaller."
    return "Nearer to the point the error is no smaller: something bends sharply in between."


NO_NUMBER = "no number here"
"""What stands in the place of a derivative that does not exist at a point."""


def _figure(value: float | None) -> str:
    return NO_NUMBER if value is None else number(value, DIGITS)


def _equals(value: float | None) -> str:
    return ": " if value is None else " = "


def _known(values: Sequence[float | None] | None) -> list[float] | None:
    """The values if there are any and none is missing."""
    known = [value for value in values or () if value is not None]
    return known if values is not None and len(known) == len(values) else None


def _notices(page: Page, messages: Sequence[str]) -> None:
    if messages:
        page.line()
    for message in messages:
        page.paragraph((message, "yellow"), indent=2)


def write_each(
    page: Page,
    cells: Sequence[Derivation | None],
    evaluation: Evaluation | None = None,
    say: Translate = str,
    notation: str | None = None,
) -> None:
    """Write how each entry comes about, step by step; nothing of those that are 0."""
    for cell in cells:
        if cell is not None:
            at = of_cell(cell, evaluation)
            narration = narrate(told_in_parts(cell), notation or OF_STEPS, evaluation=at)
            write_derivation(page, narration, say=say)


OF_STEPS = "partial"
"""The notation of the steps of an entry if none is asked for."""


def of_cell(cell: Derivation, evaluation: Evaluation | None) -> Evaluation | None:
    """The point with the names of a derivation alone."""
    if evaluation is None:
        return None
    names = {cell.variable, *cell.formula.names}
    point = {name: value for name, value in evaluation.point.items() if name in names}
    return Evaluation(point, cell.formula.text)


def _title(page: Page, what: str, text: str, evaluation: Evaluation | None) -> None:
    page.line()
    at = "" if evaluation is None else f" at {_point(evaluation.point)}"
    page.item(("chainrule  ", "bold"), (f"{what} {text}{at}", "dim"))
    page.line()


def _point(point: Mapping[str, float]) -> str:
    return ", ".join(f"{name} = {number(value, DIGITS)}" for name, value in point.items())


def _entries(
    page: Page,
    cells: Cells,
    labels: Sequence[str],
    formulas: Sequence[str],
    figures: Sequence[str] | None,
) -> None:
    if cells.notation.style == "words":
        for i, pair in enumerate(zip(labels, formulas, strict=True)):
            arrow = "" if figures is None else f"  → {figures[i]}"
            page.paragraph(cells.equation(*pair), (arrow, "dim"), indent=2)
        return
    width = max(map(len, labels))
    for i, (label, formula) in enumerate(zip(labels, formulas, strict=True)):
        page.formula(f"  {label:<{width}} = {formula}")
        if figures is not None and (figures[i] == NO_NUMBER or not _is_number(formula)):
            equals = ":" if figures[i] == NO_NUMBER else "="
            page.line(f"  {'':<{width}} {equals} {figures[i]}")


def _figures(
    cells: Cells, values: Sequence[float | None] | None, by: Sequence[tuple[str, ...]]
) -> list[str] | None:
    """The numbers of entries, each by its variables; None without a point."""
    if values is None:
        return None
    return [
        NO_NUMBER if value is None else cells.number(_figure(value), *variables)
        for value, variables in zip(values, by, strict=True)
    ]


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


def _cell(cells: Cells, cell: Derivation | None, *variables: str) -> str:
    return "0" if cell is None else cells.write(cell.factored, *variables)


def _second(first: str, second: str) -> str:
    return f"∂²f/∂{first}²" if first == second else f"∂²f/∂{second}∂{first}"


def _write_direction(page: Page, names: Sequence[str], found: DirectionalSlope) -> None:
    given = ", ".join(number(entry) for entry in found.direction)
    unit = ", ".join(number(entry) for entry in found.unit)
    page.line(("Along a direction", "bold"), (f"  in the order {', '.join(names)}", "dim"))
    page.line(f"  v = ({given}), ‖v‖ = {number(found.length)}")
    page.line(
        f"  u = v/‖v‖ = ({unit})", ("  of length 1, so that only where it points counts", "dim")
    )
    if not found.smooth:
        _write_sides(page, found)
        return
    assert found.slope is not None and found.gradient_norm is not None
    terms = [
        f"{number(g or 0.0)} · {number(u) if u >= 0 else f'({number(u)})'}"
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


def _write_sides(page: Page, found: DirectionalSlope) -> None:
    """Where f has a kink: the slope along the line itself, on each side of the point."""
    if found.slope is not None:
        page.line(f"  D_u f = {number(found.slope)}", ("  measured along the line itself", "dim"))
    else:
        page.line(f"  ahead  D_u f = {_figure(found.ahead)}", ("  towards u", "dim"))
        page.line(f"  behind D_u f = {_figure(found.behind)}", ("  coming to the point", "dim"))
    page.paragraph(
        ("f has a kink here, so that ∇f · u does not give the slope along u.", "yellow"), indent=2
    )


def symmetry(names: Sequence[str], values: Sequence[Sequence[float]] | None) -> str:
    """What is to be said of the order of differentiation, with numbers if there are some."""
    said = (
        "Each cell was derived by its own way; where both orders are continuous they are equal "
        "(Schwarz)."
    )
    if values is None:
        return said
    size = len(names)
    worst = max(abs(values[i][j] - values[j][i]) for i in range(size) for j in range(i))
    return f"{said} Here they differ by {number(worst)} at most."


def bending(values: Sequence[Sequence[float]]) -> str:
    """How a function with these second derivatives bends."""
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
