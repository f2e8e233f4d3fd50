"""Replicas of a module's loss: the same numbers, at the same time, and nothing disturbed."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from chainrule.objective import Objective, batched
from chainrule.objective.points import affine, copied
from chainrule.objective.replicas import Replicas, possible


@pytest.fixture(autouse=True)
def two_cores() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


class Words(nn.Module):
    """Output weights tied to those of the embedding; the scale is frozen."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(7, 6)
        self.lstm = nn.LSTM(6, 6, num_layers=2, batch_first=True)
        self.head = nn.Linear(6, 7, bias=False)
        self.head.weight = self.embed.weight
        self.scale = nn.Parameter(torch.tensor(2.0), requires_grad=False)

    def forward(self, words: Tensor) -> Tensor:
        result: Tensor = self.scale * self.head(self.lstm(self.embed(words))[0][:, -1])
        return result


class OwnLoss(nn.Module):
    """A model that has its loss as a method."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.body(x)
        return result

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(output, target) + 1e-4 * self.body.weight.square().sum()


def rows() -> tuple[Tensor, Tensor]:
    return torch.randn(16, 4), torch.randint(0, 3, (16,))


def convnet(train: bool) -> Objective:
    layers = nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Flatten()
    model = nn.Sequential(*layers, nn.Linear(4 * 36, 3)).train(train)
    return Objective.from_module(
        model, F.cross_entropy, (torch.randn(8, 1, 8, 8), torch.randint(0, 3, (8,)))
    )


def transformer() -> Objective:
    layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
    model = nn.TransformerEncoder(layer, 2).eval()
    return Objective.from_module(model, F.mse_loss, (torch.randn(4, 5, 8), torch.randn(4, 5, 8)))


def words() -> Objective:
    batch = torch.randint(0, 7, (9, 5)), torch.randint(0, 7, (9,))
    return Objective.from_module(Words(), F.cross_entropy, batch)


def own_loss() -> Objective:
    model = OwnLoss()
    return Objective.from_module(model, model.loss, rows())


def normed() -> Objective:
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 5)), nn.Linear(5, 3))
    return Objective.from_module(model, nn.CrossEntropyLoss(), rows())


MADE: dict[str, Callable[[], Objective]] = {
    "convnet, eval": lambda: convnet(False),
    "convnet, train": lambda: convnet(True),
    "transformer": transformer,
    "LSTM with tied weights": words,
    "loss of the model": own_loss,
    "weight norm": normed,
}


@pytest.mark.parametrize("name", MADE)
def test_replicas_say_what_the_objective_says(name: str) -> None:
    torch.manual_seed(0)
    objective = MADE[name]()
    directions = [torch.randn(objective.numel) / 10 for _ in range(2)]
    grid = torch.cartesian_prod(torch.linspace(-1, 1, 4), torch.linspace(-1, 1, 25)).tolist()
    fills = affine(objective.flat(), directions, grid)
    before = objective.evaluations
    with Replicas(objective, 2) as replicas:
        assert replicas.usable
        checked = objective.evaluations - before
        ready, values = deque(fills), []
        while ready:
            values += replicas.evaluate(ready, 0.02, 1e-4) or []
    assert objective.evaluations - before == len(grid) + checked
    theta = objective.flat()
    expected = [objective.value(theta + a * directions[0] + b * directions[1]) for a, b in grid]
    assert values == pytest.approx(expected, rel=1e-5)


def test_all_at_once_and_nothing_is_changed() -> None:
    torch.manual_seed(0)
    together, met = threading.Barrier(2), []

    class Meets(nn.Linear):
        on = False

        def forward(self, x: Tensor) -> Tensor:
            if Meets.on:
                together.wait(timeout=30)  # nobody passes alone
                met.append(threading.current_thread().name)
            return super().forward(x)

    model = nn.Sequential(Meets(4, 3))
    objective = Objective.from_module(model, F.cross_entropy, rows())
    start = {name: value.clone() for name, value in model.state_dict().items()}
    drawn = torch.get_rng_state()
    with Replicas(objective, 2) as replicas:
        Meets.on = True
        fills = [copied(objective, scale * objective.flat()) for scale in range(8)]
        values = replicas.evaluate(deque(fills), math.inf, 1e-3)
    Meets.on = False
    assert len(set(met)) == 2
    assert values is not None
    assert values[1] == pytest.approx(objective.value(), rel=1e-6)
    assert torch.get_num_threads() == 2
    assert torch.equal(torch.get_rng_state(), drawn)
    assert all(torch.equal(value, start[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("filled", [None, -0.2, 0.0, 0.05])
def test_a_loss_that_looks_at_the_models_own_weights_has_no_replicas(filled: float | None) -> None:
    """A function cannot be made to look at another model: at every θ it would say that of θ₀."""
    torch.manual_seed(0)
    model = nn.Linear(4, 3)
    if filled is not None:
        for each in model.parameters():
            nn.init.constant_(each, filled)

    def loss(output: Tensor, target: Tensor) -> Tensor:
        decay = sum(p.square().sum() for p in model.parameters())
        return F.cross_entropy(output, target) + 1e-4 * decay

    with Replicas(Objective.from_module(model, loss, rows()), 2) as replicas:
        assert not replicas.usable


def test_a_loss_with_dropout_is_looped() -> None:
    """Its mask is the same at every point; threads would draw theirs in any order."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 3))
    objective = Objective.from_module(model, F.cross_entropy, rows())
    drawn = torch.get_rng_state()
    with Replicas(objective, 2) as replicas:
        assert not replicas.usable
    assert torch.equal(torch.get_rng_state(), drawn)


def test_noise_that_is_drawn_later_is_noticed() -> None:
    """A loss may draw from a stream at some θ only: what was said side by side is thrown away."""
    torch.manual_seed(0)

    class Noisy(nn.Linear):
        on = False

        def forward(self, x: Tensor) -> Tensor:
            result = super().forward(x)
            return result + torch.randn_like(result) if Noisy.on else result

    objective = Objective.from_module(Noisy(4, 3), F.cross_entropy, rows())
    drawn = torch.get_rng_state()
    with Replicas(objective, 2) as replicas:
        assert replicas.usable
        Noisy.on = True
        fills = [copied(objective, objective.flat())] * 20
        ready = deque(fills)
        assert replicas.evaluate(ready, math.inf, 1e-3) is None
        assert list(ready) == fills
    assert torch.equal(torch.get_rng_state(), drawn)


def test_what_changes_its_batch_or_its_buffers_has_no_replica() -> None:
    class Shifts(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.mul_(2))

    class Counts(nn.Linear):
        seen: Tensor

        def __init__(self) -> None:
            super().__init__(4, 3)
            self.register_buffer("seen", torch.zeros(()))

        def forward(self, x: Tensor) -> Tensor:
            self.seen = self.seen + 1
            return super().forward(x)

    torch.manual_seed(0)
    for model in (Shifts(4, 3), Counts()):
        assert Objective.from_module(model, F.cross_entropy, rows()).replica() is None
    function = Objective.from_callable(lambda x: x.square().sum(), torch.ones(3))
    assert function.replica() is None
    with Replicas(function, 2) as replicas:
        assert not replicas.usable


def test_an_error_of_the_loss_comes_up() -> None:
    class Stops(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            if float(self.bias.detach().sum()) > 50:
                raise ValueError("too far")
            return super().forward(x)

    torch.manual_seed(0)
    objective = Objective.from_module(Stops(4, 3), F.cross_entropy, rows())
    with Replicas(objective, 2) as replicas:
        fills = [copied(objective, objective.flat() + i) for i in range(40)]
        with pytest.raises(ValueError, match="too far"):
            replicas.evaluate(deque(fills), math.inf, 1e-3)


def test_replicas_are_tried_only_where_they_can_pay() -> None:
    torch.manual_seed(0)
    objective = Objective.from_module(nn.Linear(4, 3), F.cross_entropy, rows())
    assert possible(objective) == 2
    torch.set_num_threads(1)
    assert possible(objective) == 0
    torch.set_num_threads(2)
    mixed = Objective.from_callable(
        lambda a, b: a.double().sum() + b.sum(), [torch.ones(1), torch.ones(1).double()]
    )
    assert possible(mixed) == 0


# ---- chosen by measuring ------------------------------------------------------------------------


@pytest.fixture
def preferred(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replicas are taken for the faster way; the names of the ways, as they were used."""
    ways: list[str] = []
    timed = batched._Evaluation._timed

    def named(self: batched._Evaluation, way: Any) -> tuple[int, float]:
        ways.append(way.func.__name__)
        return timed(self, way)

    monkeypatch.setattr(batched._Evaluation, "_timed", named)
    monkeypatch.setattr(batched._Evaluation, "_is_faster", lambda self, one, other: True)
    monkeypatch.setattr(batched, "VMAP_PARAMETERS", 0)
    return ways


def test_points_of_the_callers_own_are_made_between_rounds(preferred: list[str]) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    objective = Objective.from_module(model, F.cross_entropy, rows())
    own = objective.flat()
    told: list[tuple[int, int]] = []

    def points() -> Iterator[Tensor]:
        for i in range(6000):
            now = torch.cat([p.detach().reshape(-1) for p in model.parameters()])
            assert torch.equal(now, own)
            yield (i / 3000) * now

    values = objective.batched_values(points(), progress=lambda *done: told.append(done))
    assert preferred[-1] == "_side_by_side"
    assert told[-1] == (6000, 6000)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    for i in range(0, 6000, 7):
        assert values[i] == pytest.approx(objective.value((i / 3000) * own), rel=1e-5)


def test_a_model_that_is_not_made_for_threads_is_looped(preferred: list[str]) -> None:
    scratch = torch.zeros(16, 3)  # as some libraries keep one for all their modules

    class Shared(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            scratch.copy_(super().forward(x).detach())
            time.sleep(0.002)
            return super().forward(x) * 0 + scratch

    torch.manual_seed(0)
    objective = Objective.from_module(Shared(4, 3), F.cross_entropy, rows())
    thetas = [objective.flat() * (1 + i / 10) for i in range(120)]
    values = objective.batched_values(thetas)
    assert preferred[-1] != "_side_by_side"
    expected = [objective.value(theta) for theta in thetas]
    assert values.tolist() == pytest.approx(expected, rel=1e-5)


class Noted(nn.Module):
    """Keeps in `notes`, or in a tensor, what it needs again a little later."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(4, 64), nn.Linear(64, 3)
        self.where, self.notes, self.room = where, dict[str, Tensor](), torch.zeros(16, 64)

    def forward(self, x: Tensor) -> Tensor:
        hidden = torch.tanh(self.first(x))
        if self.where == "tensor":
            hidden = self.room.copy_(hidden.detach())
        self.notes["hidden"] = hidden
        time.sleep(0.001)
        result: Tensor = self.last(self.room if self.where == "tensor" else hidden)
        return result

    def loss(self, output: Tensor, target: Tensor) -> Tensor:
        noted = self.notes["hidden"].square().mean() if self.where == "dict" else 0.0
        return F.cross_entropy(output, target) + noted


@pytest.mark.parametrize("where", ["tensor", "dict"])
def test_what_a_model_keeps_for_itself_is_each_replicas_own(where: str) -> None:
    torch.manual_seed(0)
    model = Noted(where)
    objective = Objective.from_module(model, model.loss, rows())
    thetas = [objective.flat() * (i / 20) for i in range(60)]
    with Replicas(objective, 2) as replicas:
        assert replicas.usable
        values = replicas.evaluate(deque(copied(objective, t) for t in thetas), math.inf, 1e-3)
    expected = [objective.value(theta) for theta in thetas]
    assert values == pytest.approx(expected, rel=1e-5)


def test_a_model_with_hooks_has_no_replica() -> None:
    """One evaluation's loss would read the activations that another one's hook has noted."""
    torch.manual_seed(0)
    model, noted = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3)), dict[str, Tensor]()
    model[1].register_forward_hook(lambda module, given, out: noted.update(hidden=out))

    def loss(output: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(output, target) + noted["hidden"].square().mean()

    assert Objective.from_module(model, loss, rows()).replica() is None


def test_a_loss_that_reads_what_the_users_model_noted_has_no_replicas() -> None:
    torch.manual_seed(0)
    model = Noted("tensor")

    def loss(output: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(output, target) + 1e-3 * model.notes["hidden"].square().mean()

    with Replicas(Objective.from_module(model, loss, rows()), 2) as replicas:
        assert not replicas.usable


def test_infinities_do_not_agree() -> None:
    """Far away everything overflows, and hides that one term is that of the user's model."""
    model = nn.Linear(4, 3)
    for parameter in model.parameters():
        nn.init.zeros_(parameter)

    def loss(output: Tensor, target: Tensor) -> Tensor:
        return torch.exp(1e4 * output).mean() + model.bias.sum()

    batch = torch.ones(16, 4), torch.zeros(16)
    with Replicas(Objective.from_module(model, loss, batch), 2) as replicas:
        assert not replicas.usable


def test_no_replicas_where_threads_would_go_unseen() -> None:
    torch.manual_seed(0)
    objective = Objective.from_module(nn.Linear(4, 3), F.cross_entropy, rows())
    with FlopCounterMode(display=False):
        assert possible(objective) == 0
    with torch.device("cpu"):
        assert possible(objective) == 0


def test_an_interrupt_before_the_first_round_gives_the_cores_back(
    preferred: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    objective = Objective.from_module(nn.Linear(4, 3), F.cross_entropy, rows())

    def interrupted(*_: object) -> float:
        raise KeyboardInterrupt

    alone = Replicas._alone
    monkeypatch.setattr(Replicas, "_alone", lambda *of: (alone(*of), interrupted())[0])
    with pytest.raises(KeyboardInterrupt):
        objective.batched_values(torch.randn(500, objective.numel))
    cores: list[int] = []
    asking = threading.Thread(target=lambda: cores.append(torch.get_num_threads()))
    asking.start()
    asking.join()
    assert cores == [2]
    assert not [t for t in threading.enumerate() if t.name.startswith("replica")]


def test_cancelling_ends_the_threads(preferred: list[str]) -> None:
    torch.manual_seed(0)
    objective = Objective.from_module(nn.Linear(4, 3), F.cross_entropy, rows())
    thetas = torch.randn(5000, objective.numel)

    def stop(done: int, total: int) -> None:
        if preferred[-1] == "_side_by_side":
            raise KeyboardInterrupt

    before = objective.evaluations
    with pytest.raises(KeyboardInterrupt):
        objective.batched_values(thetas, progress=stop)
    assert objective.evaluations - before < 5000
    assert torch.get_num_threads() == 2
    assert not [t for t in threading.enumerate() if t.name.startswith("replica")]
