"""An exception inside chainrule never reaches the script: it is recorded, and said once."""

import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.store import open_run, run_paths

SCRIPT = Path(__file__).parents[1] / "scripts/architectures/mlp.py"

PLACES = [
    "chainrule.observer.backward:BackwardRecorder._measure_received",
    "chainrule.observer.structure:walk",
    "chainrule.observer.backward:BackwardRecorder.detach",
    "chainrule.observer.backward:BackwardRecorder.settle",
    "chainrule.observer.labels:Labeller._walk",
    "chainrule.observer.labels:Labeller.start",
    "chainrule.observer.losses:Losses.see",
    "chainrule.observer.losses:Losses.end_step",
    "chainrule.observer.names:Names.add_tensors",
    "chainrule.observer.names:Names.add_root",
    "chainrule.observer.observation:Observation._end_step",
    "chainrule.observer.optimizers:Optimizers.meet",
    "chainrule.observer.observation:Observation.finish",
    "chainrule.observer.outlines:Outlines.backward_pass",
    "chainrule.observer.updates:compare",
    "chainrule.observer.updates:Keeper.take",
    "chainrule.observer.measured:MeasuredSteps.write",
    "chainrule.observer.governor:Governor.wants",
    "chainrule.observer.sink:Sink.flush",
    "chainrule.observer.session:Session.start",
    "chainrule.observer.window:Window.start",
    "chainrule.observer.window:Window._begin",
    "chainrule.observer.window:Window._keep",
    "chainrule.observer.window:Window._capture",
    "chainrule.observer.window:obstacle",
    "chainrule.observer.passes:Passes.end",
    "chainrule.observer.recorder:Recorder._before",
    "chainrule.observer.recorder:Recorder._after",
    "chainrule.observer.recorder:Recorder.recorded",
    "chainrule.observer.slots:Slots.of",
    "chainrule.observer.probes:Probes.wants",
    "chainrule.observer.probes:Probes.keep",
    "chainrule.observer.probes:Probes._scan",
    "chainrule.observer.probes:Probes._measure_sharpness",
]

# breaks one function of ours once torch (and with it the observer) has been imported
BREAK = """
import importlib, runpy, sys
module, _, path = {place!r}.partition(":")
import chainrule.observer
owner = importlib.import_module(module)
*classes, name = path.split(".")
for part in classes:
    owner = getattr(owner, part)
def broken(*args, **kwargs):
    raise ValueError("injected")
original = getattr(owner, name)
setattr(owner, name, broken)
for other in list(sys.modules.values()):
    ours = getattr(other, "__name__", "").startswith("chainrule.")
    if ours and vars(other).get(name) is original:
        setattr(other, name, broken)
sys.path.insert(0, {folder!r})
sys.argv = [{script!r}]
from chainrule.observer import boot, finish
try:
    boot({{"folder": {runs!r}, "every": "all"}})
except ValueError as error:
    sys.stderr.write(f"boot: {{error}}\\n")
runpy.run_path({script!r}, run_name="__main__")
finish()
"""


@pytest.fixture(scope="module")
def plain() -> str:
    done = subprocess.run(
        [sys.executable, SCRIPT.name], cwd=SCRIPT.parent, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.rpartition(":")[2])
def test_an_injected_error_changes_nothing(
    place: str, plain: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHAINRULE_STRICT", raising=False)
    code = BREAK.format(
        place=place, folder=str(SCRIPT.parent), script=SCRIPT.name, runs=str(tmp_path)
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=SCRIPT.parent,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == plain
    assert done.stderr.count("chainrule: an error of its own") <= 1
    assert "Traceback" not in done.stderr
    told = "injected" in done.stderr
    for path in run_paths(tmp_path):
        with open_run(path) as reader:
            told = told or any("injected" in e.text for e in reader.events("internal-error"))
    assert told
