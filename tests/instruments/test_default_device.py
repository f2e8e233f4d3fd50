"""What `torch.set_default_device` says is the script's own affair: no instrument depends on it.

The default device here is `meta`, whose tensors hold no numbers: whatever an instrument made
without saying where would not add up with the model's own, as on a GPU.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from every_instrument import INSTRUMENTS, objective


@contextmanager
def default_device(device: str) -> Iterator[None]:
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


@pytest.mark.parametrize("width", [5, 60], ids=["whole Hessian", "products"])
@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_same_numbers(name: str, width: int) -> None:
    expected = INSTRUMENTS[name](objective(width))
    again = objective(width)
    with default_device("meta"):
        found = INSTRUMENTS[name](again)
    assert found == pytest.approx(expected, rel=1e-6)
