"""Healthy runs that come close to a fault, each beside a faulty one that looks alike."""

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from training import blobs, faults, verdict

import chainrule


def classifier(*more: nn.Module) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(8, 24), nn.ReLU(), nn.Linear(24, 3), *more)


def adam(*modules: nn.Module, rate: float = 1e-2) -> torch.optim.Optimizer:
    return torch.optim.Adam([p for m in modules for p in m.parameters()], rate)


@pytest.mark.parametrize("power", [1, 2])
def test_a_hinge_that_is_satisfied_is_no_dead_unit(tmp_path: Path, power: int) -> None:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
    side, x = (y == 0).float()[:, None] * 2 - 1, x + 8 * (y == 0)[:, None]
    found = verdict(
        tmp_path, lambda: F.relu(1 - side * net(x)).pow(power).mean(), adam(net, rate=3e-2)
    )
    assert faults(found) == ["healthy"]


def test_a_dead_relu_on_the_output_is(tmp_path: Path) -> None:
    x, y = blobs()
    net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1), nn.ReLU())
    nn.init.constant_(net[2].bias, -5)
    found = verdict(tmp_path, lambda: (net(x)[:, 0] - y).pow(2).mean(), adam(net))
    assert faults(found) == ["dead-units"]


def encoder(price: float) -> tuple[nn.Module, Callable[[], torch.Tensor]]:
    """An autoencoder with a price on its code."""
    x, _ = blobs()
    torch.manual_seed(0)
    encode, decode = nn.Linear(8, 32), nn.Linear(32, 8)

    def loss() -> torch.Tensor:
        code = F.relu(encode(x))
        return (decode(code) - x).square().sum(1).mean() + price * code.abs().sum(1).mean()

    return nn.ModuleList([encode, decode]), loss


def test_a_price_on_the_code_puts_its_units_out(tmp_path: Path) -> None:
    net, loss = encoder(30.0)
    (found,) = verdict(tmp_path, loss, adam(net))
    assert (found.fault, found.severity) == ("dead-units", "error")
    assert "L1 penalty" in found.remedies[0].change


def test_a_loss_that_fell_with_its_price_has_taught_nothing(tmp_path: Path) -> None:
    x, _ = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 8))
    with torch.no_grad():
        net[0].bias[:30] = -1e3
        net[2].weight[:, 30:] = 0  # nothing of the others gets through
    net[2].weight.requires_grad_(False)
    price = nn.Parameter(torch.tensor(10.0))
    optimizer = torch.optim.Adam([*net[0].parameters(), net[2].bias, price], 0.1)
    found = verdict(tmp_path, lambda: (net(x) - x).square().mean() + price**2, optimizer)
    (dead,) = (f for f in found if f.fault == "dead-units")
    assert dead.severity == "warning"
    assert dead.evidence["spread_of_answers"].value == pytest.approx(0, abs=1e-6)


def test_a_small_price_does_not(tmp_path: Path) -> None:
    net, loss = encoder(0.01)
    assert faults(verdict(tmp_path, loss, adam(net))) == ["healthy"]


def test_what_no_answer_gets_below_is_not_left_to_learn(tmp_path: Path) -> None:
    x, _ = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 8))
    with torch.no_grad():
        net[0].bias[:20] = -1e3  # half of the units; the others are enough
    shares = torch.sigmoid(x)
    found = verdict(tmp_path, lambda: F.binary_cross_entropy_with_logits(net(x), shares), adam(net))
    assert [(f.fault, f.severity) for f in found] == [("healthy", "note"), ("dead-units", "note")]


def test_dead_units_of_a_part_that_rests_are_no_fault(tmp_path: Path) -> None:
    x, y = blobs()
    net, judge = classifier(), nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 3))
    with torch.no_grad():
        judge[0].bias[:10] = -1e3
    judge.requires_grad_(False)
    found = verdict(tmp_path, lambda: F.cross_entropy(net(x) + judge(net(x)), y), adam(net))
    assert faults(found) == ["healthy"]


def test_a_run_that_rests_at_its_minimum_is_healthy(tmp_path: Path) -> None:
    x, _ = blobs()
    net, target = nn.Linear(8, 1), x @ torch.randn(8, 1)
    found = verdict(
        tmp_path,
        lambda: (net(x) - target).pow(2).mean(),
        torch.optim.SGD(net.parameters(), 0.1),
        steps=600,
    )
    assert faults(found) == ["healthy"]
    assert "between" not in found[0].explanation  # one weight has no range
    assert "The median step moves net.weight by" in found[0].explanation


def test_the_factor_of_a_loss_term_is_no_growth(tmp_path: Path) -> None:
    x, y = blobs()
    maker, critic = nn.Linear(8, 8), nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 1))
    makers, critics = adam(maker, rate=2e-3), adam(critic, rate=2e-3)
    truth = x @ torch.randn(8, 8)
    one, zero = torch.ones(len(y), 1), torch.zeros(len(y), 1)
    bce = F.binary_cross_entropy_with_logits
    with chainrule.watch(folder=tmp_path, every=5) as run:
        for _ in range(150):
            made = maker(x)
            critics.zero_grad()
            (bce(critic(truth), one) + bce(critic(made.detach()), zero)).backward()
            critics.step()
            makers.zero_grad()
            (bce(critic(made), one) + 300 * F.l1_loss(made, truth)).backward()
            makers.step()
    assert faults(chainrule.diagnose(run)) == ["healthy"]


def test_a_branch_that_is_used_now_and_then_has_a_gradient(tmp_path: Path) -> None:
    x, y = blobs()
    net, aux = classifier(), nn.Linear(3, 8)
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        scores = net(x)
        extra = F.mse_loss(aux(scores), x) if count[0] % 20 == 18 else 0.0  # not sampled
        return F.cross_entropy(scores, y) + extra

    assert faults(verdict(tmp_path, loss, adam(net, aux))) == ["healthy"]


@pytest.mark.parametrize(("size", "severity"), [(24, "error"), (1, "warning")])
def test_a_branch_that_is_never_used_has_none(tmp_path: Path, size: int, severity: str) -> None:
    x, y = blobs()
    net, extra = classifier(), nn.Linear(8, size)
    found = verdict(tmp_path, lambda: F.cross_entropy(net(x), y), adam(net, extra))
    assert faults(found)[0] == "no-gradient"
    assert found[0].severity == severity
    assert found[0].evidence["unreached_in_models"].value == 2


def test_an_expert_that_no_example_chose_is_a_warning(tmp_path: Path) -> None:
    x, y = blobs()
    torch.manual_seed(0)
    experts = nn.ModuleList(nn.Linear(8, 3) for _ in range(3))
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        chosen = experts[0](x) if count[0] % 2 else experts[0](x) + experts[1](x)
        return F.cross_entropy(chosen, y)

    (found,) = verdict(tmp_path, loss, adam(experts))
    assert (found.fault, found.severity) == ("no-gradient", "warning")
    assert "never chose" in found.explanation


def test_a_network_in_evaluation_mode_that_measures_the_loss_may_rest(tmp_path: Path) -> None:
    x, _ = blobs()
    net, judge = nn.Linear(8, 8), classifier().eval()
    found = verdict(tmp_path, lambda: F.mse_loss(judge(net(x)), judge(x).detach()), adam(net))
    assert [(f.fault, f.severity) for f in found] == [
        ("healthy", "note"),
        ("not-optimized", "note"),
    ]
    assert "Δw = 0" not in found[1].explanation


def test_nothing_but_an_input_is_optimized(tmp_path: Path) -> None:
    x, _ = blobs()
    net = classifier()
    image, target = torch.randn(1, 8, requires_grad=True), net(x[:1]).detach()
    found = verdict(
        tmp_path, lambda: F.mse_loss(net(image), target), torch.optim.Adam([image], 0.05)
    )
    assert {f.severity for f in found} == {"note"}


def test_a_teacher_that_is_an_average_is_not_forgotten(tmp_path: Path) -> None:
    x, y = blobs()
    net = classifier()
    teacher = copy.deepcopy(net)

    def loss() -> torch.Tensor:
        with torch.no_grad():
            for mean, p in zip(teacher.parameters(), net.parameters(), strict=True):
                mean.lerp_(p, 0.01)
        scores = net(x)
        return F.cross_entropy(scores, y) + F.mse_loss(scores.softmax(1), teacher(x).softmax(1))

    assert faults(verdict(tmp_path, loss, adam(net))) == ["healthy"]


@pytest.mark.parametrize(
    ("forgotten", "severity"), [("head", "warning"), ("encoder", "error"), ("list", "error")]
)
def test_parts_that_were_forgotten(tmp_path: Path, forgotten: str, severity: str) -> None:
    class Listed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Linear(8, 8)]  # not an nn.ModuleList
            self.last = nn.Linear(8, 8)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(F.relu(self.layers[0](x)))

    x, y = blobs()
    torch.manual_seed(0)
    encoder = Listed() if forgotten == "list" else nn.Sequential(nn.Linear(8, 8), nn.ReLU())
    head = nn.Linear(8, 3)
    held = [m for name, m in (("head", head), ("encoder", encoder)) if name != forgotten]
    found = verdict(tmp_path, lambda: F.cross_entropy(head(encoder(x)), y), adam(*held))
    assert faults(found) == ["not-optimized"]
    assert found[0].severity == severity
    assert ("layers[0]" if forgotten == "list" else forgotten) in found[0].title


def test_an_optimizer_of_another_copy_is_one_fault(tmp_path: Path) -> None:
    x, y = blobs()
    net = classifier()
    found = verdict(tmp_path, lambda: F.cross_entropy(net(x), y), adam(copy.deepcopy(net)))
    assert faults(found) == ["not-optimized"]
    assert "no-gradient" in found[0].consequences[0]


def test_an_optimizer_of_a_model_that_still_exists_is_one_fault(tmp_path: Path) -> None:
    x, y = blobs()
    pretrained = classifier()
    pretrained(x)  # it is seen as a model, too
    net = copy.deepcopy(pretrained)
    found = verdict(tmp_path, lambda: F.cross_entropy(net(x), y), adam(pretrained))
    assert faults(found) == ["not-optimized"]
    assert "no-gradient" in found[0].consequences[0]


def test_nothing_is_concluded_from_what_came_after_a_nan(tmp_path: Path) -> None:
    x, y = blobs()
    net = classifier()
    count = [0]

    def loss() -> torch.Tensor:
        count[0] += 1
        return F.cross_entropy(net(x) * (float("nan") if count[0] == 60 else 1), y)

    found = verdict(tmp_path, loss, torch.optim.SGD(net.parameters(), 0.003), steps=120)
    assert faults(found) == ["non-finite"]
    numbers = [e.value for f in found for e in f.evidence.values()]
    assert float("inf") not in numbers


def test_an_infinity_that_reaches_no_weight_is_a_note(tmp_path: Path) -> None:
    x, y = blobs()
    net = classifier()

    def loss() -> torch.Tensor:
        scores = net(x)  # the root of 0: infinity times 0, behind a ReLU that is 0
        return F.cross_entropy(scores, y) + (F.relu(scores - 100) ** 2).sum(1).sqrt().mean()

    found = verdict(tmp_path, loss, adam(net))
    assert [(f.fault, f.severity) for f in found] == [("healthy", "note"), ("non-finite", "note")]


def test_one_step_that_was_far_too_long_is_no_exploding_chain(tmp_path: Path) -> None:
    x, _ = blobs()
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(8, 32), nn.Tanh(), nn.Linear(32, 3))
    found = verdict(
        tmp_path, lambda: (net(x) ** 4).mean(), torch.optim.SGD(net.parameters(), 1e5), steps=20
    )
    assert faults(found)[0] == "non-finite"
