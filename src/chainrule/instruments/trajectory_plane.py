"""The plane of a trajectory: the two directions in which it moved most, by principal components.

The components of a trajectory are no proof of anything about it: those of a random walk in many
dimensions look like a smooth curve as well (Antognini and Sohl-Dickstein 2018, arXiv 1806.08805).
So the share of the variance that the plane holds is always given, and the distance off the plane.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.objective import Theta
from chainrule.records.descent import Descent
from chainrule.records.landscape import PlanePath, Slice

from .directions import Direction, variable, variables
from .landscape import plane_slice

Bounds = tuple[float, float]

MARGIN = 0.25
"""Room beside a path, as a share of its width: enough to see where it could have gone."""

LEAST_SECOND_SHARE = 1e-12
"""Share of variance below which a trajectory counts as a straight line: the rounding of float32
coordinates, squared, is 1e-14."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrajectoryPlane:
    """The plane that holds most of a trajectory's movement.

    Attributes:
        x: Its first principal direction, of unit length.
        y: Its second, orthogonal to the first.
        theta: The trajectory's last point, which lies in the plane.
        path: The trajectory in the plane's coordinates.
    """

    x: Direction
    y: Direction
    theta: Tensor
    path: PlanePath

    def extent(self, margin: float = MARGIN) -> tuple[Bounds, Bounds]:
        """Bounds of x and y that hold the path.

        Args:
            margin: Room on each side, as a share of the path's own width; a path that is far
                narrower one way than the other still gets a tenth of the longer side.
        """
        return around(self.path, margin)


def trajectory_plane(objective: Objective, points: Sequence[Theta]) -> TrajectoryPlane:
    """The plane through a trajectory's last point that holds most of its variance, by PCA.

    The directions are the first two principal components of the points, as in Li et al. 2018,
    section 7; they are orthonormal, so that coordinates are distances in θ. The first axis points
    from the end to the start.

    Args:
        objective: L; only its parameters' names and shapes are used.
        points: The trajectory, at least three points.

    Raises:
        ObjectiveError: If there are fewer than three points, some are not finite, or they lie on
            a straight line.

    Cost: T·P numbers in float64 for T points, and the eigenvectors of a T × T matrix.
    """
    if len(points) < 3:
        raise ObjectiveError(
            f"Expected a trajectory of at least 3 points for a plane, found {len(points)}: "
            "scan the line between two points instead."
        )
    path = torch.stack([objective.flat(point).double().cpu() for point in points])
    if not path.isfinite().all():
        raise ObjectiveError(
            "Expected finite points on the trajectory, found NaN or infinities: end it before the "
            "step at which they appear."
        )
    centred = path - path.mean(dim=0)
    _, scales, components = torch.linalg.svd(centred, full_matrices=False)
    variances = scales.square()
    shares = (variances / variances.sum()).tolist() if variances.sum() > 0 else [0.0, 0.0]
    if len(shares) < 2 or shares[1] < LEAST_SECOND_SHARE:
        raise ObjectiveError(
            "Expected a trajectory that bends, found one on a straight line, which has no plane: "
            "scan the line from its start to its end instead."
        )
    end = path[-1]
    basis = components[:2]
    coordinates = (path - end) @ basis.T
    # the sign of a principal component is arbitrary: make the farthest point positive
    farthest = coordinates.gather(0, coordinates.abs().argmax(dim=0, keepdim=True))
    signs = torch.where(farthest < 0, -1.0, 1.0).double()[0]
    basis, coordinates = basis * signs[:, None], coordinates * signs
    off_plane = torch.linalg.vector_norm((path - end) - coordinates @ basis, dim=1)
    own = objective.flat()
    x, y = (
        Direction(
            vector=vector.to(own),
            kind="trajectory",
            label=f"principal component {number} of the trajectory",
            explained=share,
        )
        for number, vector, share in zip((1, 2), basis, shares, strict=False)
    )
    return TrajectoryPlane(
        x=x,
        y=y,
        theta=end.to(own),
        path=PlanePath(
            x=tuple(coordinates[:, 0].tolist()),
            y=tuple(coordinates[:, 1].tolist()),
            off_plane=tuple(off_plane.tolist()),
        ),
    )


def descent_slice(objective: Objective, descent: Descent, *, points: int = 51) -> Slice:
    """The landscape that a descent walked through, with its path on it.

    Of two numbers in θ the plane is that of both; of more it is the path's principal plane, and
    `Slice.path.off_plane` says how far the path leaves it.

    Args:
        objective: What was descended.
        descent: The descent; its points must have kept their θ.
        points: Along each axis.

    Raises:
        ObjectiveError: If θ is one number, was not kept, or the path has no plane.

    Cost: points² evaluations.
    """
    if objective.numel < 2:
        raise ObjectiveError(
            "Expected a path in at least two dimensions, found one number in θ: scan a line along "
            "it instead."
        )
    kept = [p.theta for p in descent.points if all(map(math.isfinite, p.theta))]
    if not kept or len(kept[0]) != objective.numel:
        raise ObjectiveError(
            f"Expected a descent that kept its {objective.numel} numbers of θ at each point, found "
            f"{len(kept[0]) if kept else 0}: give trajectory_plane the points themselves."
        )
    thetas = [
        torch.tensor(theta, dtype=torch.float64, device="cpu").to(objective.flat())
        for theta in kept
    ]
    if objective.numel > 2:
        plane = trajectory_plane(objective, thetas)
        x, y, theta, path = plane.x, plane.y, plane.theta, plane.path
    else:
        x, y = (variable(objective, name) for name in variables(objective))
        theta = thetas[0]
        across, upwards = zip(*kept, strict=True)
        path = PlanePath(x=across, y=upwards, off_plane=(0.0,) * len(kept))
    return plane_slice(objective, x, y, theta=theta, extent=around(path), points=points, path=path)


def around(path: PlanePath, margin: float = MARGIN) -> tuple[Bounds, Bounds]:
    """Bounds of x and y that hold a path; see `TrajectoryPlane.extent`."""
    sides = [(min(c), max(c)) for c in (path.x, path.y)]
    longest = max(high - low for low, high in sides) or 1.0
    bounds = []
    for low, high in sides:
        middle, half = (low + high) / 2, max(high - low, longest / 10) / 2
        reach = half * (1 + 2 * margin)
        bounds.append((middle - reach, middle + reach))
    return bounds[0], bounds[1]
