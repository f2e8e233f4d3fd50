"""Gradients, Jacobians and Hessians of formulas of numbers, as LaTeX and as Markdown."""

import math
from collections.abc import Mapping, Sequence

from chainrule.calculus import Derivation, Evaluation
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.latex import latex
from chainrule.calculus.latex_names import latex_name
from chainrule.calculus.narrate import narrate
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.tree import Formula
from chainrule.calculus.typeset import as_text, displayed, latex_number, to_latex, to_markdown

from .derivatives import DIGITS, NO_NUMBER, bending, left_out, of_cell, symmetry


def gradient_typeset(
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
    *,
    steps: bool = False,
    dollars: bool = False,
) -> str:
    """The partial derivatives, ∇f at a point, and the slope along a direction.

    Args:
        found: ∇f.
        evaluation: A point, for the numbers.
        direction: A slope along a direction at that point.
        steps: Whether each entry is told step by step.
        dollars: For Markdown, with mathematics between dollars; else for a document with amsmath.
    """
    page = _Writing(dollars)
    page.title("The gradient of", found.formula, evaluation)
    values = None if evaluation is None else found.at(evaluation)
    for i, partial in enumerate(found.partials):
        left = rf"\frac{{\partial f}}{{\partial {latex_name(partial.variable)}}}"
        page.equation(left, latex(partial.factored), None if values is None else [values[i]])
    if values is not None:
        page.displayed([rf"\nabla f &= {_column(values)}"])
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            page.displayed([rf"\left\| \nabla f \right\| &= {_number(math.hypot(*known))}"])
    page.notices(() if evaluation is None else found.notices(evaluation))
    if direction is not None:
        _direction(page, found.variables, direction)
    if steps:
        page.steps(found.partials, evaluation)
    return page.text()


def jacobian_typeset(
    found: Jacobian,
    evaluation: Evaluation | None = None,
    *,
    steps: bool = False,
    dollars: bool = False,
) -> str:
    """The results, and J as a matrix: as formulas, and as numbers at a point.

    Args:
        found: J.
        evaluation: A point, for the numbers.
        steps: Whether each cell is told step by step.
        dollars: For Markdown; else for a document with amsmath.
    """
    page = _Writing(dollars)
    page.title("The Jacobian of", found.formula, evaluation)
    page.displayed([f"f_{{{i + 1}}} &= {latex(each)}" for i, each in enumerate(found.results)])
    page.displayed([f"J &= {_matrix(_cells(found.cells))}"])
    if evaluation is not None:
        page.displayed([f"J &= {_matrix(_numbers(found.at(evaluation)))}"])
        page.notices(found.notices(evaluation))
    columns = ", ".join(f"${latex_name(name)}$" for name in found.variables)
    page.said("A row for each result, a column for each variable, in the order ", columns)
    if steps:
        page.steps([cell for row in found.cells for cell in row], evaluation)
    return page.text()


def hessian_typeset(
    found: HessianMatrix,
    evaluation: Evaluation | None = None,
    absent: Sequence[str] = (),
    *,
    steps: bool = False,
    dollars: bool = False,
) -> str:
    """∇f, and ∇²f as a matrix: as formulas, and as numbers with how f bends at a point.

    Args:
        found: ∇²f.
        evaluation: A point, for the numbers.
        absent: Entries of vectors that do not stand in f.
        steps: Whether each cell is told step by step.
        dollars: For Markdown; else for a document with amsmath.
    """
    page = _Writing(dollars)
    names = found.gradient.variables
    page.title("The Hessian of", found.gradient.formula, evaluation)
    for partial in found.gradient.partials:
        left = rf"\frac{{\partial f}}{{\partial {latex_name(partial.variable)}}}"
        page.equation(left, latex(partial.factored), None)
    page.displayed([rf"\nabla^{{2}} f &= {_matrix(_cells(found.cells))}"])
    values = None if evaluation is None else found.at(evaluation)
    full = None
    if evaluation is not None and values is not None:
        page.displayed([rf"\nabla^{{2}} f &= {_matrix(_numbers(values))}"])
        page.notices(found.notices(evaluation))
        known = [[value for value in row if value is not None] for row in values]
        full = known if all(len(row) == len(names) for row in known) else None
    order = ", ".join(f"${latex_name(name)}$" for name in names)
    page.said("A row and a column for each variable, in the order ", order)
    if len(names) > 1:
        page.notices([symmetry(names, full)])
    if absent:
        page.notices([left_out(absent)])
    if full is not None:
        page.notices([bending(full)])
    if steps:
        cells = [cell for row in found.cells for cell in row]
        page.steps([*found.gradient.partials, *cells], evaluation)
    return page.text()


class _Writing:
    """Paragraphs in the making."""

    def __init__(self, dollars: bool) -> None:
        self._dollars = dollars
        self._parts: list[str] = []

    def text(self) -> str:
        return "\n\n".join(self._parts) + "\n"

    def title(self, what: str, formula: Formula, evaluation: Evaluation | None) -> None:
        head = f"**{what}**" if self._dollars else rf"\paragraph{{{what}}}"
        at = "" if evaluation is None else f" at {_point(evaluation.point)}"
        self._parts.append(f"{head} $f = {latex(formula)}${at}")

    def heading(self, text: str) -> None:
        self._parts.append(f"**{text}**" if self._dollars else rf"\paragraph{{{text}}}")

    def equation(
        self, left: str, right: str, values: Sequence[float | None] | None, sign: str = "="
    ) -> None:
        rows = [f"{left} &{sign} {right}"]
        for value in values or ():
            number = _number(value)
            rows += [f"&= {number}"] if number != right else []
        self.displayed(rows)

    def displayed(self, rows: Sequence[str]) -> None:
        self._parts.append(displayed(rows, dollars=self._dollars))

    def said(self, text: str, mathematics: str = "") -> None:
        self._parts.append(f"{text}{mathematics}.")

    def notices(self, messages: Sequence[str]) -> None:
        self._parts += [each if self._dollars else as_text(each) for each in messages]

    def steps(self, cells: Sequence[Derivation | None], evaluation: Evaluation | None) -> None:
        write = to_markdown if self._dollars else to_latex
        for cell in cells:
            if cell is not None:
                at = of_cell(cell, evaluation)
                told = narrate(cell, "partial", evaluation=at, script="latex")
                self._parts.append(write(told).rstrip("\n"))


def _direction(page: _Writing, names: Sequence[str], found: DirectionalSlope) -> None:
    page.heading("Along a direction")
    page.displayed(
        [
            f"v &= {_column(found.direction)}",
            rf"\left\| v \right\| &= {_number(found.length)}",
            rf"u = \frac{{v}}{{\left\| v \right\|}} &= {_column(found.unit)}",
        ]
    )
    order = ", ".join(f"${latex_name(name)}$" for name in names)
    page.said(
        "u has the length 1, so that only where it points counts; its entries belong to ", order
    )
    if found.smooth:
        rows = [rf"D_{{u}} f = \nabla f \cdot u &= {_number(found.slope)}"]
        if found.cosine is not None:
            angle = math.degrees(math.acos(max(-1.0, min(1.0, found.cosine))))
            turned = rf"\cos {_number(angle)}^{{\circ}}"
            rows.append(rf"&= \left\| \nabla f \right\| \cdot {turned}")
        page.displayed(rows)
        return
    if found.slope is not None:
        page.displayed([f"D_{{u}} f &= {_number(found.slope)}"])
    else:
        page.displayed(
            [
                rf"D_{{u}} f &= {_number(found.ahead)} && \text{{ahead, towards }} u",
                rf"D_{{u}} f &= {_number(found.behind)} && \text{{behind, coming to the point}}",
            ]
        )
    page.notices(["f has a kink here, so that ∇f · u does not give the slope along u."])


def _point(point: Mapping[str, float]) -> str:
    return ", ".join(f"${latex_name(name)} = {_number(value)}$" for name, value in point.items())


def _number(value: float | None) -> str:
    return rf"\text{{{NO_NUMBER}}}" if value is None else latex_number(value, DIGITS)


def _numbers(rows: Sequence[Sequence[float | None]]) -> list[list[str]]:
    return [[_number(value) for value in row] for row in rows]


def _cells(rows: Sequence[Sequence[Derivation | None]]) -> list[list[str]]:
    return [["0" if cell is None else latex(cell.factored) for cell in row] for row in rows]


def _matrix(rows: Sequence[Sequence[str]]) -> str:
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"


def _column(values: Sequence[float | None]) -> str:
    return _matrix([[_number(value)] for value in values])
