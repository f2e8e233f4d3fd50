"""What was seen of forward passes goes through the run file unchanged."""

import dataclasses
import math
import os
from pathlib import Path

from chainrule.records import (
    Cut,
    FeatureScales,
    ForwardPass,
    LayerCall,
    LossCall,
    NormalizationCall,
    ParameterState,
    Place,
    Scheduler,
    Values,
)
from chainrule.store import RunWriter, open_run
from chainrule.store.codec import pack_json, unpack_json
from chainrule.store.outlines import pack_record, unpack_record

PLACE = Place("net.0", "Addmm", "train.py:7")
DATA = Values(
    shape=(8, 3),
    dtype="float32",
    minimum=-1.0,
    maximum=math.inf,
    mean=0.0,
    rms=0.5,
    nonfinite=1,
    sum_last=(0.0, 1.0),
)
SCALES = FeatureScales(
    features=3,
    smallest_std=1e-3,
    median_std=1.0,
    largest_std=1e3,
    largest_offset=4.0,
    constant=0,
    condition=1e6,
    rms_over_std=2.0,
)
FORWARD = ForwardPass(
    step=4,
    optimizer=0,
    layers=(
        LayerCall(
            place=PLACE,
            function="linear",
            parameter=0,
            fan_in=3,
            given=DATA,
            made=DATA,
            scales=SCALES,
        ),
    ),
    losses=(
        LossCall(
            place=PLACE,
            function="mse_loss",
            reduction="mean",
            prediction=DATA,
            target=None,
            made=DATA,
            after=("Sigmoid",),
        ),
    ),
    cuts=(
        Cut(place=PLACE, function="detach", given=(8, 3), parameters=(0, 1), used=True, met=(2,)),
    ),
    normalizations=(
        NormalizationCall(
            place=PLACE, training=True, values=8, examples=8, gap=0.1, deviation_ratio=0.5
        ),
    ),
    parameters=(
        ParameterState(
            parameter=0, unit_spread=1.0, gradient_spread=0.5, carried=0.0, twins=2, units=3
        ),
    ),
    evaluating=("net",),
    passes_since_step=1,
)
SCHEDULER = Scheduler(
    index=0, kind="StepLR", optimizer=0, settings={"step_size": 10.0}, steps=3, seen_at=4
)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    writer = RunWriter.create(
        tmp_path,
        "forward",
        command=["train.py"],
        cwd=".",
        versions={},
        options={},
        pid=os.getpid(),
        started_at=0.0,
    )
    writer.add_forward_pass(FORWARD)
    writer.add_scheduler(SCHEDULER)
    writer.flush()
    with open_run(writer.path) as reader:
        assert reader.forward_passes() == (FORWARD,)
        assert reader.schedulers() == (SCHEDULER,)
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1.0)


def test_a_normalisation_from_before_deviations_were_recorded() -> None:
    call = FORWARD.normalizations[0]
    outline = unpack_json(pack_record(call))
    assert isinstance(outline, dict)
    del outline["deviation_ratio"]
    read = unpack_record(NormalizationCall, pack_json(outline))
    assert math.isnan(read.deviation_ratio)
    assert dataclasses.replace(read, deviation_ratio=0.5) == call
