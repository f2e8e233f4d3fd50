"""What a view of a lesson is in text: its numbers, and the command that shows more."""

import shlex
from collections.abc import Callable, Mapping, Sequence

from chainrule.calculus.checks import completed
from chainrule.calculus.derive import derive
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.kinks import derivative_value
from chainrule.calculus.read_problem import read_problem
from chainrule.faces.numerals import number
from chainrule.faces.page import Page
from chainrule.learning.course.blocks import View, ViewKind

Say = Callable[[str], str]

AROUND = (-1.0, -0.5, 0.0, 0.5, 1.0)
"""Where a slope is shown, seen from the point."""

SHRINKING = (1.0, 0.5, 0.1, 0.01)
"""Shares of the step of a secant on its way to the tangent."""


def write_view(page: Page, view: View, say: Say) -> None:
    """Write a view as text.

    Args:
        page: Where to.
        view: The view.
        say: Translates a message.
    """
    page.line()
    if view.formula:
        page.line((f"  {view.formula}", "bold"), (_where(view.at), "dim"))
    _TWINS[view.kind](page, view, say)
    command = command_of(view)
    if command:
        page.line(("  " + say("See it:") + " ", "dim"), (command, "cyan"))


def command_of(view: View) -> str:
    """The command that shows the same; empty if none does."""
    formula, at = shlex.quote(view.formula), point_text(view.at)
    wrt = f" --wrt {view.wrt}" if view.wrt else ""
    there = f" --at {at}" if at else ""
    if view.kind in ("slope", "derivation"):
        return f"chainrule explain {formula}{wrt}{there}"
    if view.kind == "dependency":
        return f"chainrule explain {formula}{wrt}{there} --graph"
    if view.kind == "landscape":
        return f"chainrule landscape {formula} --from {at}"
    if view.kind == "descent":
        settings = [f"--{name} {_typed(view.settings[name])}" for name in ("lr", "steps")]
        optimizer = view.settings.get("optimizer")
        settings += [f"--optimizer {optimizer}"] if optimizer else []
        return f"chainrule descend {formula} --start {at} {' '.join(settings)}"
    return ""


def point_text(at: Mapping[str, float]) -> str:
    """A point as the options `--at` and `--start` take it."""
    return ",".join(f"{name}={value:.12g}" for name, value in at.items())


def _where(at: Mapping[str, float]) -> str:
    said = ", ".join(f"{name} = {number(value)}" for name, value in at.items())
    return f"   {said}" if said else ""


def _typed(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.12g}"


def _write_slope(page: Page, view: View, say: Say) -> None:
    formula = read_problem(view.formula).written_out()
    (name, point) = next(iter(view.at.items()))
    slope = derive(formula, name)
    at = completed(slope, Evaluation({name: point}, formula.text))
    if view.drag == "h" or "h" in view.settings:
        start = float(view.settings.get("h", 1.0))
        here = at(formula.root)
        rows = [("h", say("slope of the secant"))]
        for share in SHRINKING:
            h = start * share
            moved_to = Evaluation({name: point + h}, formula.text)(formula.root)
            rows.append((number(h), number((moved_to - here) / h)))
        value = derivative_value(slope, at)
        rows.append(("→ 0", "—" if value is None else number(value)))
        _write_rows(page, rows)
        return
    table = [(name, say("value"), say("slope"))]
    for moved in AROUND:
        there = completed(slope, Evaluation({name: point + moved}, formula.text))
        try:
            value = derivative_value(slope, there)
            height = number(there(formula.root))
        except FormulaError:  # outside its domain there is nothing to show
            continue
        table.append((number(point + moved), height, "—" if value is None else number(value)))
    _write_rows(page, table)


def _write_derivation(page: Page, view: View, say: Say) -> None:
    from chainrule.calculus.narrate import narrate
    from chainrule.faces.derivation import write_derivation

    problem = read_problem(view.formula)
    found = derive(problem.formula, view.wrt or problem.names[0], definitions=problem.defined)
    at = Evaluation(dict(view.at), problem.text) if view.at else None
    notation = str(view.settings.get("notation", "leibniz"))
    write_derivation(page, narrate(found, notation, evaluation=at), say=say)


def _write_dependency(page: Page, view: View, say: Say) -> None:
    from chainrule.calculus.graph import dependency_graph
    from chainrule.faces.dependency_graph import draw_graph

    problem = read_problem(view.formula)
    names = (view.wrt,) if view.wrt else problem.names
    at = dict(view.at) or None
    draw_graph(page, dependency_graph(problem.formula, names, at, problem.defined), say)


def _write_landscape(page: Page, view: View, say: Say) -> None:
    from chainrule.calculus.gradient import gradient

    formula = read_problem(view.formula).written_out()
    found = gradient(formula, tuple(view.at)).at(Evaluation(dict(view.at), formula.text))
    rows = [
        (f"∂/∂{name}", "—" if value is None else number(value))
        for name, value in zip(view.at, found, strict=True)
    ]
    _write_rows(page, rows)


def _write_chain(page: Page, view: View, say: Say) -> None:
    """Layers a ← σ(w·a): each factor is the derivative of one layer at what went into it."""
    settings = view.settings
    activation, weight = str(settings["activation"]), float(settings["weight"])
    a = float(settings["input"])
    product = "w*a" if activation == "identity" else f"{activation}(w*a)"
    formula = read_problem(product).formula
    slope = derive(formula, "a")
    size = 1.0
    rows = [(say("layer"), say("factor"), say("product so far"))]
    for layer in range(1, int(settings["depth"]) + 1):
        at = completed(slope, Evaluation({"a": a, "w": weight}, formula.text))
        factor = derivative_value(slope, at)
        if factor is None:  # at the kink of a ReLU: PyTorch takes 0 there
            factor = 0.0
        size *= abs(factor)
        rows.append((str(layer), number(abs(factor)), number(size)))
        a = at(formula.root)
    page.line((f"  a ← {product.replace('*', '·')}", "bold"), (f"   w = {number(weight)}", "dim"))
    _write_rows(page, rows)


def _write_nothing(page: Page, view: View, say: Say) -> None:
    """A descent needs PyTorch: the command shows it."""


def _write_rows(page: Page, rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        page.line("    " + "  ".join(f"{cell:>{w}}" for cell, w in zip(row, widths, strict=True)))


_TWINS: Mapping[ViewKind, Callable[[Page, View, Say], None]] = {
    "slope": _write_slope,
    "derivation": _write_derivation,
    "dependency": _write_dependency,
    "landscape": _write_landscape,
    "descent": _write_nothing,
    "chain": _write_chain,
}
