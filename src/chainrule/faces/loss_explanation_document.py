"""The explanation of a loss as a JSON document, for programs and for the page."""

from chainrule import __version__
from chainrule.records.loss_explanation import EntryStep, EntrySum, LossExplanation

from .dependency_document import dependency_document
from .document import Json, json_number


def loss_explanation_document(explanation: LossExplanation) -> dict[str, Json]:
    """The document; `graph` is that of a formula's dependency graph."""
    entry = explanation.entry
    return {
        "chainrule": __version__,
        "output": explanation.output,
        "loss": json_number(explanation.loss),
        "scalar": explanation.scalar,
        "graph": dependency_document(explanation.graph),
        "dtypes": dict(explanation.dtypes),
        "gradient_norms": {k: json_number(v) for k, v in explanation.norms.items()},
        "entry": None if entry is None else list(entry),
        "entry_was_chosen": explanation.entry_was_chosen,
        "steps": [_step(step) for step in explanation.steps],
        "chain": [
            {
                "node": factor.node,
                "target": factor.target,
                "gain": json_number(factor.gain),
                "merge": json_number(factor.merge),
            }
            for factor in explanation.chain
        ],
        "checked": explanation.checked,
        "notes": list(explanation.notes),
    }


def _step(step: EntryStep) -> dict[str, Json]:
    return {
        "node": step.node,
        "label": step.label,
        "index": list(step.index),
        "value": json_number(step.value),
        "sums": [_sum(each) for each in step.sums],
    }


def _sum(each: EntrySum) -> dict[str, Json]:
    return {
        "edge": each.edge,
        "symbols": each.symbols,
        "terms": [
            {
                "figures": term.figures,
                "coefficient": json_number(term.coefficient),
                "adjoint_label": term.adjoint_label,
                "adjoint": json_number(term.adjoint),
                "value": json_number(term.value),
            }
            for term in each.terms
        ],
        "count": each.count,
        "rest": json_number(each.rest),
        "value": None if each.value is None else json_number(each.value),
        "exact": json_number(each.exact),
        "unknown": each.unknown,
    }
