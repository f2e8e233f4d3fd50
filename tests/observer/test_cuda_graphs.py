"""While a CUDA graph is recorded nothing is asked; afterwards all goes on as before.

There need be no GPU: the answer of PyTorch, whether a graph is being recorded, is given here.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import chainrule


class OnGpu(Tensor):
    """A loss that says it is on a GPU."""

    is_cuda = True


class Training:
    """A small model, and a pass of it that begins on the GPU."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(4, 1)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.01)
        self.x = torch.randn(8, 4)

    def backward(self) -> None:
        self.optimizer.zero_grad()
        self.model(self.x).square().mean().as_subclass(OnGpu).backward()

    def step(self) -> None:
        self.backward()
        self.optimizer.step()


@pytest.fixture
def capturing(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What PyTorch says, in its only entry."""
    said = [False]
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", lambda: said[0])
    monkeypatch.setattr("chainrule.observer.losses._is_ready", lambda loss: True)
    return said


def steps_and_notes(path: Path) -> tuple[int, list[str], list[str]]:
    with chainrule.open_run(path) as reader:
        notes = [e.text for e in reader.events("note")]
        return reader.run().steps, notes, [e.text for e in reader.events("internal-error")]


@pytest.mark.parametrize("recorded", ["whole step", "passes", "optimizer"])
def test_only_what_is_recorded_is_left_out(
    recorded: str, capturing: list[bool], tmp_path: Path
) -> None:
    training = Training()
    with chainrule.watch(folder=tmp_path, every=1) as run:
        for _ in range(3):
            training.step()
        if recorded == "optimizer":
            training.backward()
        capturing[0] = True
        if recorded != "optimizer":
            training.backward()
        if recorded != "passes":
            training.optimizer.step()
        capturing[0] = False
        for _ in range(20):  # the passes come out of the graph, the steps do not
            training.optimizer.step()
        training.step()
    steps, notes, errors = steps_and_notes(run.path)
    assert steps == 24
    assert any("CUDA graph" in text for text in notes) == (recorded != "optimizer")
    assert errors == []


def test_a_gpu_that_answers_with_an_error_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def failed() -> bool:
        raise RuntimeError("CUDA error: device-side assert triggered")

    training = Training()
    monkeypatch.setattr(torch.cuda, "is_current_stream_capturing", failed)
    with chainrule.watch(folder=tmp_path) as run:
        training.step()
    assert steps_and_notes(run.path)[0] == 0


def test_the_end_of_a_run_needs_no_gradients_switched_on(tmp_path: Path) -> None:
    from chainrule.observer.device_threads import settle

    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            settle([torch.device("meta")])


def test_reading_a_number_that_is_there_is_our_own_time(capturing: list[bool]) -> None:
    from chainrule.observer.losses import Losses

    sink: Any = None
    losses = Losses(sink)
    losses.see(torch.tensor(2.0).as_subclass(OnGpu), 1.0, closure=False, wait=True)
    assert losses.waited_s == 0
