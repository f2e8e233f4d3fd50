"""What is hooked in a pass: no more than is needed, and the same graph is known again."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from watching import observed

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
