"""What is hooked in a pass: no more than is needed, and the same graph is known again."""

import gc
import math
import random
import weakref
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from test_random_graphs import random_product
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint
from watching import observed

from chainrule.instruments import Chain
from chainrule.observer.activations import finish
from chainrule.observer.backward import BackwardRecorder
from chainrule.observer.structure import walk
from chainrule.records import NEVER_RAN


def net(layers: int = 3) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*[m for _ in range(layers) for m in (nn.Linear(4, 4), nn.Tanh())])


def test_no_hook_where_a_gradient_can_be_read_afterwards() -> None:
    loss = F.cross_entropy(net()(torch.randn(8, 4)), torch.zeros(8, dtype=torch.long))
    recorder = BackwardRecorder(
        [loss.grad_fn], (), accumulates=True, partial_graph=False, may_read_saved=False
    )
    loss.backward()
    recorder.detach()
    names = [recorder.structure.names[i].removesuffix("Backward0") for i in recorder.ran]
    assert sorted(names) == ["Addmm"] * 3 + ["LogSoftmax", "NllLoss"] + ["Tanh"] * 3


@pytest.mark.parametrize("activation", [torch.tanh, F.gelu, F.relu])
def test_one_hook_after_an_activation_measures_both_of_its_sides(
    activation: Callable[[Tensor], Tensor],
) -> None:
    model, x = net(), torch.randn(8, 4)
    for _ in range(2):  # before the first pass the script may have hooked anything
        model.zero_grad()
        values = [x]
        for layer in model[::2]:
            values.append(layer(values[-1]))
            values.append(activation(values[-1]))
        for value in values[1:]:
            value.retain_grad()
        loss = values[-1].pow(2).sum()
        recorder = BackwardRecorder(
            [loss.grad_fn], (), accumulates=True, partial_graph=False, may_read_saved=False
        )
        hooks = len(recorder._handles)
        loss.backward()
        recorder.detach()
        recorder.read_gradients()
    assert hooks == 2 + 3  # the sum, the square, the activations: none of linear maps and leaves
    assert len(recorder.ran) == 2 + 3 + 3
    found = dict(zip(recorder.order, recorder.node_norms, strict=True))
    for value in values[1:]:
        assert value.grad is not None
        assert found[value.grad_fn] == pytest.approx(float(value.grad.norm()), rel=1e-5)
    assert recorder.derivatives is not None
    (measured,) = finish([recorder.derivatives])
    assert [a.node for a in measured] == [recorder.order.index(v.grad_fn) for v in values[:1:-2]]


def _after_activation(hidden: Tensor) -> Tensor:
    hidden.register_hook(lambda g: 3 * g)
    return hidden.tanh()


def _before_rearranging(hidden: Tensor) -> Tensor:
    hidden.register_hook(lambda g: 3 * g)
    return hidden.view(-1)


def _on_activation(hidden: Tensor) -> Tensor:
    result = hidden.sigmoid()
    result.register_hook(lambda g: g.clamp(max=0.01))
    return result


@pytest.mark.parametrize("pass_on", [_after_activation, _before_rearranging, _on_activation])
def test_the_script_may_change_a_gradient_on_its_way(pass_on: Callable[[Tensor], Tensor]) -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with observed(captures=0) as writer:
        pass_on(model(torch.randn(8, 4))).pow(2).sum().backward()
        truth = [float(p.grad.norm()) for p in model.parameters()]
        optimizer.step()
    (found,) = writer.samples[0].backward_passes
    chain = Chain(writer.graphs[found.graph], found)
    for i, expected in enumerate(truth):
        assert chain.norm(i) == pytest.approx(expected, rel=1e-5)
        assert random_product(chain, i, random.Random(0)) == pytest.approx(expected, rel=1e-5)


def test_a_gradient_that_the_script_repairs_is_measured_as_it_arrives() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(4, 4), nn.Linear(4, 1)
    optimizer = torch.optim.SGD([*first.parameters(), *second.parameters()], 0.1)
    arrived = []

    def repair(g: Tensor) -> Tensor:
        arrived.append(float(g.nan_to_num().norm()))
        return g.nan_to_num()

    with observed(captures=0) as writer:
        for _ in range(3):
            optimizer.zero_grad()
            z = first(torch.randn(8, 4))
            z.register_hook(repair)
            hidden = torch.sigmoid(z)
            hidden.register_hook(lambda g: torch.where(g.abs() < g.abs().max(), g, math.nan))
            second(hidden).sum().backward()
            optimizer.step()
    assert not [e for e in writer.events if e.kind == "internal-error"]
    for sample, expected in zip(writer.samples, arrived, strict=True):
        (found,) = sample.backward_passes
        names = [node.name for node in writer.graphs[found.graph].nodes]
        at = len(names) - 1 - names[::-1].index("AddmmBackward0")
        assert found.node_norms[at] == pytest.approx(expected, rel=1e-5)


def test_a_class_of_the_script_is_let_go() -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def step() -> "weakref.ref[type]":
        class Twice(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Tensor) -> Tensor:
                return 2 * x

            @staticmethod
            def backward(ctx: Any, *gradients: Any) -> Any:
                return 2 * gradients[0]

        Twice.apply(model(torch.randn(8, 4)).pow(2).sum()).backward()
        optimizer.step()
        return weakref.ref(Twice)

    with observed(captures=0):
        alive = [step() for _ in range(4)]
        gc.collect()
        assert [reference() for reference in alive] == [None] * 4


def test_an_empty_batch_is_measured_to_its_end() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU())
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with observed(captures=0) as writer:
        for _ in range(3):
            model(torch.randn(0, 4)).sum().backward()
            optimizer.step()
    assert not [e for e in writer.events if e.kind == "internal-error"]
    for sample in writer.samples:
        assert NEVER_RAN not in sample.backward_passes[0].node_norms


def test_what_checkpointing_lets_be_read_once_is_left_to_the_script() -> None:
    """The same graph, first without and then with checkpointing."""
    model, head = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Sigmoid()), nn.Linear(4, 1)
    optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], 0.1)
    x = torch.randn(8, 4)
    with observed(captures=0) as writer:
        for step in range(6):
            hidden = model(x) if step < 3 else checkpoint(model, x, use_reentrant=False)
            head(hidden).pow(2).sum().backward()
            optimizer.step()
    assert not [e for e in writer.events if e.kind == "internal-error"]
    assert [len(s.backward_passes[0].activations) for s in writer.samples] == [2] * 6


def test_functions_of_one_name_and_two_classes_are_known_by_their_names() -> None:
    def of(sign: float) -> type[torch.autograd.Function]:
        class Scaled(torch.autograd.Function):
            @staticmethod
            def forward(ctx: Any, x: Tensor) -> Tensor:
                return sign * x

            @staticmethod
            def backward(ctx: Any, *gradients: Any) -> Any:
                return sign * gradients[0]

        return Scaled

    x = torch.ones(3, requires_grad=True)
    structures = [walk([of(sign).apply(x.exp()).sum().grad_fn])[1] for sign in (1.0, 2.0, 3.0)]
    assert structures[0] is structures[1] is structures[2]
    assert structures[0].names[1] == "ScaledBackward"


def test_the_same_graph_is_known_again_and_another_is_not() -> None:
    model, x = net(), torch.randn(8, 4)
    first, again = (walk([model(x).sum().grad_fn])[1] for _ in range(2))
    assert first is again
    for other in (
        net(2)(x).sum(),
        model(torch.randn(8, 4, requires_grad=True)).sum(),
        (model(x) + model(x)).sum(),
        net(4)(x).sum(),
    ):
        order, structure = walk([other.grad_fn])
        assert structure is not first
        assert [node.name() for node in order] == list(structure.names)
    assert walk([model(x).sum().grad_fn])[1] is first


def test_a_value_used_twice_is_one_node_and_two_values_are_two() -> None:
    w = torch.ones(3, requires_grad=True)
    h, other = w.exp(), w.exp()
    shared, apart = walk([(h + h).grad_fn]), walk([(h + other).grad_fn])
    assert (len(shared[0]), len(apart[0])) == (3, 4)
    assert walk([(h + h).grad_fn])[1] is shared[1]


@pytest.mark.parametrize("clip", ["norm", "data", "none"])
def test_clipping_changes_what_the_optimizer_used_and_not_what_backward_brought(clip: str) -> None:
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    brought: list[list[float]] = []
    used: list[list[float]] = []
    with observed(captures=0) as writer:
        for step in range(3):
            optimizer.zero_grad(set_to_none=step != 2)
            (100 * model(torch.randn(8, 4))).pow(2).sum().backward()
            brought.append([float(p.grad.norm()) for p in model.parameters()])
            if clip == "norm":
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            elif clip == "data":
                for p in model.parameters():
                    p.grad.data.clamp_(-0.01, 0.01)
            used.append([float(p.grad.norm()) for p in model.parameters()])
            optimizer.step()
    for sample, arrived, taken in zip(writer.samples, brought, used, strict=True):
        assert [p.gradient_norm for p in sample.parameters] == pytest.approx(taken, rel=1e-5)
        (found,) = sample.backward_passes
        nodes = writer.graphs[found.graph].nodes
        norms = {n.parameter: found.node_norms[i] for i, n in enumerate(nodes)}
        assert [norms[i] for i in range(6)] == pytest.approx(arrived, rel=1e-5)
        assert NEVER_RAN not in found.node_norms
        assert min(found.numels) > 0


def test_a_hook_that_takes_the_gradient_away_leaves_the_pass_measured() -> None:
    """As optimizers do that step inside backward."""
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)

    def consume(p: torch.Tensor) -> None:
        p.grad = None

    for p in model.parameters():
        p.register_post_accumulate_grad_hook(consume)
    with observed(captures=0) as writer:
        model(torch.randn(8, 4)).pow(2).sum().backward()
        optimizer.step()
    (found,) = writer.samples[0].backward_passes
    assert NEVER_RAN not in found.node_norms
