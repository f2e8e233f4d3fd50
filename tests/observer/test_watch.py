"""`chainrule.watch()` in a notebook or a library, and what the bad cases say."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import chainrule
from chainrule.store import open_run


def train(net: nn.Module, optimizer: torch.optim.Optimizer, steps: int = 12) -> None:
    torch.manual_seed(0)
    for _ in range(steps):
        x = torch.randn(32, 4)
        loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def make(seed: int = 0) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
    return net, torch.optim.SGD(net.parameters(), 0.05)


def test_watch_then_diagnose(tmp_path: Path) -> None:
    net, optimizer = make()
    with chainrule.watch(folder=tmp_path, name="mine") as run:
        train(net, optimizer)
    assert run.path == tmp_path / "mine.db"
    (finding,) = chainrule.diagnose(run)
    assert finding.fault == "healthy"
    with open_run(run.path) as reader:
        assert reader.run().status == "finished"
        assert reader.run().steps == 12
        assert len(reader.series("loss").values) == 12


def test_only_one_optimizer(tmp_path: Path) -> None:
    (a, first), (b, second) = make(0), make(1)
    with chainrule.watch(folder=tmp_path, optimizer=second, every="all") as run:
        train(a, first, 5)
        train(b, second, 7)
    with open_run(run.path) as reader:
        assert reader.run().steps == 7
        assert len(reader.optimizers()) == 1


def test_a_model_names_its_parameters(tmp_path: Path) -> None:
    net, optimizer = make()
    with chainrule.watch(folder=tmp_path, model=net) as run:
        train(net, optimizer, 2)
    with open_run(run.path) as reader:
        assert {p.root for p in reader.parameters()} == {"net"} or all(
            p.in_module for p in reader.parameters()
        )


def test_an_exception_passes_through_and_is_recorded(tmp_path: Path) -> None:
    net, optimizer = make()
    with pytest.raises(KeyError), chainrule.watch(folder=tmp_path) as run:
        train(net, optimizer, 3)
        raise KeyError("mine")
    with open_run(run.path) as reader:
        assert reader.run().status == "failed"
        assert reader.run().exception == "KeyError: 'mine'"


def test_two_at_once_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    net, optimizer = make()
    with chainrule.watch(folder=tmp_path) as run:
        with pytest.raises(RuntimeError, match="already watching"), chainrule.watch():
            pass
        train(net, optimizer, 3)
    assert run.path.exists()


def test_nothing_trained(tmp_path: Path) -> None:
    with chainrule.watch(folder=tmp_path) as run:
        pass
    with pytest.raises(RuntimeError, match="No training was seen"):
        _ = run.path


def test_an_unwritable_folder_is_said_and_training_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    net, optimizer = make()
    with chainrule.watch(folder=tmp_path / "file" / "runs") as run:
        train(net, optimizer, 3)
    error = capsys.readouterr().err
    assert error.count("chainrule:") == 1
    assert "Training goes on" in error
    with pytest.raises(RuntimeError, match=r"was not recorded.*cannot be made"):
        chainrule.diagnose(run)


@pytest.mark.parametrize(
    "wrong",
    [
        *({"every": every} for every in (0, -1, True, 1.5, "some")),
        *({"budget": budget} for budget in (0, 5, float("nan"))),
        *({"name": name} for name in ("a/b", "", ".hidden")),
    ],
)
def test_what_cannot_be_is_refused_at_once(tmp_path: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Expected"), chainrule.watch(folder=tmp_path, **wrong):
        pass
    assert not list(tmp_path.iterdir())


def test_a_name_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    net, optimizer = make()
    for expected in ("same", "same-2"):
        with chainrule.watch(folder=tmp_path, name="same") as run:
            train(net, optimizer, 2)
        assert run.name == expected
    assert capsys.readouterr().err.count("exists") == 1


def test_default_names_of_one_second_are_nobodys_concern(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.strftime", lambda form: "watch-now")
    net, optimizer = make()
    for expected in ("watch-now", "watch-now-2"):
        with chainrule.watch(folder=tmp_path) as run:
            train(net, optimizer, 2)
        assert run.name == expected
    assert not capsys.readouterr().err


def test_two_threads_make_one_file(tmp_path: Path) -> None:
    def work() -> None:
        train(*make(), steps=40)

    with chainrule.watch(folder=tmp_path, name="one", every="all") as run:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [path.name for path in tmp_path.glob("*.db")] == ["one.db"]
    with open_run(run.path) as reader:
        assert reader.run().status == "finished"
        assert reader.run().steps >= 40


def test_nothing_of_ours_stays_behind(tmp_path: Path) -> None:
    import torch.autograd.graph as autograd_graph
    from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks

    net, optimizer = make()
    log = autograd_graph.log
    with chainrule.watch(folder=tmp_path):
        train(net, optimizer, 3)
    assert autograd_graph.log is log
    assert not _global_optimizer_pre_hooks
    assert not _global_optimizer_post_hooks
    assert not torch.is_anomaly_enabled()
    assert all(p._backward_hooks is None for p in net.parameters())


def test_inside_chainrule_run_it_joins_the_run(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import torch, chainrule\n"
        "net = torch.nn.Linear(4, 1)\n"
        "optimizer = torch.optim.SGD(net.parameters(), 0.1)\n"
        "with chainrule.watch() as run:\n"
        "    for _ in range(20):\n"
        "        optimizer.zero_grad()\n"
        "        net(torch.ones(3, 4)).pow(2).mean().backward()\n"
        "        optimizer.step()\n"
        "print([f.fault for f in chainrule.diagnose(run)])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", "run", "--quiet", "--name", "x", script.name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout in ("['healthy']\n", "['cannot-tell']\n")
    assert [p.name for p in (tmp_path / "chainrule-runs").glob("*.db")] == ["x.db"]


def test_an_exception_without_words_is_its_kind_alone(tmp_path: Path) -> None:
    net, optimizer = make()
    with pytest.raises(KeyboardInterrupt), chainrule.watch(folder=tmp_path) as run:
        train(net, optimizer, 3)
        raise KeyboardInterrupt
    with open_run(run.path) as reader:
        assert reader.run().exception == "KeyboardInterrupt"


def test_a_module_is_named_in_full_and_its_command_is_the_one_that_was_run(tmp_path: Path) -> None:
    package = tmp_path / "package" / "inner"
    package.mkdir(parents=True)
    (package / "train.py").write_text(
        "import torch\n"
        "w = torch.ones(3, requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], 0.1)\n"
        "for _ in range(3):\n"
        "    optimizer.zero_grad()\n"
        "    w.pow(2).sum().backward()\n"
        "    optimizer.step()\n"
    )
    command = ["run", "--quiet", "-m", "package.inner.train", "--epochs", "3"]
    subprocess.run([sys.executable, "-m", "chainrule", *command], cwd=tmp_path, check=True)
    (path,) = (tmp_path / "chainrule-runs").glob("*.db")
    assert path.name.startswith("package.inner.train-")
    with open_run(path) as reader:
        assert reader.run().command == ("-m", "package.inner.train", "--epochs", "3")
