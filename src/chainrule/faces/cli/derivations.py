"""What `chainrule explain` prints of a formula."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .failure import CommandFailed
from .formats import ExplainFormat
from .formulas import check_point, formula_errors
from .points import Number, parse_point
from .shapes import parse_shapes

if TYPE_CHECKING:
    from chainrule.calculus.matrix import MatrixEvaluation
    from chainrule.calculus.paper import ScriptName
    from chainrule.calculus.problem import Problem
    from chainrule.calculus.tree import Formula

_ENTRY = re.compile(r"\s*\d+\s*(?:,\s*\d+\s*)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a formula.

    Attributes:
        formula: As typed.
        wrt: By what; None for the only variable.
        at: A point as typed; None for none.
        of: Of an equation, the name whose slope is wanted; None for y.
        notation: Its id; None for the usual one.
        graph: Whether the dependency graph is asked for instead of the steps.
        routes: Whether other ways are told in full.
        shapes: Shapes of names without values, as typed.
        entry: Which entry of a vector or matrix is worked out, as typed.
        format: How it is written.
    """

    formula: str
    wrt: str | None
    at: str | None
    of: str | None
    notation: str | None
    graph: bool
    routes: bool
    shapes: str | None
    entry: str | None
    format: ExplainFormat


def print_derivation(question: Question) -> None:
    """Differentiate a formula and print how.

    Raises:
        CommandFailed: If it cannot be read, or not be differentiated so.
    """
    from chainrule.calculus.read_problem import read_problem

    point = {} if question.at is None else parse_point(question.at, "--at")
    shapes = {} if question.shapes is None else parse_shapes(question.shapes)
    with formula_errors():
        problem = read_problem(question.formula, variables=(*point, *shapes))
        if problem.equation is not None or (question.of is not None and problem.curve is not None):
            _print_implicit(question, problem, _numbers(point))
        elif shapes or _has_matrices(problem, point):
            _print_matrices(question, problem, point, shapes)
        elif question.graph:
            _print_graph(question, problem, _numbers(point))
        else:
            _print_steps(question, problem, _numbers(point))


def _print_steps(question: Question, problem: "Problem", point: dict[str, float]) -> None:
    from chainrule.calculus import Evaluation
    from chainrule.calculus.derive import derive_problem
    from chainrule.calculus.document import derivation_document
    from chainrule.calculus.glossary import glossary
    from chainrule.calculus.narrate import narrate
    from chainrule.calculus.typeset import to_latex, to_markdown
    from chainrule.faces.derivation import write_derivation
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    _refuse(question, entry="matrices", of="equations")
    variable = _variable(question, problem)
    derivation = derive_problem(problem, variable)
    evaluation = None
    if question.at is not None:
        # a formula of numbers only is differentiated by a name that it does not hold
        if problem.names or {*point} != {variable}:
            _check_point(point, problem)
        evaluation = Evaluation(point, problem.text)
    page = page_for_stdout()
    notation = question.notation or "leibniz"
    if question.format is ExplainFormat.json:
        document = derivation_document(derivation, notation, evaluation=evaluation)
        page.verbatim(to_json(document) + "\n")
        return
    typeset = question.format in (ExplainFormat.latex, ExplainFormat.markdown)
    narration = narrate(
        derivation,
        notation,
        evaluation=evaluation,
        script="latex" if typeset else "unicode",
        routes=question.routes,
    )
    script: ScriptName = "latex" if typeset else "unicode"
    symbols = glossary(derivation, notation, script=script, narration=narration, letters=False)
    if question.format is ExplainFormat.latex:
        page.verbatim(to_latex(narration, symbols) + "\n")
    elif question.format is ExplainFormat.markdown:
        page.verbatim(to_markdown(narration, symbols) + "\n")
    else:
        write_derivation(page, narration, symbols)


def _print_graph(question: Question, problem: "Problem", point: dict[str, float]) -> None:
    from chainrule import __version__
    from chainrule.calculus.graph import dependency_graph
    from chainrule.faces.dependency_document import dependency_document
    from chainrule.faces.dependency_graph import draw_graph
    from chainrule.faces.dependency_typeset import graph_latex
    from chainrule.faces.document import to_json
    from chainrule.faces.page import page_for_stdout

    _refuse(question, entry="matrices", of="equations", steps="a formula, and not its graph")
    names = problem.names if question.wrt is None else _names(question.wrt)
    if question.at is not None:
        _check_point(point, problem)
    graph = dependency_graph(
        problem.formula,
        names,
        point if question.at is not None else None,
        problem.defined,
        name=problem.name,
    )
    page = page_for_stdout()
    if question.format is ExplainFormat.json:
        document = {"chainrule": __version__, "formula": problem.text, **dependency_document(graph)}
        page.verbatim(to_json(document) + "\n")
    elif question.format is ExplainFormat.text:
        draw_graph(page, graph)
    else:
        page.verbatim(graph_latex(graph, dollars=question.format is ExplainFormat.markdown))


def _print_implicit(question: Question, problem: "Problem", point: dict[str, float]) -> None:
    from chainrule.calculus.curve import slope_at
    from chainrule.calculus.curve_narration import narrate_curve
    from chainrule.calculus.curve_typeset import curve_latex, curve_markdown
    from chainrule.calculus.implicit import derive_implicit, second_implicit
    from chainrule.faces.document import to_json
    from chainrule.faces.explain import curve_variable
    from chainrule.faces.implicit import implicit_document, write_implicit
    from chainrule.faces.page import page_for_stdout

    equation = problem.equation or problem.curve
    assert equation is not None
    if question.graph:
        raise CommandFailed(
            "An equation has no dependency graph, for it computes nothing: ask for the graph of "
            "one of its sides, or leave out --graph for the slope of its curve."
        )
    _refuse(question, entry="matrices", steps="a formula of numbers")
    if question.shapes is not None:
        raise CommandFailed("--shapes is for vectors and matrices, and equations are of numbers.")
    of = question.of or "y"
    by = question.wrt or curve_variable(problem, equation, of)
    found = derive_implicit(equation, of=of, by=by, definitions=problem.defined)
    second = second_implicit(found, definitions=problem.defined)
    at = None
    if question.at is not None:
        at = slope_at(found, point, second=second, definitions=problem.defined)
    page = page_for_stdout()
    notation = question.notation or "leibniz"
    if question.format is ExplainFormat.json:
        document = implicit_document(found, second, at, notation)
        page.verbatim(to_json(document) + "\n")
        return
    script: ScriptName = "unicode" if question.format is ExplainFormat.text else "latex"
    told = narrate_curve(found, notation, second=second, at=at, script=script)
    if question.format is ExplainFormat.text:
        write_implicit(page, told, at)
    else:
        typeset = curve_latex if question.format is ExplainFormat.latex else curve_markdown
        page.verbatim(typeset(told, at))


def _print_matrices(
    question: Question,
    problem: "Problem",
    point: dict[str, Number],
    shapes: dict[str, tuple[int, ...]],
) -> None:
    from chainrule.calculus.matrix import (
        DEFAULT_NOTATION,
        MatrixEvaluation,
        derive_matrix,
        first_entry,
        one_entry,
    )
    from chainrule.calculus.matrix.typeset import matrix_latex, matrix_markdown
    from chainrule.faces.document import to_json
    from chainrule.faces.explain import shapes_with_values
    from chainrule.faces.matrix_derivation import matrix_document, write_matrix_derivation
    from chainrule.faces.page import page_for_stdout

    _refuse(question, of="equations", steps="a formula of numbers")
    notation = question.notation or DEFAULT_NOTATION
    formula = problem.written_out() if problem.definitions else problem.formula
    evaluation = None
    if question.at is not None:
        evaluation = MatrixEvaluation(point, formula.text)
        _check_point(evaluation.point, problem)
        shapes = shapes_with_values(shapes, evaluation)
    if question.graph:
        _print_matrix_graph(question, formula, shapes, evaluation)
        return
    variable = _variable(question, problem)
    found = derive_matrix(formula, variable, shapes)
    at = None if evaluation is None else evaluation.point
    if question.entry is not None:
        entries = [one_entry(found, parse_entry(question.entry), at)]
    else:
        first = first_entry(found, at)
        entries = [] if first is None else [first]
    page = page_for_stdout()
    if question.format is ExplainFormat.json:
        page.verbatim(to_json(matrix_document(found, evaluation, entries, notation)) + "\n")
    elif question.format is ExplainFormat.text:
        write_matrix_derivation(page, found, evaluation, entries, notation)
    else:
        typeset = matrix_latex if question.format is ExplainFormat.latex else matrix_markdown
        page.verbatim(typeset(found, evaluation, tuple(entries), notation))


def _print_matrix_graph(
    question: Question,
    formula: "Formula",
    shapes: Mapping[str, tuple[int, ...]],
    at: "MatrixEvaluation | None",
) -> None:
    from chainrule import __version__
    from chainrule.calculus.matrix.graph import matrix_graph
    from chainrule.faces.document import to_json
    from chainrule.faces.matrix_graph import (
        matrix_graph_document,
        matrix_graph_typeset,
        write_matrix_graph,
    )
    from chainrule.faces.page import page_for_stdout

    if question.entry is not None:
        raise CommandFailed("--entry is for the steps: leave out --graph to work one entry out.")
    names = formula.names if question.wrt is None else _names(question.wrt)
    found = matrix_graph(formula, names, shapes, at)
    page = page_for_stdout()
    if question.format is ExplainFormat.json:
        document = {
            "chainrule": __version__,
            "formula": formula.text,
            **matrix_graph_document(found),
        }
        page.verbatim(to_json(document) + "\n")
    elif question.format is ExplainFormat.text:
        write_matrix_graph(page, found)
    else:
        dollars = question.format is ExplainFormat.markdown
        page.verbatim(matrix_graph_typeset(found, dollars=dollars))


def parse_entry(text: str) -> tuple[int, ...]:
    """An entry such as `0` or `1,2`, counted from 0.

    Raises:
        CommandFailed: If it cannot be read.
    """
    if not _ENTRY.match(text):
        raise CommandFailed(
            f"--entry {text!r} is no place in a vector or matrix: write its row and column, "
            "counted from 0, such as 1,2."
        )
    return tuple(int(part) for part in text.split(","))


def _has_matrices(problem: "Problem", point: Mapping[str, Number]) -> bool:
    from chainrule.calculus.matrix import needs_matrices

    return any(isinstance(value, list) for value in point.values()) or any(
        needs_matrices(formula) for formula in (problem.formula, *problem.defined.values())
    )


def _numbers(point: Mapping[str, Number]) -> dict[str, float]:
    for name, value in point.items():
        if isinstance(value, list):
            raise CommandFailed(
                f"Expected numbers in --at, found a vector for {name}: equations, definitions and "
                "graphs are of numbers."
            )
    return {name: value for name, value in point.items() if not isinstance(value, list)}


def _check_point(point: Mapping[str, object], problem: "Problem") -> None:
    from chainrule.calculus import write

    defined = {name: write(formula) for name, formula in problem.defined.items()}
    check_point(point, problem.names, what="value", defined=defined)


def _variable(question: Question, problem: "Problem") -> str:
    if question.wrt is not None:
        names = _names(question.wrt)
        if len(names) == 1:
            return names[0]
        raise CommandFailed(
            f"Expected one name in --wrt, found {len(names)}: for all partial derivatives ask "
            "chainrule gradient."
        )
    if len(problem.names) > 1:
        raise CommandFailed(
            f"The formula has several variables ({', '.join(problem.names)}): say by which with "
            f"--wrt {problem.names[0]}, or ask chainrule gradient for all."
        )
    return problem.only_name()


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise CommandFailed("--wrt is empty: write the name of a variable, such as x.")
    return names


def _refuse(question: Question, *, entry: str = "", of: str = "", steps: str = "") -> None:
    """Options that are for something else."""
    if steps and question.routes:
        raise CommandFailed(f"--routes is for the steps of {steps}: leave it out.")
    if question.graph and question.notation not in (None, "leibniz"):
        raise CommandFailed(
            "--notation is for the steps: a graph has ∂ for a local derivative and d for a whole "
            "one. Leave out one of the two."
        )
    if entry and question.entry is not None:
        raise CommandFailed(f"--entry is for formulas of vectors and {entry}.")
    if of and question.of is not None:
        raise CommandFailed(f"--of is for {of}, such as x^2 + y^2 = 25.")
