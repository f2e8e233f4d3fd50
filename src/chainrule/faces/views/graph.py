"""The question `graph`: how a formula depends on its variables, path by path."""

from chainrule import __version__
from chainrule.calculus.graph import dependency_graph
from chainrule.faces.dependency_document import dependency_document
from chainrule.records.json_values import Json

from .question import Context, Parameters, Question, Refusal
from .typed_formula import formula_refusals, typed_formula


def graph(parameters: Parameters, context: Context) -> dict[str, Json]:
    """The dependency graph of `formula`, with numbers `at` a point, and the paths by `wrt`.

    `wrt` is a list of names; all of them if not given. The keys are those of
    `chainrule explain --graph --format json`, with `view` and the `names` that may be asked for.
    """
    typed = typed_formula(parameters)
    problem = typed.problem
    wrt = parameters.texts("wrt") if "wrt" in parameters else problem.names
    strange = [name for name in wrt if name not in problem.names]
    if strange:
        raise Refusal(
            f"Expected variables of the formula ({', '.join(problem.names)}), found "
            f"{strange[0]!r}.",
            field="wrt",
        )
    missing = [name for name in problem.names if name not in typed.point]
    if typed.point and missing:
        raise Refusal(
            f"Expected a number for each of {', '.join(problem.names)}, found none for "
            f"{', '.join(missing)}.",
            field="at",
        )
    with formula_refusals(problem.text):
        found = dependency_graph(
            problem.formula, wrt, typed.point or None, problem.defined, name=problem.name
        )
    return {
        "view": "graph",
        "chainrule": __version__,
        "formula": problem.text,
        "names": [*problem.names],
        "at": {**typed.point} if typed.point else None,
        **dependency_document(found),
    }


QUESTIONS = (Question("graph", graph),)
