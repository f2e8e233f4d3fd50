"""The shared tail of these scripts: one line that two runs print alike only if they are bit for bit the same."""

import hashlib
import random

import numpy
import torch


def seed(number):
    """Seed the three generators and use one thread."""
    random.seed(number)
    numpy.random.seed(number)
    torch.manual_seed(number)
    torch.set_num_threads(1)


def feed(digest, thing):
    """Add a value to the digest: tensors by their bytes, containers by their items in order."""
    if isinstance(thing, torch.Tensor):
        thing = thing.detach()
        digest.update(f"{thing.dtype}{tuple(thing.shape)}{thing.layout}".encode())
        if thing.layout == torch.sparse_coo:
            thing = thing.coalesce()
            feed(digest, thing.indices())
            feed(digest, thing.values())
        else:
            digest.update(thing.contiguous().cpu().reshape(-1).view(torch.uint8).numpy().tobytes())
    elif isinstance(thing, numpy.ndarray):
        digest.update(thing.tobytes())
    elif isinstance(thing, dict):
        for key, value in thing.items():
            digest.update(repr(key).encode())
            feed(digest, value)
    elif isinstance(thing, (list, tuple)):
        digest.update(f"[{len(thing)}]".encode())
        for value in thing:
            feed(digest, value)
    else:
        digest.update(repr(thing).encode())


def parts(thing):
    """What a module, a tensor, or anything with a state_dict consists of, gradients included."""
    if isinstance(thing, torch.nn.Module):
        gradients = [(name, p.grad) for name, p in thing.named_parameters(remove_duplicate=False)]
        modes = [(name, m.training) for name, m in thing.named_modules()]
        return [dict(thing.state_dict()), list(thing.named_buffers()), gradients, modes]
    if isinstance(thing, torch.Tensor):
        return [thing, thing.grad if thing.is_leaf else None, thing.requires_grad]
    if hasattr(thing, "state_dict"):
        return thing.state_dict()
    if isinstance(thing, (list, tuple)):
        return [parts(item) for item in thing]
    return thing


def sha(thing):
    """The sha256 of a value."""
    digest = hashlib.sha256()
    feed(digest, thing)
    return digest.hexdigest()


def fingerprint(*things):
    """Print sha256 of everything trained, then of each generator's state, on one line."""
    print(
        "fingerprint",
        "state=" + sha([parts(thing) for thing in things]),
        "torch=" + sha(torch.get_rng_state()),
        "numpy=" + sha(numpy.random.get_state()),
        "python=" + sha(random.getstate()),
    )
