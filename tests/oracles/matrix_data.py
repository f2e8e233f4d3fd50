"""Numbers for vectors and matrices, of the kinds that formulas need, and PyTorch's gradients."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator

from chainrule.objective import Objective

CLASSES = 3


def drawn(kind: str, shape: tuple[int, ...], random: Generator) -> Any:
    """An array of one kind: see the head of `matrix_identities.toml`."""
    match kind:
        case "spd":
            root = random.normal(size=shape)
            return root @ root.T + np.eye(shape[0])
        case "symmetric":
            square = random.normal(size=shape)
            return square + square.T
        case "positive":
            return random.uniform(0.2, 2, shape)
        case "probabilities":
            weights = random.uniform(0.1, 1, shape)
            return weights / weights.sum(-1, keepdims=True)
        case "labels":
            return random.integers(0, 2, shape).astype(float)
        case "signs":
            return random.choice([-1.0, 1.0], shape)
        case "classes":
            return random.integers(0, CLASSES, shape).astype(float)
        case _:
            return random.normal(size=shape)


def autograd(text: str, wrt: str, point: Mapping[str, Any], cotangent: Any = None) -> Any:
    """PyTorch's gradient of a formula, or Jᵀ times a cotangent if it is no number."""
    constants = {name: value for name, value in point.items() if name != wrt}
    if cotangent is not None:
        text = f"sum(cotangent_ * ({text}))"
        constants["cotangent_"] = cotangent
    objective = Objective.from_formula(text, {wrt: point[wrt]}, constants=constants)
    return objective.gradient()[wrt].numpy()
