"""`chainrule explain`: a derivative step by step, or what a fault is."""

import re
from typing import Annotated

import typer

from .derivations import Question, print_derivation
from .failure import CommandFailed
from .fault_pages import known_faults, print_faults
from .formats import ExplainFormat

_WORD = re.compile(r"[A-Za-z]{3,}(?:[-_][A-Za-z]+)*\Z")


def command(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="[FORMULA|FAULT]",
            help='Such as "x^2 sin(x)", "z = x^2 y; x = cos t; y = sin t", "x^2 + y^2 = 25", or '
            "vanishing-gradient.",
        ),
    ] = None,
    wrt: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="By which variable.  [default: the only one]"),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="x=1,w=[1,2]", help="A point at which to give numbers."),
    ] = None,
    notation: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="leibniz, lagrange, operator, partial, differential, index, pytorch or words.  "
            "[default: leibniz; of vectors and matrices, differential]",
        ),
    ] = None,
    graph: Annotated[
        bool,
        typer.Option("--graph", help="Draw how the result depends on its inputs, path by path."),
    ] = False,
    routes: Annotated[
        bool, typer.Option("--routes", help="Tell other ways to the same derivative in full.")
    ] = False,
    of: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of an equation: whose slope.  [default: y]"),
    ] = None,
    shapes: Annotated[
        str | None,
        typer.Option(metavar="X=3x2,w=2", help="Shapes of vectors and matrices without values."),
    ] = None,
    entry: Annotated[
        str | None,
        typer.Option(metavar="I,J", help="An entry of a vector or matrix to work out by itself."),
    ] = None,
    format: Annotated[ExplainFormat, typer.Option(help="Of the explanation.")] = ExplainFormat.text,
) -> None:
    """Differentiate a formula step by step, or explain a fault; without either, list all faults.

    Example: chainrule explain "sigmoid(w*x + b)" --wrt w --at w=0.5,x=2,b=-1
    """
    asked = any((wrt, at, notation, graph, routes, of, shapes, entry))
    _refuse_bare_function(what)
    if what is None or what in known_faults() or (_WORD.match(what) and not asked):
        print_faults(what, format)
        return
    print_derivation(
        Question(
            formula=what,
            wrt=wrt,
            at=at,
            of=of,
            notation=notation,
            graph=graph,
            routes=routes,
            shapes=shapes,
            entry=entry,
            format=format,
        )
    )


def _refuse_bare_function(what: str | None) -> None:
    """`sin` alone is neither a formula nor a fault."""
    if what is None or not _WORD.match(what):
        return
    from chainrule.calculus.functions import FUNCTIONS

    if what in FUNCTIONS:
        raise CommandFailed(f"{what} needs an argument: write {what}(x).")
