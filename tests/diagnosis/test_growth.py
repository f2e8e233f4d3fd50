"""How much a gradient grows on its way to a weight: read off the tree of principal paths."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainrule.diagnosis.case import z_chain
from chainrule.diagnosis.faults.exploding_gradient import FEWEST_FACTORS, growth_by_weight
from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN, BackwardPass, Edge, Graph, Node, Place

OPERATIONS = ("AddmmBackward0", "ReluBackward0", "TBackward0", "MulBackward0", "MeanBackward0")
LAYERS = ("weight", "activation", "attention", "normalization", "compiled")
WITH_WEIGHTS = ("weight", "compiled", "normalization", "other", "attention")

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""How long an example takes says how busy the machine is."""

norms = st.sampled_from((0.0, 1e-3, 0.5, 1.0, 30.0, 1e4, math.inf, math.nan, NEVER_RAN))


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """A pass over a graph with branches and merges; its last nodes are weights."""
    inner, weights = draw(st.integers(1, 12)), draw(st.integers(1, 3))
    nodes = [Node(draw(st.sampled_from(OPERATIONS)), Place(f"m{i}")) for i in range(inner)]
    nodes += [Node("AccumulateGrad", Place(f"w{i}"), parameter=i) for i in range(weights)]
    edges = []
    for target in range(1, len(nodes)):
        nearer = st.integers(max(0, min(target, inner) - 3), min(target, inner) - 1)
        sources = draw(st.sets(nearer, min_size=1, max_size=3))
        edges += [Edge(source, target, target) for source in sources]
    edges.sort(key=lambda edge: (edge.source, edge.input_index))
    passed = BackwardPass(
        step=0,
        index=0,
        graph=0,
        loss=1.0,
        scale=1.0,
        seed_norm=1.0,
        accumulates=True,
        node_norms=tuple(draw(norms) for _ in nodes),
        edge_norms=tuple(draw(norms) for _ in edges),
        numels=tuple(draw(st.integers(0, 4)) for _ in nodes),
    )
    return Chain(Graph(0, tuple(nodes), tuple(edges)), passed)


@unhurried
@given(chain=chains())
def test_it_is_the_largest_gradient_of_the_path_by_that_at_the_first_layer(chain: Chain) -> None:
    expected = {}
    for weight in range(3):
        path = z_chain(chain, weight)
        begin = next((i for i, f in enumerate(path) if f.kind in LAYERS), len(path))
        nodes = [f.node for f in path[begin : begin + 1]] + [f.target for f in path[begin:]]
        sizes = [chain.rms(node) for node in nodes]
        sizes = [size for size in sizes if math.isfinite(size) and size > 0]
        if sizes and len(path) >= FEWEST_FACTORS:
            expected[weight] = max(sizes) / sizes[0]
    assert growth_by_weight(chain, range(3)) == pytest.approx(expected, rel=1e-12)


@unhurried
@given(chain=chains())
def test_the_path_to_a_layer_ends_before_its_weight(chain: Chain) -> None:
    for weight in range(3):
        path = chain.path(weight)
        layers = [i for i, factor in enumerate(path) if factor.kind in WITH_WEIGHTS]
        assert repr(z_chain(chain, weight)) == repr(path[: layers[-1]] if layers else path)


@unhurried
@given(chain=chains())
def test_a_path_follows_the_largest_contributions(chain: Chain) -> None:
    assert sorted(chain.outwards) == list(range(len(chain.graph.nodes)))
    for node in chain.outwards:
        edges = [
            (math.inf if math.isnan(norm) else norm, edge.source)
            for edge, norm in zip(chain.graph.edges, chain.backward_pass.edge_norms, strict=True)
            if edge.target == node and norm != NEVER_RAN
        ]
        source = chain.source(node)
        if source is None:
            assert not edges
        else:
            assert max(size for size, _ in edges) == next(s for s, at in edges if at == source)
            assert chain.outwards.index(source) < chain.outwards.index(node)


def test_a_deep_chain_is_walked_once_not_once_a_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    """Written out, the paths of a network of 200 layers are 40,000 factors a sample."""
    layers = 200
    nodes = [Node("MseLossBackward0", Place("loss"))]
    edges = []
    above = 0
    for layer in range(layers):
        at = len(nodes)
        nodes += [
            Node("AddmmBackward0", Place(f"l{layer}")),
            Node("AccumulateGrad", Place(f"l{layer}.weight"), parameter=layer),
        ]
        edges += [Edge(above, at, 0), Edge(at, at + 1, 2)]
        above = at
    passed = BackwardPass(
        step=0,
        index=0,
        graph=0,
        loss=1.0,
        scale=1.0,
        seed_norm=1.0,
        accumulates=True,
        node_norms=(1.0,) * len(nodes),
        edge_norms=(1.0,) * len(edges),
        numels=(1,) * len(nodes),
    )
    looked_at = []
    rms = Chain.rms

    def counted(chain: Chain, node: int) -> float:
        looked_at.append(node)
        return rms(chain, node)

    monkeypatch.setattr(Chain, "rms", counted)
    monkeypatch.setattr(Chain, "factor", None)
    growth = growth_by_weight(Chain(Graph(0, tuple(nodes), tuple(edges)), passed), range(layers))
    assert len(growth) == layers - FEWEST_FACTORS + 1
    assert len(looked_at) == len(nodes)
