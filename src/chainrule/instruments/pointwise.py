"""Slopes and curvatures of a loss at many points at once."""

import math

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError

from .quadratic import dense_hessian


class PointwiseDerivatives:
    """∇L and ∇²L at many points, by vmap where the objective allows it.

    Args:
        objective: L.
    """

    def __init__(self, objective: Objective) -> None:
        self.objective = objective
        self.dtype = objective.flat().dtype
        self.vectorized = True

    def gradients(self, points: Tensor) -> Tensor:
        """(N, P) → (N, P)."""
        points = points.to(self.dtype)
        if self.vectorized:
            try:
                found: Tensor = torch.vmap(torch.func.grad(self._loss))(points)
                return found.double()
            except RuntimeError:
                self.vectorized = False
        rows = [self.objective.value_and_gradient(row)[1] for row in points]
        return torch.stack(rows).double()

    def hessians(self, points: Tensor) -> Tensor:
        """(N, P) → (N, P, P)."""
        points = points.to(self.dtype)
        if self.vectorized:
            try:
                found: Tensor = torch.vmap(torch.func.hessian(self._loss))(points)
                return found.double()
            except RuntimeError:
                self.vectorized = False
        return torch.stack([_hessian(self.objective, row) for row in points])

    def _loss(self, flat: Tensor) -> Tensor:
        return self.objective.loss(self.objective.point(flat))


def _hessian(objective: Objective, row: Tensor) -> Tensor:
    try:
        return dense_hessian(objective, row)
    except ObjectiveError:  # no finite loss there: the search from this start ends
        return torch.full((len(row), len(row)), math.nan, dtype=torch.float64)
