"""L at many points: one after the other, or several at once by vmap, whichever is measured faster.

On a CPU `torch.vmap` gains up to three times for networks of some thousand parameters, and far more
for a formula, because one call of an operation serves a whole chunk; above some 60 000 parameters
the loop is faster, because its weights stay in the cache. So the first points are evaluated by the
loop, the next ones by vmap in growing chunks for as long as what each further point of a chunk took
promises a gain, and the faster way does the rest. What is evaluated while measuring counts.
"""

import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from itertools import groupby, islice

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

AGREEING_POINTS = 2
"""Of these, points that vmap is to say the same of: they are evaluated twice, and the time that
they take is the first of the times that a chunk's growth is judged by."""

FIRST_CHUNK = 8
"""Points of the first chunk tried."""

GROWTH = 4
"""Each chunk is this many times larger than the last, for as long as that pays: a call of vmap
takes a + b·n for n points, and what n grows to cannot make a point cheaper than b. On a tanh MLP of
9 k parameters and 300 examples b is more than the loop takes, which is known after ten points
instead of the 160 that chunks of 32 and 128 would have lost half their time on."""

GAIN = 1.1
"""How many times faster a larger chunk must be to be preferred: less is noise."""

CACHE_LINE = 64
"""Bytes at a multiple of which a vector begins that is read fast."""

AT_A_TIME = 64
"""Points that the loop takes together: code that runs for each finds the cache full of weights."""

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
    *outer, last = directions
    if last.data_ptr() % CACHE_LINE:  # a row of a matrix; it is read for each point
        last = last.clone()
    fills = _plane(origin, outer, last, coordinates.detach().double().cpu().tolist())
    return _Evaluation(objective, fills, len(coordinates), progress, None).run(chunk)


EXACT_EVERY = 16
"""Along a row of a plane, θ += Δ·d makes the next point from the last, which is still in the cache:
on an MLP of 611 k parameters a point costs 60 µs instead of 80 µs. Every so many points θ is made
anew, so that no more than so many roundings add up."""


def _plane(
    origin: Tensor, outer: list[Tensor], last: Tensor, rows: list[list[float]]
) -> Iterator[Fill]:
    starts = _RowStarts(origin, outer)
    for row, coordinates in groupby(rows, lambda coordinates: coordinates[:-1]):
        before = 0.0
        for i, (*_, coordinate) in enumerate(coordinates):
            step = coordinate - before if i % EXACT_EVERY else None
            before = coordinate
            yield _PlanePoint(starts, row, last, coordinate, step)


class _RowStarts:
    """The origins of rows, θ + Σ cⱼ dⱼ over all directions but the last, in one storage.

    Memory that is new to a process costs more than what is computed into it.
    """

    def __init__(self, origin: Tensor, directions: list[Tensor]) -> None:
        self._origin = origin
        self._directions = directions
        self._start = torch.empty_like(origin) if directions else origin
        self._row: list[float] | None = None if directions else []

    def at(self, row: list[float]) -> Tensor:
        """Valid until another row is asked for."""
        if row != self._row:
            start = self._origin
            for coordinate, direction in zip(row, self._directions, strict=True):
                start = torch.add(start, direction, alpha=coordinate, out=self._start)
            self._row = row
        return self._start


class _PlanePoint:
    """start + coordinate · direction, or `step` · direction further than the point before it."""

    __slots__ = ("_coordinate", "_direction", "_row", "_starts", "_step")

    def __init__(
        self,
        starts: _RowStarts,
        row: list[float],
        direction: Tensor,
        coordinate: float,
        step: float | None,
    ) -> None:
        self._starts = starts
        self._row = row
        self._direction = direction
        self._coordinate = coordinate
        self._step = step

    def __call__(self, out: Tensor, follows: bool) -> None:
        if follows and self._step is not None:
            out.add_(self._direction, alpha=self._step)
        else:
            start = self._starts.at(self._row)
            torch.add(start, self._direction, alpha=self._coordinate, out=out)


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
        self._work = torch.empty_like(self._like)  # the point that the loop evaluates
        self._version: int | None = None  # of `_work` when it holds the last point and no other

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
        points = self._filled(list(islice(self._ready, AGREEING_POINTS)))
        began = time.perf_counter()
        if self._loop(LOOPED_POINTS) < LOOPED_POINTS:
            return 1
        each = (time.perf_counter() - began) / LOOPED_POINTS
        if each > VMAP_POINT_S:
            return 1
        began = time.perf_counter()
        if not self._agrees(points):
            return 1
        before, fewer = time.perf_counter() - began, AGREEING_POINTS
        size, chosen = FIRST_CHUNK, 1
        while size <= most:
            began = time.perf_counter()
            count = self._vmap(size)
            duration = time.perf_counter() - began
            if count < size:
                break
            if duration / count < each / GAIN:
                each, chosen = duration / count, size
            further = (duration - before) / (count - fewer)
            if further > each / GAIN or duration * GROWTH > CHUNK_S:
                break
            before, fewer = duration, count
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
        work = self._work
        if self._ahead is not None:
            self._take(self._ahead if limit is None else min(limit, self._ahead))
        numbers: list[float] = []
        tensors: list[Tensor] = []

        def body(evaluate: Evaluate) -> None:
            ready, done = self._ready, 0
            until = time.monotonic() + TOLD_EVERY_S
            while done != limit:
                if not ready and (self._ahead is not None or not self._take(AT_A_TIME)):
                    break
                ready.popleft()(work, work._version == self._version)
                self._version = work._version
                value = evaluate()
                done += 1
                if value.is_cpu:
                    numbers.append(value.item())
                else:  # fetched in one transfer; a copy, as L may be an entry of θ itself
                    tensors.append(value.detach().to(torch.float64, copy=True))
                if limit is None and time.monotonic() > until:
                    break

        point = self._objective.point(work)
        if all(tensor.dtype == work.dtype for tensor in self._objective.parameters.values()):
            self._objective.at(point, body)  # the point is views: it follows what is written
        else:
            body(lambda: self._objective.loss(self._objective.point(work)))
        found = (
            torch.stack(tensors).cpu() if tensors else torch.tensor(numbers, dtype=torch.float64)
        )
        if len(found):
            self._give(found)
        return len(found)

    def _vmap(self, size: int) -> int:
        """The next points, at most `size`, at once; returns how many there were."""
        self._take(size)
        fills = [self._ready.popleft() for _ in range(min(size, len(self._ready)))]
        self._version = None
        if fills:
            self._give(self._vmapped(self._filled(fills)))
        return len(fills)

    def _take(self, count: int) -> int:
        """See that `count` points are ready, if there are so many; how many are."""
        self._ready.extend(islice(self._fills, max(0, count - len(self._ready))))
        return len(self._ready)

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
