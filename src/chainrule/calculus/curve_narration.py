"""An implicit derivative told in one notation, as records: what each line says."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from .curve import CurvePoint
from .curve_glossary import curve_glossary
from .derivation import Derivation, Rewrite
from .errors import FormulaError
from .evaluate import Evaluation
from .implicit import EQUATION_STEPS, ImplicitDerivation, SecondImplicitDerivation
from .narrate import algebra_name, narrate
from .narration import AlgebraLine, Narration
from .notations import Notation, Sign, Slope, notation_named
from .paper import ScriptName, paper_for
from .tree import Node

OF_CURVES = ("leibniz", "lagrange", "operator", "partial", "differential", "index", "words")
"""Notations in which a curve can be told: a program differentiates what it computes, and an
equation computes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondNarration:
    """How y″ is found.

    Attributes:
        name: What it is called: d²y/dx².
        told: y′ differentiated once more, y′ still a name of its own.
        put_in: What is put in: dy/dx = −x/y.
        substituted: The result with that in its place.
        algebra: From there to the factored form.
        shortened: The same with what the equation says of its parts; empty if that says no more.
    """

    name: str
    told: Narration
    put_in: str
    substituted: str
    algebra: tuple[AlgebraLine, ...]
    shortened: str

    @property
    def result(self) -> str:
        """y″ in its last form that holds off the curve, too."""
        return self.algebra[-1].after if self.algebra else self.substituted


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveNarration:
    """An implicit derivative in one notation.

    Attributes:
        notation: Its id.
        style: `mathematics` or `words`.
        of: Whose slope it is.
        by: By what.
        given: The equation: x² + y² = 25.
        slope: What the unknown is called: dy/dx.
        left: The left side differentiated.
        right: The right side.
        steps: From both to the unknown alone on the left; `before` and `after` are equations.
        raw: The slope as it was solved for.
        algebra: From there to the tidy form.
        factoring: From there to the factored one.
        putting_back: From the tidy one to that without names that stand for formulas; empty where
            there are none.
        partials: Names and values of ∂F/∂x and ∂F/∂y.
        second: How the slope changes, if that was asked for.
        glossary: Its symbols, each with what it is.
    """

    notation: str
    style: str
    of: str
    by: str
    given: str
    slope: str
    left: Narration
    right: Narration
    steps: tuple[AlgebraLine, ...]
    raw: str
    algebra: tuple[AlgebraLine, ...]
    factoring: tuple[AlgebraLine, ...]
    putting_back: tuple[AlgebraLine, ...]
    partials: tuple[tuple[str, str], tuple[str, str]]
    second: SecondNarration | None
    glossary: tuple[Sign, ...]

    @property
    def result(self) -> str:
        """The slope in its last form."""
        steps = (*self.algebra, *self.factoring)
        return steps[-1].after if steps else self.raw


def narrate_curve(
    found: ImplicitDerivation,
    notation: str | Notation = "leibniz",
    *,
    second: SecondImplicitDerivation | None = None,
    at: CurvePoint | None = None,
    script: ScriptName = "unicode",
    ids: bool = False,
    unseen: bool = False,
) -> CurveNarration:
    """Tell an implicit derivative.

    Args:
        found: What to tell.
        notation: One of `OF_CURVES`.
        second: How y″ was found, if that is to be told.
        at: A point, for numbers on the lines of both sides.
        script: How expressions are written.
        ids: As for `narrate`.
        unseen: As for `narrate`.

    Raises:
        FormulaError: If there is no such notation, or none for equations.
    """
    way = notation_named(notation) if isinstance(notation, str) else notation
    if way.id not in OF_CURVES:
        raise FormulaError(
            f"Expected a notation for an equation ({', '.join(OF_CURVES)}), found {way.id!r}: a "
            "program differentiates what it computes, and an equation computes nothing."
        )
    evaluation = None
    if at is not None and at.slope is not None:
        evaluation = Evaluation(at.point | {found.slope.name: at.slope}, found.equation.text)
    paper = paper_for(found.left, way, script, ids=ids, along=True)

    def written(node: Node) -> str:
        return way.write(node, paper)

    def algebra(steps: tuple[Rewrite, ...]) -> tuple[AlgebraLine, ...]:
        known = dict(found.left.definitions)
        lines = _algebra(steps, written, lambda step: algebra_name(step, known, way, paper))
        return lines if unseen else tuple(line for line in lines if line.before != line.after)

    def narrated(side: Derivation) -> Narration:
        return narrate(
            _along(side),
            way,
            evaluation=evaluation,
            script=script,
            ids=ids,
            unseen=unseen,
            along=True,
        )

    left, right = narrated(found.left), narrated(found.right)
    slope = written(found.slope)
    sides = [way.equation((written(each.left), written(each.right))) for each in found.steps]
    steps = tuple(
        AlgebraLine(rule=step.rule, name=EQUATION_STEPS[step.rule], before=before, after=after)
        for step, before, after in zip(found.steps, ("", *sides), sides, strict=False)
    )
    told = None
    if second is not None:
        shortened = written(second.on_curve)
        lines = algebra((*second.tidying, *second.factoring))
        last = lines[-1].after if lines else written(second.substituted)
        told = SecondNarration(
            name=_second_name(way, found, script),
            told=narrated(second.derivation),
            put_in=way.equation((slope, written(found.factored))),
            substituted=written(second.substituted),
            algebra=lines,
            shortened="" if shortened == last else shortened,
        )
    partial_by, partial_of = (
        way.slope("F", Slope(variable=each, partial=True, alone=True), paper)
        for each in (found.by, found.of)
    )
    return CurveNarration(
        notation=way.id,
        style=way.style,
        of=found.of,
        by=found.by,
        given=way.equation((written(found.equation.left.root), written(found.equation.right.root))),
        slope=slope,
        left=left,
        right=right,
        steps=steps,
        raw=written(found.raw),
        algebra=algebra(found.tidying),
        factoring=algebra(found.factoring),
        putting_back=algebra(found.putting_back),
        partials=(
            (partial_by, written(found.partial_by.factored)),
            (partial_of, written(found.partial_of.factored)),
        ),
        second=told,
        glossary=curve_glossary(
            found,
            way,
            paper,
            slope,
            "" if told is None else told.name,
            () if way.style == "words" else (partial_by, partial_of),
        ),
    )


def _along(side: Derivation) -> Derivation:
    """A side along the curve: d/dx, also where a name that is held would make it ∂/∂x elsewhere."""
    return replace(side, held=())


def _algebra(
    steps: tuple[Rewrite, ...], written: Callable[[Node], str], named: Callable[[Rewrite], str]
) -> tuple[AlgebraLine, ...]:
    return tuple(
        AlgebraLine(
            rule=each.rule,
            name=named(each),
            before=written(each.before),
            after=written(each.after),
        )
        for each in steps
    )


def _second_name(way: Notation, found: ImplicitDerivation, script: ScriptName) -> str:
    """What y″ is called."""
    of, by, typeset = found.of, found.by, script == "latex"
    match way.id:
        case "lagrange":
            return f"{of}''" if typeset else f"{of}″"
        case "operator":
            return f"D^{{2}} {of}" if typeset else f"D²{of}"
        case "words":
            return f"the second derivative of {of}"
        case _:
            return rf"\frac{{d^{{2}}{of}}}{{d{by}^{{2}}}}" if typeset else f"d²{of}/d{by}²"
