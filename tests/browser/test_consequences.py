"""A finding with what follows from it, as a tree: on the page, and in a saved report."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import listened, serving, violations
from playwright.sync_api import Browser, Page, expect

SCRIPT = """
import torch
from torch import nn

torch.manual_seed(0)
x = 255 * torch.rand(512, 32)
y = (x[:, :1] > 128).float()
layers = [layer for _ in range(6) for layer in (nn.Linear(32, 32), nn.Sigmoid())]
net = nn.Sequential(*layers, nn.Linear(32, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(120):
    picked = torch.randint(512, (64,))
    loss = nn.functional.binary_cross_entropy_with_logits(net(x[picked]), y[picked])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
"""The input is not scaled, that saturates the units, and that makes the gradient vanish."""


def chainrule(*arguments: object) -> None:
    command = [sys.executable, "-m", "chainrule", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    (folder / "unscaled.py").write_text(SCRIPT)
    chainrule("run", "--folder", folder, "--name", "unscaled", folder / "unscaled.py")
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield f"{url}#/run/unscaled"


def test_the_root_comes_first_and_each_consequence_below_its_cause(page: Page, url: str) -> None:
    page.goto(url)
    root = page.get_by_role("article", name="unscaled-input")
    expect(root).to_match_aria_snapshot("""
        - heading /unscaled-input/ [level=3]
        - group:
          - list "What follows from unscaled-input":
            - listitem:
              - group:
                - code: saturated-units
                - paragraph: /unscaled-input \\(input rms .* saturated-units \\(small derivatives/
                - list "What follows from saturated-units":
                  - listitem:
                    - group:
                      - code: vanishing-gradient
                      - paragraph: /saturated-units .* vanishing-gradient .* both are at net.1/
    """)
    expect(root.get_by_text("With 4 layers at their initialisation")).to_be_visible()
    assert root.get_by_text("vanishing-gradient: ").count() == 1  # no second time as a sentence
    assert not violations(page)


def test_a_branch_is_folded_by_keyboard(page: Page, url: str) -> None:
    page.goto(url)
    below = page.get_by_role("list", name="What follows from saturated-units")
    expect(below).to_be_visible()
    summary = page.locator("summary", has_text="saturated-units: ")
    summary.focus()
    page.keyboard.press("Enter")
    expect(below).to_be_hidden()
    page.keyboard.press("Enter")
    expect(below).to_be_visible()
    page.locator("summary", has_text="What follows from it in this run: 2 findings").press("Enter")
    expect(summary).to_be_hidden()


def test_on_a_phone_in_the_dark_the_tree_is_no_wider_than_the_screen(
    browser: Browser, url: str
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 740}, color_scheme="dark")
    page, wrong = listened(context)
    page.goto(url)
    expect(page.get_by_role("list", name="What follows from saturated-units")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not violations(page)
    assert not wrong
    context.close()


def test_a_saved_report_shows_the_same_tree(page: Page, folder: Path) -> None:
    chainrule("report", folder / "unscaled.db", "-o", folder / "unscaled.html")
    page.goto((folder / "unscaled.html").as_uri())
    tree = page.get_by_role("list", name="What follows from unscaled-input")
    below = tree.get_by_role("list", name="What follows from saturated-units")
    expect(below.get_by_role("listitem")).to_contain_text("vanishing-gradient (gradient ratio")
    assert not violations(page)
