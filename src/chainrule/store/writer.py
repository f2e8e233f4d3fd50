"""Writing a run file from within the training process.

Everything is buffered; a flush writes it in one transaction, in the thread that calls it: no
thread, lock or signal of ours lives in the user's process between calls. A flush changes the
buffers only once it is committed, in statements that no signal can part, and its rows have keys of
their own: an interrupt (Ctrl-C) at any point loses nothing and doubles nothing.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chainrule.records import (
    Event,
    FinalPlace,
    ForwardPass,
    Graph,
    OptimizerOutline,
    Parameter,
    Scheduler,
    StepSample,
    StepScan,
    StepSharpness,
)

from .claim import claim_path, discard
from .connection import PATIENCE_S, connect_to_write, is_busy, settle
from .errors import RunFileError
from .forks import keep_forever, tell_of_forks
from .header import Closing, Description, Ending, Header, Totals
from .liveness import host, machine, process_start
from .migrations import migrate
from .outlines import pack_record
from .pyramid import Tail
from .sample_pyramid import SampleTail
from .tables import put_events, put_points, put_records, put_samples

_FLUSH_EVERY_S = 1.0
_PATIENCE_IN_TRAINING_S = 0.05
_PUT_OFFS = 60
"""So many flushes in a row may find the file held by another process before we give up."""


class RunWriter:
    """The one writer of a run file, in the process that made it.

    In a forked child every method does nothing: SQLite's connections do not survive a fork. After
    an error (the disk is full, say) the method that met it raises `RunFileError`, `failed` is True,
    and from then on every method does nothing either. After `close` likewise.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self._path = path
        self._connection = connection
        self._pid = os.getpid()
        self._active = True
        self._failed = False
        self._lock = threading.RLock()  # hooks of autograd may call from its own threads
        self._writing = False
        self._put_offs = 0
        self._last_flush: float | None = None
        self._points: list[tuple[str, int, float]] = []
        self._samples: list[StepSample] = []
        self._events: list[tuple[str, bytes]] = []
        self._records: list[tuple[str, int, bytes]] = []
        self._totals = Totals()
        self._tails: dict[str, Tail] = {}
        self._sample_tails: dict[int, SampleTail] = {}
        self._written_samples = 0
        self._written_events = 0
        tell_of_forks(self)

    @classmethod
    def create(
        cls,
        folder: Path,
        name: str,
        *,
        command: Sequence[str],
        cwd: str,
        versions: Mapping[str, str],
        options: Mapping[str, str | float | int | None],
        pid: int,
        started_at: float,
    ) -> "RunWriter":
        """Make the file of a run that begins; `<name>-2`, `-3`, ... if the name is taken.

        Raises:
            RunFileError: If the folder or the file cannot be made or written.
        """
        header = Header(
            command=tuple(command),
            cwd=cwd,
            started_at=started_at,
            pid=pid,
            host=host(),
            machine=machine(),
            process_start=process_start(pid),
            versions=versions,
            options=options,
        )
        path = claim_path(folder, name)
        try:
            connection = connect_to_write(path, _PATIENCE_IN_TRAINING_S)
            try:
                migrate(connection)
                put_records(connection, [("header", 0, pack_record(header))])
            except BaseException:
                connection.close()
                raise
        except sqlite3.Error as error:
            discard(path)
            raise RunFileError(
                f"The run file {path} cannot be written ({error}): free some space there, or "
                "choose another folder."
            ) from error
        return cls(path, connection)

    @property
    def path(self) -> Path:
        """The run file, absolute."""
        return self._path

    @property
    def name(self) -> str:
        """Name of the run: the one asked for, or that with a number."""
        return self._path.stem

    @property
    def failed(self) -> bool:
        """True once writing failed; what was flushed before is in the file."""
        return self._failed

    def describe(self, *, device: str, world_size: int) -> None:
        """Say what became known of the run when the model was first seen."""
        self._put("description", 0, Description(device, world_size))

    def add_parameter(self, parameter: Parameter) -> None:
        """Add a parameter, or replace the one of that index."""
        self._put("parameter", parameter.index, parameter)

    def add_optimizer(self, optimizer: OptimizerOutline) -> None:
        """Add an optimizer, or replace the one of that index."""
        self._put("optimizer", optimizer.index, optimizer)

    def add_graph(self, graph: Graph) -> None:
        """Add a graph, or replace the one of that id."""
        self._put("graph", graph.id, graph)

    def add_step_scan(self, scan: StepScan) -> None:
        """Add a scan, or replace the one of that step."""
        self._put("step_scan", scan.step, scan)

    def add_step_sharpness(self, sharpness: StepSharpness) -> None:
        """Add a measured sharpness, or replace that of the same step."""
        self._put("step_sharpness", sharpness.step, sharpness)

    def add_forward_pass(self, forward: ForwardPass) -> None:
        """Add what was seen of a forward pass, or replace that of the same step."""
        self._put("forward_pass", forward.step, forward)

    def add_scheduler(self, scheduler: Scheduler) -> None:
        """Add a scheduler, or replace the one of that index."""
        self._put("scheduler", scheduler.index, scheduler)

    def add_final_place(self, place: FinalPlace) -> None:
        """Add where the run ended."""
        self._put("final_place", 0, place)

    def point(self, series: str, step: int, value: float) -> None:
        """Continue a series by a point.

        Cost: about 0.1 µs; one append, so that no signal can part the step from its value.
        """
        if self._active:
            self._points.append((series, step, value))

    def sample(self, sample: StepSample) -> None:
        """Add a step that was measured in full."""
        if self._active:
            self._samples.append(sample)

    def event(self, event: Event) -> None:
        """Add something that happened."""
        if self._active:
            self._events.append((event.kind, pack_record(event)))

    def totals(
        self,
        *,
        steps: int,
        backward_passes: int,
        sampled_steps: int,
        observed_s: float,
        training_s: float,
    ) -> None:
        """Say how far the run has come; goes into the file with the next flush."""
        self._totals = Totals(steps, backward_passes, sampled_steps, observed_s, training_s)

    def questions(self, seconds: float) -> None:
        """Say what questions after the last step took; goes into the file with the next flush."""
        self._totals = replace(self._totals, questions_s=seconds)

    def flush(self) -> None:
        """Write what has come in since the last flush, in one transaction.

        If another process holds the file, nothing is written and nothing lost: the next flush will.

        Raises:
            RunFileError: Once, when writing fails; see `failed`.
        """
        self._write(None)

    def flush_if_due(self, now: float) -> bool:
        """Flush if the last flush was a second ago or more, or there was none.

        Args:
            now: `time.monotonic()`.

        Returns:
            Whether it was due.

        Raises:
            RunFileError: Once, when writing fails; see `failed`.
        """
        last = self._last_flush
        if not self._active or (last is not None and now - last < _FLUSH_EVERY_S):
            return False
        self._last_flush = now
        self._write(None)
        return True

    def close(
        self, *, status: Ending, exit_code: int | None, exception: str | None, ended_at: float
    ) -> None:
        """Write the rest and the closing row; what comes after is not recorded.

        Raises:
            RunFileError: Once, when writing fails; see `failed`.
        """
        self._write(Closing(status, exit_code, exception, ended_at))

    def _is_ours(self) -> bool:
        return self._active and os.getpid() == self._pid

    def _put(self, kind: str, number: int, record: object) -> None:
        if self._active:
            self._records.append((kind, number, pack_record(record)))

    def _write(self, closing: Closing | None) -> None:
        if not self._is_ours():
            return
        with self._lock:
            # Writing already: a signal's handler has come in between, and must not wait for itself.
            if self._writing or not self._is_ours():
                return
            self._writing = True
            try:
                self._write_or_give_up(closing)
            finally:
                self._writing = False

    def _write_or_give_up(self, closing: Closing | None) -> None:
        connection = self._connection
        try:
            if closing is not None:
                connection.execute(f"PRAGMA busy_timeout = {PATIENCE_S * 1000:.0f}")
            self._commit(closing)
            self._put_offs = 0
            if closing is not None:
                self._active = False
                settle(connection)
                connection.close()
        except Exception as error:
            if is_busy(error) and closing is None and self._put_offs < _PUT_OFFS:
                connection.rollback()
                self._put_offs += 1
                return
            self._give_up()
            raise RunFileError(
                f"The run file {self._path} cannot be written any more ({error}): free some space "
                "there and run again."
            ) from error
        except BaseException:  # an interrupt, which is the user's: the next flush does it all again
            if self._active:
                connection.rollback()
            raise

    def _commit(self, closing: Closing | None) -> None:
        """Write what is buffered, in one transaction, then take it out of the buffers."""
        points, samples = len(self._points), len(self._samples)
        events, records = len(self._events), len(self._records)
        if not (points or samples or events or records or closing):
            return
        connection = self._connection
        totals = pack_record(replace(self._totals, written_at=time.time()))
        latest = [("totals", 0, totals)]
        if closing is not None:
            latest.append(("closing", 0, pack_record(closing)))
        connection.execute("BEGIN IMMEDIATE")
        put_records(connection, [*self._records[:records], *latest])
        put_events(connection, self._written_events, self._events[:events])
        sums = put_samples(
            connection, self._written_samples, self._samples[:samples], self._sample_tails
        )
        tails = put_points(connection, self._tails, self._points[:points])
        connection.execute("COMMIT")
        # No call below: CPython looks for signals at calls, so these happen all or not at all.
        del self._points[:points]
        del self._samples[:samples]
        del self._events[:events]
        del self._records[:records]
        self._tails = tails
        self._sample_tails = sums
        self._written_samples += samples
        self._written_events += events

    def _give_up(self) -> None:
        self._active = False
        self._failed = True
        self._clear()
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def leave_to_parent(self) -> None:
        """Never again touch the connection: this is a forked child (see `forks`)."""
        self._active = False
        self._clear()
        keep_forever(self._connection)

    def _clear(self) -> None:
        for buffer in (self._points, self._samples, self._events, self._records):
            buffer.clear()
        self._tails.clear()
        self._sample_tails.clear()
