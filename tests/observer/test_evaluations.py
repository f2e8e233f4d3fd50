"""Losses of evaluations: each form in which scripts write them, and what is none."""

import inspect
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from watching import observed

from chainrule.observer.evaluations import Evaluations
from chainrule.observer.followed_thread import FollowedThread
from chainrule.observer.governor import Governor
from chainrule.observer.loss_calls import COMPUTED
from chainrule.observer.loss_signature import NODES
from chainrule.observer.present import Present

Data = tuple[Tensor, Tensor]


@pytest.fixture
def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))


def classes(n: int) -> Data:
    return torch.randn(n, 4), torch.randint(0, 3, (n,))


def training(model: nn.Module, loss: Callable[[], Tensor], steps: int) -> Iterator[int]:
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(steps):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        yield step + 1


def evaluated(writer: Any) -> dict[str, dict[int, float]]:
    """The series of evaluations."""
    found: dict[str, dict[int, float]] = {}
    for name, step, value in writer.points:
        if name.startswith("validation_loss"):
            found.setdefault(name, {})[step] = value
    return found


def by_block(evaluate: Callable[[], float]) -> float:
    with torch.no_grad():
        return evaluate()


def by_phase(evaluate: Callable[[], float]) -> float:
    with torch.set_grad_enabled(False):
        return evaluate()


def by_inference(evaluate: Callable[[], float]) -> float:
    with torch.inference_mode():
        return evaluate()


by_decorator = torch.no_grad()(lambda evaluate: evaluate())
by_bare_decorator = torch.inference_mode(lambda evaluate: evaluate())


@pytest.mark.parametrize(
    "switched_off", [by_block, by_phase, by_inference, by_decorator, by_bare_decorator]
)
def test_the_mean_over_all_batches_is_recorded_where_it_was_taken(
    model: nn.Module, switched_off: Callable[[Callable[[], float]], float]
) -> None:
    data, batches = classes(16), [classes(8), classes(3)]
    criterion = nn.CrossEntropyLoss()

    def evaluate() -> float:
        losses = [criterion(model(x), y).item() * len(y) for x, y in batches]
        return sum(losses) / 11

    truth = {}
    with observed() as writer:
        for step in training(model, lambda: criterion(model(data[0]), data[1]), 6):
            if step % 2 == 0:
                truth[step] = switched_off(evaluate)
    seen = evaluated(writer)
    assert list(seen) == ["validation_loss"]
    assert seen["validation_loss"] == pytest.approx(truth, rel=1e-6)


def test_a_sum_is_divided_by_what_it_sums_up(model: nn.Module) -> None:
    data, batches = classes(16), [classes(8), classes(3)]
    with observed() as writer:
        for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 2):
            with torch.no_grad():
                sums = [F.cross_entropy(model(x), y, reduction="sum").item() for x, y in batches]
    assert evaluated(writer)["validation_loss"][2] == pytest.approx(sum(sums) / 11)


def test_a_block_for_each_batch_is_one_evaluation(model: nn.Module) -> None:
    data, batches = classes(16), [classes(8), classes(4)]
    with observed() as writer:
        for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 3):
            losses = []
            for x, y in batches:
                with torch.no_grad():
                    losses.append(F.cross_entropy(model(x), y).item())
            truth = (8 * losses[0] + 4 * losses[1]) / 12
    seen = evaluated(writer)["validation_loss"]
    assert list(seen) == [1, 2, 3]
    assert seen[3] == pytest.approx(truth)


def test_two_sets_are_two_series_and_the_event_says_where(model: nn.Module) -> None:
    data, one, other = classes(16), classes(8), classes(8)

    @torch.no_grad()
    def evaluate(x: Tensor, y: Tensor) -> float:
        return F.cross_entropy(model(x), y).item()

    with observed() as writer:
        for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 4):
            first = evaluate(*one)
            second = evaluate(*other)
    assert evaluated(writer)["validation_loss"][4] == pytest.approx(first)
    assert evaluated(writer)["validation_loss/1"][4] == pytest.approx(second)
    told = [e for e in writer.events if e.kind == "evaluation"]
    assert [e.data["series"] for e in told] == ["validation_loss", "validation_loss/1"]
    assert all("test_evaluations.py" in str(e.data["source"]) for e in told)


def test_a_loss_written_by_hand_is_told_from_an_accuracy(model: nn.Module) -> None:
    x, held = torch.randn(16, 4), torch.randn(8, 4)
    truth = {}
    with observed() as writer:
        for step in training(model, lambda: ((model(x) - x[:, :3]) ** 2).mean(), 5):
            with torch.no_grad():
                error = model(held) - held[:, :3]
                truth[step] = error.square().mean().item()
                (error.abs() < 0.5).float().mean().item()
    assert evaluated(writer) == {"validation_loss": pytest.approx(truth)}


def test_what_is_no_loss_is_none(model: nn.Module) -> None:
    data = classes(16)
    average = [p.detach().clone() for p in model.parameters()]
    with observed() as writer:
        for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 8):
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            with torch.no_grad():
                for mean, p in zip(average, model.parameters(), strict=True):
                    mean.lerp_(p, 0.1)
                (model(data[0]).argmax(1) == data[1]).float().mean()
                F.mse_loss(model(data[0]), torch.zeros(16, 3))
    assert not evaluated(writer)


def test_training_inside_a_switched_off_block_ends_it(model: nn.Module) -> None:
    data = classes(16)
    with observed() as writer:
        for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 2):
            pass
        with torch.no_grad():
            F.cross_entropy(model(data[0]), data[1])
            with torch.enable_grad():
                for _ in training(model, lambda: F.cross_entropy(model(data[0]), data[1]), 2):
                    F.cross_entropy(model(data[0]), data[1])
    assert list(evaluated(writer)["validation_loss"]) == [2]
    assert sum(name == "loss" for name, _, _ in writer.points) == 2


def test_everything_is_taken_back() -> None:
    before = [
        getattr(kind, name)
        for kind in (torch.no_grad, torch.inference_mode, torch.set_grad_enabled)
        for name in ("__enter__", "__exit__")
    ]
    question = vars(F)["has_torch_function_variadic"]
    with observed():
        assert torch.no_grad.__enter__ is not before[0]
    after = [
        getattr(kind, name)
        for kind in (torch.no_grad, torch.inference_mode, torch.set_grad_enabled)
        for name in ("__enter__", "__exit__")
    ]
    assert after == before
    assert vars(F)["has_torch_function_variadic"] is question


ARGUMENTS: dict[str, Data] = {
    "cross_entropy": (torch.randn(6, 3), torch.randint(0, 3, (6,))),
    "nll_loss": (torch.randn(6, 3).log_softmax(1), torch.randint(0, 3, (6,))),
    "binary_cross_entropy": (torch.rand(6, 3), torch.rand(6, 3)),
}


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize("name", sorted(COMPUTED))
def test_each_loss_function_is_computed_as_it_computes_itself(name: str, reduction: str) -> None:
    x, y = ARGUMENTS.get(name, (torch.randn(6, 3), torch.rand(6, 3)))
    function = getattr(F, name)
    given = {p.name: p.default for p in inspect.signature(function).parameters.values()}
    given |= {"input": x, "target": y, "reduction": reduction}
    assert torch.equal(COMPUTED[name](given), function(x, y, reduction=reduction))
    assert inspect.getsource(function).count("has_torch_function_variadic") == 1
    assert name in NODES
    x = x.clone().requires_grad_()
    node: Any = function(x, y).grad_fn
    nodes = [node.name(), *(n.name() for n, _ in node.next_functions if n is not None)]
    assert any(known in made for known in NODES[name] for made in nodes)


def evaluations_here(governor: Governor) -> tuple[Evaluations, Any]:
    """Evaluations without a run, and this line as a place of them."""
    nothing: Any = None
    evaluations = Evaluations(nothing, governor, Present(), nothing, FollowedThread())
    frame = inspect.currentframe()
    assert frame is not None
    place = evaluations._place_of(frame)
    assert place is not None
    return evaluations, place


def test_without_budget_evaluations_are_heard_ever_more_rarely_but_to_the_end() -> None:
    evaluations, place = evaluations_here(Governor(0.01))
    evaluations._signature.functions = frozenset({"cross_entropy"})
    heard = []
    for step in range(10, 10_001, 10):
        evaluations._present.step = step
        if evaluations._wants(place):
            place.heard, place.last, place.cost_s = place.heard + 1, step, 0.1
            evaluations._spent_s += 0.1
            heard.append(step)
    assert heard[:32] == list(range(10, 330, 10))
    assert all(10 <= b - a <= a / 16 + 10 for a, b in itertools.pairwise(heard[31:]))
    assert 10_000 - heard[-1] <= 10_000 / 16
    assert len(heard) < 32 + 60  # ln(10,000 / 320) / ln(17/16) = 57


def test_beyond_the_first_evaluations_the_budget_is_asked() -> None:
    governor = Governor(0.01)
    evaluations, place = evaluations_here(governor)
    place.heard, place.last, place.cost_s = 32, 100, 0.1
    evaluations._present.step = 101
    assert not evaluations._wants(place)
    assert not evaluations._wants(place)  # nor the other batches of this evaluation
    governor.light(100.0, 0.0)
    evaluations._present.step = 102
    assert evaluations._wants(place)
