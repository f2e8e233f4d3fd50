"""The random streams that a loss may draw from: rewound before each evaluation, put back after.

A loss with dropout is a function of θ only if the masks are the same at every θ. And whoever asks
about a loss must not move the streams of the training that goes on around it.
"""

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Stream:
    read: Callable[[], Any]
    write: Callable[[Any], None]
    same: Callable[[Any, Any], bool]
    ours: bool  # torch's own: so cheap that it is rewound whether or not the loss draws from it


class RandomStreams:
    """The streams of PyTorch, Python and NumPy, and the state to which they are rewound.

    The state is the present one. Python's and NumPy's streams are costly to write (10 and 100 µs):
    they are left out from then on if the first evaluation by `hold` drew nothing from them.

    Args:
        devices: Where the loss computes; the CPU's stream is always among them.
    """

    def __init__(self, devices: Iterable[torch.device] = ()) -> None:
        self._streams = [
            _Stream(torch.get_rng_state, torch.set_rng_state, torch.equal, ours=True),
            *(_of_device(d) for d in dict.fromkeys(devices) if d.type not in ("cpu", "meta")),
            _Stream(random.getstate, random.setstate, lambda a, b: bool(a == b), ours=False),
        ]
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            self._streams.append(
                _Stream(
                    numpy.random.get_state,
                    numpy.random.set_state,
                    lambda a, b: bool(a[2] == b[2] and (a[1] == b[1]).all()),
                    ours=False,
                )
            )
        self._rewound = [(stream, stream.read()) for stream in self._streams]
        self._settled = False

    @classmethod
    def none(cls) -> "RandomStreams":
        """No stream at all, for a loss that draws nothing."""
        streams = cls()
        streams._streams, streams._rewound, streams._settled = [], [], True
        return streams

    def hold(self, evaluation: Callable[[], T]) -> T:
        """One evaluation from the state at which this object was made; all streams put back."""
        with self.untouched():
            self.rewind()
            result = evaluation()
            if not self._settled:
                self._drop_unused()
                self._settled = True
            return result

    def rewind(self) -> None:
        """Set every stream to where it was when this object was made."""
        for stream, state in self._rewound:
            stream.write(state)

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Put every stream back afterwards, also after an exception."""
        before = [(stream, stream.read()) for stream in self._streams]
        try:
            yield
        finally:
            for stream, state in before:
                stream.write(state)

    def moved(self) -> bool:
        """Whether a stream is no longer where it was when this object was made."""
        return any(not stream.same(start, stream.read()) for stream, start in self._rewound)

    def _drop_unused(self) -> None:
        self._rewound = [
            (stream, start)
            for stream, start in self._rewound
            if stream.ours or not stream.same(start, stream.read())
        ]
        self._streams = [stream for stream, _ in self._rewound]


def _of_device(device: torch.device) -> _Stream:
    module = torch.get_device_module(device)
    return _Stream(
        lambda: module.get_rng_state(device),
        lambda state: module.set_rng_state(state, device),
        torch.equal,
        ours=True,
    )
