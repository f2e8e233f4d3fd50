"""What happened when a program was run under chainrule, once."""

import json
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from chainrule.diagnosis import diagnose
from chainrule.store import RunFileError, RunReader, open_run

from .baselines import BASELINES, Judge, Verdict
from .detection import detected_after
from .program import Program, Variant

_TIMEOUT_S = 120.0
_METRIC = re.compile(r"^metric (\S+) (\S+)$", re.MULTILINE)
_ORDER = {"error": 2, "warning": 1, "note": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding, or one of what followed from it.

    Attributes:
        fault: Its name.
        severity: `error`, `warning` or `note`.
        where: Module, operation and source, as text.
        title: Its line.
        root: False for what another finding explains.
    """

    fault: str
    severity: str
    where: str = ""
    title: str = ""
    root: bool = True

    def at_least(self, severity: str) -> bool:
        """True if it is as severe as that."""
        return _ORDER[self.severity] >= _ORDER[severity]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run of one variant of a program.

    Attributes:
        program: The program.
        variant: Which of its scripts ran.
        seed: Its argument.
        metric: What it printed last; None if nothing.
        metric_name: `accuracy`, `loss`, ...
        exit_code: Of the script.
        seconds: Wall time with the verdict.
        steps: Optimizer steps of the run.
        findings: In the order of the verdict, consequences after what they follow from.
        baselines: What each baseline says about the same run file.
        complaint: Why there is no verdict; empty if there is one.
        detected_after: By whom (`chainrule` or a baseline) the fault is named → after how many
            steps, from which on it stays named; nothing if the whole run does not name it.
    """

    program: Program
    variant: Variant
    seed: int
    metric: float | None = None
    metric_name: str = ""
    exit_code: int = 0
    seconds: float = 0.0
    steps: int = 0
    findings: tuple[Found, ...] = ()
    baselines: dict[str, Verdict]
    complaint: str = ""
    detected_after: dict[str, int] = field(default_factory=dict)

    @property
    def as_described(self) -> bool:
        """True if the script behaved as its description says, by its own metric."""
        return self.program.metric[self.variant].holds(self.metric, self.exit_code)

    @property
    def alarms(self) -> tuple[Found, ...]:
        """The findings of severity warning or error."""
        return tuple(f for f in self.findings if f.root and f.at_least("warning"))

    @property
    def found(self) -> bool:
        """True if the fault is among what was found, as a root or a consequence."""
        program = self.program
        names = {program.fault, *program.accept}
        return any(f.fault in names and f.at_least(program.severity) for f in self.findings)

    @property
    def first(self) -> Found | None:
        """The first finding, which is to name the root."""
        return self.findings[0] if self.findings else None

    @property
    def root_right(self) -> bool:
        """True if the first finding names the fault."""
        first, program = self.first, self.program
        return first is not None and first.fault in (program.fault, *program.accept)

    @property
    def place_right(self) -> bool | None:
        """True if the first finding is at the right place; None if no place is described.

        Also None if another fault that is just as right came first: it has a place of its own.
        """
        first = self.first
        if not self.program.place or (first is not None and first.fault in self.program.accept):
            return None
        return self.root_right and first is not None and self.program.place in first.where

    def blames(self, baseline: str) -> bool:
        """True if the fault is among those that what a baseline says stands for."""
        names = {self.program.fault, *self.program.accept}
        return baseline in self.baselines and bool(names & set(self.baselines[baseline].faults))


def run_program(program: Program, variant: Variant, seed: int, folder: Path) -> Outcome:
    """Run a variant under `chainrule run --json` and read the verdict.

    Args:
        program: The program.
        variant: Which of its scripts.
        seed: The script's argument.
        folder: Where the script, the run file and the verdict go.
    """
    place = folder / f"{program.name.replace('/', '--')}--{variant}--{seed}"
    place.mkdir(parents=True, exist_ok=True)
    script = place / f"{program.name.rpartition('/')[2]}.py"
    script.write_text(program.text(variant), "utf-8")
    verdict, began = place / "verdict.json", time.perf_counter()
    command = [
        *(sys.executable, "-m", "chainrule", "run", "--no-status", "--json", str(verdict)),
        *("--folder", str(place / "runs"), "--name", "run", str(script), *program.arguments(seed)),
    ]
    done: subprocess.CompletedProcess[str] | None = None
    kept = place / "process.json"
    for old in (verdict, kept, *(place / "runs").glob("run.db*")):
        old.unlink(missing_ok=True)
    with suppress(subprocess.TimeoutExpired):
        done = subprocess.run(
            command,
            cwd=place,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
    seconds = time.perf_counter() - began
    record = {
        "seconds": seconds,
        "exit_code": done.returncode if done else -1,
        "stdout": done.stdout if done else "",
        "stderr": done.stderr[-4000:] if done else f"It took more than {_TIMEOUT_S:.0f} s.",
    }
    if done:  # one that was cut off is run again, not judged again
        kept.write_text(json.dumps(record), "utf-8")
    return _outcome(program, variant, seed, place, record, anew=False)


def judge_again(program: Program, variant: Variant, seed: int, folder: Path) -> Outcome | None:
    """The outcome of a kept run, diagnosed anew; None if it was not run, or as another script."""
    place = folder / f"{program.name.replace('/', '--')}--{variant}--{seed}"
    script = place / f"{program.name.rpartition('/')[2]}.py"
    kept = place / "process.json"
    if not kept.exists() or script.read_text("utf-8") != program.text(variant):
        return None
    record = json.loads(kept.read_text("utf-8"))
    return _outcome(program, variant, seed, place, record, anew=True)


def _outcome(
    program: Program,
    variant: Variant,
    seed: int,
    place: Path,
    record: dict[str, object],
    *,
    anew: bool,
) -> Outcome:
    lines = _METRIC.findall(str(record["stdout"]))
    name, metric = (lines[-1][0], float(lines[-1][1])) if lines else ("", None)
    file = place / "runs" / "run.db"
    outcome = Outcome(
        program=program,
        variant=variant,
        seed=seed,
        metric=metric,
        metric_name=name,
        exit_code=int(str(record["exit_code"])),
        seconds=float(str(record["seconds"])),
        baselines={},
    )
    accuracy = metric if name == "accuracy" else None
    try:
        with open_run(file) as reader:
            if anew:
                findings = _of_diagnosis(reader)
            else:
                findings = _of_document(json.loads((place / "verdict.json").read_text("utf-8")))
            outcome = replace(
                outcome,
                steps=reader.run().steps,
                findings=findings,
                baselines={key: judge(reader, accuracy) for key, judge in BASELINES.items()},
            )
        return replace(outcome, detected_after=_detections(outcome, file, accuracy))
    except (OSError, RunFileError) as error:
        return replace(outcome, complaint=f"{error} {str(record['stderr'])[-400:]}")


def _detections(whole: Outcome, file: Path, accuracy: float | None) -> dict[str, int]:
    if whole.variant != "faulty":
        return {}

    def named(reader: RunReader) -> bool:
        seen = replace(whole, findings=_of_diagnosis(reader))
        return seen.found and seen.root_right

    detected = {}
    if whole.found and whole.root_right:
        detected["chainrule"] = detected_after(file, whole.steps, named)
    for key, judge in BASELINES.items():

        def blamed(reader: RunReader, key: str = key, judge: Judge = judge) -> bool:
            return replace(whole, baselines={key: judge(reader, accuracy)}).blames(key)

        if whole.blames(key):
            detected[key] = detected_after(file, whole.steps, blamed)
    return detected


def _of_diagnosis(reader: RunReader) -> tuple[Found, ...]:
    found: list[Found] = []
    for f in diagnose(reader):
        where = f"{f.where.module} {f.where.operation} {f.where.source}"
        found.append(Found(fault=f.fault, severity=f.severity, where=where, title=f.title))
        found += _explained(f.consequences, f.severity)
    return tuple(found)


def _of_document(document: dict[str, list[dict[str, object]]]) -> tuple[Found, ...]:
    found: list[Found] = []
    for f in document["findings"]:
        where = f["where"]
        assert isinstance(where, dict)
        found.append(
            Found(
                fault=str(f["fault"]),
                severity=str(f["severity"]),
                where=" ".join(map(str, where.values())),
                title=str(f["title"]),
            )
        )
        consequences = f["consequences"]
        assert isinstance(consequences, list)
        found += _explained(tuple(map(str, consequences)), str(f["severity"]))
    return tuple(found)


def _explained(consequences: tuple[str, ...], severity: str) -> list[Found]:
    """The findings among the consequences, each a sentence that begins with its fault's name."""
    return [
        Found(fault=found[1], severity=severity, title=sentence, root=False)
        for sentence in consequences
        if (found := re.match(r"([a-z]+(?:-[a-z]+)+): ", sentence))
    ]
