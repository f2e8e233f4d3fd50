"""A matrix derivation as it is told in one notation: rows of text, in which formulas are marked."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chainrule.calculus.notations import Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a row.

    Attributes:
        text: In Unicode.
        formula: Whether it is mathematics, which a typesetter sets otherwise than words.
    """

    text: str
    formula: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of a derivation.

    Attributes:
        pieces: From left to right.
        aside: A remark on it, such as the name of the algebra; empty for none.
    """

    pieces: tuple[Piece, ...]
    aside: str = ""

    @property
    def text(self) -> str:
        """As the terminal shows it."""
        plain = "".join(piece.text for piece in self.pieces)
        return f"{plain}   ({self.aside})" if self.aside else plain

    @property
    def is_formula(self) -> bool:
        """Whether it is nothing but a formula."""
        return len(self.pieces) == 1 and self.pieces[0].formula


def row(*parts: str, aside: str = "") -> Row:
    """A row of words and formulas in turn, words first; empty ones are left out."""
    pieces = [Piece(text=part, formula=bool(i % 2)) for i, part in enumerate(parts) if part]
    return Row(pieces=tuple(pieces), aside=aside)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldValue:
    """A value on the way to the result.

    Attributes:
        name: What it is called.
        row: What it is.
        shape: Its shape in words.
        value: At the point, on one line; empty without one.
    """

    name: str
    row: Row
    shape: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStep:
    """A rule applied to one value on the way.

    Attributes:
        number: From 1.
        rule: Its id.
        name: As a person says it here.
        quantity: Whose rule it is.
        equation: What that is.
        why: The reason.
        statement: The rule in this notation.
        rows: What comes of it here.
    """

    number: int
    rule: str
    name: str
    quantity: str
    equation: str
    why: str
    statement: tuple[Row, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlgebra:
    """A step of algebra.

    Attributes:
        name: What is done.
        after: What comes of it.
    """

    name: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixNarration:
    """All of a derivation.

    Attributes:
        notation: Its id.
        notation_name: Its name.
        about: What its signs mean.
        style: `mathematics`, `words` or `code`.
        names: All names in its formulas, for the typesetter.
        given: What is differentiated, by what.
        kinds: What each name of the formula is.
        values: On the way, in the order of evaluation.
        opening: What is done with them.
        steps: From the result back.
        collected: The gradient in the learner's own parts.
        algebra: From there to the answer.
        answer: The gradient, as an equation.
        closing: Its shape and layout, the Jacobian, the entries, the numbers.
        kinks: What is special at the point.
        legend: What some signs mean.
        code: The program, in the notation that is one; then there are no steps.
        glossary: What each symbol is.
    """

    notation: str
    notation_name: str
    about: str
    style: str
    names: tuple[str, ...]
    given: Row
    kinds: Row
    values: tuple[ToldValue, ...]
    opening: Row
    steps: tuple[ToldStep, ...]
    collected: Row
    algebra: tuple[ToldAlgebra, ...]
    answer: str
    closing: tuple[Row, ...]
    kinks: tuple[str, ...] = ()
    legend: tuple[str, ...] = ()
    code: str = ""
    glossary: tuple[Sign, ...] = field(default=())

    @property
    def manner(self) -> str:
        """The notation as it is named in a sentence: Leibniz's notation, plain words."""
        if self.style != "mathematics":
            return self.notation_name
        named = "'s" if self.notation in ("leibniz", "lagrange") else ""
        return f"{self.notation_name}{named} notation"

    def formulas(self) -> Iterator[str]:
        """Every formula in it, as it stands in Unicode."""
        rows = [self.given, self.kinds, self.opening, self.collected, *self.closing]
        rows += [each.row for each in self.values]
        for step in self.steps:
            rows += [*step.statement, *step.rows]
        for each in rows:
            yield from (piece.text for piece in each.pieces if piece.formula)
        yield from (step.equation for step in self.steps)
        yield from (step.after for step in self.algebra)
        yield self.answer
