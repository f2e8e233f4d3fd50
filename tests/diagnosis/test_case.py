"""What is read of a run to judge it."""

import os
from pathlib import Path

import pytest

from chainrule.diagnosis.case import MOST_SAMPLES, Case
from chainrule.records import StepSample
from chainrule.store import RunReader, RunWriter


def test_of_many_samples_no_more_are_read_than_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read as a whole, ten thousand samples of a deep network are gigabytes."""
    writer = RunWriter.create(
        tmp_path,
        "long",
        command=("train.py",),
        cwd=str(tmp_path),
        versions={},
        options={},
        pid=os.getpid(),
        started_at=0.0,
    )
    for step in range(0, 3 * 1000, 3):
        writer.sample(
            StepSample(
                step=step,
                optimizer=0,
                time_s=0.0,
                overhead_s=0.0,
                parameters=(),
                backward_passes=(),
            )
        )
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.0)
    read = []
    to_sample = RunReader._sample

    def counted(reader: RunReader, row: object) -> StepSample:
        read.append(row)
        return to_sample(reader, row)  # type: ignore[arg-type]

    monkeypatch.setattr(RunReader, "_sample", counted)
    with RunReader(writer.path) as reader:
        case = Case(reader)
    assert len(read) == len(case.samples) == MOST_SAMPLES
    steps = [sample.step for sample in case.samples]
    assert steps == [3 * int(i * 1000 / MOST_SAMPLES) for i in range(MOST_SAMPLES)]
