"""`python -m benchmarks.view_scale [--quick]`: what the views cost on a run of a million steps.

A run file of 1,000,000 steps and 200 layers is written, and asked what the page asks, by a process
of its own whose memory is measured. TensorBoard loads the same kind of scalars beside it.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil  # of the group `bench` alone

WINDOWS = 200
"""Windows of steps that are asked for, from thirty steps to all, anywhere."""

OPENED_MS = 1000
FRAME_MS = 100
MEMORY_MB = 200
"""The bars of the design: opened within a second, moved at 100 ms a frame, below 200 MB."""

PATIENCE_S = 1200.0


def peak_mb() -> float:
    """The most memory that this process has had, in MB.

    Not `ru_maxrss`, which is handed on from the process that started this one.
    """
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024 / 1e6
    return float("nan")


def answers(folder: Path, name: str, steps: int) -> dict[str, float]:
    """Ask a run what the page asks: milliseconds, kilobytes and megabytes by name."""
    began = time.perf_counter()
    from chainrule.faces.views.questions import Context, answer

    found = {"imports ms": 1000 * (time.perf_counter() - began)}
    context = Context(folder)

    def ask(question: str, **parameters: str | int) -> tuple[float, float, int]:
        """Milliseconds by the clock, those of computing, and bytes."""
        began, computing = time.perf_counter(), time.process_time()
        document = answer(question, {"run": name, **parameters}, context)
        text = json.dumps(document, allow_nan=False).encode()
        computed = 1000 * (time.process_time() - computing)
        return 1000 * (time.perf_counter() - began), computed, len(text)

    for question in ("run", "chain", "slope"):
        found[f"{question} first ms"], found[f"{question} first CPU ms"], size = ask(question)
        again = sorted(ask(question) for _ in range(5))
        found[f"{question} ms"], found[f"{question} CPU ms"], _ = again[2]
        found[f"{question} kB"] = size / 1000
    chance = random.Random(0)
    for question, count in (("series", WINDOWS), ("slope", WINDOWS // 4)):
        taken = []
        for _ in range(count):
            width = round(10 ** chance.uniform(1.5, len(str(steps)) - 1))
            first = chance.randrange(max(steps - width, 1))
            more = {"name": "loss"} if question == "series" else {}
            taken.append(ask(question, first=first, last=first + width, **more)[:2])
        spread_of(f"{question} window", taken, found)
    spread_of(
        "chain moved", [ask("chain", step=chance.randrange(steps))[:2] for _ in range(20)], found
    )
    found["memory MB"] = peak_mb()
    found["torch"] = float("torch" in sys.modules)
    return found


def spread_of(name: str, taken: list[tuple[float, float]], found: dict[str, float]) -> None:
    """Put median, 95 % and slowest of milliseconds, by the clock and of computing."""
    taken = sorted(taken)
    found[f"{name} median ms"], found[f"{name} CPU ms"] = taken[len(taken) // 2]
    found[f"{name} 95 % ms"] = taken[int(0.95 * len(taken))][0]
    found[f"{name} slowest ms"] = taken[-1][0]


def accumulated(folder: Path) -> dict[str, float]:
    """Load an event file with TensorBoard's own Python reader, as its server keeps it."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    began = time.perf_counter()
    loaded = EventAccumulator(str(folder), size_guidance={"scalars": 1000}).Reload()
    return {
        "seconds": time.perf_counter() - began,
        "memory MB": peak_mb(),
        "tags": len(loaded.Tags()["scalars"]),
    }


def served(folder: Path, last_step: int) -> dict[str, float]:
    """Start TensorBoard on an event file and wait until its last loss can be asked for."""
    import psutil

    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder)]
    command += ["--port", "0", "--host", "127.0.0.1", "--load_fast", "true"]
    began = time.perf_counter()
    server = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    address: list[str] = []

    def listen() -> None:
        assert server.stderr is not None
        for line in server.stderr:
            address.extend(word for word in line.split() if word.startswith("http://127.0.0.1"))

    threading.Thread(target=listen, daemon=True).start()
    most, seconds = 0, float("nan")
    try:
        tree = psutil.Process(server.pid)
        while time.perf_counter() - began < PATIENCE_S and server.poll() is None:
            most = max(most, sum(p.memory_info().rss for p in _alive(tree)))
            if address and _last_step(address[0]) >= last_step:
                seconds = time.perf_counter() - began
                break
            time.sleep(0.1)
    finally:
        for process in _alive(psutil.Process(server.pid)):
            process.terminate()
        server.wait()
    return {"seconds": seconds, "memory MB": most / 1e6}


def _alive(process: "psutil.Process") -> "list[psutil.Process]":
    """A process and its children."""
    return [process, *process.children(recursive=True)]


def _last_step(address: str) -> int:
    query = "data/plugin/scalars/scalars?tag=loss&run=run"
    try:
        with urllib.request.urlopen(f"{address.rstrip('/')}/{query}", timeout=30) as answer:
            return max(int(step) for _, step, _ in json.load(answer))
    except (urllib.error.URLError, ValueError, OSError):
        return -1


def in_a_process(*arguments: str) -> dict[str, float]:
    """Run one of the measurements in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.view_scale", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    found: dict[str, float] = json.loads(run.stdout)
    return found


def told(name: str, value: float, bar: float, unit: str) -> str:
    """A bar of the design and whether it was met."""
    return f"- {name}: below {bar:,} {unit}: {'met' if value < bar else 'missed'} ({value:,.0f})."


def bars(found: dict[str, float], seen: dict[str, float] | str) -> list[str]:
    """The bars of the design: as seen in a browser, or as the answers take if there is none."""
    if isinstance(seen, str):
        return [
            told("the run's answer, first", found["run first ms"], OPENED_MS, "ms to open"),
            told("moved and zoomed, 95 %", found["series window 95 % ms"], FRAME_MS, "ms a frame"),
            told("memory of the process, at most", found["memory MB"], MEMORY_MB, "MB"),
        ]
    return [
        told("the run, first, drawn", seen["opened first ms"], OPENED_MS, "ms to open"),
        told("moved and zoomed, drawn, 95 %", seen["frame 95 % ms"], FRAME_MS, "ms a frame"),
        told("memory of the server, at most", seen["server at most MB"], MEMORY_MB, "MB"),
    ]


def judged(path: Path) -> dict[str, float]:
    """Seconds of computing that a verdict on a run takes."""
    from chainrule.diagnosis import diagnose

    computing = time.process_time()
    diagnose(path)
    return {"CPU s": time.process_time() - computing}


def table(found: dict[str, float]) -> list[str]:
    """The answers as a table."""

    def row(what: str, *cells: Callable[[], str]) -> str:
        return f"| {what} | {' | '.join(cell() for cell in cells)} |"

    def ms(name: str) -> Callable[[], str]:
        return lambda: f"{found[name]:,.0f}" if name in found else ""

    return [
        "| asked | first, ms | again, ms | computing, ms | 95 %, ms | slowest, ms | size, kB |",
        "|---|---|---|---|---|---|---|",
        *(
            row(
                f"`{q}`",
                *(ms(f"{q} {what}") for what in ("first ms", "ms", "CPU ms", "", "", "kB")),
            )
            for q in ("run", "chain", "slope")
        ),
        *(
            row(
                what,
                *(
                    ms(f"{name} {part}")
                    for part in ("", "median ms", "CPU ms", "95 % ms", "slowest ms", "")
                ),
            )
            for what, name in (
                ("`series`, moved and zoomed", "series window"),
                ("`slope`, moved and zoomed", "slope window"),
                ("`chain`, another step", "chain moved"),
            )
        ),
    ]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 steps: does it run?")
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--layers", type=int, default=200)
    parser.add_argument("--samples", type=int, default=10_000)
    parser.add_argument("--peer-samples", type=int, default=1_000)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--answer", nargs=2, metavar=("FOLDER", "RUN"), help=argparse.SUPPRESS)
    parser.add_argument("--diagnose", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--accumulate", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        found = answers(Path(options.answer[0]), options.answer[1], options.steps)
        print(json.dumps(found))
        return
    if options.diagnose:
        print(json.dumps(judged(options.diagnose)))
        return
    if options.accumulate:
        print(json.dumps(accumulated(options.accumulate)))
        return
    if options.quick:
        options.steps, options.samples, options.peer_samples = 20_000, 500, 50
    folder = Path(tempfile.mkdtemp(prefix="chainrule-scale-"))
    try:
        lines = measured(folder, options)
    finally:
        shutil.rmtree(folder)
    from benchmarks.page import PAGE, put_section

    put_section("Views of a long run", lines, options.output or PAGE)


def measured(folder: Path, options: argparse.Namespace) -> list[str]:
    """Write the files and measure: Markdown."""
    from benchmarks.big_run import write_events, write_run
    from benchmarks.drawn_views import in_a_browser
    from benchmarks.drawn_views import told as told_by
    from benchmarks.page import machine

    steps, layers, samples = options.steps, options.layers, options.samples
    began, load = time.perf_counter(), os.getloadavg()[0]
    busy = f" The load average was {load:.1f} on {os.cpu_count()} cores before it all began"
    busy += (
        ": the machine had other work, and the column of computing is what the answers take."
        if load > (os.cpu_count() or 1)
        else "."
    )
    path = write_run(folder / "runs", steps=steps, layers=layers, samples=samples)
    print(f"written in {time.perf_counter() - began:.0f} s", flush=True)
    found = in_a_process("--steps", str(steps), "--answer", str(path.parent), path.stem)
    print(json.dumps(found, indent=1), flush=True)
    judging = in_a_process("--diagnose", str(path))
    seen = in_a_browser(path.parent, path.stem)
    print(json.dumps(seen, indent=1), flush=True)
    lines = [
        f"A run of {steps:,} steps and {layers} layers ({2 * layers} tensors, a backward graph of "
        f"{5 * layers + 1:,} nodes), of which {samples:,} steps were measured in full: a file of "
        f"{path.stat().st_size / 1e6:,.0f} MB. {machine()}",
        "",
        "Times are from the question to the answer as JSON text, the opening of the file included, "
        f"in a process of its own with the file in the system's cache; {WINDOWS} windows from 30 "
        "steps to all, anywhere. The first answer also loads what it needs (`slope`: SciPy). "
        f"Starting that process took {found['imports ms']:,.0f} ms of imports.{busy}",
        "",
        *table(found),
        "",
        *bars(found, seen),
        "",
        *([seen] if isinstance(seen, str) else told_by(seen)),
        "",
        f"A verdict on this run takes {judging['CPU s']:.1f} s of computing.",
    ]
    if options.no_peers:
        return lines
    try:
        import tensorboard  # noqa: F401
    except ImportError as error:
        return [*lines, "", f"TensorBoard was not there to be measured ({error})."]
    events = folder / "events"
    count = write_events(events / "run", steps=steps, layers=layers, samples=options.peer_samples)
    peer = in_a_process("--accumulate", str(events / "run"))
    print(json.dumps(peer), flush=True)
    server = served(events, steps - 1)
    print(json.dumps(server), flush=True)
    return [
        *lines,
        "",
        f"**TensorBoard**, with the losses and step times of the same {steps:,} steps and the "
        f"norms of gradients, weights and updates of {options.peer_samples:,} of them: {count:,} "
        f"scalars, {sum(f.stat().st_size for f in (events / 'run').iterdir()) / 1e6:,.0f} MB. It "
        "reads an event file from end to end before it shows the last step, and keeps 1,000 "
        "points of each curve.",
        "",
        "| loaded by | until the last step is there, s | memory, MB |",
        "|---|---|---|",
        f"| its Python reader (`EventAccumulator`) | {peer['seconds']:.1f} | "
        f"{peer['memory MB']:,.0f} |",
        f"| its server, with the data server in Rust | {server['seconds']:.1f} | "
        f"{server['memory MB']:,.0f} |",
        f"| chainrule, the view of the run from a file with ten times as many samples | "
        f"{(found['imports ms'] + found['run first ms']) / 1000:.1f} | {found['memory MB']:,.0f} |"
        if samples == 10 * options.peer_samples
        else f"| chainrule, the view of the run | "
        f"{(found['imports ms'] + found['run first ms']) / 1000:.1f} | {found['memory MB']:,.0f} |",
    ]


if __name__ == "__main__":
    main()
