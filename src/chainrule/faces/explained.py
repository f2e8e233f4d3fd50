"""Derivations that show themselves: `print` writes them, a notebook typesets them.

Each is the derivation itself, with the point and the notation in which it was asked for.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from chainrule.calculus.curve import CurvePoint
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.implicit import ImplicitDerivation, SecondImplicitDerivation
from chainrule.calculus.matrix import (
    DEFAULT_NOTATION,
    MatrixDerivation,
    MatrixEvaluation,
    OneEntry,
    first_entry,
    one_entry,
)
from chainrule.calculus.narration import Narration
from chainrule.calculus.notations import Sign
from chainrule.calculus.paper import ScriptName
from chainrule.records.shown import ShownInNotebook

from .page import Page

WIDTH = 100
"""Columns of the text that `print` writes."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ExplainedFormula(ShownInNotebook, Derivation):
    """A derivation of a formula of numbers that shows itself.

    Attributes:
        point: Where numbers are given; empty for none.
        notation: The id of its notation.
    """

    point: tuple[tuple[str, float], ...] = ()
    notation: str = "leibniz"

    def told(self, script: ScriptName = "unicode") -> Narration:
        """It in its notation, with its numbers."""
        from chainrule.calculus.narrate import narrate

        evaluation = Evaluation(dict(self.point), self.formula.text) if self.point else None
        return narrate(self, self.notation, evaluation=evaluation, script=script)

    def _symbols(self, told: Narration) -> tuple[Sign, ...]:
        from chainrule.calculus.glossary import glossary

        script: ScriptName = "latex" if told.script == "latex" else "unicode"
        return glossary(self, self.notation, script=script, narration=told, letters=False)

    def __str__(self) -> str:
        from .derivation import write_derivation

        told = self.told()
        return _text(lambda page: write_derivation(page, told, self._symbols(told)))

    def __repr__(self) -> str:
        told = self.told()
        value = "" if told.value is None else f", {told.value:.6g} at {_listed(self.point)}"
        return f"<{told.answer.removesuffix('.')}, of {self.formula.text}{value}>"

    def _repr_markdown_(self) -> str:
        from chainrule.calculus.typeset import to_markdown

        told = self.told("latex")
        return to_markdown(told, self._symbols(told))

    def _repr_latex_(self) -> str:
        told = self.told("latex")
        return f"$${told.answer}$$" if told.style == "mathematics" else told.answer


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ExplainedCurve(ShownInNotebook, ImplicitDerivation):
    """The slope of a curve that shows itself.

    Attributes:
        second: How it changes along the curve.
        at: Its numbers at a point, if one was given.
        notation: The id of its notation.
    """

    second: SecondImplicitDerivation
    at: CurvePoint | None = None
    notation: str = "leibniz"

    def __str__(self) -> str:
        from chainrule.calculus.curve_narration import narrate_curve

        from .implicit import write_implicit

        told = narrate_curve(self, self.notation, second=self.second, at=self.at)
        return _text(lambda page: write_implicit(page, told, self.at))

    def __repr__(self) -> str:
        from chainrule.calculus.curve_narration import narrate_curve

        told = narrate_curve(self, self.notation)
        value = ""
        if self.at is not None and self.at.slope is not None:
            value = f", {self.at.slope:.6g} at {_listed(tuple(self.at.point.items()))}"
        return f"<{told.slope} = {told.result}, of {self.equation.text}{value}>"

    def _repr_markdown_(self) -> str:
        from chainrule.calculus.curve_narration import narrate_curve
        from chainrule.calculus.curve_typeset import curve_markdown

        told = narrate_curve(self, self.notation, second=self.second, at=self.at, script="latex")
        return curve_markdown(told, self.at)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ExplainedMatrices(ShownInNotebook, MatrixDerivation):
    """A derivation by vectors or matrices that shows itself.

    Attributes:
        evaluation: Where numbers are given; None for none.
        notation: The id of its notation.
        entry: Which entry is worked out by itself; None for the first one of small shapes.
    """

    evaluation: MatrixEvaluation | None = None
    notation: str = DEFAULT_NOTATION
    entry: tuple[int, ...] | None = None

    @property
    def entries(self) -> tuple[OneEntry, ...]:
        """The entry that is worked out by itself, from the result written out in entries."""
        point = None if self.evaluation is None else self.evaluation.point
        if self.entry is not None:
            return (one_entry(self, self.entry, point),)
        first = first_entry(self, point)
        return () if first is None else (first,)

    def __str__(self) -> str:
        from .matrix_derivation import write_matrix_derivation

        entries = self.entries
        return _text(
            lambda page: write_matrix_derivation(
                page, self, self.evaluation, entries, self.notation
            )
        )

    def __repr__(self) -> str:
        return f"<{MatrixDerivation.__str__(self)}, of {self.formula.text}>"

    def _repr_markdown_(self) -> str:
        from chainrule.calculus.matrix.typeset import matrix_markdown

        return matrix_markdown(self, self.evaluation, self.entries, self.notation)


def explained_formula(
    found: Derivation, point: Mapping[str, float], notation: str
) -> ExplainedFormula:
    """The same derivation, as one that shows itself."""
    return ExplainedFormula(**_parts(found), point=tuple(point.items()), notation=notation)


def explained_curve(
    found: ImplicitDerivation,
    second: SecondImplicitDerivation,
    at: CurvePoint | None,
    notation: str,
) -> ExplainedCurve:
    """The same slope, as one that shows itself."""
    return ExplainedCurve(**_parts(found), second=second, at=at, notation=notation)


def explained_matrices(
    found: MatrixDerivation,
    evaluation: MatrixEvaluation | None,
    notation: str,
    entry: tuple[int, ...] | None = None,
) -> ExplainedMatrices:
    """The same derivation, as one that shows itself."""
    explained = ExplainedMatrices(
        **_parts(found), evaluation=evaluation, notation=notation, entry=entry
    )
    if entry is not None:
        _ = explained.entries  # an entry that is not there is refused at once
    return explained


def _parts(record: Any) -> dict[str, Any]:
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _text(write: Callable[[Page], None]) -> str:
    stream = io.StringIO()
    write(Page(stream, width=WIDTH, color=False))
    return stream.getvalue()


def _listed(point: tuple[tuple[str, float], ...]) -> str:
    return ", ".join(f"{name} = {value:.6g}" for name, value in point)
