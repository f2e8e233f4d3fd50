"""Every view on every kind of screen: nothing is cut off, written over or out of reach.

What a machine can see of it. Each view is opened once, and the screen changes under it.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from pages import serving, violations
from playwright.sync_api import Page, expect

# its module calls the same function twice, and with η = 1 its units die
SCRIPT = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)
        self.outer = nn.Linear(8, 3)

    def forward(self, x):
        return self.outer(torch.relu(self.inner(torch.relu(self.inner(x)))))

torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
for step in range(40):
    x = 3 * torch.randn(32, 8)
    loss = nn.functional.cross_entropy(net(x), (x[:, 0] > 0).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""


def formula(text: str, **parameters: str) -> str:
    query = "".join(f"&{name}={quote(value)}" for name, value in parameters.items())
    return f"formula?f={quote(text)}{query}"


VIEWS = {
    "start": "",
    "verdict": "run/long-steps",
    "chain": "run/long-steps/chain",
    "slope": "run/short-steps/slope",
    "landscape of a run": "run/short-steps/landscape",
    "plane": formula("(x^2 + y - 11)^2 + (x + y^2 - 7)^2", at="x=1.2,y=2.2"),
    "curve": formula("x^4 - 3*x^2 + x", at="x=2", lr="0.02"),
    "derivation": formula(
        "(sigmoid(w*x + b) - t)^2", at="w=0.5,x=2,b=-1,t=1", wrt="w", see="derivation"
    ),
    "equation": formula("x^2 + y^2 = 30", wrt="x", see="derivation"),
    "matrices": formula("sum((X@w - y)^2)", wrt="w", see="derivation"),
    "a bad formula": formula("x^2 + (y^2"),
    "runs side by side": "compare?runs=long-steps,short-steps",
    "the course": "learn",
}

SCREENS = {
    "desktop": (1280, 800),
    "tablet": (820, 1180),
    "a desktop at 200 %": (640, 400),
    "phone": (390, 844),
}

# What is wrong with how a page is laid out, as sentences.
AMISS = """() => {
  const amiss = [];
  const wide = document.documentElement.clientWidth;
  const beyond = document.documentElement.scrollWidth - wide;
  if (beyond > 0) amiss.push(`the page is ${beyond} px wider than the screen`);
  const named = (e) => `${e.tagName.toLowerCase()} "${e.textContent.trim().slice(0, 40)}"`;
  const style = (e) => getComputedStyle(e);
  const hides = (e) => ["auto", "scroll", "hidden"].includes(style(e).overflowX);
  const scrolled = (e) => {
    for (let at = e.parentElement; at !== document.body; at = at.parentElement) {
      if (hides(at)) return true;
    }
    return false;
  };
  for (const e of document.querySelectorAll("main *")) {
    const box = e.getBoundingClientRect();
    if (box.width < 2 || box.height < 2 || e.closest(".visually-hidden, .katex-mathml")) continue;
    if (box.right > wide + 1 && !scrolled(e)) amiss.push(`${named(e)} leaves the screen`);
    const cut = style(e).overflowX === "hidden" && e.scrollWidth > e.clientWidth + 1;
    // three dots are a promise that the whole is somewhere else
    if (cut && e.textContent.trim() && style(e).textOverflow !== "ellipsis") {
      amiss.push(`${named(e)} is cut off`);
    }
    if (e.tabIndex > 0) amiss.push(`${named(e)} is out of the order of reading`);
  }
  for (const picture of document.querySelectorAll("main svg")) {
    const frame = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll("text")]
      .filter((text) => text.textContent.trim())
      .map((text) => [text.textContent.trim(), text.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0);
    texts.forEach(([text, box], i) => {
      const beside = Math.max(frame.left - box.left, box.right - frame.right);
      const out = Math.max(beside, frame.top - box.top, box.bottom - frame.bottom);
      if (out > 3) amiss.push(`"${text}" leaves its picture by ${Math.round(out)} px`);
      for (const [other, its] of texts.slice(i + 1)) {
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 2 && down > 4) amiss.push(`"${text}" is written over "${other}"`);
      }
    });
  }
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const shown = text.parentElement.getClientRects().length > 0;
    const number = /\\d\\.\\d{8,}/.exec(text.data);
    if (shown && number) amiss.push(`${number[0]} has more digits than anybody reads`);
  }
  for (const field of document.querySelectorAll("main input")) {
    const number = /\\d\\.\\d{8,}/.exec(field.value);
    if (number) amiss.push(`${number[0]} in a field has more digits than anybody reads`);
  }
  return [...new Set(amiss)];
}"""

# What moves, or would when it changes.
MOVES = """() => [
  ...document.getAnimations().map((each) => `${each.effect.target.tagName} moves`),
  ...[...document.querySelectorAll("main *")]
    .filter((e) => getComputedStyle(e).transitionDuration.split(", ").some((each) => each !== "0s"))
    .map((e) => `${e.tagName} ${e.className} would glide`),
]"""

# The place of what has the focus among all elements, how it is marked, and whether it is in sight.
FOCUSED = """() => {
  const e = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  return {
    place: [...document.querySelectorAll("*")].indexOf(e),
    name: `${e.tagName.toLowerCase()} "${(e.ariaLabel ?? e.textContent).trim().slice(0, 40)}"`,
    marked: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth,
    out: e === document.body,
  };
}"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("runs")
    for name, rate in (("long-steps", "3.0"), ("short-steps", "0.05")):
        (folder / f"{name}.py").write_text(SCRIPT.replace("RATE", rate), "utf-8")
        command = [sys.executable, "-m", "chainrule", "run", "--name", name, "--every", "4"]
        subprocess.run(
            [*command, "--folder", str(folder), f"{name}.py"],
            cwd=folder,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            check=True,
            capture_output=True,
            timeout=120,
        )
    with serving(folder) as url:
        yield url


@pytest.fixture
def opened(page: Page, url: str) -> Callable[[str], Page]:
    def go(view: str) -> Page:
        page.emulate_media(reduced_motion="reduce")
        page.goto(f"{url}#/{VIEWS[view]}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("status").filter(has_text="…")).to_have_count(0)
        # the last part of each page: nothing of it is still on its way
        page.wait_for_load_state("networkidle")
        return page

    return go


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_cut_off_or_written_over(opened: Callable[[str], Page], view: str) -> None:
    page = opened(view)
    found: dict[str, Any] = {}
    for screen, (width, height) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(150)  # plots are drawn anew when they have been measured
        found[screen] = page.evaluate(AMISS)
    found["at rest"] = page.evaluate(MOVES)
    assert not any(found.values()), found
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found["dark"] = violations(page)
    assert not any(found.values()), found


@pytest.mark.parametrize("view", VIEWS)
def test_tab_goes_through_a_view_in_the_order_of_reading(
    opened: Callable[[str], Page], view: str
) -> None:
    page = opened(view)
    places = []
    for _ in range(200):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at["out"] or at["place"] in places:
            break
        assert at["seen"], f"{at['name']} has the focus and is not in sight"
        assert at["marked"], f"{at['name']} has the focus and does not show it"
        places.append(at["place"])
    assert places == sorted(places)
    assert len(places) > 4


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_the_readers_own_colours_the_bars_of_a_chain_and_the_chosen_tab_are_seen(
    opened: Callable[[str], Page], scheme: Any
) -> None:
    page = opened("chain")
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    ground = page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor")
    bars = page.locator(".fill").evaluate_all(
        "(all) => all.map((e) => getComputedStyle(e).background)"
    )
    assert len(bars) > 3
    assert not any(bar.startswith((ground, "rgba(0, 0, 0, 0) none")) for bar in bars)
    tab = page.get_by_role("link", name="Chain", exact=True)
    colours = tab.evaluate(
        "(e) => [getComputedStyle(e).color, getComputedStyle(e).backgroundColor]"
    )
    assert colours[0] != colours[1]
    # else letters get a ground of their own, the page's, which may be their own colour
    assert tab.evaluate("(e) => getComputedStyle(e).forcedColorAdjust") == "none"
    other = page.get_by_role("link", name="Slope")
    assert colours[1] != other.evaluate("(e) => getComputedStyle(e).backgroundColor")


# Contrast of two colours as they are drawn (WCAG), each with what it is painted by.
CONTRAST = """([a, b]) => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const light = (colour) => {
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    const channels = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2];
  };
  const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_with_the_readers_own_colours_a_curve_stands_out_from_its_grid_and_its_legend_fits(
    opened: Callable[[str], Page], scheme: Any
) -> None:
    page = opened("curve")
    page.emulate_media(color_scheme=scheme, forced_colors="active")
    curve, grid, sign, ground = (
        page.locator(place).first.evaluate(f"(e) => getComputedStyle(e).{property}")
        for place, property in (
            ("path.curve", "stroke"),
            ("line.grid", "stroke"),
            (".curve-key", "borderTopColor"),
            ("#chainrule-page", "backgroundColor"),
        )
    )
    assert sign == curve
    contrast = [page.evaluate(CONTRAST, [each, ground]) for each in (curve, grid)]
    assert contrast[0] >= 3 > contrast[1] > 1.1  # WCAG 1.4.11 for what is told by the picture
