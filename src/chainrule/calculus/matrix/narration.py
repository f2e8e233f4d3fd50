"""A matrix derivation as it is told in one notation: rows of text, in which formulas are marked."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from string import Formatter

from chainrule.calculus.notations import Sign
from chainrule.records.message import Message, Translate, as_message, retold, told


class Mathematics(str):
    """A formula: as a field of a row's sentence, or as a row of its own.

    As a field it is the same in every language. A rule may need a word or two, `dA where c > 0`:
    then it is a message as a whole.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of a row.

    Attributes:
        text: In Unicode.
        formula: Whether it is mathematics, which a typesetter sets otherwise than words.
    """

    text: str
    formula: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a derivation.

    Attributes:
        said: A sentence, whose fields may be `Mathematics`; or that alone.
        aside: A remark on it, such as the name of the algebra; empty for none.
    """

    said: str
    aside: str = ""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """From left to right; two stretches of words are one."""
        found: list[Piece] = []
        for piece in _pieces(self.said):
            if found and not (piece.formula or found[-1].formula):
                found[-1] = Piece(text=found[-1].text + piece.text)
            else:
                found.append(piece)
        return tuple(found)

    @property
    def text(self) -> str:
        """As the terminal shows it."""
        return f"{self.said}   ({self.aside})" if self.aside else str(self.said)

    @property
    def is_formula(self) -> bool:
        """Whether it is nothing but a formula."""
        return isinstance(self.said, Mathematics)

    def in_language(self, translate: Translate) -> "Row":
        """The same in another language, where formulas may stand in another order."""
        said: str = retold(self.said, translate)
        if self.is_formula:
            said = Mathematics(said)
        return Row(said=said, aside=told(self.aside, translate))


def _all_in_language(rows: tuple[Row, ...], translate: Translate) -> tuple[Row, ...]:
    return tuple(each.in_language(translate) for each in rows)


def _pieces(said: str) -> Iterator[Piece]:
    if not isinstance(said, Message) or not said.fields:
        if said:
            yield Piece(text=str(said), formula=isinstance(said, Mathematics))
        return
    for words, name, form, _ in Formatter().parse(said.template):
        if words:
            yield Piece(text=words)
        if name is not None:
            value = said.fields[name]
            yield from _pieces(value if isinstance(value, str) else format(value, form or ""))


def formula_row(text: str) -> Row:
    """A row that is a formula."""
    return Row(said=Mathematics(text))


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

    def in_language(self, translate: Translate) -> "ToldValue":
        """The same in another language."""
        return replace(self, row=self.row.in_language(translate), shape=told(self.shape, translate))


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

    def in_language(self, translate: Translate) -> "ToldStep":
        """The same in another language."""
        return replace(
            self,
            name=told(self.name, translate),
            why=told(self.why, translate),
            statement=_all_in_language(self.statement, translate),
            rows=_all_in_language(self.rows, translate),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlgebra:
    """A step of algebra.

    Attributes:
        name: What is done.
        after: What comes of it.
    """

    name: str
    after: str

    def in_language(self, translate: Translate) -> "ToldAlgebra":
        """The same in another language."""
        return replace(self, name=told(self.name, translate))


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
        name = as_message(self.notation_name)
        if self.notation in ("leibniz", "lagrange"):
            return Message("{name}'s notation", name=name)
        return Message("{name} notation", name=name)

    def in_language(self, translate: Translate) -> "MatrixNarration":
        """The same with its words in another language, and formulas as they are."""
        return replace(
            self,
            about=told(self.about, translate),
            given=self.given.in_language(translate),
            kinds=self.kinds.in_language(translate),
            values=tuple(each.in_language(translate) for each in self.values),
            opening=self.opening.in_language(translate),
            steps=tuple(each.in_language(translate) for each in self.steps),
            collected=self.collected.in_language(translate),
            algebra=tuple(each.in_language(translate) for each in self.algebra),
            closing=_all_in_language(self.closing, translate),
            kinks=tuple(told(each, translate) for each in self.kinks),
            legend=tuple(told(each, translate) for each in self.legend),
            code=told(self.code, translate),
            glossary=tuple(each.in_language(translate) for each in self.glossary),
        )

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
