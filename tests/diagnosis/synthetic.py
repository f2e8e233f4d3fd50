"""Runs made of numbers: what a diagnosis reads, without a training behind it."""

import math
from collections.abc import Sequence
from typing import Any, cast

from chainrule.diagnosis.case import Case
from chainrule.records import (
    FinalPlace,
    ForwardPass,
    LossCall,
    OptimizerOutline,
    Place,
    Run,
    Series,
    StepSample,
    StepScan,
    StepSharpness,
    Values,
)
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.store import RunReader


def scan(
    step: int,
    best: float,
    *,
    before: float = 2.3,
    lowest: float = 2.0,
    after: float | None = None,
    rate: float = 0.1,
) -> StepScan:
    """A step whose best multiple is `best`, on its own batch and on another."""
    made = after if after is not None else before - 1e-3
    table = {0.0: before, 1.0: made, best: lowest}
    multiples = tuple(sorted(table))
    losses = tuple(table[alpha] for alpha in multiples)
    return StepScan(
        step=step,
        optimizer=0,
        learning_rate=rate,
        multiples=multiples,
        losses=losses,
        other_losses=losses,
        other_step=0,
        promised=-1e-3,
        gradient_norm=1.0,
        update_norm=0.1,
        seconds=0.0,
    )


class _Reader:
    def __init__(self, **parts: Any) -> None:
        self._parts = parts

    def series_names(self) -> list[str]:
        rates = ["learning_rate/0"] if "rates" in self._parts else []
        return ["loss", *rates, *self._parts.get("validation", {})]

    def series(self, name: str) -> Series:
        if name == "learning_rate/0":
            changes = self._parts["rates"]
            return Series(name, tuple(changes), tuple(changes.values()))
        if name != "loss":
            points = self._parts["validation"][name]
            return Series(name, tuple(points), tuple(points.values()))
        losses = self._parts["losses"]
        return Series(name, tuple(range(len(losses))), tuple(losses))

    def __getattr__(self, name: str) -> Any:
        return lambda: self._parts.get(name, ())


def case(
    losses: Sequence[float],
    scans: Sequence[StepScan] = (),
    sharpness: Sequence[StepSharpness] = (),
    place: FinalPlace | None = None,
    samples: Sequence[StepSample] = (),
    **more: Any,
) -> Case:
    """A run with these losses, one a step; `validation` has further series as {step: value}."""
    run = Run(
        name="synthetic",
        path="synthetic.db",
        schema_version=1,
        command=("train.py",),
        cwd="/",
        started_at=0.0,
        ended_at=1.0,
        status="finished",
        exit_code=0,
        exception=None,
        versions={},
        device="cpu",
        world_size=1,
        pid=1,
        options={},
        steps=len(losses),
        backward_passes=len(losses),
        sampled_steps=8,
        observed_s=0.0,
        training_s=1.0,
    )
    more = {"optimizers": (OptimizerOutline(index=0, kind="SGD", hyperparameters={}),), **more}
    reader = _Reader(
        run=run,
        losses=losses,
        step_scans=tuple(scans),
        step_sharpness=tuple(sharpness),
        final_place=place,
        samples=tuple(samples),
        **more,
    )
    return Case(cast(RunReader, reader))


def classified(step: int, loss: float, classes: int = 10) -> ForwardPass:
    """A forward pass that ends in a mean cross entropy of this value, over 32 examples."""
    return ForwardPass(
        step=step,
        optimizer=0,
        losses=(
            LossCall(
                place=Place(operation="NllLoss"),
                function="cross_entropy_loss",
                reduction="mean",
                prediction=Values(shape=(32, classes), dtype="float32", trained=True),
                target=Values(shape=(32,), dtype="int64", integral=True),
                made=Values(shape=(), dtype="float32", mean=loss, trained=True),
            ),
        ),
    )


def falling(steps: int, to: float, first: float = 2.3, noise: float = 0.05) -> list[float]:
    """Losses on a line from `first` to `to`, with a noise that repeats and averages out."""
    return [
        first + (to - first) * i / max(1, steps - 1) + noise * math.sin(2.4 * i)
        for i in range(steps)
    ]


def bend(step: int, share: float, rate: float = 0.1) -> StepSharpness:
    """The measured curvature of a step, as a share of what the optimizer tolerates."""
    limit = 2 / rate
    top = Eigenvalue(value=share * limit, bound=0.0, converged=True)
    return StepSharpness(
        step=step,
        optimizer=0,
        learning_rate=rate,
        spectrum=Spectrum(
            largest=(top,),
            smallest=(),
            ceiling=None,
            floor=None,
            confidence=1.0,
            complete=False,
            converged=True,
            rtol=0.05,
            dimension=100,
            products=10,
            method="synthetic",
            loss=2.3,
            gradient_norm=1.0,
            preconditioner="SGD",
            limit=limit,
        ),
        seconds=0.0,
    )
