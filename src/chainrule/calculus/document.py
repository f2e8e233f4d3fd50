"""A derivation as a JSON document, for programs; its schema is `docs/derivation.schema.json`."""

from chainrule import __version__
from chainrule.records.json_values import Json, json_number

from .derivation import Derivation
from .evaluate import Evaluation
from .glossary import glossary
from .narrate import narrate
from .narration import AlgebraLine, Line, Narration, Route
from .notations import Notation, Sign
from .paper import ScriptName
from .tree import to_json
from .writing import write


def derivation_document(
    derivation: Derivation,
    notation: str | Notation = "leibniz",
    *,
    evaluation: Evaluation | None = None,
    script: ScriptName = "unicode",
    routes: bool = True,
) -> dict[str, Json]:
    """The document of a derivation in one notation.

    Args:
        derivation: What to tell.
        notation: One of `NOTATIONS`, or its id.
        evaluation: Numbers at a point; None for none.
        script: How expressions are written: Unicode or LaTeX.
        routes: Whether other ways are there in full; their names are there anyway.

    Raises:
        FormulaError: If there is no such notation, or a name has no value at the point.
    """
    told = narrate(derivation, notation, evaluation=evaluation, script=script, routes=routes)
    formulas = (derivation.formula, *(each for _, each in derivation.definitions))
    nodes = [row for each in formulas for row in to_json(each)["nodes"]]
    return {
        "chainrule": __version__,
        "formula": derivation.formula.text,
        "wrt": derivation.variable,
        "at": {name: json_number(value) for name, value in told.at} if told.at else None,
        "held": list(derivation.held),
        "definitions": {name: write(each) for name, each in derivation.definitions},
        "notation": told.notation,
        "script": told.script,
        "given": told.given,
        "asked": told.asked,
        "nodes": nodes,
        "steps": [step_document(told.line)],
        "algebra": [algebra_document(line) for line in told.algebra],
        "factoring": [algebra_document(line) for line in told.factoring],
        "putting_back": [algebra_document(line) for line in told.putting_back],
        "slopes": list(told.slopes),
        "result": {"raw": told.raw, "tidy": told.tidy, "factored": told.factored},
        "written_out": told.written_out,
        "value": _optional(told.value),
        "no_value": told.no_value,
        "kinks": list(told.kinks),
        "checks": _checks(told),
        "code": told.code,
        "glossary": [
            sign_document(each)
            for each in glossary(derivation, notation, script=script, narration=told)
        ],
    }


def step_document(line: Line) -> dict[str, Json]:
    """A line with those that it needs."""
    chain: dict[str, Json] | None = None
    if line.chain is not None:
        chain = {
            "pattern": line.chain.pattern,
            "where": list(line.chain.where),
            "outside": list(line.chain.outside),
        }
    return {
        "id": line.id,
        "rule": line.rule,
        "name": line.rule_name,
        "node": line.node,
        "parts": list(line.marked),
        "variable": line.variable,
        "statement": line.statement,
        "before": line.before,
        "after": line.after,
        "filled": line.filled,
        "result": line.result,
        "why": line.why,
        "remark": line.remark,
        "rewritten": line.rewritten,
        "chain": chain,
        "brief": line.brief,
        "same_as": line.same_as,
        "value": _optional(line.value),
        "no_value": line.no_value,
        "steps": [step_document(each) for each in line.lines],
        "alternatives": [_route(each) for each in line.routes],
    }


def _route(route: Route) -> dict[str, Json]:
    return {
        "rule": route.rule,
        "name": route.name,
        "why": route.why,
        "steps": [] if route.line is None else [step_document(route.line)],
    }


def algebra_document(line: AlgebraLine) -> dict[str, Json]:
    """A step of algebra."""
    return {"rule": line.rule, "name": line.name, "before": line.before, "after": line.after}


def _checks(told: Narration) -> list[Json]:
    return [
        {
            "name": check.name,
            "derivative": json_number(check.left),
            "compared": json_number(check.right),
            "agrees": check.agrees,
        }
        for check in told.checks
    ]


def sign_document(entry: Sign) -> dict[str, Json]:
    """A symbol with its type and meaning."""
    return {
        "symbol": entry.symbol,
        "type": entry.kind,
        "shape": list(entry.shape),
        "meaning": entry.meaning,
    }


def _optional(value: float | None) -> float | str | None:
    return None if value is None else json_number(value)
