"""The place where a path was cut, among the calls that gave back what has no gradient."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from passes import forward, graph, parameter, passes
from synthetic import case, falling

from chainrule.diagnosis.faults.no_gradient import check
from chainrule.records import Cut, Finding, Place


def cut(line: int, parameters: Sequence[int], function: str = "detach", used: bool = True) -> Cut:
    return Cut(
        place=Place("net", function, f"train.py:{line}"),
        function=function,
        given=(64, 8),
        parameters=tuple(parameters),
        used=used,
    )


def found(*cuts: Cut) -> Finding:
    made, reached = graph("NllLoss", "LogSoftmax", "Addmm")
    encoder = tuple(
        replace(parameter(i, f"encoder.{i}.weight", (8, 8)), without_gradient=True) for i in (2, 3)
    )
    run = case(
        falling(60, 1.6),
        samples=passes(made),
        graphs=(made,),
        parameters=(*reached, *encoder),
        forward_passes=(forward(cuts=cuts),),
    )
    (finding,) = check(run)
    return finding


def test_is_told_with_its_line() -> None:
    finding = found(cut(7, [2, 3]))
    assert finding.where == Place("encoder", "detach", "train.py:7")
    assert finding.evidence["cut_parameters"].value == 2
    assert "train.py:7" in finding.explanation
    assert "take out detach (train.py:7)" in [r.change for r in finding.remedies]


def test_is_the_last_that_cut_off_the_most() -> None:
    assert found(cut(5, [2]), cut(7, [2, 3]), cut(9, [3])).where.source == "train.py:7"
    assert found(cut(5, [2, 3]), cut(7, [2, 3])).where.source == "train.py:7"


@pytest.mark.parametrize(
    "other",
    [
        cut(9, [1, 2, 3], "item", used=False),  # a printed number
        cut(9, [2, 3], "grad"),
        cut(9, [0, 1]),  # of parameters that have their gradient by another way
        cut(9, []),
    ],
)
def test_is_no_call_that_cut_nothing_off(other: Cut) -> None:
    finding = found(other)
    assert finding.where == Place("encoder")
    assert "cut_parameters" not in finding.evidence


def test_may_be_one_whose_result_is_out_of_sight() -> None:
    finding = found(cut(7, [2, 3], "numpy", used=False), cut(9, [1, 2, 3], "item", used=False))
    assert finding.where.source == "train.py:7"
    assert found(cut(5, [2, 3]), cut(7, [2, 3], used=False)).where.source == "train.py:5"


def test_a_step_function_cannot_be_taken_out() -> None:
    finding = found(cut(7, [2, 3], "argmax"))
    assert "softmax" in finding.remedies[0].change
