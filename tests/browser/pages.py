"""Serving runs, opening a page on them, and asking what is wrong with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page

# what Chromium says of itself on a machine without a GPU
_HARMLESS = ("GPU stall due to ReadPixels", "Automatic fallback to software WebGL")


def listened(context: BrowserContext) -> tuple[Page, list[str]]:
    """A new page and what goes wrong on it, as it goes wrong."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
    page.on(
        "console",
        lambda message: (
            wrong.append(f"{message.type}: {message.text}")
            if message.type in ("error", "warning")
            and not any(known in message.text for known in _HARMLESS)
            else None
        ),
    )
    return page, wrong


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """`chainrule view` on a folder of runs; gives the URL, with its token."""
    command = [sys.executable, "-m", "chainrule", "view", str(folder)]
    process = subprocess.Popen(
        [*command, "--no-browser", "--port", "0", *arguments], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=10)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with a page for people who use it otherwise than most."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {each['help']} at {[node['target'] for node in each['nodes']]}"
        for each in found
    ]
