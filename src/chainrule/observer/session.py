"""Attaching an observation to PyTorch, and taking it back."""

import os
import platform
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from chainrule import __version__, _guard
from chainrule.objective import ObjectiveError
from chainrule.records import Event
from chainrule.store import RunWriter

from . import entry, scaling
from .device_threads import settle
from .ending import Ending
from .governor import Governor
from .observation import Observation
from .sink import Sink

_active: "Session | None" = None


class Session:
    """One watched run: PyTorch's global hooks, an observation and a run file.

    Args:
        folder: Where run files go.
        name: Name asked for; None takes `default_name`.
        default_name: Name of a run whose name nobody chose; if it is taken, nothing is said.
        command: The command line, for the run file.
        governor: Decides which steps are sampled.
        options: How it was asked for, for the run file.
        world_size: Number of ranks.
        on_created: Told the path of the run file once it exists.
        on_failed: Told why, if nothing can be recorded any more.
        save_captures: Whether captured steps are written beside the run file at the end.
        narrowing: `model`, `model_name`, `optimizer`, `inside_compiled`, `captures` of
            `Observation`.
    """

    def __init__(
        self,
        *,
        folder: Path,
        name: str | None,
        default_name: str = "run",
        command: Sequence[str],
        governor: Governor,
        options: Mapping[str, str | float | int | None],
        world_size: int = 1,
        on_created: Callable[[Path], None] = lambda path: None,
        on_failed: Callable[[str], None] = lambda reason: None,
        save_captures: bool = False,
        **narrowing: Any,
    ) -> None:
        cwd, started_at = os.getcwd(), time.time()
        wanted = name or default_name

        def create() -> RunWriter:
            return RunWriter.create(
                folder,
                wanted,
                command=command,
                cwd=cwd,
                versions={
                    "chainrule": __version__,
                    "torch": torch.__version__,
                    "python": platform.python_version(),
                    # not platform.platform(): it starts a subprocess
                    "platform": f"{sys.platform} {platform.machine()}",
                },
                options=options,
                pid=os.getpid(),
                started_at=started_at,
            )

        self._wanted = wanted
        self.sink = Sink(create, on_created, world_size, name or "", on_failed)
        self.observation: Observation | None = None
        self._governor = governor
        self._narrowing = narrowing
        self._command = tuple(command)
        self._save_captures = save_captures
        self.shared = False
        self._detach: list[Callable[[], object]] = []

    @property
    def name(self) -> str:
        """Name of the run, as its file has it once there is one."""
        return self.path.stem if self.path is not None else self._wanted

    @property
    def path(self) -> Path | None:
        """The run file; None until training has shown itself, or if it could not be made."""
        return self.sink.path

    @property
    def failure(self) -> str:
        """Why the recording ended before the training did; empty if it did not."""
        return self.sink.failure

    def start(self) -> None:
        """Attach to PyTorch. Raises RuntimeError if another session is active."""
        global _active
        if _active is not None:
            raise RuntimeError(
                "chainrule is already watching in this process (with `chainrule run` or another "
                "`chainrule.watch()`): leave that one first."
            )
        if not entry.supported():
            raise RuntimeError(
                f"chainrule cannot see backward passes in torch {torch.__version__}; it knows "
                "torch 2.6 and newer. Upgrade torch."
            )
        try:
            self._attach()
        except BaseException:
            self.abandon()
            raise
        _active = self

    def _attach(self) -> None:
        scaling.note_scalers()
        self._detach.append(_guard.on_error(self._internal_error))
        observation = Observation(self.sink, self._governor, **self._narrowing)
        self.observation = observation
        self._detach.append(entry.attach(observation.backward.enter, observation.lights.enter))
        self._detach.append(observation.evaluations.attach())
        self._detach.append(register_optimizer_step_pre_hook(observation.before_step).remove)
        self._detach.append(register_optimizer_step_post_hook(observation.after_step).remove)

    def ends_by(self, ending: Ending) -> None:
        """Let the script be ended between two steps."""
        self.sink.listeners.append(ending.ask)
        self._detach.append(register_optimizer_step_post_hook(ending.after_step).remove)

    def flush(self) -> None:
        """Write what is pending, so that the file can be read while the run goes on."""
        if self.observation is not None:
            try:
                self.observation.settle()
            except Exception as error:
                _guard.report("writing what was measured", error)
        self.sink.flush()

    def stop(self) -> None:
        """Detach from PyTorch and settle what is pending; the file stays open."""
        global _active
        if self.observation is not None:
            try:
                self.observation.finish()
                settle(self.observation.backward.devices)
            except Exception as error:
                _guard.report("the end of the run", error)
            if self._save_captures and self.path is not None:
                self._save(self.observation, self.path)
        self.abandon()
        if _active is self:
            _active = None

    def _save(self, observation: Observation, run: Path) -> None:
        from .saved_captures import save_capture, save_script  # safetensors, only if asked for

        saved = 0
        for capture in observation.captures.kept:
            try:
                save_capture(capture, run)
                saved += 1
            except (ObjectiveError, OSError) as error:
                text = f"Step {capture.step} could not be saved: {error}."
                self.sink.event(Event(capture.step, "capture", text.replace("..", ".")))
            except Exception as error:
                _guard.report("saving a captured step", error)
        if saved:
            main = getattr(sys.modules.get("__main__"), "__file__", None)
            save_script(main or self._command[0], run)

    def abandon(self) -> None:
        """Detach from PyTorch and write nothing more, as in a forked child."""
        while self._detach:
            self._detach.pop()()

    def close(
        self,
        *,
        failed: bool,
        exit_code: int | None,
        exception: str | None,
        error: BaseException | None = None,
    ) -> None:
        """Stop, and write the closing row; of an exception out of a training step, how it came."""
        self.stop()
        if error is not None and self.observation is not None:
            self._note_death(error, self.observation)
        self.sink.close(failed=failed, exit_code=exit_code, exception=exception)

    def _note_death(self, error: BaseException, observation: Observation) -> None:
        from .death import death, spoiled_roots  # reads source code, only if a training has died

        try:
            event = death(error, observation.names, observation.step)
            if event is not None:
                observation.look_for_nonfinite(spoiled_roots(error))
        except Exception as own:
            _guard.report("the end of the training", own)
            return
        if event is not None:
            self.sink.event(event)
            observation.tell_totals()

    def _internal_error(self, where: str, error: BaseException) -> None:
        text = f"{where}: {type(error).__name__}: {error}"
        if self.observation is not None and text not in self.observation.internal_errors:
            first = not self.observation.internal_errors
            self.observation.internal_errors.add(text)
            step = self.observation.step
            self.sink.event(Event(step, "internal-error", text))
            if first:
                sys.stderr.write(
                    f"chainrule: an error of its own in {text}. Your training goes on, "
                    "with part of it unseen.\n"
                )
                sys.stderr.flush()


def _in_child() -> None:
    """A forked child is not recorded: give everything back at once."""
    global _active
    session, _active = _active, None
    if session is not None:
        if session.observation is not None:
            session.observation.labeller.stop()
            session.observation.window.abandon()
        session.abandon()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)


def in_words(error: BaseException) -> str:
    """An exception as one line: `ValueError: message`, or its kind alone where it says nothing."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def active() -> Session | None:
    """The session that watches this process, if any."""
    return _active
