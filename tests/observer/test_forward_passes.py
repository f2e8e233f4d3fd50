"""What is recorded of forward passes, of scripts written in the ways in which people write them."""

import math
import textwrap
from pathlib import Path

import pytest
import torch
from torch import nn
from watching import observed

from chainrule.records import ForwardPass, Scheduler

pytestmark = pytest.mark.filterwarnings("ignore:Using a target size")

START = """
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(32, 6) * torch.tensor([1.0, 1, 1, 1, 1, 100]) + 5
y = x[:, :1].clone()
labels = (x[:, 0] > 5).long()
"""

SEQUENTIAL = """
model = nn.Sequential(nn.Linear(6, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2), nn.Softmax(1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
loss_function = nn.CrossEntropyLoss()
for step in range(6):
    optimizer.zero_grad()
    out = model(x)
    loss = loss_function(out, labels)
    loss.backward()
    optimizer.step()
    accuracy = (out.argmax(1) == labels).float().mean().item()
    with torch.no_grad():
        other = loss_function(model(x), labels).item()
    loss_function(model(x), labels)  # an evaluation that forgot no_grad
"""

FUNCTIONAL = """
def forward(w1, b1, w2, x):
    return F.linear(torch.relu(F.linear(x, w1, b1)), w2)
w1, b1 = nn.Parameter(torch.ones(8, 6)), nn.Parameter(torch.zeros(8))
w2 = nn.Parameter(torch.ones(1, 8))
optimizer = torch.optim.Adam([w1, b1, w2], lr=0.01)
for step in range(6):
    loss = F.mse_loss(forward(w1, b1, w2, x), y[:, 0], reduction="sum")
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""

BARE = """
W = torch.ones(6, 4, requires_grad=True); b = torch.zeros(4, requires_grad=True)
V = torch.ones(1, 4, requires_grad=True)
optimizer = torch.optim.SGD([W, b, V], lr=1e-4)
def main():
    for step in range(6):
        prediction = torch.tanh(x @ W + b) @ V.T
        loss = ((prediction - y[:, 0]) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
main()
"""

LSTM = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(20, 5)
        self.lstm = nn.LSTM(5, 7, batch_first=True)
        self.head = nn.Linear(7, 3)
    def forward(self, tokens):
        h, _ = self.lstm(self.embedding(tokens))
        return self.head(h[:, -1])
net = Net()
tokens = torch.randint(0, 20, (16, 9)); classes = torch.randint(0, 3, (16,))
optimizer = torch.optim.Adam(net.parameters())
for step in range(6):
    loss = F.nll_loss(F.log_softmax(net(tokens), dim=1), classes)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""

CONVOLUTION = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3); self.norm = nn.BatchNorm2d(4); self.head = nn.Linear(4, 1)
    def forward(self, images):
        return self.head(torch.relu(self.norm(self.conv(images))).mean((2, 3))).squeeze(1)
net = Net().eval()
images = torch.rand(10, 3, 8, 8) * torch.tensor([1.0, 1, 200]).view(3, 1, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
for step in range(6):
    loss = nn.BCEWithLogitsLoss()(net(images), torch.ones(10))
    optimizer.zero_grad(); loss.backward(); optimizer.step()
"""

GAN = """
G, D = nn.Linear(2, 6), nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 1))
og, od = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
bce = nn.BCEWithLogitsLoss()
for step in range(6):
    fake = G(torch.randn(32, 2))
    loss_d = bce(D(x), torch.ones(32, 1)) + bce(D(fake.detach()), torch.zeros(32, 1))
    od.zero_grad(); loss_d.backward(); od.step()
    loss_g = bce(D(fake), torch.ones(32, 1))
    og.zero_grad(); loss_g.backward(); og.step()
"""

CLOSURE = """
model = nn.Linear(6, 1)
optimizer = torch.optim.LBFGS(model.parameters(), max_iter=3)
for step in range(6):
    def closure():
        optimizer.zero_grad()
        loss = F.l1_loss(model(x), y)
        loss.backward()
        return loss
    optimizer.step(closure)
"""

CUTS = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(6, 5); self.second = nn.Linear(5, 5); self.head = nn.Linear(5, 1)
    def forward(self, x):
        h = HOW
        return self.head(h)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.001)
for step in range(6):
    loss = F.mse_loss(net(x), y)
    optimizer.zero_grad(); loss.backward(); optimizer.step()
    print(loss.item())
"""

ACCUMULATED = """
model = nn.Linear(6, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3)
for step in range(6):
    for part in range(2):
        F.mse_loss(model(x), y).backward()
    optimizer.step()
    scheduler.step(); scheduler.step()
"""


def passes(tmp_path: Path, text: str, **options: object) -> list[ForwardPass]:
    """What is recorded of a script, every step sampled."""
    return _run(tmp_path, text, **options)[0]


def _run(
    tmp_path: Path, text: str, **options: object
) -> tuple[list[ForwardPass], dict[int, str], dict[int, Scheduler]]:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(START + text))
    scope: dict[str, object] = {"__name__": "__main__", "__file__": str(script)}
    with observed(**options) as writer:
        exec(compile(script.read_text(), str(script), "exec"), scope)
    names = {i: p.name for i, p in writer.parameters.items()}
    return writer.forward_passes, names, writer.schedulers


def test_layers_and_losses_of_a_sequential_model(tmp_path: Path) -> None:
    found, names, _ = _run(tmp_path, SEQUENTIAL)
    assert [f.step for f in found] == [0, 1, 2, 4]
    first, second = found[0], found[1]
    assert not first.layers
    assert [names[s.parameter] for s in first.parameters][:2] == ["model.0.weight", "model.0.bias"]
    for f in found[1:]:
        assert [c.fan_in for c in f.layers] == [6, 8]
        assert [names[c.parameter] for c in f.layers] == ["model.0.weight", "model.3.weight"]
        assert [c.function for c in f.losses] == ["cross_entropy_loss"]
        assert f.passes_since_step == 1
        assert not any(c.used for c in f.cuts)
    data, hidden = second.layers
    assert data.scales is not None
    assert hidden.scales is None
    assert data.given.shape == (32, 6)
    assert hidden.given.trained
    assert data.scales.features == 6
    assert data.scales.largest_std > 50 * data.scales.median_std
    assert data.place.source.startswith("script.py:")
    assert data.place.operation == "Addmm"
    loss = second.losses[0]
    assert loss.after == ("Softmax",)
    assert loss.reduction == "mean"
    assert loss.prediction.sum_last == pytest.approx((1, 1), abs=1e-5)
    assert loss.target is not None
    assert loss.target.integral
    assert {"argmax", "no_grad"} <= {c.function for c in found[2].cuts}
    normalization = second.normalizations[0]
    assert normalization.training
    assert (normalization.values, normalization.examples) == (32, 32)


def test_functions_without_modules(tmp_path: Path) -> None:
    found, names, _ = _run(tmp_path, FUNCTIONAL)
    f = found[1]
    assert [names[c.parameter] for c in f.layers] == ["w1", "w2"]
    loss = f.losses[0]
    assert (loss.function, loss.reduction) == ("mse_loss", "sum")
    assert (loss.prediction.shape, loss.target and loss.target.shape) == ((32, 1), (32,))
    state = {names[s.parameter]: s for s in f.parameters}
    assert state["w1"].unit_spread == 0
    assert state["w1"].gradient_spread < 1e-6


def test_bare_tensors(tmp_path: Path) -> None:
    found, names, _ = _run(tmp_path, BARE)
    f = found[1]
    assert [(names[c.parameter], c.fan_in) for c in f.layers] == [("W", 6), ("V", 4)]
    assert f.layers[0].scales is not None
    assert [c.function for c in f.losses] == ["sub"]
    loss = f.losses[0]
    assert (loss.prediction.shape, loss.target and loss.target.shape) == ((32, 1), (32,))
    state = {names[s.parameter]: s for s in f.parameters}
    assert state["W"].gradient_spread < 1e-6  # along the last axis, where its units are


def test_an_lstm(tmp_path: Path) -> None:
    found, names, _ = _run(tmp_path, LSTM)
    f = found[1]
    assert [(c.function, c.fan_in) for c in f.layers] == [
        ("embedding", 1),
        ("lstm", 5),
        ("linear", 7),
    ]
    assert [names[c.parameter] for c in f.layers][1] == "lstm.weight_ih_l0"
    assert f.layers[0].scales is None  # of indices
    assert f.losses[0].function == "nll_loss_nd"
    assert f.losses[0].after == ("LogSoftmax",)
    assert f.losses[0].prediction.maximum < 0


def test_a_convolution_in_evaluation_mode(tmp_path: Path) -> None:
    f = passes(tmp_path, CONVOLUTION)[1]
    assert [(c.function, c.fan_in) for c in f.layers] == [("conv2d", 27), ("linear", 4)]
    scales = f.layers[0].scales
    assert scales is not None
    assert scales.features == 3
    assert f.evaluating == ("net",)
    assert not f.normalizations[0].training
    assert f.normalizations[0].values == 10 * 36
    assert f.normalizations[0].gap > 1
    assert f.normalizations[0].deviation_ratio > 1


def test_two_optimizers_each_with_its_own_pass(tmp_path: Path) -> None:
    found, names, _ = _run(tmp_path, GAN)
    late = [f for f in found if f.step >= 4]
    critic = next(f for f in late if f.optimizer == 0)
    generator = next(f for f in late if f.optimizer == 1)
    assert len(critic.losses) == 2
    assert len(generator.losses) == 1
    assert len(critic.layers) == 4
    detached = [c for c in critic.cuts if c.function == "detach"]
    assert [c.used for c in detached] == [True]
    assert {names[i] for i in detached[0].parameters} == {"G.weight", "G.bias"}
    assert next(names[c.parameter] for c in generator.layers) == "G.weight"
    assert (critic.passes_since_step, generator.passes_since_step) == (1, 1)


def test_a_closure_is_looked_at_once(tmp_path: Path) -> None:
    f = passes(tmp_path, CLOSURE)[1]
    assert f.passes_since_step > 1
    assert [c.function for c in f.losses] == ["l1_loss"]
    assert len(f.layers) == 1


@pytest.mark.parametrize(
    ("how", "function"),
    [
        ("self.second(self.first(x)).detach()", "detach"),
        ("self.second(self.first(x)).data", "data"),
        ("self.second(self.first(x)).round()", "round"),
        ("(self.second(self.first(x)) > 0).float()", "gt"),
        ("F.one_hot(self.second(self.first(x)).argmax(1), 5).float()", "argmax"),
        ("torch.tensor(self.second(self.first(x)).tolist())", "tolist"),
        ("torch.from_numpy(self.second(self.first(x)).detach().numpy() * 2)", "detach"),
        ("torch.zeros_like(self.second(self.first(x)))", None),
    ],
)
def test_cuts(tmp_path: Path, how: str, function: str | None) -> None:
    found, names, _ = _run(tmp_path, CUTS.replace("HOW", how))
    used = [c for f in found[1:] for c in f.cuts if c.used]
    if function is None:
        assert not used
        return
    assert function in {c.function for c in used}
    cut = next(c for c in used if c.function == function)
    assert {names[i] for i in cut.parameters} >= {"second.weight", "first.weight"}
    assert cut.place.source.startswith("script.py:")
    assert cut.met == ()  # asked of draws only


def test_a_block_without_gradients(tmp_path: Path) -> None:
    text = CUTS.replace(
        "h = HOW", "\n        with torch.no_grad():\n            h = self.second(self.first(x))"
    )
    found, names, _ = _run(tmp_path, text)
    used = [c for c in found[1].cuts if c.used]
    assert {c.function for c in used} == {"no_grad"}
    assert {names[i] for i in used[-1].parameters} >= {"first.weight", "second.weight"}


@pytest.mark.parametrize(
    "draw",
    [
        "torch.distributions.Normal(z, 1.0).sample()",
        "torch.normal(z, 1.0)",
        "torch.bernoulli(z.sigmoid())",
    ],
)
def test_a_draw_and_what_takes_it(tmp_path: Path, draw: str) -> None:
    text = CUTS.replace("h = HOW", f"z = self.second(self.first(x)); h = {draw}")
    found, names, _ = _run(tmp_path, text)
    cut = [c for c in found[1].cuts if c.used][-1]
    assert cut.place.operation in ("normal", "bernoulli")
    assert {names[i] for i in cut.parameters} >= {"second.weight", "first.weight"}
    assert {names[i] for i in cut.met} == {"head.weight", "head.bias"}


def test_a_draw_that_is_used_too_often_to_look_into(tmp_path: Path) -> None:
    text = CUTS.replace(
        "h = HOW",
        "z = self.second(self.first(x)); h = torch.normal(z, 1.0)\n"
        "        for _ in range(9): self.head(h)",
    )
    cut = [c for c in passes(tmp_path, text)[1].cuts if c.used][-1]
    assert cut.met == ()


@pytest.mark.parametrize(("alike", "twins"), [((), 0), ((0, 3), 2), ((0, 3, 5), 3)])
def test_units_that_have_a_twin(tmp_path: Path, alike: tuple[int, ...], twins: int) -> None:
    text = f"""
    w = torch.randn(8, 6)
    w[{list(alike)}] = w[7].clone()
    w[7] = -1.0
    w = w.requires_grad_()
    v = torch.ones(8, requires_grad=True)
    optimizer = torch.optim.SGD([w, v], lr=1e-6)
    for step in range(6):
        optimizer.zero_grad()
        (torch.tanh(x @ w.T) @ v - y[:, 0]).square().mean().backward()
        optimizer.step()
    """
    found, names, _ = _run(tmp_path, START + textwrap.dedent(text))
    states = [s for f in found for s in f.parameters if names[s.parameter] == "w"]
    assert [s.twins for s in states] == [twins] * len(states)
    assert {s.units for s in states} == ({8} if twins else {0})


def test_a_loss_made_anew_from_a_number(tmp_path: Path) -> None:
    text = CUTS.replace("HOW", "self.second(self.first(x))").replace(
        "loss = F.mse_loss(net(x), y)",
        "loss = torch.tensor(F.mse_loss(net(x), y).item(), requires_grad=True)",
    )
    cuts = [c for c in passes(tmp_path, text)[1].cuts if c.used]
    assert [c.function for c in cuts] == ["item"]


def test_gradients_that_were_left_and_schedulers(tmp_path: Path) -> None:
    found, _, schedulers = _run(tmp_path, ACCUMULATED)
    first, later = found[0], found[1]
    assert (first.passes_since_step, later.passes_since_step) == (2, 2)
    assert all(s.carried == 0 for s in first.parameters)
    assert all(s.carried > 0 for s in later.parameters)
    assert [s.kind for s in schedulers.values()] == ["CosineAnnealingLR"]
    scheduler = schedulers[0]
    assert scheduler.settings["T_max"] == 3
    assert (scheduler.steps, scheduler.seen_at) == (12, 6)


def test_without_captures_the_parameters_are_looked_at_all_the_same(tmp_path: Path) -> None:
    found = passes(tmp_path, ACCUMULATED, captures=0)
    assert [f.step for f in found] == [0, 1, 2, 4]
    assert all(f.parameters and not f.layers for f in found)


def test_a_step_that_cannot_be_captured_is_looked_at(tmp_path: Path) -> None:
    text = SEQUENTIAL.replace("out = model(x)", "out = model(x) * float(model(x).sum() > -1e9)")
    found = passes(tmp_path, text)
    assert all(f.losses and len(f.layers) == 2 for f in found[1:])


def test_what_is_looked_at_of_large_tensors() -> None:
    from chainrule.observer.forward.values import scales_of, values_of

    torch.manual_seed(0)
    t = 3 * torch.randn(5000, 40) + 1
    found = values_of(t, trained=False)
    assert found.rms == pytest.approx(math.sqrt(10), rel=0.03)
    assert found.nonfinite == 0
    t[::2] = math.nan
    assert values_of(t, trained=False).nonfinite > 0
    assert values_of(torch.empty(0, 3), trained=False).shape == (0, 3)
    scales = scales_of(torch.randn(2000, 3) * 2, channels_first=False, condition=True)
    assert scales is not None
    assert scales.condition == pytest.approx(4, rel=0.4)
    assert scales.largest_offset < 0.1


def test_units_that_are_alike_differ_by_exactly_nothing() -> None:
    from chainrule.observer.forward.values import spread_of

    row = torch.randn(1, 7)
    assert spread_of(row.expand(5, 7).contiguous(), 0) == 0
    assert math.isnan(spread_of(torch.zeros(3, 3), 0))
    assert spread_of(nn.Linear(50, 50).weight, 0) == pytest.approx(1, abs=0.05)
