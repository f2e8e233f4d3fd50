"""A dependency graph as a JSON document, for programs and for the page."""

from chainrule.records.dependency_graph import DependencyGraph

from .document import Json, json_number


def dependency_document(graph: DependencyGraph) -> dict[str, Json]:
    """The document of a dependency graph; its keys are those of the records.

    Without a point all numbers are null.
    """
    return {
        "output": graph.output,
        "wrt": list(graph.wrt),
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "operation": node.operation,
                "label": node.label,
                "expression": node.expression,
                "value": _number(node.value),
                "shape": list(node.shape),
                "norm": _number(node.norm),
                "adjoint": _number(node.adjoint),
                "formula_node": node.formula_node,
            }
            for node in graph.nodes
        ],
        "edges": [
            {
                "id": edge.id,
                "source": edge.source,
                "target": edge.target,
                "argument": edge.argument,
                "derivative": edge.derivative,
                "value": _number(edge.value),
                "sent": _number(edge.sent),
                "figures": edge.figures,
                "name": edge.name,
            }
            for edge in graph.edges
        ],
        "paths": {
            label: [
                {
                    "edges": list(path.edges),
                    "product": path.product,
                    "value": _number(path.value),
                }
                for path in paths
            ]
            for label, paths in graph.paths.items()
        },
        "paths_counted": dict(graph.paths_counted),
        "derivative": {label: _number(value) for label, value in graph.derivative.items()},
        "visits": list(graph.visits),
        "multiplications": {
            "forward": graph.forward_multiplications,
            "reverse": graph.reverse_multiplications,
        },
        "notices": list(graph.notices),
    }


def _number(value: float | None) -> Json:
    return None if value is None else json_number(value)
