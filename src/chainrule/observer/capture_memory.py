"""The memory that captured steps may take, and how much of it one takes."""

from collections.abc import Mapping

import torch
from torch.optim import Optimizer

from chainrule.objective.step import Datum

from .captured import RING_BYTES, Capture

MOST_BYTES = 2**28
"""Bytes of inputs and other data copied for one capture (256 MiB): the images of a large batch."""


def count_memory(capture: Capture, data: Mapping[int, Datum]) -> None:
    """Note the memory that a capture holds; refuse it if its copies exceed what all may take."""
    held = [*capture.parameters.values(), *capture.update.values()]
    held += [datum.tensor for datum in data.values() if datum.version is None]
    if capture.evidence is not None:
        held += capture.evidence.before.values()
    if (own := capture.preconditioner) is not None:
        held += [own.vector, own.shift]
    capture.bytes = sum(t.untyped_storage().nbytes() for t in held)
    if capture.bytes > RING_BYTES:
        capture.reason = f"it would take {capture.bytes / 2**20:,.0f} MiB of memory"
        return
    for tensor in (datum.tensor for datum in data.values() if datum.version is not None):
        if tensor.layout is torch.strided:
            storage = tensor.untyped_storage()  # all of it lives on, even if the tensor is a slice
            capture.borrowed[storage.data_ptr()] = storage.nbytes()
        else:
            capture.borrowed[id(tensor)] = tensor.numel() * tensor.element_size()


def too_large(optimizer: Optimizer) -> str | None:
    """Why the weights cannot be kept, if they cannot: before, after and once more to verify."""
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    size = sum(p.numel() * p.element_size() for p in weights)
    if 2 * size > RING_BYTES:
        return f"its weights take {size / 2**20:,.0f} MiB, too much to keep them before and after"
    device = weights[0].device if weights else None
    if device is not None and device.type == "cuda":
        free = torch.cuda.mem_get_info(device)[0]
        free += torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        if 8 * size > free:  # half of what is free stays the script's
            return "there is too little memory left on the device"
    return None
