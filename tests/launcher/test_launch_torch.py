"""With the real PyTorch: torchrun's workers wake, a loader's workers do not."""

from pathlib import Path

from launching import SCRIPTS, SILENT, driven, run

REAL = SCRIPTS / "real"


def test_torchruns_workers_wake_and_rank_0_has_the_verdict(tmp_path: Path) -> None:
    log = tmp_path / "log"
    torchrun = ["torchrun", "--nproc-per-node=2", "--master-port=29617", "workers.py"]
    env = {"PYTHONPATH": "/users", "OMP_NUM_THREADS": "1"}
    done = run(driven(torchrun, log=str(log)), env=env, cwd=REAL, timeout=100)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == [
        "rank 0 3.0 [] /users",
        "rank 1 3.0 [] /users",
    ]
    assert sorted(log.read_text().splitlines()) == [
        "boot 0/2 2",
        "boot 1/2 2",
        "finish None",
        "finish None",
        "script workers.py",
        "script workers.py",
    ]
    verdicts = [line for line in done.stderr.splitlines() if "VERDICT" in line]
    assert verdicts == ['VERDICT stub.db {"rank": "0", "torch": "imported"}']


def test_a_loaders_spawned_workers_do_not_wake(tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = run(driven(["loader.py"], log=str(log), verdict_command=SILENT), cwd=REAL, timeout=100)
    assert done.stdout == "[[0, 0], [1, 0], [2, 0], [3, 0]]\n", done.stderr
    assert log.read_text() == "boot -/- 2\nfinish None\n"
