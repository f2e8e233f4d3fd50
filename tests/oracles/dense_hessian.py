"""The Hessian as a whole matrix, by PyTorch's own double backward: slow, and exact to rounding."""

import torch
from torch import Tensor

from chainrule.objective.objective import Objective, Theta


def dense_hessian(objective: Objective, theta: Theta | None = None) -> Tensor:
    """∇²L(θ), shape (P, P), in the order of the objective's parameters."""

    def value(flat: Tensor) -> Tensor:
        return objective.loss(objective.point(flat))

    flat = objective.flat(theta)
    matrix = torch.autograd.functional.hessian(value, flat)
    assert isinstance(matrix, Tensor)
    return (matrix + matrix.T) / 2


def functional_hessian(objective: Objective, theta: Theta | None = None) -> Tensor:
    """The same by `torch.func.hessian`, forward over reverse; for losses that draw no numbers."""

    def value(flat: Tensor) -> Tensor:
        return objective.loss(objective.point(flat))

    matrix = torch.func.hessian(value)(objective.flat(theta))
    assert isinstance(matrix, Tensor)
    return matrix
