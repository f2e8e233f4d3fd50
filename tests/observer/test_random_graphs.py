"""The identity as a property of randomly built graphs."""

import math
import random

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from watching import observed

from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN

UNARY = (
    torch.tanh,
    torch.sigmoid,
    torch.relu,
    torch.sin,
    lambda t: t * 1.7,
    lambda t: t.T.contiguous().T,
    lambda t: torch.nn.functional.gelu(t),
    lambda t: t[:, :2].repeat(1, 2),
    lambda t: t.exp().clamp(max=3.0),
)
BINARY = (
    torch.add,
    torch.sub,
    torch.mul,
    lambda a, b: a @ b.T @ b,
    lambda a, b: torch.cat([a[:, :2], b[:, 2:]], 1),
    lambda a, b: torch.stack([a, b]).mean(0),
    torch.maximum,
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), max_size=25),
    st.integers(0, 2**16),
)
def test_every_path_multiplies_out(plan: list[tuple[int, int, int]], seed: int) -> None:
    torch.manual_seed(seed)
    leaves = [torch.nn.Parameter(torch.randn(3, 4)) for _ in range(3)]
    optimizer = torch.optim.SGD(leaves, lr=1e-3)
    values = list(leaves)
    for operation, i, j in plan:
        a, b = values[i % len(values)], values[j % len(values)]
        if operation % 2:
            values.append(UNARY[operation % len(UNARY)](a))
        else:
            values.append(BINARY[operation % len(BINARY)](a, b))
    loss = sum((v / (1 + v.detach().abs().max())).pow(2).mean() for v in values[-3:])
    expected = torch.autograd.grad(loss, leaves, retain_graph=True, allow_unused=True)
    with observed() as writer:
        loss.backward()
        optimizer.step()
    (sample,) = writer.samples
    (backward,) = sample.backward_passes
    chain = Chain(writer.graphs[backward.graph], backward)
    rng = random.Random(seed)
    for i, gradient in enumerate(expected):
        index = next(k for k, p in writer.parameters.items() if p.name == f"leaves[{i}]")
        measured = chain.norm(index)
        if gradient is None:
            assert measured is None
            continue
        truth = float(torch.linalg.vector_norm(gradient.double()))
        assert measured is not None
        assert math.isclose(measured, truth, rel_tol=1e-4, abs_tol=1e-30)
        if truth > 1e-20:
            for _ in range(5):
                assert math.isclose(random_product(chain, index, rng), truth, rel_tol=1e-4)


def random_product(chain: Chain, parameter: int, rng: random.Random) -> float:
    """Π γ μ along a random path on which a gradient came."""
    backward, node, product = chain.backward_pass, chain.leaves[parameter], 1.0
    while True:
        ways = [
            (e, edge)
            for e, edge in enumerate(chain.graph.edges)
            if edge.target == node and backward.edge_norms[e] not in (0.0, NEVER_RAN)
        ]
        if not ways:
            return product * backward.node_norms[node]
        e, edge = rng.choice(ways)
        product *= backward.edge_norms[e] / backward.node_norms[edge.source]  # γ
        product *= backward.node_norms[node] / backward.edge_norms[e]  # μ
        node = edge.source
