"""`chainrule critical`: the places where a formula has no slope, and of which kind they are."""

from typing import TYPE_CHECKING, Annotated

import typer

from .failure import CommandFailed
from .formats import ListFormat
from .formulas import objective_of
from .landscape import HALF_BOX, parse_box

if TYPE_CHECKING:
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
    objective = objective_of(formula, {})
    sides = dict.fromkeys(objective.parameters, (-HALF_BOX, HALF_BOX))
    if len(sides) > MOST_VARIABLES:
        raise CommandFailed(
            f"Expected a formula of one or two variables, found {len(sides)} "
            f"({', '.join(sides)}): put numbers in the place of the others."
        )
    sides |= {} if box is None else parse_box(box)
    _show(objective, formula, sides, format)


def _show(
    objective: "Objective", formula: str, sides: dict[str, tuple[float, float]], format: ListFormat
) -> None:
    from chainrule.calculus import parse, write
    from chainrule.calculus.gradient import gradient
    from chainrule.faces.critical_points import critical_points_document, write_critical_points
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout
    from chainrule.instruments.flat_place import flat_place
    from chainrule.instruments.stationary_points import stationary_points
    from chainrule.objective import ObjectiveError

    try:
        found = stationary_points(objective, sides)
    except ObjectiveError as error:
        raise CommandFailed(str(error)) from error
    tried = {
        point: flat_place(objective, objective.flat().new_tensor(point.theta))
        for point in found.of("undecided")[:MOST_TRIED]
    }
    decided = {point: place for point, place in tried.items() if place.certainty != "undecided"}
    slopes = gradient(parse(formula))
    equations = [(each.variable, write(each.factored)) for each in slopes.partials]
    page = page_for_stdout()
    if format is ListFormat.json:
        document = critical_points_document(
            found, formula=formula, equations=equations, tried=decided
        )
        page.verbatim(to_json(document) + "\n")
    else:
        write_critical_points(page, found, formula=formula, equations=equations, tried=decided)
