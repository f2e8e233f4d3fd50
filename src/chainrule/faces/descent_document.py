"""A descent and a flat place as JSON documents, for programs."""

from chainrule import __version__
from chainrule.records.descent import Descent, TrajectoryPoint
from chainrule.records.flatness import FlatPlace

from .document import Json, json_number
from .theta import Parameters, by_name


def descent_document(descent: Descent) -> dict[str, Json]:
    """The document of a descent."""
    regimes = descent.regimes
    return {
        "chainrule": __version__,
        "objective": descent.objective,
        "optimizer": descent.optimizer,
        "settings": {name: json_number(value) for name, value in descent.settings},
        "solver": descent.solver,
        "eigenvalues": [json_number(value) for value in regimes.eigenvalues],
        "eigenvalue_bound": json_number(regimes.bound),
        "sharpness": json_number(regimes.sharpness),
        "preconditioned": regimes.preconditioned,
        "preconditioner_steps": regimes.preconditioner_steps,
        "limit": {
            "monotone": json_number(regimes.monotone_limit),
            "stable": json_number(regimes.stable_limit),
        },
        "directions": [
            {
                "eigenvalue": json_number(direction.eigenvalue),
                "gradient": json_number(direction.gradient),
                "multiplier": json_number(direction.multiplier),
                "complex": direction.complex,
                "motion": direction.motion,
                "active": direction.active,
                "vector": [json_number(value) for value in direction.vector],
            }
            for direction in regimes.directions
        ],
        "prediction": regimes.prediction,
        "outcome": descent.outcome,
        "agrees": descent.agrees,
        "reasons": list(descent.reasons),
        "departs_at": descent.departs_at,
        "rises": descent.rises,
        "reversals": descent.reversals,
        "curvature": [
            {
                "step": there.step,
                "largest": json_number(there.largest),
                "smallest": json_number(there.smallest),
                "bound": json_number(there.bound),
            }
            for there in descent.curvatures
        ],
        "kink": None
        if descent.kink is None
        else {
            "step": descent.kink.step,
            "theta": _theta(descent.parameters, descent.kink.theta),
            "slope_before": json_number(descent.kink.slope_before),
            "slope_after": json_number(descent.kink.slope_after),
        },
        "place": None if descent.place is None else place_document(descent.place),
        "trajectory": [_point(descent.parameters, point) for point in descent.points],
    }


def place_document(place: FlatPlace) -> dict[str, Json]:
    """The document of a place."""
    escape = place.escape
    return {
        "kind": place.kind,
        "certainty": place.certainty,
        "plateau": place.plateau,
        "reason": place.reason,
        "facts": [
            {
                "quantity": fact.quantity,
                "value": json_number(fact.value),
                "bound": json_number(fact.bound),
                "comparison": fact.comparison,
            }
            for fact in place.facts
        ],
        "escape": None
        if escape is None
        else {
            "direction": [json_number(value) for value in escape.direction],
            "curvature": json_number(escape.curvature),
            "fall": json_number(escape.fall),
            "distance": json_number(escape.distance),
            "goes_on": escape.goes_on,
        },
    }


def _point(parameters: Parameters, point: TrajectoryPoint) -> dict[str, Json]:
    return {
        "step": point.step,
        "loss": json_number(point.loss),
        "gradient_norm": json_number(point.gradient_norm),
        "step_length": json_number(point.step_length),
        "theta": _theta(parameters, point.theta),
    }


def _theta(parameters: Parameters, values: tuple[float, ...]) -> Json:
    return _safe(by_name(parameters, values)) if values else None


def _safe(value: object) -> Json:
    if isinstance(value, dict):
        return {name: _safe(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_safe(part) for part in value]
    return json_number(float(value)) if isinstance(value, int | float) else None
