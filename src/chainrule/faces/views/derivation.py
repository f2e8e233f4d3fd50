"""The question `derivation`: a derivative step by step, for a page that opens and closes steps."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypedDict

from chainrule import __version__
from chainrule.calculus.checks import completed
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.derive import derive_problem
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import DomainError, Evaluation
from chainrule.calculus.glossary import glossary
from chainrule.calculus.inner_parts import said_of_inner
from chainrule.calculus.matrix import (
    DEFAULT_NOTATION,
    MatrixEvaluation,
    OneEntry,
    Shape,
    derive_matrix,
    first_entry,
    matrix_notation_named,
    one_entry,
)
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import Narration
from chainrule.calculus.notations import NOTATIONS, Notation, notation_named
from chainrule.calculus.notations.words import Words
from chainrule.calculus.problem import Equation
from chainrule.calculus.tree import written_size
from chainrule.faces.explain import curve_variable, shapes_with_values
from chainrule.records.json_values import Json, json_number
from chainrule.records.message import Message, Translate, as_message
from chainrule.records.shortened import brief

from .chosen_matrices import chosen_shapes, chosen_values
from .curve_derivation import curve_derivation
from .formula import start_of
from .language import translation
from .matrix_derivation import matrix_derivation
from .question import Context, Parameters, Question, Refusal
from .told_parts import ToldDocument
from .told_steps import (
    AlgebraStep,
    NotationDocument,
    Step,
    Symbol,
    Telling,
    Written,
    notation_document,
    parts_with_values,
    symbols,
)
from .typed_formula import (
    START,
    TypedProblem,
    check_complete,
    check_known,
    formula_refusals,
    typed_problem,
    variable_of,
)
from .typed_shapes import asked_shapes

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST_TOLD = 5_000
"""Parts of a derivative, written out, that is told: up to 2 s, and some twenty pages."""


class Result(TypedDict):
    """The derivative as the rules leave it, tidied, and with common factors taken out."""

    raw: Written
    tidy: Written
    factored: Written
    spoken: str


class CheckDocument(TypedDict):
    """Two numbers that have to be equal."""

    name: str
    derivative: float | str
    compared: float | str
    agrees: bool


class DerivationDocument(TypedDict):
    """What `derivation` answers.

    Attributes:
        view: `derivation`.
        kind: `numbers`.
        chainrule: The version that made it.
        formula: What was typed.
        names: Variables of the formula.
        wrt: By which it is differentiated.
        held: Those that are held constant.
        at: The point, if one was given.
        notation: The notation it is told in.
        notations: All that can be asked for, in the order in which they are offered.
        nodes: The parts of the formula, then those of its definitions, as in `tree.to_json`; node i
            has the id i, and its `value` at the point.
        given: y = …
        definitions: What names stand for.
        asked: dy/dx.
        said: What is said of names that nobody typed, in sentences.
        steps: The whole, with the steps that it needs; behind it the names that are told by
            themselves.
        slopes: The derivative of each of those names, that of the whole last; else empty.
        algebra: From the raw result to the tidy one; empty where there are slopes.
        factoring: From the tidy result to the factored one.
        result: The derivative.
        value: At the point.
        no_value: Why it has none there.
        kinks: What is to be said of kinks and jumps exactly there.
        checks: What was compared there.
        code: The program, in the notation that is one.
        glossary: The symbols.
    """

    view: str
    kind: str
    chainrule: str
    formula: str
    names: list[str]
    wrt: str
    held: list[str]
    at: dict[str, float] | None
    notation: NotationDocument
    notations: list[NotationDocument]
    nodes: list[dict[str, Json]]
    given: Written
    definitions: list[Written]
    asked: Written
    said: list[str]
    steps: list[Step]
    slopes: list[Written]
    algebra: list[AlgebraStep]
    factoring: list[AlgebraStep]
    result: Result
    value: float | str | None
    no_value: str
    kinks: list[str]
    checks: list[CheckDocument]
    code: str
    glossary: list[Symbol]


def derivation(parameters: Parameters, context: Context) -> DerivationDocument | ToldDocument:
    """The derivative of `formula` by `wrt`, with numbers `at` a point, told in a `notation`.

    Of an equation it is the slope of `of` along its curve. Names have `shapes` where vectors and
    matrices have no values; `entry` is one to work out by itself. With `at` = `start` the point,
    and shapes that nobody said, are chosen.
    """
    shapes = asked_shapes(parameters)
    typed = typed_problem(parameters, tuple(shapes))
    problem = typed.problem
    curve = problem.curve if "of" in parameters else problem.equation
    with formula_refusals(problem.text):
        if curve is not None:
            return _curve(parameters, typed, curve)
        if shapes or typed.has_matrices:
            return _matrices(parameters, typed, shapes)
        return _numbers(parameters, typed)


def _numbers(parameters: Parameters, typed: TypedProblem) -> DerivationDocument:
    problem, point = typed.problem, typed.numbers()
    say = translation(parameters)
    notation = _notation(parameters, say)
    wrt = variable_of(parameters, problem.names, problem.text)
    found = derive_problem(problem, wrt, algebra=False)
    parts = written_size(found.raw)
    if parts > MOST_TOLD and not found.by_names:
        raise Refusal(
            Message(
                "Written out, the derivative by {wrt} has {parts:,} parts, and at most {most:,} "
                "are told: take the part of the formula that matters.",
                wrt=wrt,
                parts=parts,
                most=MOST_TOLD,
            ),
            field="formula",
            text=problem.text,
        )
    found = derive_problem(problem, wrt)
    if _to_choose(parameters):
        point = start_of(problem)
    evaluation = None
    if point:
        check_complete(point, problem.names)
        evaluation = Evaluation(point, problem.text)
    return derivation_document(found, notation, evaluation, problem.names, say)


def _curve(parameters: Parameters, typed: TypedProblem, equation: Equation) -> ToldDocument:
    problem = typed.problem
    of = parameters.text("of", "y")
    by = parameters.text("wrt", curve_variable(problem, equation, of))
    point = None if not typed.point and not _to_choose(parameters) else typed.numbers()
    say = translation(parameters)
    notation = _notation(parameters, say)
    return curve_derivation(problem, equation, notation, by=by, of=of, point=point, say=say)


def _matrices(
    parameters: Parameters, typed: TypedProblem, shapes: dict[str, Shape]
) -> ToldDocument:
    problem = typed.problem
    formula = problem.written_out() if problem.definitions else problem.formula
    names = problem.names
    wrt = variable_of(parameters, names, problem.text)
    check_known(shapes, names, field="shapes")
    point: Mapping[str, ArrayLike] = typed.point
    if _to_choose(parameters):
        shapes = chosen_shapes(formula, names, shapes)
        point = chosen_values(formula, shapes)
    evaluation = None
    if point:
        check_complete(point, names)
        evaluation = MatrixEvaluation(point, formula.text)
        shapes = shapes_with_values(shapes, evaluation)
    found = derive_matrix(formula, wrt, shapes)
    values = None if evaluation is None else evaluation.point
    entries: tuple[OneEntry, ...]
    if "entry" in parameters:
        entries = (one_entry(found, _entry(parameters), values),)
    else:
        first = first_entry(found, values)
        entries = () if first is None else (first,)
    try:
        way = matrix_notation_named(parameters.text("notation", DEFAULT_NOTATION))
    except FormulaError as error:
        raise Refusal(error.reason, field="notation") from error
    return matrix_derivation(found, evaluation, entries, way.id, translation(parameters))


def _to_choose(parameters: Parameters) -> bool:
    return parameters.any("at") == START


def _entry(parameters: Parameters) -> tuple[int, ...]:
    given = parameters.any("entry")
    listed = given if isinstance(given, list) else [given]
    place = [each for each in listed if isinstance(each, int)]
    if len(place) < len(listed):
        raise Refusal(
            f"Expected the row and column of an entry, counted from 0, found {brief(repr(given))}.",
            field="entry",
        )
    return tuple(place)


def derivation_document(
    found: Derivation,
    notation: Notation,
    evaluation: Evaluation | None = None,
    names: Sequence[str] | None = None,
    say: Translate = str,
) -> DerivationDocument:
    """The document of a derivation.

    Args:
        found: The derivation.
        notation: Which to tell it in.
        evaluation: Numbers at a point; None for none.
        names: Variables of the formula; those it holds if not given.
        say: Translates what is said in plain words; other messages are told with the document.

    Raises:
        FormulaError: If a name has no value at the point.
    """
    latex = narrate(found, notation, evaluation=evaluation, script="latex", ids=True, unseen=True)
    text = narrate(found, notation, evaluation=evaluation, unseen=True)
    words = narrate(found, Words(say), evaluation=evaluation, unseen=True)
    telling = Telling(mathematics=notation.style == "mathematics")
    return {
        "view": "derivation",
        "kind": "numbers",
        "chainrule": __version__,
        "formula": found.formula.text,
        "names": [*(found.formula.names if names is None else names)],
        "wrt": found.variable,
        "held": [*found.held],
        "at": dict(text.at) if text.at else None,
        "notation": notation_document(notation),
        "notations": [notation_document(each) for each in NOTATIONS],
        "nodes": parts_with_values(
            (found.formula, *(each for _, each in found.definitions)), _known(found, evaluation)
        ),
        "given": telling.written(latex.given, text.given),
        "definitions": telling.all_written(latex.definitions, text.definitions),
        "asked": telling.written(latex.asked, text.asked),
        "said": [said_of_inner(found.inner)] if found.inner else [],
        "steps": telling.steps(latex.line, text.line, words.line),
        "slopes": telling.all_written(latex.slopes, text.slopes),
        # name by name the algebra is that of each slope
        "algebra": []
        if found.by_names
        else telling.algebra(latex.algebra, text.algebra, words.algebra),
        "factoring": telling.algebra(latex.factoring, text.factoring, words.factoring),
        "result": {
            "raw": telling.written(latex.raw, text.raw),
            "tidy": telling.written(latex.tidy, text.tidy),
            "factored": telling.written(latex.factored, text.factored),
            "spoken": words.answer,
        },
        "value": None if text.value is None else json_number(text.value),
        "no_value": as_message(text.no_value),
        "kinks": [*map(as_message, text.kinks)],
        "checks": _checks(text),
        "code": text.code,
        "glossary": symbols(glossary(found, notation, narration=text)),
    }


def _notation(parameters: Parameters, say: Translate) -> Notation:
    try:
        return notation_named(parameters.text("notation", NOTATIONS[0].id)).in_language(say)
    except FormulaError as error:
        raise Refusal(error.reason, field="notation") from error


def _known(found: Derivation, evaluation: Evaluation | None) -> Evaluation | None:
    """The point with values of the definitions."""
    if evaluation is None:
        return None
    try:
        return completed(found, evaluation)
    except DomainError:  # a definition has no value there; neither has what it stands in
        return evaluation


def _checks(told: Narration) -> list[CheckDocument]:
    return [
        {
            "name": as_message(check.name),
            "derivative": json_number(check.left),
            "compared": json_number(check.right),
            "agrees": check.agrees,
        }
        for check in told.checks
    ]


QUESTIONS = (Question("derivation", derivation),)
