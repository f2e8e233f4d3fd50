"""Find the Chromium that the tests of the views drive; run as a script, install it if need be."""

import os
import shutil
import subprocess
import sys

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
HOW = (
    "The tests of the views need Chromium: install it (Debian and Ubuntu: `apt-get install "
    "chromium`), or name its program in CHAINRULE_CHROMIUM."
)


def chromium() -> str | None:
    """The program to start; None if there is none."""
    named = os.environ.get("CHAINRULE_CHROMIUM")
    if named:
        return named
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


def _install() -> None:
    """Where we may, and where the system's packages are Debian's."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print("Installing Chromium for the tests of the views ...", file=sys.stderr)
    quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "check": False}
    subprocess.run(["apt-get", "update", "-qq"], **quiet)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "chromium"], stdout=subprocess.DEVNULL, **quiet
    )


def main() -> int:
    """Without Chromium: one line on how to get it; on CI a failure."""
    if chromium() is None:
        _install()
    if chromium() is None:
        print(HOW, file=sys.stderr)
        return 1 if os.environ.get("CI") else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
