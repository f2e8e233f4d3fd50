"""What the status line says, read from a run file."""

import math
from dataclasses import replace

import pytest

from chainrule.faces.progress import Progress, ProgressReader, slope, worst_factor
from chainrule.records import Factor, Graph, Place
from chainrule.store import RunWriter, open_run


def test_slope_is_that_of_the_least_squares_line() -> None:
    assert slope([(x, 3.0 - 0.25 * x) for x in range(10)]) == pytest.approx(-0.25)
    assert slope([(0, 1.0), (1, math.nan), (2, 3.0), (3, math.inf)]) == pytest.approx(1.0)
    assert slope([(1, 1.0)]) is None
    assert slope([(1, 1.0), (1, 2.0)]) is None
    assert slope([(0, 1e308), (1, -1e308)]) == pytest.approx(-2e308)


def test_progress_of_a_run(writer: RunWriter) -> None:
    with open_run(writer.path) as reader:
        readings = ProgressReader(reader)
        progress = readings.read()
        assert progress.step == 200
        assert progress.loss == pytest.approx(1.602)
        assert progress.slope == pytest.approx(-0.002)
        assert progress.steps_per_s == pytest.approx(50.0)
        assert progress.worst is not None
        assert progress.worst.place.operation == "Sigmoid"
        assert progress.worst.rms_gain == pytest.approx(0.1)
        writer.point("loss", 299, 1.4)
        writer.totals(
            steps=300, backward_passes=300, sampled_steps=1, observed_s=0.02, training_s=5.0
        )
        writer.flush()
        assert readings.read().steps_per_s == pytest.approx(100.0)


def test_a_million_steps_are_read_from_the_pyramid(writer: RunWriter) -> None:
    for step in range(200, 20_000):
        writer.point("loss", step, 2.0 - 1e-5 * step)
    writer.totals(
        steps=20_000, backward_passes=20_000, sampled_steps=1, observed_s=0.02, training_s=40.0
    )
    writer.flush()
    with open_run(writer.path) as reader:
        progress = ProgressReader(reader).read()
    assert progress.slope == pytest.approx(-1e-5)
    assert progress.loss == pytest.approx(1.8, abs=1e-3)


def test_a_factor_of_zero_is_the_worst(writer: RunWriter) -> None:
    with open_run(writer.path) as reader:
        sample, graph = reader.last_sample(), reader.graph(0)
    assert sample is not None
    dead = replace(sample.backward_passes[0], node_norms=(1.0, 0.0, 0.0, 0.0, 0.0))
    worst = worst_factor(replace(sample, backward_passes=(dead,)), lambda id: graph)
    assert worst is not None
    assert worst.rms_gain == 0
    empty = worst_factor(replace(sample, backward_passes=()), lambda id: Graph(0, (), ()))
    assert empty is None


def test_line_gives_up_its_last_parts_first() -> None:
    factor = Factor(0, 1, Place("layers.11", "Sigmoid"), "activation", 0.1, 1.0, 0.108)
    progress = Progress(1240, 0.4312, -2.14e-4, factor, 85.3)
    whole = (
        "chainrule  step 1,240 · loss 0.431 · -2.1·10⁻⁴ loss per step · "
        "worst factor × 0.11 layers.11 Sigmoid · 85 steps/s"
    )
    assert progress.line(200) == whole
    assert progress.line(len(whole) - 1) == whole.removesuffix(" · 85 steps/s")
    assert progress.line(50) == "chainrule  step 1,240 · loss 0.431"
    assert len(progress.line(10)) == 10
    assert Progress(0).line(80) == "chainrule  waiting for the first step"
    assert "+0.5 loss per step" in Progress(3, 1.0, 0.5).line(80)
    assert "loss NaN" in Progress(3, math.nan).line(80)
