"""The option that says in which notation derivatives are written."""

from typing import Annotated

import typer

InNotation = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="leibniz, lagrange, operator, partial, differential, index, pytorch or words.  "
        "[default: ∂f/∂x; of vectors and matrices, ∂L/∂X]",
    ),
]


def check_notation(notation: str | None) -> None:
    """Refuse a notation that there is not.

    Raises:
        FormulaError: If there is none of this name; the message lists all.
    """
    from chainrule.calculus.notations import notation_named

    if notation is not None:
        notation_named(notation)
