"""The slope of a curve, as the question `derivation` answers it of an equation."""

from collections.abc import Iterator, Sequence

from chainrule import __version__
from chainrule.calculus.curve import CurvePoint, slope_at
from chainrule.calculus.curve_narration import (
    OF_CURVES,
    CurveNarration,
    SecondNarration,
    narrate_curve,
)
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import DomainError, Evaluation
from chainrule.calculus.implicit import derive_implicit, second_implicit
from chainrule.calculus.narration import AlgebraLine, Narration
from chainrule.calculus.notations import NOTATIONS, Notation
from chainrule.calculus.notations.words import Words
from chainrule.calculus.problem import Equation, Problem
from chainrule.records.json_values import json_number
from chainrule.records.message import Message, Translate, as_message

from .told_parts import Part, Row, ToldDocument, part, row, sentence
from .told_steps import Step, Telling, Written, notation_document, parts_with_values, symbols

_STARTS = (1.0, 0.5, 2.0, 3.0, -1.0, 5.0, 0.1, 0.0)
"""Where x is put if nobody says: the first of these at which the curve has a
slope that its difference quotient confirms, and y a number that one can reckon with, if there is
such a point; otherwise the first with such a slope."""


def _is_short(value: float) -> bool:
    """True for numbers such as 4 and −1.25; the solver's last digits do not count."""
    return abs(value - round(value, 2)) < 1e-9


def curve_derivation(
    problem: Problem,
    equation: Equation,
    notation: Notation,
    *,
    by: str,
    of: str,
    point: dict[str, float] | None,
    say: Translate = str,
) -> ToldDocument:
    """How the slope of a curve is found.

    Args:
        problem: What was typed; the ids of its parts are unique.
        equation: The curve.
        notation: Which to tell it in.
        by: By which name.
        of: Whose slope.
        point: Where numbers are given; empty for a point of our choosing, None for none.
        say: Translates sentences that have formulas in them.

    Raises:
        FormulaError: If it has no such slope, or there is no point of the curve.
    """
    defined = problem.defined
    found = derive_implicit(equation, of=of, by=by, definitions=defined)
    formulas = [equation.left, equation.right, *defined.values()]
    following = sum(len(each.nodes()) for each in formulas)
    second = second_implicit(found, definitions=defined, first_id=following)
    known = dict.fromkeys((*equation.names, *problem.names))
    names = [name for name in known if name not in defined]
    at = None
    if point:
        at = slope_at(found, point, second=second, definitions=defined)
    elif point is not None:
        others = dict.fromkeys((name for name in names if name not in (by, of)), 1.0)
        for x in _STARTS:
            try:
                tried = slope_at(found, {**others, by: x}, second=second, definitions=defined)
            except (FormulaError, DomainError):
                continue
            if at is None or (tried.agrees and not at.agrees):
                at = tried
            if tried.agrees and _is_short(tried.point[of]):
                at = tried
                break
    latex = narrate_curve(
        found, notation, second=second, at=at, script="latex", ids=True, unseen=True
    )
    text = narrate_curve(found, notation, second=second, at=at, unseen=True)
    words = narrate_curve(found, Words(say), second=second, at=at, unseen=True)
    evaluation = None if at is None else Evaluation(at.point, problem.text)
    mathematics = notation.style == "mathematics"
    telling = Telling(mathematics=mathematics)
    return {
        "view": "derivation",
        "kind": "curve",
        "chainrule": __version__,
        "formula": problem.text,
        "names": names,
        "wrt": by,
        "of": of,
        "shapes": None,
        "at": None
        if at is None
        else {name: json_number(at.point[name]) for name in names if name in at.point},
        "notation": notation_document(notation),
        "notations": [notation_document(each) for each in NOTATIONS if each.id in OF_CURVES],
        "nodes": parts_with_values(formulas, evaluation),
        "given": telling.written(latex.given, text.given),
        "definitions": telling.all_written(latex.left.definitions, text.left.definitions),
        "said": [
            Message(
                "Both sides are differentiated by {by}. {of} moves with {by} along the curve, so "
                "its derivative is a name of its own, {slope}, until the end.",
                by=by,
                of=of,
                slope=text.slope,
            )
        ],
        "parts": [*_Told(telling, latex, text, words, say).parts(at)],
        "code": "",
        "glossary": symbols(text.glossary),
    }


class _Told:
    """The three scripts of a curve side by side, part by part."""

    def __init__(
        self,
        telling: Telling,
        latex: CurveNarration,
        text: CurveNarration,
        words: CurveNarration,
        say: Translate,
    ) -> None:
        self._telling, self._say = telling, say
        self._latex, self._text, self._words = latex, text, words

    def parts(self, at: CurvePoint | None) -> Iterator[Part]:
        """From both sides to numbers."""
        latex, text, words = self._latex, self._text, self._words
        slope = self._written(latex.slope, text.slope)
        yield part(Message("The left side"), steps=self._steps(latex.left, text.left, words.left))
        yield part(
            Message("The right side"), steps=self._steps(latex.right, text.right, words.right)
        )
        yield part(
            Message("Solved for {slope}", slope=text.slope),
            rows=[
                row(self._written(*pair), aside=as_message(line.name))
                for pair, line in self._lines(latex.steps, text.steps)
            ],
        )
        rows = self._algebra(
            slope,
            (latex.raw, text.raw),
            (*latex.algebra, *latex.factoring),
            (*text.algebra, *text.factoring),
        )
        if text.putting_back:
            first = self._written(latex.putting_back[0].after, text.putting_back[0].after)
            rows.append(row("= ", first, aside=as_message(text.putting_back[0].name)))
            rows += self._equal(latex.putting_back[1:], text.putting_back[1:])
        if text.style != "words":
            rows += self._by_partials()
        yield part(Message("The slope"), rows=rows)
        if latex.second is not None and text.second is not None and words.second is not None:
            yield self._second(latex.second, text.second, words.second)
        if at is not None:
            yield self._numbers(at, slope)

    def _second(
        self, latex: SecondNarration, text: SecondNarration, words: SecondNarration
    ) -> Part:
        name = self._written(latex.name, text.name)
        put_in = self._written(latex.put_in.removesuffix("."), text.put_in.removesuffix("."))
        rows = [sentence(Message("Now {formula} is put in:", formula=put_in), self._say)]
        rows += self._algebra(
            name, (latex.substituted, text.substituted), latex.algebra, text.algebra
        )
        if text.shortened:
            shortened = self._written(latex.shortened, text.shortened)
            rows.append(row("= ", shortened, aside=Message("on the curve, by its equation")))
        steps = self._steps(latex.told, text.told, words.told)
        return part(
            Message("How the slope changes: {name}", name=text.name), steps=steps, rows=rows
        )

    def _by_partials(self) -> list[Row]:
        """The other way: −(∂F/∂x) / (∂F/∂y)."""
        pairs = zip(self._latex.partials, self._text.partials, strict=True)
        named = [
            (self._written(l_name, t_name), self._written(l_value, t_value))
            for (l_name, l_value), (t_name, t_value) in pairs
        ]
        (by, by_value), (of, of_value) = named
        said = Message(
            "The same by −({by}) / ({of}), with F the left side less the right: {by} = {by_value}, "
            "{of} = {of_value}.",
            by=by,
            of=of,
            by_value=by_value,
            of_value=of_value,
        )
        return [sentence(said, self._say)]

    def _numbers(self, at: CurvePoint, slope: Written) -> Part:
        where = ", ".join(f"{name} = {value:.6g}" for name, value in at.point.items())
        rows = []
        if at.slope is not None:
            same = ""
            if at.quotient is not None:
                same = Message("✓ the same from the difference quotient along the curve")
                if not at.agrees:
                    same = Message(
                        "the difference quotient along the curve is {quotient:.6g}",
                        quotient=at.quotient,
                    )
            rows.append(row(slope, f" = {at.slope:.6g}", aside=same))
        if at.second is not None and self._text.second is not None:
            second = self._latex.second
            assert second is not None
            name = self._written(second.name, self._text.second.name)
            rows.append(row(name, f" = {at.second:.6g}"))
        return part(
            Message("At {where}, a point of the curve", where=where),
            rows=rows,
            remarks=[as_message(at.moved), as_message(at.remark)],
        )

    # ---- side by side ----------------------------------------------------------------

    def _written(self, latex: str, text: str) -> Written:
        return self._telling.written(latex, text)

    def _steps(self, latex: Narration, text: Narration, words: Narration) -> list[Step]:
        return self._telling.steps(latex.line, text.line, words.line)

    def _algebra(
        self,
        name: Written,
        raw: tuple[str, str],
        latex: Sequence[AlgebraLine],
        text: Sequence[AlgebraLine],
    ) -> list[Row]:
        return [row(name, " = ", self._written(*raw)), *self._equal(latex, text)]

    def _equal(self, latex: Sequence[AlgebraLine], text: Sequence[AlgebraLine]) -> list[Row]:
        return [
            row("= ", self._written(*pair), aside=as_message(line.name))
            for pair, line in self._lines(latex, text)
        ]

    def _lines(
        self, latex: Sequence[AlgebraLine], text: Sequence[AlgebraLine]
    ) -> Iterator[tuple[tuple[str, str], AlgebraLine]]:
        """Lines that change what is seen."""
        for in_latex, in_text in zip(latex, text, strict=True):
            if in_text.before != in_text.after:
                yield (in_latex.after, in_text.after), in_text
