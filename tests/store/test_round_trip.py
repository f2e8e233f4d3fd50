"""What a writer was given is what a reader gives, for every record and every float."""

from pathlib import Path
from tempfile import TemporaryDirectory

import any_record as any_
from hypothesis import given, settings
from hypothesis import strategies as st
from run_files import a_sample, create, fill, finish, finished_run, read_everything

from chainrule.records import Event, Finding, Graph, OptimizerOutline, Parameter, StepSample
from chainrule.store import RunWriter, open_run, write_findings
from chainrule.store.outlines import pack_record, unpack_record


@settings(deadline=None, max_examples=40)
@given(
    st.lists(any_.parameters, max_size=3, unique_by=lambda record: record.index),
    st.lists(any_.optimizers, max_size=2, unique_by=lambda record: record.index),
    st.lists(any_.graphs, max_size=2, unique_by=lambda record: record.id),
    st.lists(any_.samples, max_size=3, unique_by=lambda record: record.step),
    st.lists(any_.events, max_size=3),
    st.lists(any_.findings, max_size=2),
    st.lists(st.tuples(any_.numbers, any_.floats), max_size=5),
    st.booleans(),
)
def test_everything_survives(
    parameters: list[Parameter],
    optimizers: list[OptimizerOutline],
    graphs: list[Graph],
    samples: list[StepSample],
    events: list[Event],
    findings: list[Finding],
    points: list[tuple[int, float]],
    flush_often: bool,
) -> None:
    with TemporaryDirectory() as folder:
        writer = create(Path(folder))
        for add, records in (
            (writer.add_parameter, parameters),
            (writer.add_optimizer, optimizers),
            (writer.add_graph, graphs),
            (writer.sample, samples),
            (writer.event, events),
        ):
            for record in records:
                add(record)
                if flush_often:
                    writer.flush()
        for step, value in points:
            writer.point("loss", step, value)
        finish(writer)
        write_findings(writer.path, findings)
        with open_run(writer.path) as reader:
            by_index = sorted(parameters, key=lambda record: record.index)
            assert repr(reader.parameters()) == repr(tuple(by_index))
            by_index = sorted(optimizers, key=lambda record: record.index)
            assert repr(reader.optimizers()) == repr(tuple(by_index))
            by_id = sorted(graphs, key=lambda record: record.id)
            assert repr(reader.graphs()) == repr(tuple(by_id))
            by_step = sorted(samples, key=lambda record: record.step)
            assert repr(list(reader.samples())) == repr(by_step)
            assert repr(reader.last_sample()) == repr(by_step[-1] if by_step else None)
            assert repr(reader.events()) == repr(tuple(events))
            notes = tuple(event for event in events if event.kind == "note")
            assert repr(reader.events("note")) == repr(notes)
            assert repr(reader.findings()) == repr(tuple(findings))
            series = reader.series("loss")
            stored = list(zip(series.steps, series.values, strict=True))
            assert repr(stored) == repr(points)


@given(any_.text, st.lists(any_.text), st.dictionaries(any_.text, any_.scalars, max_size=3))
@settings(deadline=None, max_examples=30)
def test_the_header_survives(cwd: str, command: list[str], options: dict[str, object]) -> None:
    options = {key: value for key, value in options.items() if not isinstance(value, bool)}
    with TemporaryDirectory() as folder:
        writer = RunWriter.create(
            Path(folder),
            "run",
            command=command,
            cwd=cwd,
            versions={"python": cwd},
            options=options,
            pid=1,
            started_at=0.1,
        )
        writer.describe(device="cuda:0", world_size=8)
        writer.totals(
            steps=7, backward_passes=8, sampled_steps=9, observed_s=0.1, training_s=float("inf")
        )
        writer.close(status="failed", exit_code=-9, exception=cwd, ended_at=-0.0)
        with open_run(writer.path) as reader:
            run = reader.run()
    assert (run.command, run.cwd, run.versions) == (tuple(command), cwd, {"python": cwd})
    assert repr(run.options) == repr(options)
    assert (run.name, run.path, run.status) == ("run", str(writer.path), "failed")
    assert (run.exit_code, run.exception, run.started_at) == (-9, cwd, 0.1)
    assert repr((run.ended_at, run.pid)) == "(-0.0, 1)"
    assert (run.device, run.world_size) == ("cuda:0", 8)
    assert (run.steps, run.backward_passes, run.sampled_steps) == (7, 8, 9)
    assert (run.observed_s, run.training_s, run.schema_version) == (0.1, float("inf"), 2)


def test_an_integer_is_a_fine_float_and_a_missing_field_takes_its_default() -> None:
    outline = OptimizerOutline(index=0, kind="SGD", hyperparameters={"lr": 1, "nesterov": False})
    assert unpack_record(OptimizerOutline, pack_record(outline)) == outline
    older = pack_record({"step": 1, "kind": "note", "text": "t", "field of the future": 1})
    assert unpack_record(Event, older) == Event(1, "note", "t")


def test_samples_of_a_range_come_page_by_page(tmp_path: Path) -> None:
    writer = create(tmp_path)
    for step in range(0, 600, 3):
        writer.sample(a_sample(step))
    finish(writer)
    with open_run(writer.path) as reader:
        assert [sample.step for sample in reader.samples()] == list(range(0, 600, 3))
        assert [sample.step for sample in reader.samples(100, 300)] == list(range(102, 301, 3))
        assert [sample.step for sample in reader.samples(598)] == []
        assert list(reader.samples(10**30)) == []
        assert next(reader.samples(1, 10**30)) == a_sample(3)


def test_a_slow_look_at_the_samples_does_not_hold_up_the_verdict(tmp_path: Path) -> None:
    path = finished_run(tmp_path)
    with open_run(path) as reader:
        looking = reader.samples()
        next(looking)
        write_findings(path, [])
        assert reader.findings() == ()
        assert next(looking) == a_sample(10)


def test_adding_again_replaces(tmp_path: Path) -> None:
    writer = create(tmp_path)
    for kind in ("SGD", "Adam"):
        writer.add_optimizer(OptimizerOutline(index=0, kind=kind, hyperparameters={}))
    writer.flush()
    writer.add_optimizer(OptimizerOutline(index=0, kind="Lion", hyperparameters={}))
    writer.flush()
    with open_run(writer.path) as reader:
        assert [outline.kind for outline in reader.optimizers()] == ["Lion"]
    finish(writer)


def test_a_large_sample_survives(tmp_path: Path) -> None:
    writer = create(tmp_path)
    sample = a_sample(5, nodes=5000, parameters=2000)
    writer.sample(sample)
    finish(writer)
    with open_run(writer.path) as reader:
        assert reader.last_sample() == sample


def test_flushes_are_due_at_once_and_then_each_second(tmp_path: Path) -> None:
    writer = create(tmp_path)
    assert [writer.flush_if_due(now) for now in (50.0, 50.9, 51.0, 51.5, 60.0)] == [
        True,
        False,
        True,
        False,
        True,
    ]
    finish(writer)


def test_after_closing_nothing_is_recorded_and_nothing_raises(tmp_path: Path) -> None:
    writer = create(tmp_path)
    fill(writer)
    finish(writer)
    with open_run(writer.path) as reader:
        before = repr(read_everything(reader))
    fill(writer, steps=200)
    writer.flush()
    assert not writer.flush_if_due(1e9)
    writer.close(status="failed", exit_code=1, exception="late", ended_at=2e9)
    with open_run(writer.path) as reader:
        assert repr(read_everything(reader)) == before
    assert not writer.failed


def test_a_finished_run_is_one_plain_file(tmp_path: Path) -> None:
    path = finished_run(tmp_path)
    with open_run(path) as reader:
        read_everything(reader)
    assert list(tmp_path.iterdir()) == [path]
