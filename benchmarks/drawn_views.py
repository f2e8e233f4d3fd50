"""What a reader waits for: a run opened, and its slope moved and zoomed, in a real browser."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))

OPENINGS = 7
MOVES = ("+",) * 10 + ("Shift+ArrowRight",) * 15 + ("-",) * 5 + ("Shift+ArrowLeft",) * 10
"""Keys of the slope: into a part of a thousandth of the run, and along it."""

BROWSER_S = 2.0
"""From the URL to its opening: a browser takes no less to start, and the server loads meanwhile."""

PATIENCE_MS = 60_000

_NOTING = """
const seen = (window.seen = { key: 0, drawn: 0, shown: 0, opened: 0 });
const painted = (then) => requestAnimationFrame(() => setTimeout(() => then(performance.now()), 0));
const clear = CanvasRenderingContext2D.prototype.clearRect;
CanvasRenderingContext2D.prototype.clearRect = function (...where) {
  if (seen.drawn === 0) {
    seen.drawn = 1;
    painted((now) => (seen.shown = now));
  }
  painted((now) => (seen.last = now));
  return clear.apply(this, where);
};
const pressed = (event) => Object.assign(seen, { key: event.timeStamp, drawn: 0, shown: 0 });
addEventListener("keydown", pressed, true);
function look() {
  const plot = document.querySelector('section[aria-label="Loss"] canvas');
  const table = document.querySelector('section[aria-label="Layers of the model"] tbody tr svg');
  if (plot && table) painted((now) => (seen.opened = now));
  else requestAnimationFrame(look);
}
requestAnimationFrame(look);
"""
"""In the page: when a key came, when the plot was next on the screen, and when it was last redrawn.
What is drawn is on the screen a frame later at most, which is counted in."""


def in_a_browser(folder: Path, run: str) -> dict[str, float] | str:
    """Open a run and move along its slope: milliseconds and megabytes by name.

    Returns:
        A sentence, if there is no browser here to do it with.
    """
    try:
        from chromium import chromium
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        return f"No browser was driven: Playwright is not installed ({error})."
    program = chromium()
    if program is None:
        return "No browser was driven: Chromium is not installed."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            return _measured(browser, folder, run)
        finally:
            browser.close()


def _measured(browser: "Browser", folder: Path, run: str) -> dict[str, float]:
    found: dict[str, float] = {}
    with _serving(folder) as (url, process):
        time.sleep(BROWSER_S)
        opened = [_opened(browser, f"{url}#/run/{run}") for _ in range(OPENINGS)]
        found["opened first ms"], found["opened again ms"] = opened[0], median(opened[1:])
        frames, finer = _moved(browser, f"{url}#/run/{run}/slope")
        found["frame median ms"], found["finer median ms"] = median(frames), median(finer)
        found["frame 95 % ms"] = sorted(frames)[int(0.95 * len(frames))]
        found["finer 95 % ms"] = sorted(finer)[int(0.95 * len(finer))]
        found["frame slowest ms"], found["finer slowest ms"] = max(frames), max(finer)
        status = Path(f"/proc/{process.pid}/status").read_text()
        for name, field in (("server MB", "VmRSS:"), ("server at most MB", "VmHWM:")):
            found[name] = int(status.partition(field)[2].split()[0]) * 1024 / 1e6
    return found


def _opened(browser: "Browser", url: str) -> float:
    """Milliseconds from the navigation to the table of layers and the plot of the loss."""
    with _page(browser) as page:
        page.goto(url)
        page.wait_for_function("seen.opened > 0", timeout=PATIENCE_MS)
        return float(page.evaluate("seen.opened"))


def _moved(browser: "Browser", url: str) -> tuple[list[float], list[float]]:
    """For each key, milliseconds until the plot is redrawn, and until all its points are there."""
    frames, finer = [], []
    with _page(browser) as page:
        page.goto(url)
        slider = page.get_by_role("slider").first
        slider.focus(timeout=PATIENCE_MS)
        slider.press("Home")
        for _ in range(10):
            slider.press("ArrowRight")
        for key in MOVES:
            with page.expect_response("**/api/ask/slope?*", timeout=PATIENCE_MS) as answered:
                page.keyboard.press(key)
            answered.value.finished()
            page.wait_for_function("seen.shown > 0", timeout=PATIENCE_MS)
            _settle(page)
            frames.append(float(page.evaluate("seen.shown - seen.key")))
            finer.append(float(page.evaluate("seen.last - seen.key")))
    return frames, finer


def _settle(page: "Page", for_ms: float = 250) -> None:
    """Wait until nothing has been drawn for a while."""
    page.wait_for_function(
        "for_ms => performance.now() - seen.last > for_ms", arg=for_ms, timeout=PATIENCE_MS
    )


@contextmanager
def _page(browser: "Browser") -> "Iterator[Page]":
    """A page with nothing in its cache."""
    # Playwright waits for conditions by `eval`, which the page's policy refuses
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    context.add_init_script(_NOTING)
    try:
        yield context.new_page()
    finally:
        context.close()


@contextmanager
def _serving(folder: Path) -> "Iterator[tuple[str, subprocess.Popen[str]]]":
    command = [sys.executable, "-m", "chainrule", "view", str(folder), "--no-browser"]
    process = subprocess.Popen([*command, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        yield url.removesuffix(f"#{urlsplit(url).fragment}"), process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def told(found: dict[str, float]) -> list[str]:
    """What was measured, as a table."""

    def row(what: str, *names: str) -> str:
        cells = (f"{found[name]:,.0f}" if name else "" for name in names)
        return f"| {what} | {' | '.join(cells)} |"

    return [
        "**In Chromium** (headless, 1280 × 800, without a GPU), from `chainrule view`. Opened: "
        f"from the navigation, {BROWSER_S:.0f} s after the URL was there, to the table of layers "
        f"and the plot of the loss on the screen, {OPENINGS} times with an empty cache. Moved: "
        f"{len(MOVES)} keys on the slope, one after the other, from the key to the redrawn plot on "
        "the screen; finer points are asked for once the reader has rested for 80 ms.",
        "",
        "| seen | first, ms | median, ms | 95 %, ms | slowest, ms |",
        "|---|---|---|---|---|",
        row("the run, opened", "opened first ms", "opened again ms", "", ""),
        row("slope, moved and zoomed", "", *(f"frame {w} ms" for w in _SPREAD)),
        row("slope, its finer points too", "", *(f"finer {w} ms" for w in _SPREAD)),
        "",
        f"The server's memory after that: {found['server MB']:,.0f} MB, at most "
        f"{found['server at most MB']:,.0f} MB.",
    ]


_SPREAD = ("median", "95 %", "slowest")
