"""Make the pictures of the page for the documentation: `make screenshots`.

Real runs of the examples, in the real page, in the Chromium of the tests. Each picture is as wide
as the page and ends where what it is to show ends.
"""

import io
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from chromium import HOW, chromium  # tests/browser, which the Makefile puts on the path
from pages import serving
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images" / "page"
WIDTH, MARGIN = 1280, 16
MOST_BYTES = 200_000
"""Of one picture, so that a page of the documentation opens at once."""

FAULTY, HEALTHY = "deep_sigmoid_digits", "healthy_mlp_digits"
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"
NEURON = "(sigmoid(w*x + b) - t)**2"


Where = Callable[[Page], Locator]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture.

    Attributes:
        name: Of its file.
        route: Where the page is.
        last: The picture ends below it.
        first: The picture begins above it; at the top of the page if there is none.
        prepare: What a reader does before there is what the picture shows.
        dark: In dark colours.
    """

    name: str
    route: str
    last: Where
    first: Where | None = None
    prepare: Callable[[Page], object] = lambda page: None
    dark: bool = False


def formula(text: str, **parameters: str) -> str:
    """The route of a typed formula."""
    query = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    return f"formula?f={quote(text)}{query}"


def region(name: str) -> Where:
    """A part of the page by its name."""
    return lambda page: page.get_by_role("region", name=name, exact=True)


def text(pattern: str) -> Where:
    """The first place where this is written."""
    return lambda page: page.get_by_text(re.compile(pattern)).first


def heading(name: str) -> Where:
    """A heading by its words."""
    return lambda page: page.get_by_role("heading", name=name)


def look_at_a_plane(page: Page) -> None:
    """Ask for the loss around a step of the run, and wait for it."""
    page.get_by_role("combobox", name="along").select_option("trajectory")
    page.get_by_role("button", name="Look").click()
    page.get_by_role("button", name="3-D").wait_for(timeout=120_000)


def find_critical_points(page: Page) -> None:
    """Ask for minima, maxima and saddles, and wait for them."""
    page.get_by_role("button", name="Find minima").click()
    page.get_by_role("listitem").filter(has_text="▼").first.wait_for(timeout=120_000)


def predict(page: Page) -> None:
    """Choose what a lesson asks to be predicted, and wait for its reveal."""
    page.get_by_role("slider").first.wait_for()
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="That is my prediction").click()
    page.locator(".reveal").wait_for()


DERIVATION = formula(NEURON, at="w=0.5,x=2,b=-1,t=1", wrt="w", see="derivation")
MATRICES = formula("norm(A@x - b)^2", wrt="x", see="derivation")

SHOTS = (
    Shot(
        "start",
        "",
        lambda page: page.get_by_role("listitem").filter(has_text="Rosenbrock"),
    ),
    Shot("verdict", f"run/{FAULTY}", region("Verdict")),
    Shot("chain", f"run/{FAULTY}/chain", region("The chain")),
    Shot("chain-dark", f"run/{FAULTY}/chain", region("The chain"), dark=True),
    Shot("slope", f"run/{HEALTHY}/slope", text("of the promise was kept")),
    Shot("landscape", f"run/{HEALTHY}/scans", text("unstable on a quadratic")),
    Shot(
        "plane",
        f"run/{HEALTHY}/scans",
        lambda page: page.get_by_text("The same in numbers").last,
        first=heading("A plane through the weights"),
        prepare=look_at_a_plane,
    ),
    Shot(
        "formula",
        formula(HIMMELBLAU, at="x=1.2,y=2.2", lr="0.01"),
        text("The walk in numbers"),
        prepare=find_critical_points,
    ),
    Shot("derivation", DERIVATION, text("What the symbols mean")),
    Shot("matrices", MATRICES, text("A sum changes by the sum of the changes")),
    Shot(
        "graph",
        DERIVATION,
        text("is the derivative by w"),
        first=heading("The same as a graph"),
    ),
    Shot(
        "lesson",
        "learn/chain-rule",
        lambda page: page.locator("figure").first,
        prepare=predict,
    ),
    Shot("compare", f"compare?runs={FAULTY},{HEALTHY}", region("Table of differences")),
)


def record(folder: Path) -> None:
    """Watch the examples that the pictures are of."""
    for name in (FAULTY, HEALTHY):
        command = [sys.executable, "-m", "chainrule", "run", "--no-status", "--save-captures"]
        script = f"examples/{name}.py"  # as a reader types it: the page shows the command
        subprocess.run(
            [*command, "--name", name, "--folder", str(folder), script],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def taken(browser: Browser, url: str, shot: Shot) -> bytes:
    """A picture as the browser draws it."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": 900},
        color_scheme="dark" if shot.dark else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}#/{shot.route}")
    if shot.first is not None:
        shot.first(page).wait_for()
    shot.prepare(page)
    shot.last(page).wait_for()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(1000)  # canvases have no sign that they are complete
    top = 0.0 if shot.first is None else edges(shot.first(page))[0] - MARGIN
    bottom = edges(shot.last(page))[1] + MARGIN
    clip = {"x": 0.0, "y": top, "width": WIDTH, "height": bottom - top}
    picture = page.screenshot(full_page=True, clip=clip)
    context.close()
    return picture


def edges(locator: Locator) -> tuple[float, float]:
    """Top and bottom of a part of the page, in pixels from the page's top."""
    box = locator.bounding_box()
    assert box is not None
    scrolled = locator.page.evaluate("scrollY")
    return scrolled + box["y"], scrolled + box["y"] + box["height"]


def packed(picture: bytes) -> bytes:
    """The picture in 256 colours, which are enough for lines and letters.

    Raises:
        ValueError: If it is too large all the same.
    """
    small = io.BytesIO()
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    if small.tell() > MOST_BYTES:
        raise ValueError(
            f"Expected at most {MOST_BYTES:,} bytes, found {small.tell():,}: show less of the page."
        )
    return small.getvalue()


def main(names: list[str]) -> int:
    """Make all pictures, or those named."""
    program = chromium()
    if program is None:
        print(HOW, file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        runs = Path(folder) / "chainrule-runs"
        record(runs)
        flags = ["--no-sandbox", "--enable-unsafe-swiftshader", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        with serving(runs) as url:
            for shot in SHOTS:
                if not names or shot.name in names:
                    path = IMAGES / f"{shot.name}.png"
                    path.write_bytes(packed(taken(browser, url, shot)))
                    print(f"{path.relative_to(ROOT)}  {path.stat().st_size / 1000:.0f} kB")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
