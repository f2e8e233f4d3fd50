"""Widgets in a real JupyterLab and in marimo: drawn, live, heard by Python, and saved."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from notebooks import jupyterlab, marimo
from playwright.sync_api import Browser, Locator, Page, expect

from chainrule.learning.progress import Progress

PATIENCE_MS = 60_000
"""A kernel imports torch in its first cell, beside whatever else the machine does."""

FORMULA = """\
import chainrule
f = chainrule.Objective.from_formula("x**2 + 3*y**2", {"x": 1.0, "y": 2.0})
f"""
VALUE = 'print("eta is", chainrule.widget(f).value["eta"])'
LIVE = """\
import time, torch
net = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Sigmoid(), torch.nn.Linear(16, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.05)
x = torch.randn(32, 4)
with chainrule.watch(name="live") as run:
    display(run)
    end = time.monotonic() + 6
    while time.monotonic() < end:
        optimizer.zero_grad()
        (net(x) - x.sum(1, keepdim=True)).pow(2).mean().backward()
        optimizer.step()
print("it", "has", "ended")"""
MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import chainrule
    import marimo as mo

    f = chainrule.Objective.from_formula("x**2 + 3*y**2", {"x": 1.0, "y": 2.0})
    f
    return chainrule, f, mo


@app.cell
def _(mo):
    button = mo.ui.button(label="read", value=0, on_click=lambda n: n + 1)
    button
    return (button,)


@app.cell
def _(button, chainrule, f, mo):
    mo.md(f"{button.value}: eta is {chainrule.widget(f).value.get('eta')}")
    return


if __name__ == "__main__":
    app.run()
"""
MARIMO_LESSON = """
import marimo

app = marimo.App()


@app.cell
def _():
    import chainrule

    chainrule.lesson("chain-rule", language="en")
    return


if __name__ == "__main__":
    app.run()
"""


def notebook(path: Path, *cells: str) -> None:
    """A notebook that has not been run."""
    found: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(cells)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": found, "metadata": {"kernelspec": kernel}}
    path.write_text(json.dumps({**document, "nbformat": 4, "nbformat_minor": 5}), "utf-8")


def run_cell(page: Page, number: int) -> Locator:
    """Run a cell of JupyterLab; gives it with its outputs.

    Before the kernel is there, running a cell asks for a kernel in a dialog, or does nothing.
    """
    kernel = page.locator(".jp-NotebookPanel-toolbar").filter(has_text="Python 3")
    kernel.locator("[data-status='idle']").wait_for(state="attached", timeout=PATIENCE_MS)
    cell = page.locator(".jp-CodeCell").nth(number)
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_contain_text(re.compile(r"[\d*]"))
    return cell


def turn_up(widget: Locator) -> str:
    """Move the slider of η by keyboard; gives the number beside it."""
    slider = widget.get_by_role("slider", name="learning rate η")
    before = widget.get_by_label("learning rate as a number").input_value()
    slider.focus()
    for _ in range(5):
        slider.press("ArrowRight")
    after = widget.get_by_label("learning rate as a number").input_value()
    assert float(after) > float(before)
    return after


def wrongs(page: Page) -> list[str]:
    """Exceptions of scripts, as they come; what a notebook itself writes on the console is its."""
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


def test_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    notebook(tmp_path / "a.ipynb", FORMULA, VALUE, LIVE)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong = wrongs(page)
    with jupyterlab(tmp_path) as url:
        page.goto(url.format("a.ipynb"))
        widget = run_cell(page, 0).locator(".chainrule")
        expect(widget.get_by_role("math").first).to_be_visible(timeout=PATIENCE_MS)
        assert widget.locator("canvas").first.bounding_box()["width"] > 200  # it has its styles
        assert page.evaluate("[...document.fonts].some((f) => f.family.includes('KaTeX_Main'))")

        eta = turn_up(widget)
        told = run_cell(page, 1).locator(".jp-OutputArea-output")
        expect(told).to_contain_text("eta is", timeout=PATIENCE_MS)
        assert float(told.inner_text().split()[-1]) == pytest.approx(float(eta), rel=0.01)

        cell = run_cell(page, 2)
        live = cell.locator(".chainrule")
        expect(live).to_contain_text("The training goes on", timeout=PATIENCE_MS)
        expect(cell).not_to_contain_text("it has ended")
        expect(cell).to_contain_text("it has ended", timeout=PATIENCE_MS)
        expect(live).not_to_contain_text("The training goes on")
        live.get_by_role("tab", name="Chain").click()
        expect(live.get_by_role("tabpanel")).to_contain_text("0.weight", timeout=PATIENCE_MS)

        page.keyboard.press("Control+s")  # with the focus in the widget, which leaves it that
        saved = _saved(tmp_path / "a.ipynb")
    context.close()
    assert not wrong
    assert "image/png" in _data(saved["cells"][0])
    live_at_the_end = _data(saved["cells"][2])  # before, there was nothing to draw
    assert "image/png" in live_at_the_end
    assert "live: finished" in "".join(live_at_the_end["text/plain"])


def _answered(exercise: Locator) -> None:
    """Answer the first exercise on the chain rule: wrong, then right."""
    field = exercise.get_by_label("Your answer", exact=True)
    for typed, said in (("cos(3x)", "How fast does its inside move?"), ("3cos(3x)", "Right.")):
        field.fill(typed)
        expect(field).to_have_value(typed)
        field.press("Enter")
        expect(exercise.locator(".judged")).to_contain_text(said, timeout=PATIENCE_MS)


def test_a_lesson_in_jupyterlab(browser: Browser, tmp_path: Path) -> None:
    """Predicted, answered wrongly and rightly in the kernel, and there without it when saved."""
    notebook(
        tmp_path / "a.ipynb", 'import chainrule\nchainrule.lesson("chain-rule", language="en")'
    )
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong = wrongs(page)
    with jupyterlab(tmp_path) as url:
        page.goto(url.format("a.ipynb"))
        shown = run_cell(page, 0).locator(".chainrule")
        exercise = shown.locator("[data-exercise='chain-rule/1']")
        expect(exercise).to_be_visible(timeout=PATIENCE_MS)
        expect(shown.get_by_role("math").first).to_be_visible()
        _answered(exercise)
        shown.get_by_role("link", name="All lessons").click()
        expect(shown.get_by_role("heading", level=1)).to_contain_text("Learn the calculus")
        page.get_by_role("button", name="Save and create checkpoint").click()
        saved = _saved(tmp_path / "a.ipynb")
    context.close()
    assert not wrong
    kept = _data(saved["cells"][0])
    assert "links multiply" in "".join(kept["text/plain"])
    assert "Predict first" in "".join(kept["text/markdown"])


def test_marimo(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(MARIMO, "utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong = wrongs(page)
    with marimo(tmp_path / "a.py") as url:
        page.goto(url)
        widget = page.locator(".chainrule")
        expect(widget.get_by_role("math").first).to_be_visible(timeout=PATIENCE_MS)
        eta = turn_up(widget)
        told, end = page.get_by_text(f"eta is {eta[:5]}"), time.monotonic() + PATIENCE_MS / 1000
        while not told.is_visible() and time.monotonic() < end:
            page.get_by_role("button", name="read").click()  # the value may still be on its way
            page.wait_for_timeout(500)
        expect(told).to_be_visible()
        widget.get_by_role("button", name="Find minima").click()
        expect(widget).to_contain_text("minimum at x = 0, y = 0", timeout=PATIENCE_MS)
    context.close()
    assert not wrong


def test_a_lesson_in_marimo(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Predicted, answered wrongly and rightly in the kernel, and left for the overview."""
    monkeypatch.setenv("CHAINRULE_PROGRESS", str(tmp_path / "progress.db"))
    (tmp_path / "a.py").write_text(MARIMO_LESSON, "utf-8")
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    wrong = wrongs(page)
    with marimo(tmp_path / "a.py") as url:
        page.goto(url)
        shown = page.locator(".chainrule")
        exercise = shown.locator("[data-exercise='chain-rule/1']")
        expect(exercise).to_be_visible(timeout=PATIENCE_MS)
        expect(shown.get_by_role("math").first).to_be_visible()
        expect(shown.locator(".reveal")).to_have_count(0)
        shown.locator(".prediction").first.get_by_role("radio").first.check()
        shown.get_by_role("button", name="That is my prediction").first.click()
        expect(shown.locator(".reveal").first).to_be_visible()
        _answered(exercise)
        shown.get_by_role("link", name="All lessons").click()
        expect(shown.get_by_role("heading", level=1)).to_contain_text("Learn the calculus")
        row = shown.get_by_role("listitem").filter(has_text="1 of 3 exercises right")
        expect(row).to_be_visible(timeout=PATIENCE_MS)
    context.close()
    assert not wrong
    kept = Progress(tmp_path / "progress.db").answers()  # by the kernel
    assert [(each.answer, each.correct) for each in kept] == [
        ("cos(3x)", False),
        ("3cos(3x)", True),
    ]


def _saved(path: Path) -> dict[str, Any]:
    """The notebook, once all of its outputs are in the file."""
    end = time.monotonic() + 20
    while True:
        written = path.read_text("utf-8") or '{"cells": [{"outputs": []}]}'  # it is being written
        found: dict[str, Any] = json.loads(written)
        if found["cells"][-1]["outputs"] or time.monotonic() > end:
            return found
        time.sleep(0.2)


def _data(cell: dict[str, Any]) -> dict[str, Any]:
    """The data by type of the one output of a cell that is no print."""
    (found,) = [output["data"] for output in cell["outputs"] if "data" in output]
    data: dict[str, Any] = found
    return data
