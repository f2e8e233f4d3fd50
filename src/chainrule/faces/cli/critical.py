"""`chainrule critical`: the places where a formula has no slope, and of which kind they are."""

from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .formats import ListFormat
from .formulas import formula_errors, objective_of
from .landscape import HALF_BOX, parse_box
from .written_out import written_out

if TYPE_CHECKING:
    from chainrule.calculus.tree import Formula
    from chainrule.faces.critical_points import CriticalPoints
    from chainrule.objective import Objective

MOST_TRIED = 10
"""Places whose curvature leaves their kind open and that are asked further: some hundred values of
the formula each."""

MOST_VARIABLES = 2
"""Of a function on paper: its places can be counted around the border of a box in the plane."""


def command(
    formula: Annotated[str, typer.Argument(metavar="FORMULA", help='Such as "x^3 - 3x + y^2".')],
    box: Annotated[
        str | None,
        typer.Option(
            metavar="x=-5:5,y=-5:5",
            help=f"Where to look.  [default: ±{HALF_BOX:g} for each variable]",
        ),
    ] = None,
    format: Annotated[ListFormat, typer.Option(help="Of the report.")] = ListFormat.text,
) -> None:
    """Find minima, maxima and saddles of a formula of one or two variables.

    Example: chainrule critical "x^3 - 3x + y^2"
    """
    from chainrule.calculus.gradient import gradient

    with formula_errors():
        read = written_out(formula)
        _refuse_numbers(read)
        gradient(read)  # before PyTorch is loaded: what cannot be differentiated is refused
    objective = objective_of(read.text, {})
    sides = dict.fromkeys(objective.parameters, (-HALF_BOX, HALF_BOX))
    if len(sides) > MOST_VARIABLES:
        raise CommandFailed(
            f"Expected a formula of one or two variables, found {len(sides)} "
            f"({', '.join(sides)}): put numbers in the place of the others."
        )
    sides |= {} if box is None else parse_box(box)
    from chainrule.objective import ObjectiveError

    try:
        found = find_critical_points(objective, read.text, sides)
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
    _show(found, formula, format)


def _refuse_numbers(formula: "Formula") -> None:
    """3 is flat everywhere: no place of it is a critical point more than another."""
    if not formula.names:
        raise CommandFailed(
            "Expected a formula with a variable, found only numbers: their value is the same "
            "everywhere, so that no place stands out."
        )


def find_critical_points(
    objective: "Objective", formula: str, sides: dict[str, tuple[float, float]]
) -> "CriticalPoints":
    """The flat places and kinks of a formula in a box, each with its kind.

    Args:
        objective: The formula as a loss.
        formula: It as text, without definitions.
        sides: (low, high) of each variable.

    Raises:
        ObjectiveError: If a bound names no variable, or it cannot be differentiated.
    """
    from chainrule.calculus import parse
    from chainrule.calculus.gradient import gradient
    from chainrule.calculus.pretty import pretty
    from chainrule.faces.critical_points import CriticalPoints
    from chainrule.instruments.flat_place import flat_place
    from chainrule.instruments.kink_places import kink_places
    from chainrule.instruments.stationary_points import stationary_points

    read = parse(formula)
    found = stationary_points(objective, sides)
    kinks = kink_places(objective, read, sides)
    open_ones = (*found.of("undecided")[:MOST_TRIED], *found.extended)
    tried = {
        point: flat_place(objective, objective.flat().new_tensor(point.theta))
        for point in open_ones
    }
    slopes = gradient(read)
    return CriticalPoints(
        formula=pretty(read),
        equations=tuple((each.variable, pretty(each.factored)) for each in slopes.partials),
        found=found,
        kinks=kinks,
        tried={point: place for point, place in tried.items() if place.certainty != "undecided"},
    )


def _show(critical: "CriticalPoints", formula: str, format: ListFormat) -> None:
    from chainrule.faces.critical_points import critical_points_document, write_critical_points
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    page = page_for_stdout()
    if format is ListFormat.json:
        page.verbatim(to_json(critical_points_document(critical, typed=formula)) + "\n")
    else:
        write_critical_points(page, critical)
