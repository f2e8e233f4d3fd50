"""The slope of an implicit curve, in the terminal and as JSON."""

from chainrule import __version__
from chainrule.calculus import Derivation, write
from chainrule.calculus.curve import CurvePoint
from chainrule.calculus.implicit import (
    EQUATION_STEPS,
    ImplicitDerivation,
    SecondImplicitDerivation,
)
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import Line, told
from chainrule.calculus.pretty import pretty

from .document import Json, json_number
from .numerals import number
from .page import Page


def write_implicit(
    page: Page,
    found: ImplicitDerivation,
    second: SecondImplicitDerivation | None = None,
    at: CurvePoint | None = None,
) -> None:
    """Write how the slope of a curve is found: both sides, the solving, the slope.

    Args:
        page: Where to.
        found: The slope.
        second: How it changes along the curve, if that was asked for.
        at: Its numbers at a point, if one was given.
    """
    equation = found.equation
    slope = pretty(found.slope)
    page.line()
    curve = f"{pretty(equation.left)} = {pretty(equation.right)}"
    page.item(("chainrule  ", "bold"), (curve, "bold cyan"))
    page.item(
        " " * 11,
        (
            f"Both sides are differentiated by {found.by}. {found.of} moves with {found.by} along "
            f"the curve, so its derivative is a name of its own, {slope}, until the end.",
            "dim",
        ),
    )
    page.line()
    for what, side in ("The left side", found.left), ("The right side", found.right):
        _write_side(page, what, side)
    page.line(("Solved for " + slope, "bold"))
    for step in found.steps:
        page.formula(f"  {pretty(step.left)} = {pretty(step.right)}")
        page.line((f"      {EQUATION_STEPS[step.rule]}", "dim"))
    page.line()
    page.line(("The slope", "bold"))
    page.formula(f"  {slope} = {pretty(found.tidy)}")
    if pretty(found.factored) != pretty(found.tidy):
        page.formula(f"  {slope} = {pretty(found.factored)}")
    page.paragraph(
        (
            f"The same by −(∂F/∂{found.by}) / (∂F/∂{found.of}), with F the left side less the "
            f"right: ∂F/∂{found.by} = {pretty(found.partial_by.factored)}, "
            f"∂F/∂{found.of} = {pretty(found.partial_of.factored)}.",
            "dim",
        ),
        indent=2,
    )
    if second is not None:
        page.formula(f"  {found.of}″ = {pretty(second.factored)}")
    if at is not None:
        page.line()
        _write_point(page, found, at)
    page.line()


def implicit_document(
    found: ImplicitDerivation,
    second: SecondImplicitDerivation | None = None,
    at: CurvePoint | None = None,
) -> dict[str, Json]:
    """The document of an implicit derivative."""
    return {
        "chainrule": __version__,
        "formula": found.equation.text,
        "wrt": found.by,
        "of": found.of,
        "at": None if at is None else {n: json_number(v) for n, v in at.point.items()},
        "sides": [
            {"raw": write(side.raw), "tidy": write(side.tidy), "factored": write(side.factored)}
            for side in (found.left, found.right)
        ],
        "steps": [
            {
                "rule": step.rule,
                "why": EQUATION_STEPS[step.rule],
                "before": f"{write(before.left)} = {write(before.right)}" if before else "",
                "after": f"{write(step.left)} = {write(step.right)}",
            }
            for before, step in zip((None, *found.steps), found.steps, strict=False)
        ],
        "result": {
            "raw": write(found.raw),
            "tidy": write(found.tidy),
            "factored": write(found.factored),
        },
        "second": None if second is None else write(second.factored),
        "value": None if at is None or at.slope is None else json_number(at.slope),
        "second_value": None if at is None or at.second is None else json_number(at.second),
        "tangent": None if at is None else at.tangent,
        "remark": "" if at is None else at.remark,
    }


def _write_side(page: Page, what: str, side: Derivation) -> None:
    page.line((what, "bold"))
    narration = narrate(side, "leibniz")
    for line in told(narration.line):
        _write_line(page, line)
    page.formula(f"  together: {pretty(side.tidy)}")
    page.line()


def _write_line(page: Page, line: Line) -> None:
    indent = "  " * (1 + line.id.count("."))
    page.line(f"{indent}{line.id}  ", (line.rule_name, "bold"))
    page.formula(f"{indent}    {line.before} = {line.after}")


def _write_point(page: Page, found: ImplicitDerivation, at: CurvePoint) -> None:
    where = ", ".join(f"{name} = {number(value, 6)}" for name, value in at.point.items())
    page.line((f"At {where}", "bold"), ("  a point of the curve", "dim"))
    if at.slope is not None:
        checked = ""
        if at.quotient is not None:
            said = "✓ the same" if at.agrees else "not the same"
            checked = f"  {said} from the difference quotient along the curve"
        page.line(f"  {pretty(found.slope)} = {number(at.slope, 6)}", (checked, "dim"))
    if at.second is not None:
        page.line(f"  {found.of}″ = {number(at.second, 6)}")
    if at.remark:
        page.paragraph(at.remark, indent=2)
