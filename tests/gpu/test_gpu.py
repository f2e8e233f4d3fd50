"""All that chainrule promises on the CPU, on a GPU; skipped where there is none.

The scripts are those of the other tests, unchanged: `on_gpu.py` makes the GPU their default device.
"""

import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / "instruments"))
from every_instrument import INSTRUMENTS, objective

from chainrule.store import open_run, run_paths

DEVICE = os.environ.get("SCRIPT_DEVICE", "cuda")
pytestmark = pytest.mark.skipif(
    DEVICE == "cuda" and not torch.cuda.is_available(), reason="there is no GPU here"
)

ROOT = Path(__file__).parents[2]
ORACLE = ROOT / "tests/oracles/exactness.py"
SCRIPTS = ROOT / "tests/scripts/gpu"
ARCHITECTURES = sorted(
    p.stem for p in (ROOT / "tests/scripts/architectures").glob("*.py") if p.stem != "fingerprint"
)
TOLERANCE = 1e-4  # relative, float32
MUST_RUN = {"mlp", "convnet_inplace", "resnet", "lstm", "rnn_loop", "transformer", "gan"}


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=SCRIPTS,
        env={**os.environ, "OMP_NUM_THREADS": "1", "COLUMNS": "100", **environment},
        capture_output=True,
        timeout=280,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def watch(folder: Path, *options: str) -> list[str]:
    return ["-m", "chainrule", "run", "--quiet", "--folder", str(folder), *options]


@functools.cache
def bare(name: str) -> subprocess.CompletedProcess[bytes]:
    """The script on the GPU, unwatched.

    A few cannot be compared there: some of their tensors must be on the CPU, which the default
    device of `on_gpu.py` does not know, or an operation of theirs has no deterministic kernel. They
    are skipped; the usual kinds of network may not be among them.
    """
    done, again = (run(["on_gpu.py", f"{name}.py"]) for _ in range(2))
    unlike = done.stdout != again.stdout
    if unlike or (done.returncode and name != "exception_in_backward"):
        why = "two bare runs differ" if unlike else done.stderr[-1000:].decode()
        assert name not in MUST_RUN, why
        pytest.skip(f"{name}, unwatched: {why}")
    return done


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_bit_identical(name: str, tmp_path: Path) -> None:
    script = ["on_gpu.py", f"{name}.py"]
    alone = bare(name)
    for sampling in ([], ["--every", "all"]):
        folder = tmp_path / "-".join(["runs", *sampling])
        seen = run([*watch(folder, *sampling), *script])
        assert seen.stdout == alone.stdout
        assert seen.returncode == alone.returncode
        assert without_addresses(seen.stderr) == without_addresses(alone.stderr)
        (path,) = run_paths(folder)
        with open_run(path) as reader:
            assert reader.run().backward_passes > 0
            assert reader.run().device.startswith(DEVICE)
            assert [e.text for e in reader.events("internal-error")] == []


@pytest.mark.parametrize("sampling", [[], ["--every", "all"]], ids=["budget", "every step"])
@pytest.mark.parametrize("recorded, steps", [("step", 9), ("passes", 29)])
def test_a_cuda_graph_is_left_alone(
    recorded: str, steps: int, sampling: list[str], tmp_path: Path
) -> None:
    alone = run(["graphed.py", recorded])
    seen = run([*watch(tmp_path / "runs", *sampling), "graphed.py", recorded])
    assert alone.returncode == 0, alone.stderr
    assert seen.stderr == alone.stderr
    assert seen.stdout == alone.stdout
    (path,) = run_paths(tmp_path / "runs")
    with open_run(path) as reader:
        assert reader.run().steps == steps  # those that were neither recorded nor played back
        assert [e.text for e in reader.events("internal-error")] == []
        assert any("CUDA graph" in e.text for e in reader.events("note"))


@pytest.mark.parametrize("name", [n for n in ARCHITECTURES if n != "manual_update"])
def test_products_equal_gradient_norms(name: str) -> None:
    bare(name)
    done = run([str(ORACLE), "on_gpu.py", f"{name}.py"], CHAINRULE_STRICT="1")
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print(name, found["paths"], found["error"])
    assert found["paths"] > 0
    assert found["error"] < TOLERANCE
    assert found["missing"] == []
    assert found["errors"] == []


@pytest.mark.parametrize("name", ["mlp", "convnet_inplace", "resnet", "lstm", "transformer", "gan"])
def test_captured_steps_verify(name: str, tmp_path: Path) -> None:
    done = run([str(ROOT / "tests/gpu/captures.py"), name])
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "printed": True,
        "reasons": [],
        "exact": True,
    }


@pytest.mark.parametrize("options, reads", [([], ["reads"]), (["--every", "all"], [])])
def test_the_operation_that_made_the_first_nan_is_named(
    options: list[str], reads: list[str], tmp_path: Path
) -> None:
    verdict = tmp_path / "verdict.json"
    watched = watch(tmp_path / "runs", "--json", str(verdict), *options)
    done = run([*watched, "log_of_negative.py", *reads])
    assert done.returncode == 0, done.stderr
    findings = json.loads(verdict.read_text())["findings"]
    (found,) = [f for f in findings if f["fault"] == "non-finite"]
    assert found["steps"][0] == 150
    assert found["where"]["operation"] == "Log"
    assert "log_of_negative.py" in found["where"]["source"]


@pytest.mark.parametrize("width", [5, 60], ids=["whole Hessian", "products"])
@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_same_numbers_as_on_the_processor(name: str, width: int) -> None:
    found = INSTRUMENTS[name](objective(width, DEVICE))
    # an eigenvalue is asked for to 1 %, and products differ in their last digits
    assert found == pytest.approx(INSTRUMENTS[name](objective(width)), rel=1e-2, abs=1e-4)


def without_addresses(text: bytes) -> bytes:
    return re.sub(rb"0x[0-9a-f]+|\bpid[ =]\d+", b"", text)
