"""Captured steps in files: opened again they give the same loss and gradient, and run nothing."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from capturing import SCRIPTS, captured, run
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from test_capture import EXACT, OPTIMIZERS

import chainrule
from chainrule.faces.cli.of_run import subject_of_run
from chainrule.objective import ObjectiveError
from chainrule.objective.function_names import function_named, name_of_function
from chainrule.observer.saved_captures import open_capture, save_capture, saved_steps

CHAINRULE = [sys.executable, "-m", "chainrule"]
EXAMPLE = Path(__file__).parents[2] / "examples/healthy_mlp_digits.py"

OWN_FUNCTIONS = {"architectures/custom_function", "capture/truncated"}
"""Scripts whose loss goes through an `autograd.Function` of their own."""


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", [n for n in EXACT if n not in OWN_FUNCTIONS])
def test_opened_again_it_is_the_same_function(name: str, tmp_path: Path) -> None:
    script = SCRIPTS / f"{name}.py"
    with captured(optimizers=OPTIMIZERS.get(script.stem, 1)) as captures:
        run(script)
    capture = next(c for c in reversed(captures) if c.program is not None)
    again = open_capture(save_capture(capture, tmp_path / "run.db"))
    assert (again.step, again.loss) == (capture.step, capture.loss)
    assert (again.learning_rate, again.notes) == (capture.learning_rate, capture.notes)
    before, after = capture.objective(), again.objective()
    assert after.value() == before.value() == capture.loss
    gradients = before.gradient(), after.gradient()
    for key in gradients[0]:
        assert torch.equal(gradients[0][key], gradients[1][key])
    there = {n: t + capture.update[n] for n, t in capture.parameters.items()}
    assert after.value(there) == before.value(there)
    if capture.preconditioner is not None:
        assert again.preconditioner is not None
        assert torch.equal(again.preconditioner.vector, capture.preconditioner.vector)
        assert again.preconditioner.limit == capture.preconditioner.limit


@pytest.mark.parametrize("name", sorted(OWN_FUNCTIONS))
def test_a_function_of_the_scripts_cannot_be_saved(name: str, tmp_path: Path) -> None:
    with captured() as captures:
        run(SCRIPTS / f"{name}.py")
    capture = next(c for c in reversed(captures) if c.program is not None)
    if any(operation.applied for operation in capture.program.operations):
        with pytest.raises(ObjectiveError, match="not one of PyTorch's own functions"):
            save_capture(capture, tmp_path / "run.db")
        assert not list(tmp_path.rglob("*.safetensors"))
    else:
        save_capture(capture, tmp_path / "run.db")


def test_only_mathematics_has_a_name() -> None:
    for harmless in (torch.relu, torch.Tensor.add, torch._C._nn.linear, torch.autograd.grad):
        name = name_of_function(harmless)
        assert name is not None
        assert function_named(name) == harmless
    for function in (eval, torch.load, torch.save, print, torch.from_file, torch.Tensor.__reduce__):
        assert name_of_function(function) is None
    for name in ("torch.load", "torch.from_file", "torch.Tensor.__reduce_ex__", "os.system"):
        assert function_named(name) is None


def small(folder: Path) -> Path:
    """A run with saved captures, in this process."""
    torch.manual_seed(0)
    weight = torch.randn(3, requires_grad=True)
    optimizer = torch.optim.SGD([weight], 0.01)
    with chainrule.watch(folder=folder, name="small", save_captures=True):
        for _ in range(20):
            optimizer.zero_grad()
            (torch.randn(8, 3) @ weight).square().mean().backward()
            optimizer.step()
    return folder / "small.db"


def test_a_run_with_saved_steps(tmp_path: Path) -> None:
    path = small(tmp_path)
    assert list(saved_steps(path)) == [1, 2, 4, 8, 16]
    objective = chainrule.captured(path)
    assert objective.description == "the loss of step 16"
    assert objective.value() == open_capture(saved_steps(path)[16]).loss
    with pytest.raises(ObjectiveError, match=r"found 3; there are: 1, 2, 4, 8, 16"):
        chainrule.captured(path, 3)


def changed(file: Path, **to: object) -> Path:
    """The file with parts of its document replaced."""
    with safe_open(file, framework="pt") as opened:
        document = json.loads(opened.metadata()["chainrule"])
    tensors = load_file(file)
    for path, value in to.items():
        *way, last = path.split("__")
        part = document
        for key in way:
            part = part[int(key) if key.isdigit() else key]
        part[int(last) if last.isdigit() else last] = value
    save_file(tensors, file, metadata={"chainrule": json.dumps(document)})
    return file


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"program__operations__0__function": "os.system"}, "computes on tensors, found 'os.sys"),
        ({"program__operations__0__function": "torch.load"}, "found 'torch.load'"),
        ({"program__operations__0__arguments": [{"module": "os"}]}, "Expected a module"),
        ({"program__operations__0__arguments": []}, "to run, but"),
        ({"program__terms__0__roots": [9999]}, "to run, but"),
        ({"program__operations": 5}, "found something else"),
        ({"format": 99}, "found format 99"),
        ({"loss": "0x1p3"}, "Expected the loss 8.0"),
        ({"parameters": ["other"]}, "found something else"),
    ],
    ids=str,
)
def test_a_file_that_was_changed(tmp_path: Path, change: dict[str, object], reason: str) -> None:
    file = saved_steps(small(tmp_path))[4]
    with pytest.raises(ObjectiveError, match=reason):
        open_capture(changed(file, **change))


def test_a_weight_on_which_the_loss_does_not_depend_is_kept_as_well(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    with chainrule.watch(folder=tmp_path, name="norm", save_captures=True):
        for _ in range(6):
            optimizer.zero_grad()
            net(torch.randn(16, 3)).square().mean().backward()
            optimizer.step()
    file = saved_steps(tmp_path / "norm.db")[4]
    open_capture(file)
    with safe_open(file, framework="pt") as opened:
        metadata = opened.metadata()
    tensors = load_file(file)
    (bias,) = [name for name in tensors if name.startswith("theta.") and name.endswith("0.bias")]
    tensors[bias] = 1.5 * tensors[bias]
    save_file(tensors, file, metadata=metadata)
    with pytest.raises(ObjectiveError, match=r"step-4\.safetensors, found others"):
        open_capture(file)


def test_one_damaged_file_does_not_block_the_others(tmp_path: Path) -> None:
    path = small(tmp_path)
    saved_steps(path)[8].write_bytes(b"garbage")
    subject = subject_of_run(str(path), 4)
    assert subject.objective.description == "the loss of step 4"
    with pytest.raises(ObjectiveError, match=r"step-8\.safetensors"):
        subject.path()


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    file = tmp_path / "step-1.safetensors"
    for content in (b"", b"SQLite format 3\0", bytes(1000)):
        file.write_bytes(content)
        with pytest.raises(ObjectiveError, match="Expected a captured step in"):
            open_capture(file)
    save_file({"x": torch.zeros(2)}, file)
    with pytest.raises(ObjectiveError, match="Expected a captured step in"):
        open_capture(file)


def test_from_the_command_line_to_a_picture(tmp_path: Path) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*CHAINRULE, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    done = call("run", "--save-captures", "--name", "a", "-q", str(EXAMPLE))
    assert done.returncode == 0, done.stderr
    folder = tmp_path / "chainrule-runs/a.captures"
    assert (folder / EXAMPLE.name).read_text() == EXAMPLE.read_text()
    steps = list(saved_steps(tmp_path / "chainrule-runs/a.db"))
    assert len(steps) == 8

    update = call("landscape", "a", "--directions", "update", "--points", "9", "-o", "u.png")
    assert update.returncode == 0, update.stderr
    assert "along               the actual update" in update.stdout
    assert (tmp_path / "u.png").stat().st_size > 5_000
    path = call("landscape", "a", "--directions", "trajectory", "--points", "9", "--format", "json")
    assert path.returncode == 0, path.stderr
    assert len(json.loads(path.stdout)["path"]["x"]) == len(steps)
    sharp = call("sharpness", "a", "--step", str(steps[-1]), "--format", "json")
    assert sharp.returncode == 0, sharp.stderr
    found = json.loads(sharp.stdout)
    assert found["preconditioner"].startswith("SGD")
    measured = call("sharpness", "a", "--format", "json")
    (same,) = [s for s in json.loads(measured.stdout)["steps"] if s["step"] == steps[-1]]
    assert same["sharpness"] == pytest.approx(found["eigenvalues"][0], rel=0.1)

    missing = call("landscape", "a", "--step", "3")
    assert missing.returncode == 2
    assert "found 3; there are:" in missing.stderr
