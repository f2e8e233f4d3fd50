"""Checks of a whole graph: what arrives at a tensor is the sum of what was sent to it."""

import math

import torch
from torch import Tensor

from chainrule.records.dependency_graph import DependencyGraph

from .figures import figure
from .forward import Forward
from .measure import Measured
from .sizes import near
from .walk import Walk


def check_sums(
    walked: Walk, measured: Measured, forward: Forward, graph: DependencyGraph
) -> tuple[int, list[str]]:
    """How many sums were compared with autograd's numbers, and a sentence for each that differs."""
    checked, doubts = 0, []
    wrt = dict(zip((index for index, _ in walked.wrt), measured.gradients, strict=True))
    for index, recorded in enumerate(walked.operations):
        if not recorded.on_way or index == walked.output or len(recorded.shapes) > 1:
            continue
        total = wrt[index] if index in wrt else measured.received.get(index, (None,))[0]
        parts = [measured.sent.get(user) for user in walked.consumers[index]]
        known = [part for part in parts if part is not None]
        if total is None or not known:
            continue
        checked += 1
        if not _agree(known, total):
            doubts.append(
                f"What operations send to {forward.labels[index]} does not add up to the gradient "
                "that autograd has for it: a hook of yours changes it there. The numbers shown "
                "are with the hook, as in backward()."
            )
    for label, paths in graph.paths.items():
        values = [path.value for path in paths if path.value is not None]
        found = graph.derivative[label]
        if not values or found is None or len(values) < graph.paths_counted[label]:
            continue
        checked += 1
        size = math.fsum(map(abs, values))
        eps = max(torch.finfo(g.dtype).eps for g in measured.gradients)
        # each of the factors of a path was rounded once
        longest = max(len(path.edges) for path in paths)
        if not near(math.fsum(values), found, 8 * longest * eps * max(size, abs(found))):
            doubts.append(
                f"The paths to {label} add up to {figure(math.fsum(values), 6)}, and autograd has "
                f"{figure(found, 6)}: a hook of yours or a rounding on the way changes it."
            )
    return checked, doubts


def _agree(parts: list[Tensor], total: Tensor) -> bool:
    summed, size = torch.zeros_like(total), torch.zeros_like(total)
    for part in parts:
        summed = summed + part.to(total.dtype)
        size = size + part.abs().to(total.dtype)
    eps = 4 * len(parts) * torch.finfo(total.dtype).eps
    same = (summed - total).abs() <= eps * torch.maximum(size, total.abs())
    odd = ~summed.isfinite() & ~total.isfinite()
    return bool((same | odd).all())
