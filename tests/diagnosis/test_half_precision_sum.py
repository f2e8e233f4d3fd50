"""An overflow that nothing kept shows: the sum in float16, and not the last of what follows it."""

from dataclasses import replace
from typing import Any

import pytest
from passes import graph, passes
from synthetic import case

from chainrule.diagnosis.faults.non_finite import check
from chainrule.records import Event, Finding

ROW = ("Add", "Mul", "Mean", "ToCopy", "Sum", "Pow", "Relu", "Addmm")
SIZES = (1, 1, 1, 32, 32, 4096)


def found(
    row: tuple[str, ...] = ROW,
    *,
    sizes: tuple[int, ...] = SIZES,
    dtype: str = "float16",
    kept: tuple[tuple[str, float, float, int], ...] = (),
    direction: str = "forward",
) -> Finding:
    made, parameters = graph(*row)
    end = made.nodes[0].place
    data = {
        "direction": direction,
        "module": end.module,
        "operation": end.operation,
        "source": end.source,
        "inputs": kept,
        "parameters": (),
        "after": "",
    }
    (finding,) = check(
        case(
            [float("inf")] * 20,
            samples=passes(made, (0,), numels=sizes),
            graphs=(made,),
            parameters=tuple(replace(p, dtype=dtype) for p in parameters),
            events=(Event(step=0, kind="non-finite", text="", data=data),),
        )
    )
    return finding


def test_the_sum_at_the_beginning_of_the_row_is_the_likely_one() -> None:
    finding = found()
    assert finding.where.operation == "Sum"
    assert finding.evidence["terms"].value == 128
    assert "it adds 128 numbers in float16, whose largest is 65,504" in finding.explanation
    assert "(ToCopy, Mean, Mul, Add)" in finding.explanation
    assert "float32" in finding.remedies[0].change


@pytest.mark.parametrize(
    "otherwise",
    [
        {"dtype": "float32"},  # a sum does not overflow 3e38 by itself
        {"dtype": "bfloat16"},
        {"sizes": (1, 1, 1, 32, 32, 128)},  # of four numbers
        {"kept": (("self", 0.0, 9.0, 0),)},  # what the named one was given was seen
        {"direction": "backward"},
        {"row": ("Add", "Mul", "Mean", "ToCopy", "Exp", "Sum", "Relu", "Addmm")},  # Exp was seen
    ],
)
def test_what_was_named_stays_where_it_may_be_the_one(otherwise: dict[str, Any]) -> None:
    assert found(**otherwise).where.operation == "Add"
