"""Trainings that an exception ends, of every family, and scripts that fail elsewhere."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import chainrule
from chainrule.records import Finding


def net(*sizes: int) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))


def adam(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters())


def range_check() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    for _ in range(3):
        out = model(torch.randn(8, 4))
        loss = F.binary_cross_entropy(out, torch.ones(8, 1))
        loss.backward()
        optimizer.step()


def nan_in_a_list() -> None:
    """A number that is not finite, and no graph that tells where it came from."""
    model = net(4, 1)
    optimizer = adam(model)
    while True:
        model(torch.randn(8, 4)).sum().backward()
        optimizer.step()
        F.binary_cross_entropy(torch.full((8,), torch.nan), torch.ones(8))


def cut() -> None:
    model = net(4, 3)
    optimizer = adam(model)
    for _ in range(3):
        guess = model(torch.randn(8, 4)).argmax(1).float()
        guess.sum().backward()
        optimizer.step()


def misfit() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 8), nn.Linear(9, 2))
    optimizer = adam(model)
    for _ in range(3):
        loss = model(torch.randn(8, 4, 4)).sum()
        loss.backward()
        optimizer.step()


def last_batch() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
    optimizer = adam(model)
    for size in (4, 4, 1):
        optimizer.zero_grad()
        model(torch.randn(size, 4)).sum().backward()
        optimizer.step()


def too_few_classes() -> None:
    model = net(4, 3)
    optimizer = adam(model)

    def step(targets: torch.Tensor) -> None:
        loss = F.cross_entropy(model(torch.randn(4, 4)), targets)
        loss.backward()
        optimizer.step()

    for highest in (2, 2, 3):
        step(torch.tensor([0, 1, 2, highest]))


def in_place() -> None:
    model = net(4, 3)
    optimizer = adam(model)
    for _ in range(3):
        out = model(torch.randn(4, 4)).sigmoid()
        out += 1
        out.sum().backward()
        optimizer.step()


def twice() -> None:
    model = net(4, 4)
    optimizer = adam(model)
    state = torch.zeros(4)
    for _ in range(3):
        state = torch.tanh(model(state))
        optimizer.zero_grad()
        state.sum().backward()
        optimizer.step()


def singular() -> None:
    weight = torch.zeros(3, 3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1)
    while True:
        loss = torch.linalg.inv(weight).sum()
        loss.backward()
        optimizer.step()


def own_check() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    for step in range(5):
        loss = model(torch.randn(8, 4)).sum()
        loss.backward()
        optimizer.step()
        if step == 2:
            raise ValueError("the loss is too large")


def other_dtype() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    for _ in range(3):
        model(torch.randn(8, 4, dtype=torch.float64)).sum().backward()
        optimizer.step()


DEATHS: list[tuple[Callable[[], None], str, int, str]] = [
    (range_check, "range", 0, "binary_cross_entropy"),
    (nan_in_a_list, "nonfinite", 1, "binary_cross_entropy"),
    (misfit, "shapes", 0, "linear"),
    (last_batch, "normalization", 2, "_verify_batch_size"),
    (too_few_classes, "classes", 2, "cross_entropy"),
    (in_place, "inplace", 0, "backward"),
    (twice, "again", 1, "backward"),
    (singular, "linalg", 0, "inv"),
    (own_check, "raised", 3, ""),
    (other_dtype, "dtype", 0, "linear"),
]


def findings(folder: Path, training: Callable[[], None]) -> tuple[Finding, ...]:
    with pytest.raises(Exception) as caught, chainrule.watch(folder=folder) as run:
        training()
    assert caught.value is not None
    return chainrule.diagnose(run)


@pytest.mark.parametrize(("training", "family", "step", "call"), DEATHS)
def test_a_death_is_told(
    training: Callable[[], None], family: str, step: int, call: str, tmp_path: Path
) -> None:
    found = findings(tmp_path, training)
    if family == "normalization":  # explained by the misuse of batch normalisation
        assert found[0].fault == "batch-norm-misuse"
        assert [link.fault for link in found[0].links] == ["training-died"]
        return
    (finding,) = (f for f in found if f.fault == "training-died")
    assert f"family_{family}" in finding.evidence
    assert finding.steps[0] == step
    assert call in finding.where.operation
    assert finding.where.source.startswith("test_death.py:")
    assert finding.severity == "error"
    assert finding.remedies


def test_shapes_and_weights_are_told(tmp_path: Path) -> None:
    (finding, *_) = findings(tmp_path, misfit)
    assert "input: float32 [8, 8]" in finding.explanation
    assert "self.weight: float32 [2, 9]" in finding.explanation
    assert "2" in finding.where.module


def test_numbers_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    found = findings(tmp_path, nan_in_a_list)
    died = next(f for f in found if f.fault == "training-died")
    assert died.evidence["nonfinite_elements"].value == 8
    assert "8 elements of input are not finite" in died.explanation


def overflow() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    for size in (1, 1, 1000):
        z = model(torch.full((8, 4), float(size)))
        high = torch.exp(z.abs())
        loss = F.binary_cross_entropy(high / (1 + high), torch.ones(8, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def test_the_operation_behind_a_nan_is_found_though_no_backward_began(tmp_path: Path) -> None:
    (first, *_) = findings(tmp_path, overflow)
    assert first.fault == "non-finite"
    assert first.where.operation == "Exp"
    assert first.steps[0] == 2
    assert [link.fault for link in first.links] == ["training-died"]


def test_a_path_cut_as_a_whole_is_the_cause(tmp_path: Path) -> None:
    (finding, *_) = findings(tmp_path, cut)
    assert finding.fault == "no-gradient"
    assert [link.fault for link in finding.links] == ["training-died"]


def frozen() -> None:
    """A second training, of a model that was frozen with its new layer."""
    model = net(4, 4, 3)
    fit(model, adam(model))
    model[1] = nn.Linear(4, 3)
    model.requires_grad_(False)
    fit(model, adam(model))


def fit(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    for _ in range(4):
        optimizer.zero_grad()
        F.cross_entropy(model(torch.randn(8, 4)), torch.zeros(8, dtype=torch.long)).backward()
        optimizer.step()


def switched_off() -> None:
    model = net(4, 3)
    optimizer = adam(model)
    fit(model, optimizer)
    torch.set_grad_enabled(False)
    fit(model, optimizer)


def test_a_model_frozen_as_a_whole_is_the_cause(tmp_path: Path) -> None:
    (finding, *_) = findings(tmp_path, frozen)
    assert (finding.fault, finding.severity, finding.steps[0]) == ("no-gradient", "error", 4)
    assert finding.evidence["frozen_at_hand"].value == 4
    assert finding.evidence["steps_with_a_gradient"].value == 4
    assert "all 4 parameters of model had requires_grad=False" in finding.explanation
    assert "freeze only the part" in finding.remedies[0].change
    (link,) = finding.links
    assert link.fault == "training-died"
    assert "no-gradient from step 4 on" in link.because


def test_gradients_that_were_never_on_again_are_the_cause(tmp_path: Path) -> None:
    try:
        (finding, *_) = findings(tmp_path, switched_off)
    finally:
        torch.set_grad_enabled(True)
    assert (finding.fault, finding.steps[0]) == ("no-gradient", 4)
    assert "torch.is_grad_enabled() was False" in finding.explanation
    assert "with torch.no_grad()" in finding.remedies[0].change


def unused_input() -> None:
    model = net(4, 3)
    optimizer = adam(model)
    for _ in range(3):
        x = torch.randn(8, 4)
        slope = torch.autograd.grad(model(x).sum(), x)[0]
        (model(x).sum() + slope.sum()).backward()
        optimizer.step()


def test_a_gradient_for_the_input_is_no_cut_path(tmp_path: Path) -> None:
    (finding, *_) = findings(tmp_path, unused_input)
    assert finding.fault == "training-died"
    assert "family_grad" in finding.evidence


def plan_too_short() -> None:
    model = net(4, 3)
    optimizer = adam(model)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=5)
    for _ in range(3):
        for _ in range(4):
            optimizer.zero_grad()
            model(torch.randn(8, 4)).square().mean().backward()
            optimizer.step()
            scheduler.step()


def test_a_schedule_that_ends_before_the_training(tmp_path: Path) -> None:
    (finding, *_) = findings(tmp_path, plan_too_short)
    assert (finding.fault, finding.severity) == ("schedule-out-of-step", "error")
    assert finding.title == "OneCycleLR was planned for 5 steps and asked for one more"
    assert finding.where.source.startswith("test_death.py:")
    asked = finding.evidence["steps_asked_for"]
    assert (asked.value, asked.threshold) == (6, 5)
    assert finding.evidence["largest_rate"].value == pytest.approx(0.1, rel=0.3)
    (link,) = finding.links
    assert link.fault == "training-died"


def before() -> None:
    model = net(4, 1)
    model(torch.randn(8, 5))
    optimizer = adam(model)
    for _ in range(3):
        model(torch.randn(8, 4)).sum().backward()
        optimizer.step()


def after() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    for _ in range(8):
        for _ in range(2):
            model(torch.randn(8, 4)).sum().backward()
            optimizer.step()
    model(torch.randn(8, 5))


def between() -> None:
    model = net(4, 1)
    optimizer = adam(model)
    scheduler = torch.optim.lr_scheduler.ConstantLR(optimizer)
    for _ in range(2):
        for _ in range(8):
            model(torch.randn(8, 4)).sum().backward()
            optimizer.step()
        scheduler.step()
        model(torch.randn(8, 5))


def trained_by_a_function() -> None:
    train(net(4, 1))
    raise OSError("the report cannot be written")


def train(model: nn.Module) -> None:
    optimizer = adam(model)
    for _ in range(8):
        model(torch.randn(8, 4)).sum().backward()
        optimizer.step()


@pytest.mark.parametrize("training", [after, between, trained_by_a_function])
def test_what_fails_outside_the_step_is_no_fault_of_the_training(
    training: Callable[[], None], tmp_path: Path
) -> None:
    assert "training-died" not in [f.fault for f in findings(tmp_path, training)]


def test_what_fails_before_any_training_leaves_no_run(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shapes"), chainrule.watch(folder=tmp_path) as run:
        before()
    with pytest.raises(RuntimeError, match="No training was seen"):
        chainrule.diagnose(run)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_whoever_stops_a_training_does_not_kill_it(
    end: type[BaseException], tmp_path: Path
) -> None:
    with pytest.raises(end), chainrule.watch(folder=tmp_path) as run:
        model = net(4, 1)
        optimizer = adam(model)
        for step in range(9):
            model(torch.randn(8, 4)).sum().backward()
            optimizer.step()
            if step == 7:
                raise end
    assert "training-died" not in [f.fault for f in chainrule.diagnose(run)]
