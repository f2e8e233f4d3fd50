"""The worked solution of an exercise on the terminal, whatever kind it is of."""

from collections.abc import Callable

from chainrule.calculus import Derivation
from chainrule.calculus.curve_narration import narrate_curve
from chainrule.calculus.gradient import Gradient
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix import MatrixDerivation
from chainrule.calculus.narrate import narrate
from chainrule.learning.practice.solutions import Solution
from chainrule.records.message import Translate

from .derivation import write_derivation
from .derivatives import write_each, write_gradient
from .implicit import write_implicit
from .matrix_derivation import write_matrix_derivation
from .page import Page


def write_solution(
    page: Page, found: Solution, write_sentence: Callable[[str], None], say: Translate = str
) -> None:
    """Write how an exercise is solved.

    Args:
        page: Where to.
        found: What `worked` gave.
        write_sentence: Writes one step that is a sentence, with formulas in backticks.
        say: Translates the words around formulas.
    """
    match found:
        case Derivation():
            write_derivation(page, narrate(found), say=say)
        case Gradient():
            write_each(page, found.partials, say=say)
            write_gradient(page, found, say=say)
        case ImplicitDerivation():
            write_implicit(page, narrate_curve(found), say=say, symbols=False)
        case MatrixDerivation():
            write_matrix_derivation(page, found, say=say)
        case _:
            for sentence in found:
                write_sentence(sentence)
