"""Names: the module path, the operation and the user's source line."""

import inspect

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from watching import observed


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.block = nn.Sequential(nn.Linear(8, 8), nn.ReLU(inplace=True))
        self.out = nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        h = torch.sigmoid(self.first(x))
        h = h + self.block(h)
        return self.out(h)


def line_of(text: str) -> str:
    """`file.py:12` of the line of this file that holds a text."""
    source = inspect.getsource(inspect.getmodule(line_of))  # type: ignore[arg-type]
    number = next(i for i, line in enumerate(source.splitlines(), 1) if text in line)
    return f"test_labels.py:{number}"


def train(net: nn.Module, steps: int = 2) -> None:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(net(torch.randn(6, 4)), torch.randint(0, 2, (6,))).backward()
        optimizer.step()


def test_modules_operations_and_lines() -> None:
    with observed() as writer:
        train(Net())
    (graph,) = writer.graphs.values()
    places = {node.name: node.place for node in graph.nodes}
    assert places["SigmoidBackward0"].module == "net"
    assert places["SigmoidBackward0"].operation == "Sigmoid"
    assert places["SigmoidBackward0"].source == line_of("h = torch.sigmoid")
    assert places["ReluBackward0"].module == "block.1"
    assert places["ReluBackward0"].source == line_of("h = h + self.block(h)")
    assert {p.name for p in writer.parameters.values()} == {
        *("first.weight", "first.bias", "block.0.weight"),
        *("block.0.bias", "out.weight", "out.bias"),
    }
    assert {p.root for p in writer.parameters.values()} == {"net"}


def test_a_sequential_is_named_by_its_variable() -> None:
    classifier = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))
    with observed() as writer:
        optimizer = torch.optim.SGD(classifier.parameters(), lr=0.1)
        classifier(torch.randn(5, 4)).sum().backward()
        optimizer.step()
    assert writer.parameters[0].name == "classifier.0.weight"


def test_bare_tensors_are_named_by_their_variables() -> None:
    W1 = torch.randn(4, 3, requires_grad=True)
    layers = [torch.randn(3, 2, requires_grad=True)]
    optimizer = torch.optim.SGD([W1, *layers], lr=0.1)
    with observed() as writer:
        (torch.randn(5, 4) @ W1 @ layers[0]).sum().backward()
        optimizer.step()
    assert [p.name for p in writer.parameters.values()] == ["W1", "layers[0]"]
    assert not any(p.in_module for p in writer.parameters.values())


def test_a_graph_met_later_is_labelled_later() -> None:
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with observed() as writer:
        for step in range(6):
            x = torch.randn(6, 4)
            loss = net(x).pow(2).mean() if step < 3 else F.gelu(net(x)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    last = writer.graphs[writer.samples[-1].backward_passes[0].graph]
    gelu = next(node for node in last.nodes if node.name == "GeluBackward0")
    assert gelu.place.source == line_of("loss = net(x).pow(2).mean()")


def test_the_scripts_own_anomaly_mode_is_left_alone() -> None:
    net = nn.Linear(4, 2)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with observed():
        assert not torch.is_anomaly_enabled()  # ours does not show
        with pytest.warns(UserWarning, match="Anomaly"), torch.autograd.detect_anomaly():
            assert torch.is_anomaly_enabled()
            net(torch.randn(3, 4)).sum().backward()
            optimizer.step()
        assert not torch.is_anomaly_enabled()
    assert not torch.is_anomaly_enabled()
    assert not torch.is_anomaly_check_nan_enabled()


def test_models_of_one_shape_have_their_own_names() -> None:
    def make() -> nn.Module:
        return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))

    first, second = make(), make()
    with observed(captures=0) as writer:
        for net in (first, second):
            optimizer = torch.optim.SGD(net.parameters(), 0.1)
            for _ in range(3):
                optimizer.zero_grad()
                net(torch.randn(8, 4)).pow(2).mean().backward()
                optimizer.step()
    assert {graph for s in writer.samples for graph in [s.backward_passes[0].graph]} == {0, 1}
    for number, name in ((0, "first"), (1, "second")):
        places = {n.place.module.split(".")[0] for n in writer.graphs[number].nodes}
        assert places == {"", name}


def test_a_module_of_one_layer_is_named_after_its_variable() -> None:
    embedding = nn.Embedding(5, 3)
    optimizer = torch.optim.SGD(embedding.parameters(), 0.1)
    with observed(captures=0) as writer:
        embedding(torch.arange(5)).pow(2).mean().backward()
        optimizer.step()
    assert [p.name for p in writer.parameters.values()] == ["embedding.weight"]


def test_the_scale_of_a_gradient_scaler_is_called_so() -> None:
    net = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(captures=0) as writer:
        scaler = torch.amp.GradScaler("cpu", init_scale=1024.0)
        for _ in range(3):
            optimizer.zero_grad()
            scaler.scale((net(torch.ones(8, 4)) * 3.0).pow(2).mean()).backward()
            scaler.step(optimizer)
            scaler.update()
    operations = [n.place.operation for n in writer.graphs[0].nodes]
    assert operations[0] == "loss scale"
    assert operations.count("Mul") == 1
    assert writer.graphs[0].nodes[0].place.source.startswith("test_labels.py:")


def test_an_operator_of_a_library_has_its_own_name() -> None:
    @torch.library.custom_op("chainrule_test::sq", mutates_args=())
    def sq(x: torch.Tensor) -> torch.Tensor:
        return x * x

    sq.register_autograd(
        lambda ctx, g: 2 * ctx.saved_tensors[0] * g,
        setup_context=lambda ctx, inputs, output: ctx.save_for_backward(inputs[0]),
    )
    net = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(net.parameters(), 0.1)
    with observed(captures=0) as writer:
        sq(net(torch.ones(8, 4))).mean().backward()
        optimizer.step()
    assert "chainrule_test_sq" in [n.place.operation for n in writer.graphs[0].nodes]


def test_labels_that_come_after_the_parameters_have_numbers_reach_the_graph() -> None:
    """As under torch.compile, whose first step is not labelled."""
    weight = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], 0.1)
    with observed(captures=0) as writer:
        for step in range(3):
            if step == 0:
                torch.set_anomaly_enabled(True)  # the script's own: we stand aside
            loss = (weight * 2).sum()
            torch.set_anomaly_enabled(False)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    assert all(n.place.source for n in writer.graphs[0].nodes if n.parameter is None)
