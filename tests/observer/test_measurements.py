"""Norms, updates and local derivatives against brute force."""

import math
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from watching import observed

from chainrule.observer.activations import _UNIT_ELEMENTS, _places, pack_bits
from chainrule.observer.norms import norm, norms


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.floats(-36, 36), st.integers(1, 50), st.integers(0, 1000))
def test_norm_neither_underflows_nor_overflows(exponent: float, count: int, seed: int) -> None:
    torch.manual_seed(seed)
    g = (torch.rand(count) + 0.1) * 10.0**exponent
    assert math.isclose(float(norm(g)), math.hypot(*g.tolist()), rel_tol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: torch.full((2**22,), 0.1),
        lambda: torch.full((1, 1), 0.1).expand(2**11, 2**11),
        lambda: torch.full((2**11, 2**11), 0.1).T,
        lambda: torch.full((2**11, 2**12), 0.1)[:, ::2],
        lambda: torch.full((3, 2**20 + 1), 0.1, dtype=torch.complex64),
    ],
    ids=["contiguous", "expanded", "transposed", "strided", "complex"],
)
def test_norm_of_a_large_tensor_is_not_lost_to_rounding(make: Callable[[], torch.Tensor]) -> None:
    """One sum of so many equal float32 squares is wrong by more than 10⁻⁴."""
    g = make()
    assert norm(g) == pytest.approx(abs(complex(g.flatten()[0])) * g.numel() ** 0.5, rel=3e-5)
    assert norms([g]) == [norm(g)]


@pytest.mark.parametrize("count", [2**14, 2**16, 2**17 + 2**10, 2**18])
@pytest.mark.parametrize(
    "make",
    [
        lambda count: torch.full((count,), 0.1),
        lambda count: torch.full((count // 128, 128), 0.1).T,
        lambda count: torch.full((count // 128, 256), 0.1)[:, ::2],
        lambda count: torch.full((1, 128), 0.1).expand(count // 128, 128),
    ],
    ids=["contiguous", "transposed", "strided", "expanded"],
)
def test_norm_of_any_size_and_strides(make: Callable[[int], torch.Tensor], count: int) -> None:
    """With gaps, one sum of 2¹⁸ equal numbers is wrong by 8·10⁻⁴."""
    assert norm(make(count)) == pytest.approx(0.1 * count**0.5, rel=3e-5)


def test_norm_of_other_kinds() -> None:
    g = torch.sparse_coo_tensor(
        torch.tensor([[1, 1, 2]]), torch.tensor([3.0, 1.0, 3.0]), (4,), check_invariants=True
    )
    assert norm(g) == 5.0  # duplicates are added first: 4 and 3
    assert norm(torch.tensor([3 + 4j, 0j])) == 5.0
    assert norm(torch.tensor([3.0, 4.0], dtype=torch.bfloat16)) == 5.0
    assert norm(torch.tensor([])) == 0.0
    assert math.isnan(float(norm(torch.tensor([1.0, math.nan]))))
    assert norm(torch.tensor([1.0, math.inf])) == math.inf


@pytest.mark.parametrize(
    "make",
    [
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True),
        lambda p: torch.optim.AdamW(p, 1e-2),
        lambda p: torch.optim.RMSprop(p, 1e-2, foreach=False),
        lambda p: torch.optim.Adam(p, 1e-2, fused=True),
    ],
    ids=["sgd", "adamw", "rmsprop", "fused-adam"],
)
def test_updates_are_those_that_happened(make) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 1)).to(torch.float32)
    optimizer = make(net.parameters())
    truths = []
    with observed() as writer:
        for _ in range(4):
            optimizer.zero_grad()
            net(torch.randn(8, 5)).pow(2).mean().backward()
            nn.utils.clip_grad_norm_(net.parameters(), 0.05)
            before = [p.detach().clone() for p in net.parameters()]
            optimizer.step()
            truths.append(
                [
                    (float(p.grad.norm()), float(b.norm()), float((p.detach() - b).norm()))
                    for p, b in zip(net.parameters(), before, strict=True)
                ]
            )
    for sample, truth in zip(writer.samples, truths, strict=True):
        for measured, (gradient, weight, update) in zip(sample.parameters, truth, strict=True):
            assert measured.gradient_norm == pytest.approx(gradient, rel=1e-5)
            assert measured.weight_norm == pytest.approx(weight, rel=1e-5)
            assert measured.update_norm == pytest.approx(update, rel=1e-5)
            assert not measured.estimated


def test_large_tensors_are_estimated_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from chainrule.observer import updates

    monkeypatch.setattr(updates, "_WHOLE", 1000)
    monkeypatch.setattr(updates, "_PART", 20_000)
    torch.manual_seed(0)
    net = nn.Linear(400, 400)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed() as writer:
        net(torch.randn(32, 400)).pow(2).mean().backward()
        before = net.weight.detach().clone()
        optimizer.step()
    weight = writer.samples[0].parameters[0]
    assert weight.estimated
    assert weight.weight_norm == pytest.approx(float(before.norm()), rel=0.03)
    change = float((net.weight.detach() - before).norm())
    assert weight.update_norm == pytest.approx(change, rel=0.1)


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (torch.sigmoid, lambda z: torch.sigmoid(z) * (1 - torch.sigmoid(z))),
        (torch.tanh, lambda z: 1 - torch.tanh(z) ** 2),
        (torch.relu, lambda z: (z > 0).float()),
        (F.relu6, lambda z: ((z > 0) & (z < 6)).float()),
        (F.softplus, torch.sigmoid),
    ],
    ids=["sigmoid", "tanh", "relu", "relu6", "softplus"],
)
def test_derivatives_are_read_from_the_gradients(function, derivative) -> None:  # type: ignore[no-untyped-def]
    torch.manual_seed(0)
    layer = nn.Linear(6, 10)
    optimizer = torch.optim.SGD(layer.parameters(), 0.0)
    x = 5 * torch.randn(40, 6)
    with observed() as writer:
        (function(layer(x)) * torch.randn(40, 10)).sum().backward()
        optimizer.step()
    (a,) = writer.samples[0].backward_passes[0].activations
    truth = derivative(layer(x).detach())
    assert a.mean_derivative == pytest.approx(float(truth.mean()), rel=1e-3)
    largest = 0.25 if function is torch.sigmoid else 1.0
    assert a.small_fraction == pytest.approx(float((truth < largest / 20).float().mean()), abs=5e-3)


def test_dead_units_are_found_and_no_others() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, 11)
    with torch.no_grad():
        layer.bias[[2, 5, 10]] = -1e4
    optimizer = torch.optim.SGD(layer.parameters(), 0.0)
    with observed() as writer:
        for _ in range(2):
            (F.relu6(layer(torch.randn(64, 6))) ** 2).sum().backward()
            optimizer.step()
    (a,) = writer.samples[0].backward_passes[0].activations
    assert a.units == 11
    # of relu6 no output is kept, so the gradients must tell; a dead unit of a square hands no
    # gradient back: 2·y = 0 there, so nothing is said of it
    assert a.dead_mask == pack_bits([False] * 11)
    with observed() as writer:
        (torch.relu(layer(torch.randn(64, 6))) * torch.randn(64, 11)).sum().backward()
        optimizer.step()
    (a,) = writer.samples[0].backward_passes[0].activations
    assert a.dead_mask == pack_bits([i in (2, 5, 10) for i in range(11)])
    assert a.examples == 64


def test_dead_channels_of_a_convolution() -> None:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 5, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(5 * 36, 2)
    )
    with torch.no_grad():
        net[0].bias[3] = -1e4
    optimizer = torch.optim.SGD(net.parameters(), 0.0)
    with observed() as writer:
        net(torch.randn(16, 3, 8, 8)).pow(2).mean().backward()
        optimizer.step()
    (a,) = writer.samples[0].backward_passes[0].activations
    assert a.units == 5
    assert a.dead_mask == pack_bits([False, False, False, True, False])


@pytest.mark.parametrize(
    ("shape", "axis"),
    [((32, 16, 32, 32), 1), ((8, 64, 7, 7), 1), ((16, 12, 999), 1), ((9, 300, 70), 2)],
)
def test_in_some_turns_all_positions_are_looked_at(shape: tuple[int, ...], axis: int) -> None:
    seen = torch.zeros(shape)
    for turn in range(512):
        places = _places(shape, axis, turn)
        assert seen[places].numel() <= 4 * _UNIT_ELEMENTS
        seen[places] = 1
    assert seen.all()


def test_an_output_whose_memory_was_freed_is_not_read() -> None:
    """To save memory it is computed anew by a hook, as Megatron does; reading it would crash."""
    torch.manual_seed(0)
    layer = nn.Linear(5, 7)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    with observed() as writer:
        z = layer(torch.randn(8, 5))
        y = torch.relu(z)
        loss = y.sum()
        memory, kept = y.untyped_storage(), torch.relu(z.detach())
        size = memory.nbytes()

        def restore(gradient: torch.Tensor) -> None:
            memory.resize_(size)
            y.data.copy_(kept)

        y.register_hook(restore)
        memory.resize_(0)
        loss.backward()
        optimizer.step()
    (a,) = writer.samples[0].backward_passes[0].activations
    assert a.zero_fraction == pytest.approx(float((kept == 0).float().mean()))


def test_a_pass_in_inference_mode_does_not_end_the_measuring() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(5, 7)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    with observed() as writer:
        for turn in range(3):
            optimizer.zero_grad()
            loss = layer(torch.randn(8, 5)).pow(2).sum()
            with torch.inference_mode(turn == 0):
                loss.backward()
            if turn:
                optimizer.step()
    assert [len(sample.backward_passes) for sample in writer.samples] == [2, 1]


def test_an_activation_that_cannot_be_read_costs_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a tensor class without `.numpy()`, say: the pass and its gradients are measured."""
    from chainrule.observer.activations import Derivatives

    def prepare(*arguments: object) -> None:
        raise RuntimeError(".numpy() is not supported for tensor subclasses.")

    monkeypatch.setattr(Derivatives, "prepare", prepare)
    monkeypatch.setattr("chainrule._guard.report", lambda *_: None)
    torch.manual_seed(0)
    layer = nn.Linear(5, 7)
    optimizer = torch.optim.SGD(layer.parameters(), 0.1)
    with observed() as writer:
        torch.tanh(layer(torch.randn(8, 5))).sum().backward()
        optimizer.step()
    (backward,) = writer.samples[0].backward_passes
    assert all(value > 0 for value in backward.node_norms)
    assert len(backward.activations) == 1  # by the gradients on both sides, then


@pytest.mark.parametrize(
    "second", [F.relu, F.gelu, F.silu, torch.sigmoid, torch.tanh], ids=lambda f: f.__name__
)
@pytest.mark.parametrize("first", [F.relu, F.gelu, torch.sigmoid], ids=lambda f: f.__name__)
def test_activations_one_after_another_are_all_measured(
    first: Callable[[torch.Tensor], torch.Tensor], second: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    torch.manual_seed(0)
    layers = [nn.Linear(8, 8), nn.Linear(8, 1)]
    optimizer = torch.optim.SGD([p for layer in layers for p in layer.parameters()], lr=0.1)
    x = torch.randn(16, 8)
    z = layers[0](x).detach().requires_grad_()
    y = first(z)
    inner, outer = (
        torch.autograd.grad(f(v).sum(), v)[0].abs()
        for f, v in ((first, z), (second, y.detach().requires_grad_()))
    )
    if first is F.gelu:  # read from gradients, where there are some
        inner = inner[outer > 0]
    expected = [outer.mean().item(), inner.mean().item()]
    with observed() as run:
        for _ in range(2):  # labels are looked for on the first; on the second outputs are read
            optimizer.zero_grad()
            layers[1](second(first(layers[0](x)))).square().mean().backward()
            optimizer.step()
    found = run.samples[0].backward_passes[0].activations
    assert [a.mean_derivative for a in found] == pytest.approx(expected, rel=1e-3)
    assert len(run.samples[1].backward_passes[0].activations) == 2
