"""Hypothesis strategies for every record that a run file holds, with all floats."""

from hypothesis import strategies as st

from chainrule.records import (
    Activation,
    BackwardPass,
    ChainLink,
    Consequence,
    Edge,
    Event,
    Evidence,
    Finding,
    Graph,
    Node,
    OptimizerOutline,
    Parameter,
    ParameterSample,
    Place,
    Remedy,
    StepSample,
)

int64 = st.integers(-(2**63), 2**63 - 1)
floats = st.floats() | st.floats(width=32)  # NaN, infinities, -0.0 and subnormals included
# Lone surrogates too: Python makes them of file names and arguments that are not UTF-8.
text = st.text(st.characters(exclude_categories=()), max_size=20)
scalars = st.none() | st.booleans() | int64 | floats | text
json_values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3)
)
numbers = st.integers(0, 2**40)


def tuples(items: st.SearchStrategy, size: int = 4) -> st.SearchStrategy:
    return st.lists(items, max_size=size).map(tuple)


places = st.builds(Place, text, text, text)
parameters = st.builds(
    Parameter,
    index=numbers,
    name=text,
    shape=tuples(numbers),
    dtype=text,
    requires_grad=st.booleans(),
    optimizers=tuples(numbers),
    in_module=st.booleans(),
)
optimizers = st.builds(
    OptimizerOutline,
    index=numbers,
    kind=text,
    hyperparameters=st.dictionaries(text, st.none() | st.booleans() | floats | text, max_size=4),
)
nodes = st.builds(Node, text, places, st.none() | numbers, st.none() | numbers)
edges = st.builds(Edge, numbers, numbers, numbers)
graphs = st.builds(Graph, numbers, tuples(nodes), tuples(edges), tuples(text))
activations = st.builds(
    Activation, int64, floats, floats, floats, floats, int64, int64, st.binary(max_size=9)
)
passes = st.builds(
    BackwardPass,
    step=int64,
    index=int64,
    graph=int64,
    loss=floats,
    scale=floats,
    seed_norm=floats,
    accumulates=st.booleans(),
    node_norms=tuples(floats, 8),
    edge_norms=tuples(floats, 8),
    numels=tuples(int64, 8),
    activations=tuples(activations, 3),
)
parameter_samples = st.builds(
    ParameterSample,
    parameter=int64,
    gradient_norm=st.none() | floats,
    weight_norm=floats,
    update_norm=floats,
    estimated=st.booleans(),
)
samples = st.builds(
    StepSample,
    step=numbers,
    optimizer=int64,
    time_s=floats,
    overhead_s=floats,
    parameters=tuples(parameter_samples),
    backward_passes=tuples(passes, 2),
)
kinds = st.sampled_from(["note", "internal-error", "non-finite"])
events = st.builds(Event, int64, kinds, text, st.dictionaries(text, json_values, max_size=3))
evidence = st.builds(Evidence, floats, text, st.none() | floats, text, text)
remedies = st.builds(Remedy, text, text, text)
links = st.builds(ChainLink, places, text, floats, floats, st.booleans())
severities = st.sampled_from(["error", "warning", "note"])
steps = st.tuples(int64, int64)
consequences = st.builds(Consequence, text, severities, text, places, steps, text, int64)
findings = st.builds(
    Finding,
    fault=text,
    severity=severities,
    title=text,
    where=places,
    steps=steps,
    evidence=st.dictionaries(text, evidence, max_size=3),
    explanation=text,
    remedies=tuples(remedies, 2),
    consequences=tuples(text, 2),
    chain=tuples(links, 2),
    links=tuples(consequences, 2),
)
