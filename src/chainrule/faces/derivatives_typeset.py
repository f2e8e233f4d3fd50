"""Gradients, Jacobians and Hessians of formulas of numbers, as LaTeX and as Markdown."""

import math
from collections.abc import Mapping, Sequence

from chainrule.calculus import Derivation, Evaluation
from chainrule.calculus.cells import Cells, cells_of
from chainrule.calculus.derive import told_in_parts
from chainrule.calculus.gradient import DirectionalSlope, Gradient
from chainrule.calculus.jacobian import Jacobian
from chainrule.calculus.latex import latex
from chainrule.calculus.latex_names import latex_name
from chainrule.calculus.narrate import narrate
from chainrule.calculus.second_derivatives import HessianMatrix
from chainrule.calculus.tree import Formula
from chainrule.calculus.typeset import (
    as_text,
    code_block,
    displayed,
    latex_number,
    to_latex,
    to_markdown,
)

from .derivatives import DIGITS, NO_NUMBER, OF_STEPS, bending, left_out, of_cell, symmetry


def gradient_typeset(
    found: Gradient,
    evaluation: Evaluation | None = None,
    direction: DirectionalSlope | None = None,
    *,
    steps: bool = False,
    dollars: bool = False,
    notation: str | None = None,
) -> str:
    """The partial derivatives, ∇f at a point, and the slope along a direction.

    Args:
        found: ∇f.
        evaluation: A point, for the numbers.
        direction: A slope along a direction at that point.
        steps: Whether each entry is told step by step.
        dollars: For Markdown, with mathematics between dollars; else for a document with amsmath.
        notation: Its id; None for ∂f/∂x.
    """
    cells = cells_of(found.formula, notation, "latex", found.variables)
    page = _Writing(dollars, cells, notation)
    page.title("The gradient of", found.formula, evaluation)
    values = None if evaluation is None else found.at(evaluation)
    for i, partial in enumerate(found.partials):
        by = partial.variable
        number = None if values is None else cells.number(_number(values[i]), by)
        page.cell(cells.first(by), cells.write(partial.factored, by), number)
    if values is not None and cells.is_mathematics:
        page.displayed([rf"\nabla {cells.result()} &= {_column(values)}"])
        known = [value for value in values if value is not None]
        if len(known) == len(values):
            length = rf"\left\| \nabla {cells.result()} \right\|"
            page.displayed([f"{length} &= {_number(math.hypot(*known))}"])
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
    notation: str | None = None,
) -> str:
    """The results, and J as a matrix: as formulas, and as numbers at a point.

    Args:
        found: J.
        evaluation: A point, for the numbers.
        steps: Whether each cell is told step by step.
        dollars: For Markdown; else for a document with amsmath.
        notation: Its id; None for a matrix of formulas alone.
    """
    cells = cells_of(found.formula, notation, "latex", found.variables)
    page = _Writing(dollars, cells, notation)
    page.title("The Jacobian of", found.formula, evaluation)
    if notation is None:
        page.displayed([f"f_{{{i + 1}}} &= {latex(each)}" for i, each in enumerate(found.results)])
        page.displayed([f"J &= {_matrix(_cells(found.cells))}"])
    else:
        values = None if evaluation is None else found.at(evaluation)
        for i, result in enumerate(found.results):
            page.cell(cells.result(i), cells.write(result.root))
            for j, name in enumerate(found.variables):
                value = None if values is None else values[i][j]
                number = None if values is None else cells.number(_number(value), name)
                page.cell(cells.first(name, i), page.written(found.cells[i][j], name), number)
    if evaluation is not None:
        if cells.is_mathematics:
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
    notation: str | None = None,
) -> str:
    """∇f, and ∇²f as a matrix: as formulas, and as numbers with how f bends at a point.

    Args:
        found: ∇²f.
        evaluation: A point, for the numbers.
        absent: Entries of vectors that do not stand in f.
        steps: Whether each cell is told step by step.
        dollars: For Markdown; else for a document with amsmath.
        notation: Its id; None for a matrix of formulas alone.
    """
    names = found.gradient.variables
    cells = cells_of(found.gradient.formula, notation, "latex", names)
    page = _Writing(dollars, cells, notation)
    page.title("The Hessian of", found.gradient.formula, evaluation)
    values = None if evaluation is None else found.at(evaluation)
    for partial in found.gradient.partials:
        right = cells.write(partial.factored, partial.variable)
        page.cell(cells.first(partial.variable), right)
    if notation is None:
        page.displayed([rf"\nabla^{{2}} f &= {_matrix(_cells(found.cells))}"])
    else:
        for i, first in enumerate(names):
            for j, second in enumerate(names):
                right = page.written(found.cells[i][j], first, second)
                value = None if values is None else values[i][j]
                number = None if values is None else cells.number(_number(value), first, second)
                page.cell(cells.second(first, second), right, number)
    full = None
    if evaluation is not None and values is not None:
        if cells.is_mathematics:
            page.displayed([rf"\nabla^{{2}} {cells.result()} &= {_matrix(_numbers(values))}"])
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
        twice = [cell for row in found.cells for cell in row]
        page.steps([*found.gradient.partials, *twice], evaluation)
    return page.text()


class _Writing:
    """Paragraphs in the making."""

    def __init__(self, dollars: bool, cells: Cells, notation: str | None) -> None:
        self._dollars = dollars
        self._asked = notation
        self._cells = cells
        self._parts: list[str] = []

    def text(self) -> str:
        return "\n\n".join(self._parts) + "\n"

    def title(self, what: str, formula: Formula, evaluation: Evaluation | None) -> None:
        head = f"**{what}**" if self._dollars else rf"\paragraph{{{what}}}"
        at = "" if evaluation is None else f" at {_point(evaluation.point)}"
        self._parts.append(f"{head} ${self._called(formula)}${at}")
        if self._asked is not None:
            self.notices([f"In {self._cells.name}. {self._cells.about}"])

    def _called(self, formula: Formula) -> str:
        """The formula with its name; the results of a Jacobian have names of their own."""
        return f"{latex_name(self._cells.paper.whole)} = {latex(formula)}"

    def cell(self, left: str, right: str, number: str | None = None) -> None:
        """An entry: an equation, in words a sentence, in code a line."""
        if self._cells.is_mathematics:
            rows = [f"{left} &= {right}"]
            self.displayed(rows if number in (None, right) else [*rows, f"&= {number}"])
            return
        said = self._cells.equation(left, right)
        if self._cells.notation.style == "code":
            said = code_block(said, dollars=self._dollars)
        elif not self._dollars:
            said = as_text(said)
        self._parts.append(said)
        if number is not None:
            self._parts.append(f"Here it is ${number}$.")

    def written(self, cell: Derivation | None, *variables: str) -> str:
        """An entry, 0 where the variable does not stand in what is differentiated."""
        return "0" if cell is None else self._cells.write(cell.factored, *variables)

    def heading(self, text: str) -> None:
        self._parts.append(f"**{text}**" if self._dollars else rf"\paragraph{{{text}}}")

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
                way = self._asked or OF_STEPS
                told = narrate(told_in_parts(cell), way, evaluation=at, script="latex")
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
