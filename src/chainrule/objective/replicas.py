"""Replicas of an objective, evaluated at the same time, each on a thread and a core of its own.

PyTorch shares out one operation among all cores. Of a small network's operations little can be
shared out, and after each of them the cores wait for one another; evaluations side by side wait for
nothing, since PyTorch lets go of Python's lock while an operation computes.
"""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import cached_property
from types import TracebackType

import torch
from torch import Tensor

from .objective import Evaluate, Objective
from .points import Fill
from .random_streams import RandomStreams

REPLICA_BYTES = 64 * 2**20
"""Size of θ above which there are no replicas: each needs a θ and activations of its own, and with
two cores an MLP of that size gained a tenth, of 18 MB still a sixth."""

RUN = 16
"""Points that a replica takes at once: neighbours in a row are made from one another."""

SHARE = 4
"""A run takes at most this fraction of what is left, of the time or of the points: runs become
shorter towards the end of a round, so that no replica waits long for the last one (guided
self-scheduling: Polychronopoulos and Kuck, IEEE Trans. Computers C-36, 1987)."""

ULPS = 16
"""Two networks of the same numbers, each computed by one core, differ by less than this many units
in the last place: in most cases by nothing."""


class Replicas(AbstractContextManager["Replicas"]):
    """As many replicas of an objective as PyTorch may use cores.

    Args:
        objective: L; what its replicas evaluate is counted as its own evaluations.
        count: How many.

    Attributes:
        count: How many there are.
    """

    def __init__(self, objective: Objective, count: int) -> None:
        self._objective = objective
        self._cores = torch.get_num_threads()
        self._streams = RandomStreams()
        self._threads = ThreadPoolExecutor(
            count, "replica", initializer=torch.set_num_threads, initargs=(1,)
        )
        replicas = [objective.replica() for _ in range(count)]
        self._replicas = [replica for replica in replicas if replica is not None]
        self.count = len(self._replicas)
        self._works = [torch.empty_like(objective.flat()) for _ in self._replicas]

    @cached_property
    def usable(self) -> bool:
        """False if there are none, or they say something else than the objective does.

        That is looked at far from θ₀, where nothing that still depends on θ₀ itself stays unseen,
        and of the objective last, so that nothing is there yet that it notes at this point.
        """
        return bool(self._replicas) and self._agree()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
        torch.set_num_threads(self._cores)  # the threads' own setting is that of new threads, too

    def evaluate(self, ready: deque[Fill], seconds: float, each: float) -> list[float] | None:
        """Evaluate points from the front of `ready` for about so long.

        Args:
            ready: What is evaluated is taken from it.
            seconds: How long a round may last.
            each: What one evaluation takes, about, in seconds.

        Returns:
            The values of the points taken, in their order; None, and `ready` as it was, if L drew
            random numbers: several at once do not draw the same ones at every point.
        """
        if not ready:
            return []
        before = list(ready)
        taking, until = threading.Lock(), time.monotonic() + seconds
        runs: list[list[float]] = []

        def take() -> tuple[list[Fill], list[float]]:
            values: list[float] = []
            with taking:
                runs.append(values)
                left = (until - time.monotonic()) / each
                length = min(RUN, left / SHARE, len(ready) / SHARE / self.count)
                return [ready.popleft() for _ in range(max(1, int(length))) if ready], values

        def work(replica: Objective, at: Tensor) -> None:
            def body(evaluate: Evaluate) -> None:
                before, version = None, -1
                while time.monotonic() < until:
                    fills, values = take()
                    if not fills:
                        return
                    for fill in fills:
                        fill(at, before if at._version == version else None)
                        before, version = fill, at._version
                        values.append(evaluate().item())

            with torch.no_grad():
                replica.at(replica.point(at), body)

        with self._streams.untouched():
            self._together(work)
            drew = self._streams.moved()
        if drew:
            ready.clear()
            ready.extend(before)
            return None
        return [value for values in runs for value in values]

    def _together(self, work: Callable[[Objective, Tensor], None]) -> None:
        """`work` by all replicas at once; their evaluations are counted, and errors come up."""
        counted = sum(replica.evaluations for replica in self._replicas)
        pairs = zip(self._replicas, self._works, strict=True)
        futures = [self._threads.submit(work, replica, at) for replica, at in pairs]
        errors = [future.exception() for future in futures]
        now = sum(replica.evaluations for replica in self._replicas)
        self._objective.evaluations += now - counted
        for error in errors:
            if error is not None:
                raise error

    def _agree(self) -> bool:
        """Whether each says what the objective says, one after the other, on one core."""
        theta = self._objective.flat()
        far = theta + theta.abs() / 4 + 0.05  # every entry is moved, none back to where it was
        with self._streams.untouched():
            try:
                said = [self._alone(each, far) for each in (*self._replicas, self._objective)]
            except Exception:  # of L itself, so far from θ₀
                return False
            drew = self._streams.moved()
        self._objective.evaluations += len(self._replicas)
        tolerance = ULPS * torch.finfo(far.dtype).eps
        alike = all(math.isclose(value, said[-1], rel_tol=tolerance) for value in said)
        return alike and math.isfinite(said[-1]) and not drew  # infinities are alike by chance

    def _alone(self, objective: Objective, theta: Tensor) -> float:
        return self._threads.submit(objective.value, theta).result()


def possible(objective: Objective) -> int:
    """How many replicas may be tried: 0 where they cannot pay."""
    theta, cores = objective.flat(), torch.get_num_threads()
    if cores == 1 or theta.device.type != "cpu" or theta.nbytes > REPLICA_BYTES or _in_a_mode():
        return 0
    alike = all(tensor.dtype == theta.dtype for tensor in objective.parameters.values())
    return cores if alike else 0


def _in_a_mode() -> bool:
    """Whether something is in force that other threads would not see, as a counter of FLOPs is."""
    return bool(torch._C._len_torch_dispatch_stack() + torch._C._len_torch_function_stack())
