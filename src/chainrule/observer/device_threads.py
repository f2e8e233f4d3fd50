"""The threads in which PyTorch runs the backward passes of a GPU.

Such a thread lets go of what a pass held, hooks of Python among it, a moment after the pass is over
for its caller. If Python ends in that moment, the thread asks for a lock that is gone, and the
process ends with `terminate called without an active exception` and exit code 134 (seen in 7 of 40
runs on a device that computes on the host).
"""

from collections.abc import Iterable
from contextlib import suppress

import torch


def settle(devices: Iterable[torch.device]) -> None:
    """Return when the threads of these devices hold nothing of the passes before.

    Each is given a pass without anything of Python in it: it takes it up only when it has let go of
    the last one.
    """
    for device in devices:
        # one that has failed before fails here as well, and the script has heard of it
        with suppress(RuntimeError), torch.inference_mode(False), torch.enable_grad():
            x = torch.zeros((), device=device, requires_grad=True)
            torch.autograd.grad(x * 1, x)
