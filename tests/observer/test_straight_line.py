"""Gradients that are not measured again after a step, and all that makes them be measured again."""

import io
import pdb
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.optimizer import register_optimizer_step_pre_hook
from watching import observed

from chainrule.observer import updates

Loop = Callable[[nn.Module, torch.optim.Optimizer, Tensor], None]


@pytest.fixture
def measured_again(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many gradients were measured after each step."""
    counts: list[int] = []
    norms = updates.norms

    def counted(tensors: list[Tensor]) -> list[float]:
        counts.append(len(tensors))
        return norms(tensors)

    monkeypatch.setattr(updates, "norms", counted)
    return counts


def loss_of(net: nn.Module, x: Tensor) -> Tensor:
    return net(x).pow(2).mean()


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 1))


def watched(
    loop: Loop, make: Callable[[Any], torch.optim.Optimizer]
) -> Iterator[tuple[float, float]]:
    """Of each parameter in each step the norm that was recorded and that which was used."""
    net = network()
    optimizer = make(net.parameters())
    truths = []
    torch.manual_seed(1)
    with observed() as writer:
        for _ in range(3):
            optimizer.zero_grad()
            loop(net, optimizer, torch.randn(8, 5))
            truths.append([float(p.grad.norm()) for p in net.parameters() if p.grad is not None])
    assert len(writer.samples) == 3
    for sample, truth in zip(writer.samples, truths, strict=True):
        for part, used in zip(sample.parameters, truth, strict=True):
            assert part.gradient_norm is not None
            yield part.gradient_norm, used


def straight(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss = loss_of(net, x)
    loss.backward()
    optimizer.step()


OPTIMIZERS = [
    kind
    for kind in vars(torch.optim).values()
    if isinstance(kind, type)
    and issubclass(kind, torch.optim.Optimizer)
    and kind not in (torch.optim.Optimizer, torch.optim.LBFGS, torch.optim.SparseAdam)
    and kind.__name__ != "Muon"  # of matrices alone
]


@pytest.mark.parametrize("kind", OPTIMIZERS, ids=lambda kind: kind.__name__)
def test_pytorchs_optimizers_use_what_the_pass_brought(
    kind: type[torch.optim.Optimizer], measured_again: list[int]
) -> None:
    settings = {"weight_decay": 0.1} if "weight_decay" in kind([torch.zeros(1)]).defaults else {}
    for recorded, used in watched(straight, lambda p: kind(p, lr=0.01, **settings)):
        assert recorded == pytest.approx(used, rel=1e-6)
    assert measured_again == [0, 0, 0]


def as_an_attribute(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    class Trainer:
        def __init__(self) -> None:
            self.optimizer = optimizer
            self.loss = loss_of(net, x)

        def train(self) -> None:
            self.loss.backward()
            self.optimizer.step()

    Trainer().train()


def from_a_closed_over_variable(
    net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor
) -> None:
    def step() -> None:
        loss_of(net, x).backward()
        optimizer.step()

    step()


@pytest.mark.parametrize("loop", [as_an_attribute, from_a_closed_over_variable])
def test_however_the_optimizer_is_reached(loop: Loop, measured_again: list[int]) -> None:
    for recorded, used in watched(loop, lambda p: torch.optim.SGD(p, 0.1)):
        assert recorded == pytest.approx(used, rel=1e-6)
    assert measured_again == [0, 0, 0]


def test_under_a_scheduler_too(measured_again: list[int]) -> None:
    def make(parameters: Any) -> torch.optim.Optimizer:
        optimizer = torch.optim.SGD(parameters, 0.1)
        torch.optim.lr_scheduler.StepLR(optimizer, 10)
        return optimizer

    for recorded, used in watched(straight, make):
        assert recorded == pytest.approx(used, rel=1e-6)
    assert measured_again == [0, 0, 0]


def clipped_by_value(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    for p in net.parameters():
        p.grad.data.clamp_(-1e-3, 1e-3)
    optimizer.step()


def changed_in_numpy(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    halve(net)
    optimizer.step()


def halve(net: nn.Module) -> None:
    for p in net.parameters():
        assert p.grad is not None
        p.grad.numpy()[...] *= 0.5


def halved(net: nn.Module) -> list[Callable[[], float]]:
    """Arguments for a step: none."""
    halve(net)
    return []


def clipped_by_norm(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1e-3)
    optimizer.step()


def changed_by_an_argument(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    optimizer.step(*halved(net))


def changed_within_a_condition(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    if halve(net) is None:
        optimizer.step()


def backward_elsewhere(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    def back() -> None:
        loss_of(net, x).backward()
        halve(net)

    back()
    optimizer.step()


def step_elsewhere(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    def step() -> None:
        halve(net)
        optimizer.step()

    loss_of(net, x).backward()
    step()


def in_another_turn(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    for turn in range(2):
        if turn:
            halve(net)
            optimizer.step()
        else:
            loss_of(net, x).backward()


def of_another_pass(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    loss_of(net, x).backward()
    halve(net)
    loss_of(net, 2 * x).backward()
    optimizer.step()


def scaled(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    scaler = torch.amp.GradScaler("cpu", init_scale=8.0)
    scaler.scale(loss_of(net, x)).backward()
    scaler.step(optimizer)


def changed_in_the_closure(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    def closure() -> float:
        halve(net)
        return 0.0

    loss_of(net, x).backward()
    optimizer.step(closure)


class Nothing:
    """Looks like an optimizer."""

    def step(self) -> None:
        """Do nothing."""


def by_another_call_in_its_place(
    net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor
) -> None:
    for do, stepped in ((loss_of(net, x).backward, Nothing()), (lambda: halve(net), optimizer)):
        do()
        stepped.step()


def before_a_pass_that_is_not_measured(
    net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor
) -> None:
    other = torch.ones(3, requires_grad=True)
    for turn in range(65):  # of a step's passes the first 64 are measured
        loss = loss_of(net, x) if turn == 63 else other.sum()
        stepped = optimizer if turn == 64 else Nothing()
        if turn == 64:
            halve(net)
        loss.backward()
        stepped.step()


def in_a_debugger(net: nn.Module, optimizer: torch.optim.Optimizer, x: Tensor) -> None:
    typed = io.StringIO("next\nhalve(net)\ncontinue\n")
    debugger = pdb.Pdb(stdin=typed, stdout=io.StringIO(), nosigint=True, readrc=False)
    loss = loss_of(net, x)
    debugger.set_trace()
    loss.backward()
    optimizer.step()


@pytest.mark.parametrize(
    "loop",
    [
        changed_in_the_closure,
        by_another_call_in_its_place,
        before_a_pass_that_is_not_measured,
        in_a_debugger,
        clipped_by_value,
        changed_in_numpy,
        clipped_by_norm,
        changed_by_an_argument,
        changed_within_a_condition,
        backward_elsewhere,
        step_elsewhere,
        in_another_turn,
        of_another_pass,
        scaled,
    ],
)
def test_a_change_in_between_is_seen(loop: Loop) -> None:
    for recorded, used in watched(loop, lambda p: torch.optim.SGD(p, 0.1)):
        assert recorded == pytest.approx(used, rel=1e-6)


class Halving(torch.optim.SGD):
    """As optimizers of old times, which add weight decay to the gradient itself."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        for group in self.param_groups:
            for p in group["params"]:
                p.grad.data.mul_(0.5)
        return super().step(closure)


def patched(parameters: Any) -> torch.optim.Optimizer:
    optimizer: Any = torch.optim.SGD(parameters, 0.1)
    step = optimizer.step

    def halving(*arguments: Any) -> Any:
        halve_all(optimizer)
        return step(*arguments)

    optimizer.step = halving
    return optimizer


def hooked(parameters: Any) -> torch.optim.Optimizer:
    optimizer = torch.optim.SGD(parameters, 0.1)
    optimizer.register_step_pre_hook(lambda *_: halve_all(optimizer))
    return optimizer


def halve_all(optimizer: torch.optim.Optimizer) -> None:
    for p in optimizer.param_groups[0]["params"]:
        p.grad.data.mul_(0.5)


def scaled_by_hand(parameters: Any) -> torch.optim.Optimizer:
    """The fused kernel divides the gradients in their memory."""
    optimizer: Any = torch.optim.Adam(parameters, 0.1, fused=True)
    optimizer.grad_scale, optimizer.found_inf = torch.tensor(8.0), torch.tensor(0.0)
    return optimizer


@pytest.mark.parametrize("make", [lambda p: Halving(p, 0.1), patched, hooked, scaled_by_hand])
def test_a_change_by_the_optimizer_is_seen(make: Callable[[Any], torch.optim.Optimizer]) -> None:
    for recorded, used in watched(straight, make):
        assert recorded == pytest.approx(used, rel=1e-6)


def test_a_change_by_a_step_put_into_pytorchs_class_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def step(self: torch.optim.Optimizer, closure: Any = None) -> None:
        halve_all(self)

    monkeypatch.setattr(torch.optim.Adagrad, "step", step)
    for recorded, used in watched(straight, lambda p: torch.optim.Adagrad(p, 0.1)):
        assert recorded == pytest.approx(used, rel=1e-6)


def test_a_change_by_a_hook_of_all_optimizers_is_seen() -> None:
    handle = register_optimizer_step_pre_hook(lambda optimizer, *_: halve_all(optimizer))
    try:
        for recorded, used in watched(straight, lambda p: torch.optim.SGD(p, 0.1)):
            assert recorded == pytest.approx(used, rel=1e-6)
    finally:
        handle.remove()


def test_no_gradient_is_kept_alive() -> None:
    """A step that never came must not cost the memory of its gradients."""
    import weakref

    net = network()
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed():
        straight(net, optimizer, torch.randn(8, 5))
        optimizer.zero_grad()
        loss_of(net, torch.randn(8, 5)).backward()
        gradients = [weakref.ref(p.grad) for p in net.parameters()]
        optimizer.zero_grad()
        assert [g() for g in gradients] == [None] * 4
