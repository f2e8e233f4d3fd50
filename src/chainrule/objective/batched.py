"""L at many points: in a loop, several at once by vmap, or side by side: what is measured fastest.

On a CPU `torch.vmap` gains up to three times for networks of some thousand parameters, and far more
for a formula, because one call of an operation serves a whole chunk; above some 60 000 parameters
the loop is faster, because its weights stay in the cache. Replicas of a module side by side, each
on a core of its own, gain with the number of cores whose time one evaluation leaves unused. So the
first points are evaluated by the loop, the next ones by vmap in growing chunks for as long as what
each further point of a chunk took promises a gain, the next ones by replicas, and the fastest way
does the rest. What is evaluated while measuring counts.
"""

import math
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import ExitStack
from functools import partial
from itertools import islice

import torch
from torch import Tensor

from .errors import ObjectiveError
from .objective import Evaluate, Objective, Theta
from .points import Fill, affine, copied
from .replicas import Replicas, possible

Progress = Callable[[int, int], None]

Way = Callable[[], Tensor]
"""Evaluates some of the next points and gives their values, in order; none at the end."""

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
"""Points that the loop does first; also compared with what vmap and replicas say of them."""

TRIAL = 1 / 20
"""Part of what the loop would take for all points, at most, that a way is timed for at once. There
are four such times, two for each way, so the slower of them does a tenth of the points."""

REPLICA_POINTS = 100
"""Points still to be evaluated from which replicas are tried: making them takes some evaluations,
and so does seeing that they say the same."""

REPLICA_POINT_S = 0.25
"""Duration of one evaluation above which replicas are not tried: trying is a dozen evaluations, and
what takes that long has activations in proportion, of which each replica needs its own."""

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


@torch.inference_mode(False)  # whose tensors do not say whether they were written to
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
    fills = (copied(objective, theta) for theta in points)
    return _Evaluation(objective, fills, total, progress, ahead).run(chunk)


@torch.inference_mode(False)
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
    fills = affine(origin, [*outer, last], coordinates.detach().double().cpu().tolist())
    return _Evaluation(objective, fills, len(coordinates), progress, None).run(chunk)


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
        self._written: Fill | None = None  # the last one of the loop
        self._version: int | None = None  # of `_work` when it holds that point and no other

    def run(self, chunk: int | None) -> Tensor:
        if chunk is not None and chunk < 1:
            raise ObjectiveError(f"Expected a chunk of at least one point, found {chunk}.")
        with torch.no_grad(), ExitStack() as stack:
            further = self._fastest(stack) if chunk is None else self._chunks(chunk)
            while self._timed(further)[0]:
                pass
        return (
            torch.cat(self._values)
            if self._values
            else torch.empty(0, dtype=torch.float64, device="cpu")
        )

    def _chunks(self, chunk: int) -> Way:
        return partial(self._loop, None) if chunk == 1 else partial(self._vmap, chunk)

    def _timed(self, way: Way) -> tuple[int, float]:
        """Evaluate some points: how many, and in how many seconds, the caller's own not counted."""
        began = time.perf_counter()
        values = way()
        duration = time.perf_counter() - began
        if len(values):
            self._values.append(values)
            self._done += len(values)
            if self._progress is not None:
                self._progress(self._done, self._done if self._total is None else self._total)
        return len(values), duration

    def _fastest(self, stack: ExitStack) -> Way:
        """The fastest way; evaluates some of the points to find it."""
        if self._total is not None and self._total <= 2 * LOOPED_POINTS:
            return self._chunks(1)
        self._take(LOOPED_POINTS)
        first = list(islice(self._ready, LOOPED_POINTS))
        looped, duration = self._timed(partial(self._loop, LOOPED_POINTS))
        if looped < LOOPED_POINTS:
            return self._chunks(1)
        each = duration / LOOPED_POINTS
        chunk = self._measured_chunk(first, each)
        cores = possible(self._objective) if each <= REPLICA_POINT_S else 0
        left = math.inf if self._total is None else self._total - self._done
        if cores and left >= REPLICA_POINTS:
            replicas = stack.enter_context(Replicas(self._objective, cores))
            if self._says_the_same(replicas, first, each):
                seconds = min(TOLD_EVERY_S, each * left * TRIAL)
                own = partial(self._loop, None, seconds) if chunk == 1 else self._chunks(chunk)
                theirs = partial(self._side_by_side, replicas, each, seconds)
                if self._is_faster(theirs, own):
                    return partial(self._side_by_side, replicas, each, TOLD_EVERY_S)
        return self._chunks(chunk)

    def _is_faster(self, one: Way, other: Way) -> bool:
        """Whether one way evaluates more points a second, each timed twice.

        In the order other, one, one, other: a machine that becomes slower meanwhile, or faster, by
        as much in each time, does not favour any.
        """
        times = [self._timed(way) for way in (other, one, one, other)]
        rates = [count / duration for count, duration in times]
        return rates[1] + rates[2] > rates[0] + rates[3]

    def _measured_chunk(self, first: list[Fill], each: float) -> int:
        """The fastest chunk; a point of the loop takes `each` seconds."""
        most = CHUNK_BYTES // max(1, self._like.nbytes)
        large = self._like.device.type == "cpu" and self._objective.numel > VMAP_PARAMETERS
        if large or most < LOOPED_POINTS or each > VMAP_POINT_S:
            return 1
        points = self._filled(first[:AGREEING_POINTS])
        began = time.perf_counter()
        if not self._agrees(points):
            return 1
        before, fewer = time.perf_counter() - began, AGREEING_POINTS
        size, chosen = FIRST_CHUNK, 1
        while size <= most:
            count, duration = self._timed(partial(self._vmap, size))
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

    def _says_the_same(self, replicas: Replicas, first: list[Fill], each: float) -> bool:
        """Whether replicas, all at once, say what the loop said of the first points."""
        if not replicas.usable:
            return False
        try:
            found = replicas.evaluate(deque(first), math.inf, each)
        except Exception:  # an error of L itself would have come up in the loop
            return False
        looped = torch.cat(self._values)[: len(first)]
        return found is not None and self._close(
            torch.tensor(found, dtype=torch.float64, device="cpu"), looped
        )

    def _close(self, found: Tensor, looped: Tensor) -> bool:
        tolerance = torch.finfo(self._like.dtype).eps ** 0.5
        return torch.allclose(found, looped, rtol=tolerance, atol=0, equal_nan=True)

    def _agrees(self, points: Tensor) -> bool:
        """Whether vmap can evaluate this objective, and says what the loop said."""
        looped = torch.cat(self._values)[: len(points)]
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="There is a performance drop")
            try:
                found = self._vmapped(points)
            except Exception:  # what vmap cannot do the loop can; an error of L comes up there
                return False
        return self._close(found, looped)

    def _loop(self, limit: int | None, seconds: float | None = None) -> Tensor:
        """Points one after the other, all in the same storage; for `TOLD_EVERY_S` if not said."""
        work = self._work
        if self._ahead is not None:
            self._take(self._ahead if limit is None else min(limit, self._ahead))
        numbers: list[float] = []
        tensors: list[Tensor] = []

        def body(evaluate: Evaluate) -> None:
            ready, done = self._ready, 0
            until = time.monotonic() + (TOLD_EVERY_S if seconds is None else seconds)
            while done != limit:
                if not ready and (self._ahead is not None or not self._take(AT_A_TIME)):
                    break
                fill = ready.popleft()
                fill(work, self._written if work._version == self._version else None)
                self._written, self._version = fill, work._version
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
        if tensors:
            return torch.stack(tensors).cpu()
        return torch.tensor(numbers, dtype=torch.float64, device="cpu")

    def _side_by_side(self, replicas: Replicas, each: float, seconds: float) -> Tensor:
        """Points by replicas; the loop takes `each` seconds for one."""
        # twice what the loop would do in that time on as many machines
        enough = int(2 * replicas.count * seconds / each) + replicas.count
        self._take(enough if self._ahead is None else min(enough, self._ahead))
        found = replicas.evaluate(self._ready, seconds, each)
        return (
            self._loop(None)
            if found is None
            else torch.tensor(found, dtype=torch.float64, device="cpu")
        )

    def _vmap(self, size: int) -> Tensor:
        """Points at once, `size` at most."""
        self._take(size)
        fills = [self._ready.popleft() for _ in range(min(size, len(self._ready)))]
        return self._vmapped(self._filled(fills)) if fills else torch.empty(0, device="cpu")

    def _take(self, count: int) -> int:
        """See that `count` points are ready, if there are so many; how many are."""
        self._ready.extend(islice(self._fills, max(0, count - len(self._ready))))
        return len(self._ready)

    def _filled(self, fills: list[Fill]) -> Tensor:
        points = self._like.new_empty(len(fills), self._objective.numel)
        for fill, row in zip(fills, points, strict=True):
            fill(row, None)
        return points

    def _vmapped(self, points: Tensor) -> Tensor:
        objective = self._objective

        def value(theta: Tensor) -> Tensor:
            return objective.loss(objective.point(theta))

        found: Tensor = torch.func.vmap(value, randomness="same")(points)
        objective.evaluations += len(points) - 1
        return found.double().cpu()
