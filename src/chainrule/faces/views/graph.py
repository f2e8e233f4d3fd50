"""The question `graph`: how a formula depends on its variables, path by path."""

from collections.abc import Sequence
from typing import cast

from chainrule import __version__
from chainrule.calculus.graph import dependency_graph
from chainrule.calculus.matrix import MatrixEvaluation, Shape
from chainrule.calculus.matrix.graph import matrix_graph
from chainrule.faces.dependency_document import dependency_document
from chainrule.faces.explain import shapes_with_values
from chainrule.faces.matrix_graph import matrix_graph_document
from chainrule.records.json_values import Json
from chainrule.records.message import Message

from .question import Context, Parameters, Question, Refusal
from .typed_formula import TypedProblem, check_complete, formula_refusals, typed_problem
from .typed_shapes import asked_shapes


def graph(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The dependency graph of `formula`, with numbers `at` a point, and the paths by `wrt`.

    `wrt` is a list of names; all of them if not given. Of vectors and matrices there are `shapes`
    as for `derivation`. The keys are those of `chainrule explain --graph --format json`, with
    `view` and the `names` that may be asked for; of matrices also `sent`, what comes back along
    each edge, and `shown`, what stands for the `value` and the `adjoint` of each node.
    """
    shapes = asked_shapes(parameters)
    typed = typed_problem(parameters, tuple(shapes))
    problem = typed.problem
    if problem.equation is not None:
        raise Refusal(
            Message(
                "An equation has no dependency graph, for it computes nothing: ask for that of one "
                "of its sides."
            ),
            field="formula",
            text=problem.text,
        )
    wrt = parameters.texts("wrt") if "wrt" in parameters else problem.names
    strange = [name for name in wrt if name not in problem.names]
    if strange:
        raise Refusal(
            f"Expected variables of the formula ({', '.join(problem.names)}), found "
            f"{strange[0]!r}.",
            field="wrt",
        )
    if typed.point:
        check_complete(typed.point, problem.names)
    with formula_refusals(problem.text):
        found = (
            _of_matrices(typed, shapes, wrt)
            if shapes or typed.has_matrices
            else _of_numbers(typed, wrt)
        )
    return {
        "view": "graph",
        "chainrule": __version__,
        "formula": problem.text,
        "names": [*problem.names],
        "at": cast(dict[str, Json], typed.point) or None,
        **found,
    }


def _of_numbers(typed: TypedProblem, wrt: Sequence[str]) -> dict[str, Json]:
    problem, point = typed.problem, typed.numbers()
    found = dependency_graph(
        problem.formula, wrt, point or None, problem.defined, name=problem.name
    )
    return dependency_document(found)


def _of_matrices(
    typed: TypedProblem, shapes: dict[str, Shape], wrt: Sequence[str]
) -> dict[str, Json]:
    problem = typed.problem
    formula = problem.written_out() if problem.definitions else problem.formula
    evaluation = None
    if typed.point:
        evaluation = MatrixEvaluation(typed.point, formula.text)
        shapes = shapes_with_values(shapes, evaluation)
    found = matrix_graph(formula, wrt, shapes, evaluation)
    return {
        **matrix_graph_document(found),
        "sent": list(found.sent),
        "shown": [
            {"value": value, "adjoint": adjoint}
            for value, adjoint in zip(found.values, found.adjoints, strict=True)
        ],
    }


QUESTIONS = (Question("graph", graph),)
