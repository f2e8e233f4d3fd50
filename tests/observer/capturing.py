"""Scripts run in this process with every step captured and verified."""

import contextlib
import io
import runpy
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "oracles"))
from memory import MemoryWriter

from chainrule.observer import entry, scaling
from chainrule.observer.captured import Capture
from chainrule.observer.governor import Governor
from chainrule.observer.observation import Observation
from chainrule.observer.sink import Sink
from chainrule.observer.window import Window, has_closure

SCRIPTS = Path(__file__).parents[1] / "scripts"


@contextmanager
def captured(
    on_captured: Callable[[Capture], None] = lambda capture: None,
    optimizers: int = 1,
    **options: Any,
) -> Iterator[list[Capture]]:
    """Capture every step inside from the second round of all optimizers on, and verify it."""
    writer = MemoryWriter()
    observation = Observation(Sink(lambda: writer), Governor(None, 1), captures=0)
    window = Window(observation.names, observation.optimizers, **options)
    captures: list[Capture] = []

    def on_backward(outputs: Any, args: Any, kwargs: Any) -> Any:
        return window.around(observation.backward.enter, outputs, args, kwargs)

    def before_step(optimizer: Any, args: Any, kwargs: Any) -> None:
        window.before_step(optimizer, closure=has_closure(args, kwargs))
        observation.before_step(optimizer, args, kwargs)

    def after_step(optimizer: Any, args: Any, kwargs: Any) -> None:
        step = observation.step
        observation.after_step(optimizer, args, kwargs)
        index = observation.optimizers.number(optimizer)
        last = index == optimizers - 1
        labelling = observation.labeller.on
        observation.labeller.stop()
        capture = window.after_step(optimizer, index, step, last=last)
        if capture is not None:
            capture.verified()
            captures.append(capture)
            on_captured(capture)
        if labelling:
            observation.labeller.start()
        if last:
            window.start()

    scaling.note_scalers()
    detach = [
        entry.attach(on_backward),
        register_optimizer_step_pre_hook(before_step).remove,
        register_optimizer_step_post_hook(after_step).remove,
    ]
    try:
        yield captures
    finally:
        window.abandon()
        observation.finish()
        for undo in reversed(detach):
            undo()


def run(script: Path) -> tuple[str, str]:
    """Run a script here; what it printed and what it warned of."""
    out, err = io.StringIO(), io.StringIO()
    folders = [str(script.parent), str(SCRIPTS / "architectures")]
    arguments, sys.argv = sys.argv, [str(script)]
    torch.set_warn_always(True)  # what PyTorch says once in a process is said in every run
    sys.path[:0] = folders
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("default")
            warnings.showwarning = lambda *w, **_: print(warnings.formatwarning(*w[:4]), file=err)
            try:
                runpy.run_path(str(script), run_name="__main__")
            except ValueError as error:
                print(f"{type(error).__name__}: {error}")
    finally:
        sys.argv = arguments
        del sys.path[:2]
        torch.autograd.set_detect_anomaly(False)
        torch.set_warn_always(False)
        torch.set_default_dtype(torch.float32)
    return out.getvalue(), err.getvalue()


def run_twice(script: Path, optimizers: int = 1) -> tuple[list[tuple[str, str]], list[Capture]]:
    """Run a script bare and captured; what both printed, and the captures."""
    captures: list[Capture] = []
    printed = []
    for watch in (contextlib.nullcontext([]), captured(optimizers=optimizers)):
        with watch as found:
            printed.append(run(script))
            captures = found
    return printed, captures
