"""The first operation that made a non-finite number, forward or backward, and the step."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn
from watching import observed


def event(writer):  # type: ignore[no-untyped-def]
    (found,) = [e for e in writer.events if e.kind == "non-finite"]
    return found


def test_logarithm_of_zero() -> None:
    torch.manual_seed(0)
    net = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(every=100, captures=0) as writer:
        for step in range(5):
            p = (
                torch.relu(net(torch.randn(8, 4)))
                if step == 3
                else F.softmax(net(torch.randn(8, 4)), 1)
            )
            loss = -torch.log(p).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    assert found.step == 3
    assert found.data["operation"] == "Log"
    assert found.data["direction"] == "forward"
    (name, low, _, wrong) = found.data["inputs"][0]
    assert (name, low, wrong) == ("self", 0.0, 0)


def test_exponential_that_overflows() -> None:
    net = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed() as writer:
        for step in range(3):
            z = net(torch.ones(8, 4)) + (1000.0 if step == 2 else 0.0)
            loss = (z.exp() / z.exp().sum(1, keepdim=True)).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    assert (found.step, found.data["operation"]) == (2, "Exp")


def test_square_root_at_zero_breaks_the_backward_pass() -> None:
    net = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed() as writer:
        for step in range(3):
            h = net(torch.randn(8, 4))
            loss = (h - h.detach() if step == 1 else h).pow(2).sum(1).sqrt().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    assert (found.step, found.data["operation"]) == (1, "Sqrt")
    assert found.data["direction"] == "backward"


def test_not_sampled_the_weights_tell() -> None:
    net = nn.Linear(4, 3)
    head = nn.Linear(3, 1)
    optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], 0.1)
    with observed(every=100, captures=0) as writer:
        for step in range(5):
            h = net(torch.randn(8, 4))
            distance = (h - h.detach() if step == 2 else h).pow(2).sum(1).sqrt().mean()
            loss = distance + head(h.detach()).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    assert found.step == 3
    assert found.data["direction"] == "weights"
    names = {writer.parameters[i].name for i in found.data["parameters"]}
    assert names == {"net.weight", "net.bias"} or names == {"weight", "bias"}


def test_a_scaled_loss_that_overflows_is_no_fault() -> None:
    net = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed() as writer:
        scaler = torch.amp.GradScaler("cpu", init_scale=2.0**127)
        for _ in range(4):
            loss = (100 * net(torch.randn(8, 4))).pow(2).mean()
            optimizer.zero_grad()
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
    assert [e for e in writer.events if e.kind == "non-finite"] == []


def test_a_graph_that_is_met_once_takes_its_labels_from_the_one_most_like_it() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(every=100, captures=0) as writer:
        for step in range(5):
            p = net(torch.randn(8, 4)).softmax(1)
            if step == 3:
                p = p * 0
            loss = -torch.log(p).mean()  # this line
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    lines = Path(__file__).read_text().split("\n")
    line = 1 + next(i for i, text in enumerate(lines) if text.endswith("# this line"))
    assert (found.data["operation"], found.data["source"]) == ("Log", f"test_nonfinite.py:{line}")


def test_an_operation_without_its_like_is_given_no_place_but_its_predecessors() -> None:
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(every=100, captures=0) as writer:
        for step in range(5):
            z = net(torch.randn(8, 4))
            if step == 3:
                z = (z - 1000).exp().log()
            loss = z.pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    found = event(writer)
    assert (found.data["operation"], found.data["module"], found.data["source"]) == ("Log", "", "")
    assert str(found.data["after"]).startswith("net.2 Addmm (test_nonfinite.py:")


def test_the_very_first_loss_may_be_the_one() -> None:
    net = nn.Linear(4, 3)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(captures=0) as writer:
        x = torch.ones(8, 4)
        loss = net((x - x.mean(0)) / x.std(0)).pow(2).mean()  # 0 by 0
        loss.backward()
        optimizer.step()
    found = event(writer)
    assert (found.step, found.data["operation"], found.data["direction"]) == (0, "Addmm", "data")
