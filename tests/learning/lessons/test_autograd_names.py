"""Lesson 15 says which layer autograd's names come from: each row is run."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import chainrule.learning.lessons

LESSONS = Path(next(iter(chainrule.learning.lessons.__path__)))


def example() -> Tensor:
    return torch.randn(2, 4, requires_grad=True)


def picture() -> Tensor:
    return torch.randn(2, 3, 8, 8, requires_grad=True)


def cross_entropy() -> Tensor:
    loss: Tensor = nn.CrossEntropyLoss()(example(), torch.tensor([0, 3]))
    return loss


MADE_BY: dict[str, Callable[[], Tensor]] = {
    "Addmm": lambda: nn.Linear(4, 3)(example()),
    "Mm": lambda: nn.Linear(4, 3, bias=False)(example()),
    "Convolution": lambda: nn.Conv2d(3, 2, 3)(picture()),
    "NativeBatchNorm": lambda: nn.BatchNorm2d(3)(picture()),
    "NativeLayerNorm": lambda: nn.LayerNorm(4)(example()),
    "Embedding": lambda: nn.Embedding(5, 3)(torch.tensor([1])),
    "MaxPool2DWithIndices": lambda: nn.MaxPool2d(2)(picture()),
    "Relu": lambda: nn.ReLU()(example()),
    "Add": lambda: example() + example(),
    "LogSoftmax": cross_entropy,
    "NllLoss": cross_entropy,
    "MseLoss": lambda: nn.MSELoss()(example(), torch.zeros(2, 4)),
}


def names_of(made: Tensor) -> list[str]:
    """The last operation and what it is made of, without PyTorch's suffix."""
    last = made.grad_fn
    assert last is not None
    before = [each.name() for each, _ in last.next_functions if each is not None]
    return [re.sub(r"Backward\d+$", "", each) for each in (last.name(), *before)]


def table(file: Path) -> list[tuple[str, str]]:
    return re.findall(r"^\| `([A-Z]\w+)` \| (.+) \|$", file.read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("file", ["your_own_model.md", "de/your_own_model.md"])
def test_the_table_of_names_is_what_runs(file: str) -> None:
    rows = table(LESSONS / file)
    assert [name for name, _ in rows] == [*MADE_BY]
    for name, layer in rows:
        found = names_of(MADE_BY[name]())
        assert name in (found if name == "LogSoftmax" else found[:1]), layer


@pytest.mark.parametrize("name", ["Sigmoid", "GELU"])
def test_activations_are_called_as_their_modules(name: str) -> None:
    made = getattr(nn, name)()(example())
    assert names_of(made)[0].lower() == name.lower()
