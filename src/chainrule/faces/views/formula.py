"""The question `formula`: what a page needs to draw a typed formula without asking again."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from chainrule import __version__
from chainrule.calculus.build import number
from chainrule.calculus.definitions import values_at
from chainrule.calculus.derive import derive
from chainrule.calculus.evaluate import DomainError, Evaluation
from chainrule.calculus.latex import Latex
from chainrule.calculus.pretty import pretty
from chainrule.calculus.problem import Problem
from chainrule.calculus.shared_parts import SharedParts
from chainrule.calculus.speech import Speech
from chainrule.calculus.tidy import tidy
from chainrule.calculus.tree import Formula, Node, to_json, written_size
from chainrule.records.json_values import Json, json_number
from chainrule.records.message import Translate

from .default_window import default_start, default_window
from .language import translation
from .question import Context, Parameters, Question, Refusal
from .typed_formula import TypedFormula, formula_refusals, typed_formula

MOST_TIDIED = 2_000
"""Parts of a derivative, written out, that is still tidied: up to 0.3 s of algebra. A longer one is
left as the rules made it, which has the same numbers, and nobody reads."""

MOST_BENT = 2_000
"""Parts of a slope, written out, that is differentiated once more. That of the product of 20 sines
has 1,701 and takes 0.2 s, that of 70 would take 10 s; a browser takes differences of ∇f instead."""

MOST_AXES = 2


class Expression(TypedDict):
    r"""An expression for the eye, the screen and the ear.

    Attributes:
        latex: With \htmlData around parts of the typed formula where it has any; for KaTeX.
        text: In Unicode.
        speech: As one says it.
    """

    latex: str
    text: str
    speech: str


class DefinitionDocument(TypedDict):
    """A name that stands for a formula."""

    name: str
    expression: Expression
    tree: dict[str, Json]


class Program(TypedDict):
    """f, ∇f and ∇²f as one list of operations; see `SharedParts` for its rows.

    Attributes:
        names: Of the numbers that it needs.
        nodes: The rows.
        value: Place of f.
        gradient: Places of ∂f/∂name, one a name.
        axes: Names that ∇²f is made for.
        hessian: Places of ∂²f/∂i∂j for these, row by row; null where it would be too large.
    """

    names: list[str]
    nodes: list[dict[str, Json]]
    value: int
    gradient: list[int]
    axes: list[str]
    hessian: list[list[int]] | None


class Entry(TypedDict):
    """A derivative, as its rules and some algebra leave it; by two names for ∇²f."""

    variables: list[str]
    expression: Expression


class FormulaDocument(TypedDict):
    """What `formula` answers.

    Attributes:
        view: `formula`.
        chainrule: The version that made it.
        formula: What was typed, definitions included.
        name: Of the result, if it was typed with one; else empty.
        names: Of the variables, in the order in which they first stand there.
        expression: The formula.
        tree: Its nodes with their places in the text, as `chainrule explain --format json` has it.
        definitions: Names that stand for formulas.
        program: For the browser.
        gradient: ∂f/∂name, one a name.
        hessian: ∂²f/∂i∂j of the program's axes, those with i ≤ j, row by row; none where it would
            be too large.
        at: The point that was asked for, with what it left out at the start's numbers; null if
            none was given.
        value: f there, or at the start; null where there is none.
        no_value: Why there is none.
        start: A point to begin at.
        window: (low, high) of each axis that shows the formula well.
    """

    view: str
    chainrule: str
    formula: str
    name: str
    names: list[str]
    expression: Expression
    tree: dict[str, Json]
    definitions: list[DefinitionDocument]
    program: Program
    gradient: list[Entry]
    hessian: list[Entry]
    at: dict[str, float] | None
    value: float | str | None
    no_value: str
    start: dict[str, float]
    window: dict[str, list[float]]


def formula(parameters: Parameters, context: Context) -> FormulaDocument:
    """The formula `formula` with its `definitions`, and the point `at`, read and differentiated.

    `axes` are the one or two names that ∇²f is made for; the first ones if not given.
    """
    typed = typed_formula(parameters)
    axes = _axes(parameters, typed.problem)
    with formula_refusals(typed.problem.text, typed.instead):
        return _document(typed, axes, translation(parameters))


def start_of(problem: Problem) -> dict[str, float]:
    """A point to begin at, for a formula of which none was said.

    Raises:
        FormulaError: If it cannot be differentiated.
    """
    axes = problem.names[:MOST_AXES]
    first = {n: _derivative(problem.formula, n, problem.defined) for n in problem.names}
    return default_start(problem, default_window(problem, axes, {}), first, {})


def _document(typed: TypedFormula, axes: tuple[str, ...], say: Translate) -> FormulaDocument:
    problem = typed.problem
    names, defined = problem.names, problem.defined
    first = {name: _derivative(problem.formula, name, defined) for name in names}
    second = _curvature(first, axes, defined)
    window = default_window(problem, axes, typed.point)
    start = default_start(problem, window, first, typed.point)
    at = {name: start[name] for name in names} if typed.point else None
    value, no_value = _value(problem, start)
    return {
        "view": "formula",
        "chainrule": __version__,
        "formula": problem.text,
        "name": problem.name,
        "names": [*names],
        "expression": expression(problem.formula.root, say),
        "tree": to_json(problem.formula),
        "definitions": [
            {"name": name, "expression": expression(each.root, say), "tree": to_json(each)}
            for name, each in problem.definitions
        ],
        "program": _program(problem, axes, first, second),
        "gradient": [
            {"variables": [name], "expression": expression(first[name], say)} for name in names
        ],
        "hessian": [
            {"variables": [*pair], "expression": expression(found, say)}
            for pair, found in second.items()
        ],
        "at": at,
        "value": None if value is None else json_number(value),
        "no_value": no_value,
        "start": start,
        "window": {name: [low, high] for name, (low, high) in window.items()},
    }


def expression(node: Node, say: Translate) -> Expression:
    """A part as LaTeX, Unicode and in words of a language."""
    return {
        "latex": Latex(ids=True).write(node),
        "text": pretty(node),
        "speech": Speech(say=say).write(node),
    }


def _axes(parameters: Parameters, problem: Problem) -> tuple[str, ...]:
    names = problem.names
    if "axes" not in parameters:
        return names[:MOST_AXES]
    axes = parameters.texts("axes")
    if len(axes) > MOST_AXES or len({*axes}) < len(axes) or not {*axes} <= {*names}:
        raise Refusal(
            f"Expected one or two of the names {', '.join(names)} as axes, found "
            f"{', '.join(axes) or 'none'}.",
            field="axes",
        )
    return axes


def _derivative(of: Formula, by: str, definitions: Mapping[str, Formula]) -> Node:
    """The derivative by a name, tidied unless it is long; 0 where it does not depend on the name.

    Raises:
        FormulaError: If the formula is not made of numbers.
    """
    if not _depends(of, by, definitions):
        return number(0)
    raw = derive(of, by, definitions=definitions, routes=False, algebra=False).raw
    if written_size(raw) > MOST_TIDIED:
        return raw
    steps = tidy(raw)
    return steps[-1].after if steps else raw


def _curvature(
    first: Mapping[str, Node], axes: Sequence[str], definitions: Mapping[str, Formula]
) -> dict[tuple[str, str], Node]:
    """∂²f/∂i∂j of axes with i ≤ j; empty where a slope is too large."""
    if any(written_size(first[axis]) > MOST_BENT for axis in axes):
        return {}
    return {
        (a, b): _derivative(_as_formula(first[a]), b, definitions)
        for i, a in enumerate(axes)
        for b in axes[i:]
    }


def _as_formula(root: Node) -> Formula:
    """What a derivation made, to be differentiated again; its typed parts keep their ids."""
    return Formula(text="", root=root)


def _depends(of: Formula, by: str, definitions: Mapping[str, Formula]) -> bool:
    seen: set[str] = set()
    left = [*of.names]
    while left:
        name = left.pop()
        if name == by:
            return True
        if name not in seen and name in definitions:
            left += definitions[name].names
        seen.add(name)
    return False


def _program(
    problem: Problem,
    axes: Sequence[str],
    first: Mapping[str, Node],
    second: Mapping[tuple[str, str], Node],
) -> Program:
    parts = SharedParts(problem.defined)
    value = parts.add(problem.formula.root)
    gradient = [parts.add(first[name]) for name in problem.names]
    places = {pair: parts.add(found) for pair, found in second.items()}
    return {
        "names": [*problem.names],
        "nodes": parts.rows,
        "value": value,
        "gradient": gradient,
        "axes": [*axes],
        "hessian": [[places[(a, b) if (a, b) in places else (b, a)] for b in axes] for a in axes]
        if second
        else None,
    }


def _value(problem: Problem, point: Mapping[str, float]) -> tuple[float | None, str]:
    try:
        values = values_at(problem.defined, point)
        return Evaluation(values, problem.text)(problem.formula.root), ""
    except DomainError as error:
        return None, error.reason


QUESTIONS = (Question("formula", formula),)
