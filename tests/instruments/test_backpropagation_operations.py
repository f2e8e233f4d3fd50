"""What is written on paper for each operation is what autograd computes, entry by entry."""

import contextlib
import itertools
from pathlib import Path

import pytest
import torch
from recorded_operations import CASES, Case
from torch import Tensor

import chainrule.instruments.backpropagation.operations as operations
from chainrule.instruments.backpropagation import measure as measuring
from chainrule.instruments.backpropagation.entries import Entries
from chainrule.instruments.backpropagation.explain import explain_loss
from chainrule.instruments.backpropagation.figures import as_factor, figure
from chainrule.instruments.backpropagation.forward import Forward
from chainrule.instruments.backpropagation.naming import Names
from chainrule.instruments.backpropagation.walk import walk
from chainrule.records.loss_explanation import EntryStep

MOST_ENTRIES = 5
EXACT = 1e-10
"""Relative, of float64 sums in another order; a difference of near numbers may lose some digits."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the walk over the heap: no tensor here retains its gradient."""
    monkeypatch.setattr(measuring, "_retained", lambda *_: contextlib.nullcontext())


def chains(loss: Tensor, wrt: Tensor, entries: list[tuple[int, ...]]) -> list[list[EntryStep]]:
    """Some entries worked out on one and the same graph."""
    walked = walk(loss, [wrt], ["w"])
    measured = measuring.measure(loss, [wrt], ["w"], walked)
    forward = Forward(walked, Names({"w": wrt}, None), loss)
    ids = {edge: i for i, edge in enumerate(walked.edges)}
    worker = Entries(forward, measured, ids, {i: i for i in range(len(walked.operations))})
    index, slot = walked.wrt[0]
    found = [worker.chain(index, slot, entry, measured.gradients[0]) for entry in entries]
    assert not worker.notes
    return found


def some_entries(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    every = list(itertools.product(*map(range, shape)))
    return every[:: max(1, len(every) // MOST_ENTRIES)]


@pytest.mark.filterwarnings("ignore:Using padding")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_sums_are_autograds_numbers(case: Case) -> None:
    tensors = case.tensors()
    torch.manual_seed(1)
    loss = case.loss(*tensors)
    unknown = set()
    for tensor in tensors:
        gradient = torch.autograd.grad(loss, tensor, retain_graph=True)[0].to_dense()
        entries = some_entries(tuple(tensor.shape))
        for entry, steps in zip(entries, chains(loss, tensor, entries), strict=True):
            if steps:
                assert steps[0].value == float(gradient[entry])
            for each in (part for step in steps for part in step.sums):
                if each.unknown:
                    unknown.add(each.unknown.partition("Backward")[0])
                    continue
                assert each.value is not None
                size = max(abs(each.exact), max((abs(t.value) for t in each.terms), default=0))
                tolerance = 1e-6 if case.name == "to" else EXACT
                assert abs(each.value - each.exact) <= tolerance * size, (entry, each)
                listed = sum(term.value for term in each.terms) + each.rest
                assert abs(listed - each.value) <= 1e-12 * max(1.0, size)
    found = " ".join(unknown)
    assert bool(unknown) == bool(case.unknown)
    assert case.unknown in found


@pytest.mark.filterwarnings("ignore:Using padding")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_whole_explanation_has_no_doubts(case: Case) -> None:
    tensors = case.tensors()
    torch.manual_seed(1)
    loss = case.loss(*tensors)
    for tensor in tensors:
        told = explain_loss(loss, tensor)
        expected = ("not counted", *(["entries tie"] if case.name == "ties" else []))
        doubts = [note for note in told.notes if not any(words in note for words in expected)]
        assert not [note for note in doubts if "ot kept" not in note]
        assert told.checked > 0
        for node in told.graph.nodes:
            assert node.label
            assert node.kind != "operation" or node.expression
        for edge in told.graph.edges:
            assert edge.derivative


def test_a_wrong_formula_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with autograd can fail: the rule of tanh in place of that of sigmoid."""
    by_kind = operations._BY_KIND
    monkeypatch.setitem(by_kind, "Sigmoid", by_kind["Tanh"])
    x = torch.tensor([0.3, -0.2], requires_grad=True)
    told = explain_loss(torch.sigmoid(x).sum(), x)
    assert any("SigmoidBackward0 sends" in note for note in told.notes)
    one = torch.tensor(0.3, requires_grad=True)
    told = explain_loss(torch.sigmoid(one), one)
    assert any("SigmoidBackward0 has the local derivative" in note for note in told.notes)
    assert told.graph.derivative["one"] == pytest.approx(
        float(torch.sigmoid(one).detach()) * (1 - float(torch.sigmoid(one).detach()))
    )


def test_every_file_of_rules_is_in_the_list() -> None:
    folder = Path(operations.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {
        "__init__",
        "rule",
        "broadcasting",
        "entrywise",
    }
    assert {family.__name__.rpartition(".")[2] for family in operations.FAMILIES} == files
    kinds = [k for family in operations.FAMILIES for rule in family.RULES for k in rule.kinds]
    assert len(kinds) == len(set(kinds))
    assert len(kinds) >= 100


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.46211, "0.4621"), (-3.0, "-3"), (2.84e-9, "2.84·10⁻⁹"), (12345.0, "12345"), (0.0, "0")],
)
def test_numbers_in_formulas(value: float, text: str) -> None:
    assert figure(value) == text


@pytest.mark.parametrize(
    ("text", "factor"),
    [("1 - y²", "(1 - y²)"), ("(1 - y)", "(1 - y)"), ("x[n,0]", "x[n,0]"), ("-w", "(-w)")],
)
def test_sums_get_parentheses_as_factors(text: str, factor: str) -> None:
    assert as_factor(text) == factor
