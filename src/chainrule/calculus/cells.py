"""What the entries of gradients, Jacobians and Hessians are called, in each notation."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .build import name
from .derivation import HOLE
from .latex import Latex
from .marks import Marks
from .notations import Notation, Paper, Slope, notation_named
from .paper import ScriptName, natural_logarithm
from .pretty import Pretty
from .tree import Formula, Name, Node

USUAL = "f"
"""What a formula is called if no notation is asked for; its entries are ∂f/∂x then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """How entries are written.

    Attributes:
        notation: In which.
        paper: On what.
        shown: Names as the formula writes them: x₁ for x1.
        several: Whether a variable is one of several, so that the others are held still.
    """

    notation: Notation
    paper: Paper
    shown: Mapping[str, str]
    several: bool

    @property
    def is_mathematics(self) -> bool:
        """Whether it is neither words nor code."""
        return self.notation.style == "mathematics"

    @property
    def name(self) -> str:
        """The notation as it is named in a sentence: Leibniz's notation, plain words."""
        if not self.is_mathematics:
            return self.notation.name
        owned = "'s" if self.notation.id in ("leibniz", "lagrange") else ""
        return f"{self.notation.name}{owned} notation"

    @property
    def about(self) -> str:
        """What the signs mean, in the letters of the formula."""
        return self.notation.explained(self.paper, self._slope(self.paper.names[0]))

    def result(self, row: int | None = None) -> str:
        """What is differentiated, or one of several results, counted from 0: f, f₁."""
        return self.paper.marks.name(self._letter(row))

    def write(self, node: Node, *variables: str) -> str:
        """An entry, by the variables that it was differentiated by.

        Args:
            node: The derivative.
            variables: One, or two of a Hessian; none of a formula.
        """
        for each in variables:
            node = self.notation.total(node, self._slope(each))
        return self.notation.write(node, self.paper)

    def number(self, shown: str, *variables: str) -> str:
        """The number of an entry at a point; of a differential, times the changes.

        Args:
            shown: The number.
            variables: As for `write`.
        """
        node: Node = name(HOLE)
        for each in variables:
            node = self.notation.total(node, self._slope(each))
        return self.notation.write(node, self.paper, {HOLE: shown})

    def first(self, variable: str, row: int | None = None) -> str:
        """A partial derivative: ∂f/∂x, ∂f₁/∂x."""
        return self.notation.entry(self._letter(row), self._slope(variable), self.paper)

    def second(self, first: str, second: str) -> str:
        """The derivative by `second` of that by `first`: ∂²f/∂y∂x."""
        slopes = self._slope(first), self._slope(second)
        return self.notation.second(self.paper.whole, *slopes, self.paper)

    def equation(self, *sides: str) -> str:
        """Things that are equal."""
        return self.notation.equation(sides)

    @property
    def length(self) -> str:
        """‖∇f‖."""
        if self.is_mathematics:
            return f"‖∇{self.paper.whole}‖"
        return "the length of the gradient"

    def _slope(self, variable: str) -> Slope:
        return Slope(variable=self.shown.get(variable, variable), partial=self.several)

    def _letter(self, row: int | None) -> str:
        whole = self.paper.whole
        if row is None:
            return whole
        typeset = self.paper.marks.latex or self.notation.style == "code"
        return f"{whole}{row + 1}" if typeset else self.paper.marks.index(whole, str(row + 1))


def cells_of(
    formula: Formula,
    notation: str | None = None,
    script: ScriptName = "unicode",
    variables: Sequence[str] = (),
) -> Cells:
    """How the entries of what is differentiated are written.

    Args:
        formula: Of numbers, or of several results.
        notation: Its id; None for ∂f/∂x.
        script: How expressions are written; words and code are the same in both.
        variables: By what it is differentiated, where the formula may not hold them.

    Raises:
        FormulaError: If there is no such notation.
    """
    way = notation_named(notation or "leibniz")
    nodes = formula.nodes()
    mathematics, code = way.style == "mathematics", way.style == "code"
    shown = {n.name: n.text for n in nodes if isinstance(n, Name)} if not code else {}
    given = dict.fromkeys((*formula.names, *variables))
    names = tuple(shown.get(each, each) for each in given)
    ln = "ln" if notation is None else natural_logarithm([formula])
    latex = script == "latex"
    writer = way.writer(ln) or (Latex(ln) if latex else Pretty(ln))
    return Cells(
        notation=way,
        paper=Paper(
            script=writer,
            marks=Marks(latex=latex and mathematics, sign=" * " if code else ""),
            variable=names[0] if names else "",
            names=names,
            numbered=names,
            held=(),
            whole=USUAL if notation is None else _whole(way, names),
            ln=ln,
        ),
        shown=shown,
        several=notation is None or len(names) > 1,
    )


def _whole(way: Notation, names: Sequence[str]) -> str:
    """A letter that neither is a name nor makes one with a number behind it."""
    letters = {unicodedata.normalize("NFKC", each).rstrip("0123456789_") for each in names}
    return next((each for each in way.wholes if each not in letters), "y_0")
