"""Networks of many named parts: each part is told once, and work and text grow as the parts do."""

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

import pytest
from networks import Network, deep, shared, wide
from syrupy.assertion import SnapshotAssertion

import chainrule
from chainrule.calculus import Evaluation, derive
from chainrule.calculus.definitions import values_at
from chainrule.calculus.derivation import MOST_TOLD_AS_ONE
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import told
from chainrule.calculus.notations import NOTATIONS, Notation
from chainrule.calculus.read_problem import read_problem
from chainrule.faces.explained import explained_formula

NETWORKS = pytest.mark.parametrize("network", [deep, wide, shared])


def written(network: Network) -> str:
    text, variable, point = network
    problem = read_problem(text)
    found = derive(problem.formula, variable, definitions=problem.defined)
    return str(explained_formula(found, point, "leibniz"))


def calls(work: Callable[[Network], object], network: Network) -> int:
    """Python functions that are called: a measure of work that no other process disturbs."""
    count: Counter[str] = Counter()

    def counted(frame: FrameType, event: str, argument: object) -> None:
        count[event] += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work(network)
    finally:
        sys.setprofile(before)
    return count["call"]


@NETWORKS
def test_work_grows_as_the_network_does(network: Callable[[int], Network]) -> None:
    written(network(2))  # what is made once for all stays out of the count
    small, middle, large = (calls(written, network(n)) for n in (15, 30, 60))
    # of work that grows with the square, the second difference would be four times the first
    assert large - middle < 2.3 * (middle - small)


@NETWORKS
def test_text_grows_as_the_network_does(network: Callable[[int], Network]) -> None:
    small, middle, large = (len(written(network(n))) for n in (30, 60, 120))
    assert large - middle < 2.2 * (middle - small)


@NETWORKS
def test_the_derivative_is_that_of_the_formula_written_out(
    network: Callable[[int], Network],
) -> None:
    text, variable, point = network(MOST_TOLD_AS_ONE + 2)
    problem = read_problem(text)
    by_names = derive(problem.formula, variable, definitions=problem.defined)
    values = values_at(problem.defined, point)
    expected = Evaluation(point)(derive(problem.written_out(), variable).raw)
    for form in (by_names.raw, by_names.tidy, by_names.factored):
        assert Evaluation(values)(form) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("notation", NOTATIONS, ids=lambda each: each.id)
def test_each_name_is_told_once_and_referred_to(notation: Notation) -> None:
    layers = MOST_TOLD_AS_ONE + 1
    text, variable, _ = deep(layers)
    problem = read_problem(text)
    found = derive(problem.formula, variable, definitions=problem.defined)
    narration = narrate(found, notation)
    assert len(narration.slopes) == layers + 1
    lines = told(narration.line)
    numbers = [line.id for line in lines]
    assert len({*numbers}) == len(numbers)
    assert [each for each in numbers if "." not in each] == [f"{i + 1}" for i in range(layers + 1)]
    for line in lines:
        if line.same_as:
            assert numbers.index(line.same_as) < numbers.index(line.id)
        if line.rule == "dependent-variable":
            assert line.remark == f"Worked out in {line.lines[0].id}."


def test_one_name_fewer_is_told_as_one() -> None:
    text, variable, _ = deep(MOST_TOLD_AS_ONE)
    problem = read_problem(text)
    found = derive(problem.formula, variable, definitions=problem.defined)
    assert narrate(found).slopes == ()


def test_what_a_reader_sees_of_many_layers(snapshot: SnapshotAssertion) -> None:
    text, variable, point = deep(MOST_TOLD_AS_ONE + 1)
    assert str(chainrule.explain(text, variable, at=point)) == snapshot


def test_many_fractions_are_not_brought_to_one_denominator() -> None:
    def fractions(count: int) -> Network:
        return "+".join(f"asec(x^2 + {k})" for k in range(2, count + 2)), "x", {"x": 0.5}

    written(fractions(2))
    # more than eight denominators each; brought to one, it was 1.3 times the first difference
    small, middle, large = (calls(written, fractions(n)) for n in (10, 18, 26))
    assert large - middle < 1.2 * (middle - small)
