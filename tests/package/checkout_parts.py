"""What the package is built from, in a folder of the tests' own."""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copied(folder: Path) -> Path:
    """The parts of the checkout that a build reads, as in a fresh clone: nothing is built."""
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in ("src", "ui", "examples"):
        unwanted = shutil.ignore_patterns("static", "built", "node_modules", "__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    return folder


def small(folder: Path) -> Path:
    """`ui/` with the real `build_views.py` and a source or two."""
    ui = folder / "ui"
    (ui / "src").mkdir(parents=True)
    (ui / "public").mkdir()
    shutil.copy(ROOT / "ui" / "build_views.py", ui)
    (ui / "src" / "entry.ts").write_text("export {};\n")
    (ui / "public" / "index.html").write_text("<!doctype html>\n")
    for name in ("package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"):
        (ui / name).write_text("{}\n")
    return ui


def without_node(folder: Path) -> dict[str, str]:
    """An environment on whose path there is a shell and nothing else."""
    folder.mkdir()
    shell = shutil.which("sh")
    assert shell is not None
    (folder / "sh").symlink_to(shell)
    return {**os.environ, "PATH": str(folder)}


def program(folder: Path, name: str, script: str) -> None:
    """A program in Python that stands for one of the system's."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(0o755)
