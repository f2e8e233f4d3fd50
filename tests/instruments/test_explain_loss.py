"""`explain_loss` on real graphs: a formula's graph, exact numbers, and nothing disturbed."""

import contextlib
import math
import time
from collections.abc import Sequence

import pytest
import torch
import torch.nn.functional as F
from explained_models import POINT, Residual, small_network
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from chainrule.calculus.graph import dependency_graph
from chainrule.calculus.parse import parse
from chainrule.instruments.backpropagation import ExplanationError, explain_loss
from chainrule.instruments.backpropagation import measure as measuring
from chainrule.records.loss_explanation import LossExplanation


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the walk over the heap: no tensor retains its gradient."""
    monkeypatch.setattr(measuring, "_retained", lambda *_: contextlib.nullcontext())


def assert_exact(told: LossExplanation, loss: Tensor, tensors: dict[str, Tensor]) -> None:
    """All gradients are autograd's, and nothing was doubted."""
    for name, tensor in tensors.items():
        (gradient,) = torch.autograd.grad(loss, tensor, retain_graph=True)
        found = told.graph.derivative[name]
        assert found is not None
        if gradient.numel() == 1:
            assert found == float(gradient)
        else:
            assert found == pytest.approx(float(gradient.double().norm()), rel=1e-12)
    assert not [n for n in told.notes if "ot kept" not in n and "not counted" not in n]


# ---- numbers ---------------------------------------------------------------------------------


def test_a_network_of_numbers_has_the_graph_of_its_formula() -> None:
    loss, tensors = small_network()
    names = ["w1", "b1", "w2", "b2"]
    told = explain_loss(loss, [tensors[n] for n in names], names=tensors)
    formula = parse("(sigmoid(w2*tanh(w1*x + b1) + b2) - t)**2")
    paper = dependency_graph(formula, names, POINT)
    assert told.scalar
    for name in names:
        assert told.graph.derivative[name] == pytest.approx(paper.derivative[name], rel=1e-14)
        assert told.graph.paths_counted[name] == paper.paths_counted[name] == 1
        (way,) = told.graph.paths[name]
        assert way.value == pytest.approx(paper.derivative[name], rel=1e-12)
    # the formula's graph has w·x + b as one sum, and so has autograd's
    assert told.graph.reverse_multiplications == paper.reverse_multiplications
    assert told.graph.forward_multiplications == paper.forward_multiplications
    assert [n.value for n in told.graph.nodes if n.kind == "operation"] == pytest.approx(
        [n.value for n in paper.nodes if n.kind == "operation"]
    )
    assert_exact(told, loss, {n: tensors[n] for n in names})


def test_edges_hold_formula_figures_and_number() -> None:
    loss, tensors = small_network()
    told = explain_loss(loss, tensors["w1"], names=tensors)
    of = {told.graph.nodes[e.target].operation: e for e in told.graph.edges}
    tanh = of["TanhBackward0"]
    assert (tanh.derivative, tanh.figures) == ("1 - tanh(u₂)²", "1 - 0.6911²")
    assert tanh.value == pytest.approx(1 - math.tanh(0.85) ** 2, rel=1e-14)
    assert of["PowBackward0"].figures == "2·(-0.5705)"
    assert tanh.name == "∂u₃/∂u₂"


def test_backpropagation_is_in_autograds_order() -> None:
    loss, tensors = small_network()
    told = explain_loss(loss, [tensors["w1"], tensors["w2"]], names=tensors)
    order = [told.graph.nodes[i].label for i in told.graph.visits]
    assert order == ["L", "u₇", "u₆", "u₅", "u₄", "w2", "u₃", "u₂", "u₁", "w1"]
    sent = {edge.id: edge for edge in told.graph.edges}
    assert list(sent) == sorted(sent)


def test_a_value_used_twice_has_two_ways_that_add() -> None:
    x = torch.tensor(1.3, requires_grad=True)
    loss = x * torch.sin(x)
    told = explain_loss(loss, x)
    assert told.graph.paths_counted["x"] == 2
    values = [path.value for path in told.graph.paths["x"] if path.value is not None]
    assert sum(values) == pytest.approx(math.sin(1.3) + 1.3 * math.cos(1.3), rel=1e-6)


def test_the_same_argument_twice_is_two_edges_with_names() -> None:
    x = torch.tensor(3.0, requires_grad=True)
    told = explain_loss(x * x, x)
    assert [edge.name for edge in told.graph.edges] == ["∂L/∂x (1st)", "∂L/∂x (2nd)"]
    assert told.graph.derivative["x"] == 6.0


def test_a_constant_that_was_not_kept_is_worked_back_and_said_to_be() -> None:
    x = torch.tensor(0.25, requires_grad=True)
    told = explain_loss((x - 0.1) ** 2, x)
    constant = next(node for node in told.graph.nodes if node.kind == "constant")
    assert constant.value == pytest.approx(0.1, abs=1e-6)
    assert any("was not kept" in note and "0.1" in note for note in told.notes)


def test_a_local_derivative_of_zero_is_known_though_nothing_is_sent() -> None:
    x = torch.tensor(0.5, requires_grad=True)
    loss = torch.relu(torch.tanh(x) - 2)
    told = explain_loss(loss, x)
    of = {told.graph.nodes[e.target].operation: e.value for e in told.graph.edges}
    assert of["ReluBackward0"] == 0.0
    assert of["TanhBackward0"] == pytest.approx(1 - math.tanh(0.5) ** 2, rel=1e-6)


_UNARY = ("tanh", "sigmoid", "sin", "exp", "relu", "softplus")


@settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.sampled_from([*_UNARY, "+", "*", "-"]), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=8,
    ),
    st.floats(-1.5, 1.5),
)
def test_random_graphs_of_numbers_agree_with_autograd(
    quick: None, steps: Sequence[tuple[str, int, int]], start: float
) -> None:
    x = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    known: list[Tensor] = [x, w, x * w]
    for name, i, j in steps:
        a, b = known[i % len(known)], known[j % len(known)]
        if name in _UNARY:
            a = torch.tanh(a) if name == "exp" else a
            known.append(F.softplus(a) if name == "softplus" else getattr(torch, name)(a))
        else:
            known.append(a + b if name == "+" else a - b if name == "-" else a * b)
    loss = known[-1] + known[2]
    told = explain_loss(loss, x, names={"x": x, "w": w})
    assert_exact(told, loss, {"x": x})
    paths = told.graph.paths["x"]
    if len(paths) == told.graph.paths_counted["x"]:
        total = math.fsum(p.value for p in paths if p.value is not None)
        size = math.fsum(abs(p.value) for p in paths if p.value is not None)
        (exact,) = torch.autograd.grad(loss, x)
        assert abs(total - float(exact)) <= 1e-12 * max(size, 1e-300)


# ---- networks --------------------------------------------------------------------------------


class Doubled(torch.autograd.Function):
    """x ↦ 2x, whose inside nobody knows."""

    calls = 0

    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: object, gradient: Tensor) -> Tensor:  # type: ignore[override]
        Doubled.calls += 1
        return gradient * 2


@pytest.fixture
def perceptron() -> tuple[nn.Module, Tensor, Tensor]:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3))
    return model, torch.randn(8, 3), torch.randint(0, 3, (8,))


def test_a_perceptron_with_cross_entropy(perceptron: tuple[nn.Module, Tensor, Tensor]) -> None:
    model, x, target = perceptron
    names = dict(model.named_parameters())
    loss = F.cross_entropy(model(x), target)
    told = explain_loss(loss, names["0.weight"], entry=(1, 2), names=names)
    assert not told.scalar
    assert_exact(told, loss, {"[0].weight": names["0.weight"]})
    (exact,) = torch.autograd.grad(loss, names["0.weight"])
    assert told.steps[0].label == "[0].weight[1,2]"
    assert told.steps[0].value == float(exact[1, 2])
    # the chain of sums ends at the loss
    last = told.steps[-1].sums[0]
    assert told.graph.edges[last.edge].target == told.graph.output
    assert [s.sums[0].symbols for s in told.steps[:3]] == [
        "∂L/∂[0].weightᵀ[2,1]",
        "Σₙ x[n,2] · ∂L/∂u₁[n,1]",
        "(1 - tanh(u₁[4,1])²) · ∂L/∂u₂[4,1]",
    ]
    labels = {node.label: node for node in told.graph.nodes}
    assert labels["x"].kind == "constant"
    assert labels["u₁"].expression == "x @ [0].weightᵀ + [0].bias"
    assert labels["u₁"].shape == (8, 4)
    assert labels["[0].bias"].norm == pytest.approx(
        float(names["0.bias"].detach().norm()), rel=1e-6
    )


def test_the_sum_of_an_entry_by_hand(perceptron: tuple[nn.Module, Tensor, Tensor]) -> None:
    """∂L/∂W[i,j] = Σₙ x[n,j]·G[n,i], with G from the caller's own retained gradient."""
    model, x, target = perceptron
    hidden = model[0](x)  # type: ignore[index]
    loss = F.cross_entropy(model[2](torch.tanh(hidden)), target)  # type: ignore[index]
    told = explain_loss(loss, model[0].weight, entry=(1, 2))  # type: ignore[index]
    (g,) = torch.autograd.grad(loss, hidden, retain_graph=True)
    products = x[:, 2].double() * g[:, 1].double()
    each = told.steps[1].sums[0]
    assert each.count == 8
    assert each.value == pytest.approx(float(products.sum()), rel=1e-12)
    shown = [term.value for term in each.terms]
    assert shown[:3] == pytest.approx(products[:3].tolist(), rel=1e-12)
    assert max(map(abs, shown)) == pytest.approx(float(products.abs().max()), rel=1e-12)
    assert each.terms[0].adjoint_label == "∂L/∂hidden[0,1]"


def test_the_factors_multiply_to_the_norm() -> None:
    torch.manual_seed(1)
    net = Residual()
    loss = F.cross_entropy(net(torch.randn(4, 1, 6, 6)), torch.tensor([0, 1, 2, 1]))
    for name in ("conv.weight", "bn.weight", "again.bias", "fc.weight"):
        weight = net.get_parameter(name)
        told = explain_loss(loss, weight, names=dict(net.named_parameters()))
        product = math.prod(f.gain * f.merge for f in told.chain)
        assert product == pytest.approx(told.norms[name], rel=1e-6)
        assert_exact(told, loss, {name: weight})
        assert all(not s.unknown for step in told.steps for s in step.sums)
    told = explain_loss(loss, net.conv.weight)
    assert told.graph.paths_counted["conv.weight"] == 2
    assert any(not math.isclose(f.merge, 1.0, rel_tol=1e-3) for f in told.chain)


def test_shared_weights_have_one_sum_for_each_use() -> None:
    torch.manual_seed(2)
    w, x = torch.randn(3, 3, requires_grad=True), torch.randn(4, 3)
    loss = (torch.tanh(x @ w) @ w).pow(2).mean()
    told = explain_loss(loss, w, entry=(0, 1))
    assert len(told.steps[0].sums) == 2
    (exact,) = torch.autograd.grad(loss, w)
    values = [s.value for s in told.steps[0].sums if s.value is not None]
    assert sum(values) == pytest.approx(float(exact[0, 1]), rel=1e-5)


def test_a_users_function_is_named_and_its_number_is_exact() -> None:
    x = torch.randn(3, requires_grad=True)
    loss = Doubled.apply(x).pow(2).sum()  # type: ignore[no-untyped-call]
    told = explain_loss(loss, x, entry=1)
    assert "DoubledBackward" in {node.operation for node in told.graph.nodes}
    (each,) = told.steps[0].sums
    assert "is not known" in each.unknown
    assert each.exact == pytest.approx(8 * x[1].item(), rel=1e-6)
    assert told.graph.edges[-1].value == pytest.approx(2.0, rel=1e-6)
    assert any("Doubled" in note for note in told.notes)


def test_a_users_backward_runs_once() -> None:
    x = torch.tensor(0.3, requires_grad=True)
    loss = Doubled.apply(x) ** 2  # type: ignore[no-untyped-call]
    Doubled.calls = 0
    told = explain_loss(loss, x)
    assert Doubled.calls == 1
    assert told.graph.edges[-1].value == pytest.approx(2.0, rel=1e-6)


def test_autocast_to_bfloat16() -> None:
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(16, 8), nn.GELU(), nn.Linear(8, 4))
    with torch.autocast("cpu", torch.bfloat16):
        out = model(torch.randn(32, 16))
    loss = F.cross_entropy(out.float(), torch.arange(32) % 4)
    told = explain_loss(loss, model[0].weight)
    assert "ToCopyBackward0" in {node.operation for node in told.graph.nodes}
    assert told.dtypes == {"[0].weight": "float32"}
    assert_exact(told, loss, {"[0].weight": model[0].weight})


def test_after_a_first_backward_that_kept_the_graph() -> None:
    loss, tensors = small_network()
    loss.backward(retain_graph=True)
    before = tensors["w1"].grad
    assert before is not None
    told = explain_loss(loss, tensors["w1"], names=tensors)
    assert told.graph.derivative["w1"] == float(before)


def test_an_activation_in_between() -> None:
    torch.manual_seed(4)
    w = torch.randn(3, 3, requires_grad=True)
    h = torch.tanh(torch.randn(2, 3) @ w)
    loss = (h @ w).sum()
    told = explain_loss(loss, h)
    assert told.graph.nodes[told.graph.wrt[0]].label == "h"
    assert told.graph.nodes[told.graph.wrt[0]].kind == "input"
    assert_exact(told, loss, {"h": h})
    both = explain_loss(loss, [h, w])  # w is also below h
    assert_exact(both, loss, {"h": h, "w": w})


def test_the_last_layer_of_a_deep_network_is_explained() -> None:
    layers = [layer for _ in range(200) for layer in (nn.Linear(2, 2), nn.Tanh())]
    deep = nn.Sequential(*layers, nn.Linear(2, 1))
    loss = deep(torch.ones(1, 2)).sum()
    told = explain_loss(loss, deep[-1].weight)
    assert len(told.graph.edges) == 3
    with pytest.raises(ExplanationError, match=r"\d+ operations lie between .*\[0\]\.weight"):
        explain_loss(loss, deep[0].weight)


def test_two_hundred_operations_take_less_than_a_second() -> None:
    x = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(100):
        y = torch.tanh(y) + x
    began = time.perf_counter()
    told = explain_loss(y, x)
    assert time.perf_counter() - began < 3  # one second on a machine that is not shared
    assert told.graph.reverse_multiplications == 300
    assert told.graph.paths_counted["x"] == 101


def test_ways_that_double_at_each_step_are_counted_and_not_listed() -> None:
    x = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    y = x
    for _ in range(40):
        y = y + y * 0.5
    told = explain_loss(y, x)
    assert told.graph.paths_counted["x"] == 2**40
    assert told.graph.paths["x"] == ()
    assert told.graph.derivative["x"] == pytest.approx(1.5**40)


# ---- names -----------------------------------------------------------------------------------


def test_names_come_from_the_mapping_then_from_the_caller() -> None:
    weight, other = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    pair = [torch.full((2,), 3.0, requires_grad=True)]
    told = explain_loss((weight * other * pair[0]).sum(), weight, names={"model.w": weight})
    labels = {node.label for node in told.graph.nodes}
    assert {"model.w", "other", "pair[0]"} <= labels


def test_a_leaf_without_a_name_is_numbered() -> None:
    def hidden() -> Tensor:
        return (torch.ones(2, requires_grad=True) * torch.ones(2, requires_grad=True)).sum()

    loss = hidden()
    leaf = loss.grad_fn.next_functions[0][0].next_functions[0][0].variable  # type: ignore[union-attr]
    told = explain_loss(loss, leaf, names={"a": leaf})
    assert "leaf 0" in {node.label for node in told.graph.nodes}


def test_two_tensors_never_share_a_name() -> None:
    w = torch.ones(2, requires_grad=True)
    v = torch.ones(2, requires_grad=True)
    told = explain_loss((w * v).sum(), [w, v], names={"w": v})
    labels = [node.label for node in told.graph.nodes]
    assert len(labels) == len(set(labels))
    assert set(told.graph.derivative) == {told.graph.nodes[i].label for i in told.graph.wrt}
