"""Reading a run file, while it is written or after; needs no leave to write and no torch."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from chainrule.records import (
    Activation,
    Bucket,
    Event,
    FinalPlace,
    Finding,
    ForwardPass,
    Graph,
    NormBucket,
    OptimizerOutline,
    Parameter,
    Quantity,
    Run,
    RunStatus,
    Scheduler,
    Series,
    StepSample,
    StepScan,
    StepSharpness,
    Window,
)

from .codec import unpack_floats, unpack_integers
from .connection import connect_to_read, reading
from .errors import Damaged
from .header import Closing, Description, Header, Totals
from .liveness import SILENCE_S, is_running, machine
from .migrations import version_of
from .norm_buckets import read_norm_buckets
from .outlines import unpack_record
from .pyramid import LEVELS
from .samples import to_activations, to_integer, to_sample
from .stamp import write_stamp
from .windows import read_window, to_bucket

R = TypeVar("R")

_PAGE = 64
_LAST_STEP = 2**63 - 1
_SAMPLE = (
    "SELECT number, step, optimizer, timing, parameters, gradient_norms, weight_norms, "
    "update_norms, flags FROM sample "
)
_PASSES = (
    "SELECT sample, number, labels, scalars, node_norms, edge_norms, numels, activation_counts, "
    "activation_fractions, dead_masks FROM backward_pass WHERE sample = ? ORDER BY number"
)


class RunReader:
    """One run file, read-only; each method reads what is in the file when it is called.

    Every method raises `RunFileError` if the file turns out to be damaged or was closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp = write_stamp(path)  # first: what is written from now on may be missed
        self._connection = connect_to_read(path)

    def __enter__(self) -> "RunReader":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The run file."""
        return self._path

    @property
    def stamp(self) -> str:
        """What `write_stamp` said before the file was opened, as text."""
        return "-".join(map(str, self._stamp or ()))

    def close(self) -> None:
        """Let go of the file; more than once does no harm."""
        self._connection.close()

    def run(self) -> Run:
        """The header and, if the run has ended, how."""
        kinds = ("header", "description", "totals", "closing")
        rows = self._rows(
            "SELECT kind, outline FROM record WHERE number = 0 AND kind IN (?, ?, ?, ?)", *kinds
        )
        with reading(self._path):
            outlines = {_text(kind): outline for kind, outline in rows}
            if "header" not in outlines:
                raise Damaged("it has no header, so its run was stopped as it began")
            header = unpack_record(Header, outlines["header"])
            description, totals, closing = Description(), Totals(), None
            if "description" in outlines:
                description = unpack_record(Description, outlines["description"])
            if "totals" in outlines:
                totals = unpack_record(Totals, outlines["totals"])
            if "closing" in outlines:
                closing = unpack_record(Closing, outlines["closing"])
            version = version_of(self._connection)
        return Run(
            name=self._path.stem,
            path=str(self._path),
            schema_version=version,
            command=header.command,
            cwd=header.cwd,
            started_at=header.started_at,
            ended_at=closing.ended_at if closing else None,
            status=closing.status if closing else _status_unclosed(header, totals),
            exit_code=closing.exit_code if closing else None,
            exception=closing.exception if closing else None,
            versions=header.versions,
            device=description.device,
            world_size=description.world_size,
            pid=header.pid,
            options=header.options,
            steps=totals.steps,
            backward_passes=totals.backward_passes,
            sampled_steps=totals.sampled_steps,
            observed_s=totals.observed_s,
            training_s=totals.training_s,
            questions_s=totals.questions_s,
        )

    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters, by index."""
        return self._records("parameter", Parameter)

    def optimizers(self) -> tuple[OptimizerOutline, ...]:
        """The optimizers, by index."""
        return self._records("optimizer", OptimizerOutline)

    def graphs(self) -> tuple[Graph, ...]:
        """The graphs, by id."""
        return self._records("graph", Graph)

    def graph(self, id: int) -> Graph:
        """One graph.

        Raises:
            RunFileError: If there is no graph of that id.
        """
        rows = self._rows("SELECT outline FROM record WHERE kind = 'graph' AND number = ?", id)
        with reading(self._path):
            if not rows:
                raise Damaged(f"it has no graph {id}")
            return unpack_record(Graph, rows[0][0])

    def step_scans(self) -> tuple[StepScan, ...]:
        """The scans of steps, by step."""
        return self._records("step_scan", StepScan)

    def step_sharpness(self) -> tuple[StepSharpness, ...]:
        """What was measured of the curvature at captured steps, by step."""
        return self._records("step_sharpness", StepSharpness)

    def forward_passes(self) -> tuple[ForwardPass, ...]:
        """What was seen of forward passes, by step."""
        return self._records("forward_pass", ForwardPass)

    def schedulers(self) -> tuple[Scheduler, ...]:
        """The learning-rate schedulers, by index."""
        return self._records("scheduler", Scheduler)

    def final_place(self) -> FinalPlace | None:
        """Where the run ended; None if that was not measured."""
        return next(iter(self._records("final_place", FinalPlace)), None)

    def findings(self) -> tuple[Finding, ...]:
        """The verdict; empty if there is none yet."""
        return self._records("finding", Finding)

    def events(self, kind: str | None = None) -> tuple[Event, ...]:
        """The events in the order they happened; of one kind, or all."""
        rows = self._rows(
            "SELECT outline FROM event WHERE ?1 IS NULL OR kind = ?1 ORDER BY number", kind
        )
        with reading(self._path):
            return tuple(unpack_record(Event, outline) for (outline,) in rows)

    def series_names(self) -> tuple[str, ...]:
        """Names of the series, in the order they began."""
        rows = self._rows("SELECT name FROM series ORDER BY number")
        with reading(self._path):
            return tuple(_text(name) for (name,) in rows)

    def series(self, name: str) -> Series:
        """All points of a series; none if it was never measured."""
        rows = self._rows(
            "SELECT steps, readings FROM chunk JOIN series ON series.number = chunk.series "
            "WHERE name = ? ORDER BY chunk.number",
            name,
        )
        steps: list[int] = []
        values: list[float] = []
        with reading(self._path):
            for packed_steps, packed_values in rows:
                some = unpack_integers(packed_steps)
                steps += some
                values += unpack_floats(packed_values, len(some))
        return Series(name, tuple(steps), tuple(values))

    def pyramid(self, name: str, level: int) -> tuple[Bucket, ...]:
        """A series in buckets of 32, 1024 or 32768 points (level 1, 2, 3); the last may be open.

        Raises:
            ValueError: If there is no such level.
        """
        if level not in LEVELS:
            raise ValueError(f"expected level 1, 2 or 3, found {level}")
        rows = self._rows(
            "SELECT first_step, last_step, points, nonfinite, summary FROM bucket "
            "JOIN series ON series.number = bucket.series "
            "WHERE name = ? AND level = ? ORDER BY bucket.number",
            name,
            level,
        )
        with reading(self._path):
            return tuple(to_bucket(row) for row in rows)

    def window(
        self, name: str, first: int = 0, last: int | None = None, most: int = 1000
    ) -> Window:
        """The part of a series between two steps, both included, in few enough buckets to draw.

        Cost: reads at most eight times as many buckets as were asked for.

        Args:
            name: Of the series; one that was never measured has no buckets.
            first: First step.
            last: Last step; to the end if None.
            most: Buckets to give back at most.

        Raises:
            ValueError: If `most` is below 2.
        """
        with reading(self._path):
            end = _LAST_STEP if last is None else min(last, _LAST_STEP)
            start = min(max(first, 0), _LAST_STEP)
            return read_window(self._rows, name, start, end, most)

    def samples(self, first: int = 0, last: int | None = None) -> Iterator[StepSample]:
        """The sampled steps from `first` to `last`, both included, in order of their steps.

        No transaction stays open between two of them, so that slow use holds nobody up.
        """
        end = _LAST_STEP if last is None else min(last, _LAST_STEP)
        after = (first, -1)
        while after[0] <= end:
            rows = self._rows(
                f"{_SAMPLE} WHERE (step, number) > (?, ?) AND step <= ? "
                f"ORDER BY step, number LIMIT {_PAGE}",
                *after,
                end,
            )
            for row in rows:
                with reading(self._path):
                    here = (to_integer(row[1]), to_integer(row[0]))
                    if here <= after:  # or a damaged index would lead us in circles
                        raise Damaged("its sampled steps are out of order")
                after = here
                yield self._sample(row)
            if len(rows) < _PAGE:
                return

    def last_sample(self, optimizer: int | None = None) -> StepSample | None:
        """The sampled step of the highest number; None if no step was sampled yet.

        Args:
            optimizer: Of its steps only.
        """
        rows = self._rows(
            f"{_SAMPLE} WHERE ?1 IS NULL OR optimizer = ?1 ORDER BY step DESC, number DESC LIMIT 1",
            optimizer,
        )
        return self._sample(rows[0]) if rows else None

    def sampled_steps(self) -> tuple[int, ...]:
        """The steps that were sampled, in order; cheap, for no sample is read."""
        rows = self._rows("SELECT step FROM sample ORDER BY step")
        with reading(self._path):
            return tuple(to_integer(step) for (step,) in rows)

    def norm_buckets(
        self, optimizer: int, quantity: Quantity, most: int = 60
    ) -> tuple[NormBucket, ...]:
        """The samples of an optimizer, summed up in few enough buckets to draw.

        Cost: reads at most eight times as many buckets as it gives back; in a file of version 1,
            which has none, all samples.

        Args:
            optimizer: Its index.
            quantity: Which norm of its parameters.
            most: Buckets to give back at most.

        Raises:
            ValueError: If `most` is below 2.
        """
        with reading(self._path):
            return read_norm_buckets(self._rows, optimizer, quantity, most)

    def activations(self, step: int) -> tuple[tuple[int, tuple[Activation, ...]], ...]:
        """Of each backward pass of a sampled step, its graph and its activations; no more is read.

        None if the step was not sampled.
        """
        rows = self._rows(
            "SELECT labels, activation_counts, activation_fractions, dead_masks FROM backward_pass "
            "JOIN sample ON sample.number = backward_pass.sample WHERE step = ? "
            "ORDER BY sample, backward_pass.number",
            step,
        )
        with reading(self._path):
            return tuple(to_activations(row) for row in rows)

    def data_version(self) -> int:
        """A number that changes when the file was written to; cheap, made to be polled.

        An older file is read as it was when it was opened, and its number stays.
        """
        rows = self._rows("PRAGMA data_version")
        with reading(self._path):
            return to_integer(rows[0][0])

    def _rows(self, query: str, *values: object) -> Sequence[tuple[object, ...]]:
        # Always all rows at once: a statement left open would keep the verdict from being written.
        with reading(self._path):
            rows: list[tuple[object, ...]] = self._connection.execute(query, values).fetchall()
            return rows

    def _records(self, kind: str, record: type[R]) -> tuple[R, ...]:
        rows = self._rows("SELECT outline FROM record WHERE kind = ? ORDER BY number", kind)
        with reading(self._path):
            return tuple(unpack_record(record, outline) for (outline,) in rows)

    def _sample(self, row: Sequence[object]) -> StepSample:
        passes = self._rows(_PASSES, row[0])
        with reading(self._path):
            return to_sample(row, passes)


def _status_unclosed(header: Header, totals: Totals) -> RunStatus:
    """Status of a run without a closing row; see `liveness` for what is known from where."""
    if header.machine == machine():
        return "running" if is_running(header.pid, header.process_start) else "lost"
    silence_s = time.time() - max(header.started_at, totals.written_at)
    return "running" if silence_s < SILENCE_S else "lost"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Damaged(f"a {type(value).__name__} stands where a name should")
    return value
