"""L at many points: one after the other, or several at once by vmap, whichever is measured faster.

On a CPU `torch.vmap` gains up to three times for networks of some thousand parameters, and far more
for a formula, because one call of an operation serves a whole chunk; above some 60 000 parameters
the loop is faster, because its weights stay in the cache. So the first points are evaluated by the
loop, the next ones by vmap in growing chunks, and the faster way does the rest. Every point
evaluated while measuring counts.
"""

import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import islice

import torch
from torch import Tensor

from .errors import ObjectiveError
from .objective import Evaluate, Objective, Theta

Fill = Callable[[Tensor, bool], None]
"""Writes one flat point into the tensor given; True if that still holds the point before it."""

Progress = Callable[[int, int], None]

VMAP_PARAMETERS = 60_000
"""Parameters above which vmap is not even tried on a CPU. Measured on MLPs: 1.5 k parameters vmap
2.5 to 3 times faster, 13 k 1.2 to 1.6 times, 59 k 0.7 to 1.1 times, 611 k 0.6 times."""

VMAP_POINT_S = 0.01
"""Duration of one evaluation above which vmap is not tried: what it saves is the fixed cost of each
operation, some microseconds, and that is no longer much."""

CHUNK_BYTES = 64 * 2**20
"""Memory that the points of one chunk may take; activations come on top of it."""

CHUNK_S = 0.25
"""A chunk is not made larger once it takes this long: it bounds the memory of its activations (what
can be written in that time) and how long a cancellation waits."""

LOOPED_POINTS = 8
"""Points that the loop is timed on; also compared with what vmap says of them."""

FIRST_CHUNK = 32
"""Points of the first chunk tried; smaller ones were never faster than the loop."""

GROWTH = 4
"""Each chunk is this many times larger than the last, while that is faster. The second is tried
whatever the first one took: between them vmap often begins to pay."""

GAIN = 1.1
"""How many times faster a larger chunk must be to be preferred: less is noise."""

TOLD_EVERY_S = 0.1
"""The loop pauses this often, for the caller's progress: a pause costs half a millisecond."""


def batched_values(
    objective: Objective,
    thetas: Tensor | Iterable[Theta],
    *,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """L at many points; see `Objective.batched_values`.

    Args:
        objective: L.
        thetas: Shape (N, P), or any iterable of points (flat or by name); each is asked for when
            it is needed, so that N points need not exist at once.
        chunk: 1 for the loop, more for vmap over so many points; measured if None.
        progress: Called with (done, N) now and then; N is `done` if the iterable has no length.

    Returns:
        N values, float64, on the CPU; NaN and infinite where L is.

    Raises:
        ObjectiveError: If a point does not fit the parameters.
    """
    if isinstance(thetas, Tensor):
        if thetas.ndim != 2 or thetas.shape[1] != objective.numel:
            raise ObjectiveError(
                f"Expected points of shape (N, {objective.numel}), found {tuple(thetas.shape)}."
            )
        points: Iterable[Theta] = thetas
        total: int | None = len(thetas)
        ahead = None
    else:
        points = thetas
        total = len(thetas) if isinstance(thetas, Sized) else None
        # the caller's code runs between evaluations, never while a model holds another θ
        ahead = max(1, CHUNK_BYTES // max(1, objective.flat().nbytes))
    fills = (_copier(objective, theta) for theta in points)
    return _Evaluation(objective, fills, total, progress, ahead).run(chunk)


def plane_values(
    objective: Objective,
    base: Theta | None,
    directions: Tensor,
    coordinates: Tensor,
    *,
    chunk: int | None = None,
    progress: Progress | None = None,
) -> Tensor:
    """L at the points base + Σ cⱼ dⱼ of a line, a plane or any affine space.

    Each point is made in place from the last one's row: while all coordinates but the last stay
    the same, one pass over θ makes a point. So list a grid row by row.

    Args:
        objective: L.
        base: The origin; θ₀ if None.
        directions: d, shape (k, P).
        coordinates: c, shape (N, k).
        chunk: As for `batched_values`.
        progress: As for `batched_values`.

    Returns:
        N values, float64, on the CPU.

    Raises:
        ObjectiveError: If the shapes do not fit.
    """
    origin = objective.flat(base)
    if directions.ndim != 2 or directions.shape[1] != objective.numel or not len(directions):
        raise ObjectiveError(
            f"Expected directions of shape (k, {objective.numel}), found {tuple(directions.shape)}."
        )
    if coordinates.ndim != 2 or coordinates.shape[1] != len(directions):
        raise ObjectiveError(
            f"Expected coordinates of shape (N, {len(directions)}), one column a direction, found "
            f"{tuple(coordinates.shape)}."
        )
    directions = directions.detach().to(origin)
    fills = _plane(origin, directions, coordinates.detach().double().cpu().tolist())
    return _Evaluation(objective, fills, len(coordinates), progress, None).run(chunk)


EXACT_EVERY = 16
"""Along a row of a plane, θ += Δ·d makes the next point from the last, which is still in the cache:
on an MLP of 611 k parameters the points cost 5 % of the forward passes instead of 14 %. Every so
many points θ is made anew, so that no more than so many roundings add up."""


def _plane(origin: Tensor, directions: Tensor, rows: list[list[float]]) -> Iterator[Fill]:
    *outer, last = directions
    start, at = origin, [0.0] * len(outer)
    since, before = EXACT_EVERY, 0.0
    for row in rows:
        since += 1
        if row[:-1] != at:
            at, since = row[:-1], EXACT_EVERY
            start = origin.clone()
            for coordinate, direction in zip(at, outer, strict=True):
                start.add_(direction, alpha=coordinate)
        if since >= EXACT_EVERY:
            step, since = None, 0
        else:
            step = row[-1] - before
        before = row[-1]
        yield _PlanePoint(start, last, before, step)


class _PlanePoint:
    """start + coordinate · direction, or `step` · direction further than the point before it."""

    def __init__(
        self, start: Tensor, direction: Tensor, coordinate: float, step: float | None
    ) -> None:
        self._start = start
        self._direction = direction
        self._coordinate = coordinate
        self._step = step

    def __call__(self, out: Tensor, follows: bool) -> None:
        if follows and self._step is not None:
            out.add_(self._direction, alpha=self._step)
        else:
            torch.add(self._start, self._direction, alpha=self._coordinate, out=out)


def _copier(objective: Objective, theta: Theta) -> Fill:
    flat = objective.flat(theta)

    def fill(out: Tensor, follows: bool) -> None:
        out.copy_(flat)

    return fill


class _Evaluation:
    """One pass over the points.

    Args:
        objective: L.
        fills: The points.
        total: How many there are, if that is known.
        progress: The caller's.
        ahead: Points taken from `fills` before an evaluation; None if taking one runs no code of
            the caller's.
    """

    def __init__(
        self,
        objective: Objective,
        fills: Iterator[Fill],
        total: int | None,
        progress: Progress | None,
        ahead: int | None,
    ) -> None:
        self._objective = objective
        self._fills = fills
        self._ready: deque[Fill] = deque()  # taken from `fills` and not yet evaluated
        self._total = total
        self._progress = progress
        self._ahead = ahead
        self._like = objective.flat()
        self._values: list[Tensor] = []
        self._done = 0

    def run(self, chunk: int | None) -> Tensor:
        if chunk is not None and chunk < 1:
            raise ObjectiveError(f"Expected a chunk of at least one point, found {chunk}.")
        with torch.no_grad():
            if chunk is None:
                chunk = self._measured_chunk()
            if chunk == 1:
                while self._loop(None):
                    pass
            else:
                while self._vmap(chunk):
                    pass
        return torch.cat(self._values) if self._values else torch.empty(0, dtype=torch.float64)

    def _measured_chunk(self) -> int:
        """The fastest chunk; evaluates some of the points to find it."""
        most = CHUNK_BYTES // max(1, self._like.nbytes)
        few = self._total is not None and self._total <= 2 * LOOPED_POINTS
        large = self._like.device.type == "cpu" and self._objective.numel > VMAP_PARAMETERS
        if few or large or most < LOOPED_POINTS:
            return 1
        self._take(LOOPED_POINTS)
        points = self._filled(list(self._ready))
        began = time.perf_counter()
        if self._loop(LOOPED_POINTS) < LOOPED_POINTS:
            return 1
        each = (time.perf_counter() - began) / LOOPED_POINTS
        if each > VMAP_POINT_S or not self._agrees(points):
            return 1
        size, chosen = FIRST_CHUNK, 1
        while size <= most:
            began = time.perf_counter()
            count = self._vmap(size)
            duration = time.perf_counter() - began
            if count < size:
                break
            if duration / count < each / GAIN:
                each, chosen = duration / count, size
            elif size > FIRST_CHUNK:
                break
            if duration * GROWTH > CHUNK_S:
                break
            size *= GROWTH
        return chosen

    def _agrees(self, points: Tensor) -> bool:
        """Whether vmap can evaluate this objective, and says what the loop said."""
        looped = torch.cat(self._values)[: len(points)]
        tolerance = torch.finfo(self._like.dtype).eps ** 0.5
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="There is a performance drop")
            try:
                found = self._vmapped(points)
            except Exception:  # what vmap cannot do the loop can; an error of L comes up there
                return False
        return torch.allclose(found, looped, rtol=tolerance, atol=0, equal_nan=True)

    def _loop(self, limit: int | None) -> int:
        """Points one after the other, all in the same storage; for `TOLD_EVERY_S` at most.

        Returns:
            How many points were evaluated; 0 at the end.
        """
        work = torch.empty_like(self._like)
        if self._ahead is not None:
            self._take(self._ahead if limit is None else min(limit, self._ahead))
        values: list[Tensor] = []

        def body(evaluate: Evaluate) -> None:
            until = time.monotonic() + TOLD_EVERY_S
            for fill in islice(self._upcoming(), limit):
                fill(work, bool(values))
                values.append(evaluate().detach())
                if limit is None and time.monotonic() > until:
                    break

        point = self._objective.point(work)
        if all(tensor.dtype == work.dtype for tensor in self._objective.parameters.values()):
            self._objective.at(point, body)  # the point is views: it follows what is written
        else:
            body(lambda: self._objective.loss(self._objective.point(work)))
        if values:
            self._give(torch.stack(values).double().cpu())
        return len(values)

    def _vmap(self, size: int) -> int:
        """The next points, at most `size`, at once; returns how many there were."""
        self._take(size)
        fills = [self._ready.popleft() for _ in range(min(size, len(self._ready)))]
        if fills:
            self._give(self._vmapped(self._filled(fills)))
        return len(fills)

    def _take(self, count: int) -> None:
        """See that `count` points are ready, if there are so many."""
        self._ready.extend(islice(self._fills, max(0, count - len(self._ready))))

    def _upcoming(self) -> Iterator[Fill]:
        while self._ready:
            yield self._ready.popleft()
        if self._ahead is None:
            # `yield from` would close the points when a pause closes this
            for fill in self._fills:  # noqa: UP028
                yield fill

    def _filled(self, fills: list[Fill]) -> Tensor:
        points = self._like.new_empty(len(fills), self._objective.numel)
        for fill, row in zip(fills, points, strict=True):
            fill(row, False)
        return points

    def _vmapped(self, points: Tensor) -> Tensor:
        objective = self._objective

        def value(theta: Tensor) -> Tensor:
            return objective.loss(objective.point(theta))

        found: Tensor = torch.func.vmap(value, randomness="same")(points)
        objective.evaluations += len(points) - 1
        return found.double().cpu()

    def _give(self, values: Tensor) -> None:
        self._values.append(values)
        self._done += len(values)
        if self._progress is not None:
            self._progress(self._done, self._done if self._total is None else self._total)
