"""torch.compile: what it hides, and how to look inside.

A compiled region is one node of the autograd graph. Left alone it stays one factor, measured at
its boundary, and the run is bit-identical. If the user asks to see inside, sampled steps run it
eagerly (`set_stance("force_eager")`): no recompilation, but other kernels, so equal only to
rounding.
"""

import sys
from typing import Any

import torch
from torch import Tensor

COMPILED_NODE = "CompiledFunctionBackward"

# asked on every step: through `torch._C` each would be four look-ups in large dictionaries
is_wrapped = torch._C._functorch.is_functorch_wrapped_tensor
is_functional = torch._is_functional_tensor


class EagerStance:
    """Runs compiled code eagerly while it is on; does nothing before torch.compile was used."""

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self._before: Any = None

    def start(self) -> None:
        """Force eager execution, if it was asked for."""
        if (
            not self.wanted
            or self._before is not None
            or "torch._dynamo.eval_frame" not in sys.modules
        ):
            return
        self._before = sys.modules["torch._dynamo.eval_frame"]._stance
        torch.compiler.set_stance("force_eager")

    def stop(self) -> None:
        """Take the stance that was there before."""
        if self._before is not None:
            torch.compiler.set_stance(self._before.stance)
            self._before = None


def is_traced(tensor: Tensor) -> bool:
    """True for the stand-ins that torch.compile traces with."""
    return (
        type(tensor) is not Tensor and type(tensor).__name__ in ("FakeTensor", "FunctionalTensor")
    ) or bool(is_wrapped(tensor) or is_functional(tensor))
