"""The view of the chain in a browser, on real runs."""

import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pages import listened, serving, violations
from playwright.sync_api import Browser, Locator, Page, expect

ROOT = Path(__file__).resolve().parents[2]

NETWORKS = """
import sys, torch, chainrule
from torch import nn


def trained(name, net, batch, loss_of, steps=3):
    torch.manual_seed(0)
    net = net()
    optimizer = torch.optim.SGD(net.parameters(), 0.01)
    with chainrule.watch(folder=sys.argv[1], name=name):
        for _ in range(steps):
            optimizer.zero_grad()
            for loss in loss_of(net, batch()):
                loss.backward()
            optimizer.step()


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(8), nn.Linear(8, 8), nn.Linear(8, 8)

    def forward(self, x):
        return x + self.down(torch.tanh(self.up(self.norm(x))))


def residual():
    stages = [nn.Sequential(*(Block() for _ in range(16))) for _ in range(5)]
    return nn.Sequential(nn.Linear(4, 8), *stages, nn.Linear(8, 1))


def mlp():
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))


random = lambda: torch.randn(16, 4)
trained("residual", residual, random, lambda net, x: [net(x).pow(2).mean()])
trained("broken", mlp, random, lambda net, x: [(net(x) * 0).sum(1).sqrt().sum()])
trained("single", lambda: nn.Linear(4, 1), random, lambda net, x: [net(x).mean()])
trained("passes", mlp, random, lambda net, x: [net(x).pow(2).mean(), net[2].weight.sum()])
# no loss: gradients are set by hand
net = mlp()
optimizer = torch.optim.SGD(net.parameters(), 0.01)
with chainrule.watch(folder=sys.argv[1], name="unseen"):
    for _ in range(3):
        for parameter in net.parameters():
            parameter.grad = torch.zeros_like(parameter)
        optimizer.step()
"""

LIVE = """
import pathlib, sys, time, torch, chainrule
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.01)
with chainrule.watch(folder=sys.argv[1], name="live"):
    for step in range(9):
        while step >= int(pathlib.Path(sys.argv[2]).read_text() or 0):
            time.sleep(0.02)
        optimizer.zero_grad()
        net(torch.randn(16, 4)).pow(2).mean().backward()
        optimizer.step()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    subprocess.run([sys.executable, "-c", NETWORKS, str(folder)], check=True, timeout=120)
    script = ROOT / "examples" / "deep_sigmoid_digits.py"
    watched = [sys.executable, "-m", "chainrule", "run", "--folder", str(folder), str(script)]
    subprocess.run(watched, check=True, timeout=300, capture_output=True)
    next(folder.glob("deep_sigmoid*.db")).rename(folder / "sigmoid.db")
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


Open = Callable[..., Page]


@pytest.fixture(scope="module")
def pages(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield listened(context)
    context.close()


@pytest.fixture
def opened(pages: tuple[Page, list[str]], url: str) -> Iterator[Open]:
    """Opens the chain of a run in the page that all these tests share."""
    page, wrong = pages
    wrong.clear()

    def go(run: str, **parameters: object) -> Page:
        page.goto("about:blank")
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        page.goto(f"{url}#/run/{run}/chain" + (f"?{query}" if query else ""))
        expect(chain(page)).to_be_visible()
        return page

    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    yield go
    assert not wrong, "\n".join(wrong)


def chain(page: Page) -> Locator:
    return page.get_by_role("region", name="The chain", exact=True)


def factors(page: Page) -> Locator:
    return page.get_by_role("treegrid").locator("[data-row]")


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("treegrid").get_by_role("row").filter(has_text=text)


def lit(page: Page) -> Locator:
    return page.get_by_role("region", name="The factor that is lit up")


def slider(page: Page) -> Locator:
    return page.get_by_role("slider")


def test_the_culprits_of_a_deep_sigmoid_network_are_marked(opened: Open) -> None:
    page = opened("sigmoid")
    expect(page.locator(".headline")).to_have_text(
        re.compile(
            r"Between the loss and model\.0\.weight the layers shrink the gradient "
            r"2\.\d·10¹⁰.fold: 24 factors\. The 12 factors of Sigmoid "
            r"\(0\.24\d to 0\.24\d each\) make 7\.\d of these 10\.\d powers of ten\."
        )
    )
    culprits = row(page, "▲ culprit")
    expect(culprits).to_have_count(12)
    for text in culprits.all_inner_texts():
        assert "Sigmoid" in text
    # the eye begins at the first of them: equation, layer and line are there at once
    expect(lit(page)).to_contain_text("Culprit: the gradient shrinks")
    expect(lit(page).locator(".layer")).to_have_text("model.23")
    expect(lit(page).locator(".source")).to_have_text(re.compile(r"deep_sigmoid_digits\.py:\d+"))
    expect(lit(page).locator("math").first).to_be_attached()


def test_the_drawn_factors_multiply_to_the_gradient_that_was_measured(opened: Open) -> None:
    page = opened("sigmoid")
    product = 1.0
    for text in factors(page).locator(".gain").all_inner_texts():
        product *= number(text.removeprefix("×"))
    left = number(factors(page).last.locator(".rms").inner_text())
    # 28 factors, each written with three digits
    assert product == pytest.approx(left, rel=28 * 0.005)


def number(text: str) -> float:
    mantissa, _, power = text.strip().partition("·10")
    exponent = power.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) or "0"
    return float(mantissa.replace("−", "-")) * 10 ** int(exponent)


def test_row_and_box_light_up_together(opened: Open) -> None:
    page = opened("sigmoid")
    row(page, "model.19").hover()
    expect(lit(page).locator(".layer")).to_have_text("model.19")
    box = page.locator("g.box.lit")
    expect(box).to_contain_text("Sigmoid")
    expect(box).to_be_visible()
    key = box.get_attribute("data-box")
    page.locator("svg g.box").filter(has_text="Sigmoid").first.hover()
    expect(page.locator("g.box.lit")).not_to_have_attribute("data-box", key or "")
    expect(lit(page).locator(".layer")).not_to_have_text("model.19")
    expect(page.locator('[data-row][aria-selected="true"]')).to_have_count(1)


def test_steps_are_dragged_through_and_linked_to(opened: Open) -> None:
    page = opened("sigmoid", step=3, parameter="model.4.weight")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("optimizer step 3$"))
    expect(page.get_by_role("combobox", name="The way to the parameter")).to_have_value(
        "model.4.weight"
    )
    before = factors(page).last.inner_text()
    slider(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("optimizer step 6$"))
    expect(page).to_have_url(re.compile(r"chain\?step=6&parameter=model\.4\.weight$"))
    expect(factors(page).last).not_to_have_text(before)
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile(r"chain\?parameter=model\.4\.weight$"))
    expect(chain(page)).to_have_attribute("aria-busy", "false")
    # a step that was seen before is not asked for again
    last = (slider(page).get_attribute("aria-valuetext") or "").rpartition(" ")[2]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Step before").click()
    expect(page).to_have_url(re.compile("step="))
    page.get_by_role("button", name="Step after").click()
    expect(page).not_to_have_url(re.compile("step="))
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile(f"step {last}$"))
    assert any("ask/chain" in each for each in asked)
    assert not any(each.endswith(f"step={last}") for each in asked), asked


def test_a_link_to_what_is_not_there_says_so(opened: Open) -> None:
    page = opened("sigmoid", parameter="nothing.weight")
    expect(chain(page)).to_contain_text("There is no nothing.weight in this backward pass.")


def test_steps_play_unless_motion_is_not_wanted(opened: Open) -> None:
    page = opened("residual")
    page.get_by_role("button", name="Play").click()
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("step 0$"))
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("step 2$"), timeout=5000)
    page.emulate_media(reduced_motion="reduce")
    expect(page.get_by_role("button", name="Play")).to_have_count(0)
    page.get_by_role("button", name="Step before").click()
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("step 1$"))


@pytest.mark.parametrize("by_hand", [True, False])
def test_what_plays_ends_with_a_step_by_hand_or_where_no_motion_is_wanted(
    opened: Open, by_hand: bool
) -> None:
    page = opened("residual")
    play = page.locator("button.play")
    play.click()
    expect(slider(page)).to_have_attribute("aria-valuetext", re.compile("step 1$"))
    if by_hand:
        page.get_by_role("button", name="Step before").click()
        expect(play).to_have_attribute("aria-pressed", "false", timeout=1000)
    else:
        page.emulate_media(reduced_motion="reduce")
        expect(play).to_have_count(0)
        page.emulate_media(reduced_motion="no-preference")
        expect(play).to_have_attribute("aria-pressed", "false", timeout=1000)


def test_a_thousand_operations_are_drawn_as_modules_and_only_where_they_are_seen(
    opened: Open,
) -> None:
    page = opened("residual")
    boxes = page.locator("g.box")
    assert boxes.count() < 20
    page.get_by_label("A box for").select_option(label="every operation")
    expect(factors(page).first).to_be_visible()
    expect(row(page, "Add").first).to_be_visible()
    # more than 300 operations, of which some dozen lie in or near the frame
    assert page.locator(".frame svg").evaluate("svg => svg.getBBox().height") > 0
    assert float(page.locator(".frame svg").get_attribute("height") or 0) > 10000
    assert boxes.count() < 40
    page.locator(".frame").evaluate("frame => frame.scrollTop = frame.scrollHeight / 2")
    expect(page.locator("circle.plus").first).to_be_visible()
    assert boxes.count() < 40


def test_gradients_add_up_where_residual_branches_meet(opened: Open) -> None:
    page = opened("residual")
    page.get_by_label("A box for").select_option(label="every operation")
    row(page, "⊕").first.hover()
    expect(lit(page)).to_contain_text("⊕ 2 gradients add up")
    expect(lit(page).locator("annotation").filter(has_text=r"\mu")).not_to_have_count(0)


def test_everything_is_done_with_the_keyboard(opened: Open) -> None:
    page = opened("residual")
    way = page.get_by_role("combobox", name="The way to the parameter")
    way.focus()
    page.keyboard.type("2.7.up w")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(way).to_have_value("net.2.7.up.weight")
    expect(page.locator(".headline")).to_contain_text("net.2.7.up.weight")
    # from the slider's buttons into the list: one stop, then the arrows
    factors(page).locator("xpath=self::*[@tabindex=0]").focus()
    page.keyboard.press("Home")
    expect(factors(page).first).to_be_focused()
    while row(page, "16 factors").first.get_attribute("aria-selected") != "true":
        page.keyboard.press("ArrowDown")
    count = factors(page).count()
    page.keyboard.press("Enter")
    expect(page.locator('[data-row][aria-expanded="true"]')).to_be_focused()
    assert factors(page).count() > count
    page.keyboard.press("ArrowDown")
    expect(page.locator('[data-row][aria-level="2"]').first).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    expect(factors(page)).to_have_count(count)
    # the graph: down to the next box, whose name is said
    graph = page.get_by_role("application")
    graph.focus()
    said = page.locator("#chain-box")
    before = said.inner_text()
    page.keyboard.press("ArrowDown")
    expect(said).not_to_have_text(before)


def test_what_a_screen_reader_meets(opened: Open) -> None:
    page = opened("single")
    expect(chain(page)).to_match_aria_snapshot(
        """
        - paragraph: /No layer lies between the loss and net\\.weight/
        - combobox "The way to the parameter"
        - group "Step of the training":
          - slider /Sampled step 3 of 3 · optimizer step 2/
        - treegrid "Factors from the loss to the parameter":
          - row "№ Operation Sense factor gradient after"
          - row /1 Mean shrinks loss ×0\\.0625 0\\.0625/ [selected]
          - row /2 Addmm net grows weight ×[\\d.]+ [\\d.]+/
          - row /3 T net keeps ×1 [\\d.]+/
          - row /net\\.weight its gradient [\\d.]+/
        - region "The factor that is lit up":
          - heading /Mean/ [level=2]
          - term: rule
          - definition:
            - math: /∂ L/
        - heading "Graph" [level=2]
        - application "Backward graph, from the loss downwards"
        - list "Colours"
        """
    )


def test_the_graph_has_a_table_of_its_factors(opened: Open) -> None:
    page = opened("single")
    page.get_by_text("The graph in numbers").click()
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(
        [
            *("from", "to", "on this path", "γ", "μ"),
            *("factor per entry", "‖Jᵀg‖", "gradient RMS after", "line"),
        ]
    )
    assert table.get_by_role("row").count() > 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("run", ["sigmoid", "broken"])
def test_axe_finds_nothing(opened: Open, scheme: str, run: str) -> None:
    page = opened(run)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.get_by_text("The graph in numbers").click()
    assert violations(page) == []


def test_a_narrow_screen_needs_no_sideways_scrolling(opened: Open) -> None:
    page = opened("sigmoid")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    names = factors(page).nth(3).locator(".label, .place, .sign")
    for name in names.all():
        assert name.evaluate("e => e.scrollWidth <= e.clientWidth + 1 || e.clientWidth === 0")


def test_a_factor_that_is_not_finite_is_said_in_words(opened: Open) -> None:
    page = opened("broken")
    expect(page.locator(".headline")).to_have_text(
        re.compile(r"The chain breaks at factor \d+ of \d+, \w+: the factor is (∞|not a number)")
    )
    expect(row(page, "not a number").first).to_contain_text("×NaN")


def test_another_backward_pass_of_the_step_is_chosen(opened: Open) -> None:
    page = opened("passes")
    passes = page.get_by_label("Backward pass of this step")
    expect(page.locator(".headline")).to_contain_text("net.0.weight")
    passes.select_option(index=1)
    expect(page).to_have_url(re.compile("pass=1"))
    expect(page.locator(".headline")).to_contain_text(
        "No layer lies between the loss and net.2.weight"
    )
    # what this loss does not reach can be found, with a word why
    page.get_by_role("combobox", name="The way to the parameter").click()
    page.get_by_role("option", name="net.0.weight no gradient").click()
    expect(page.locator(".headline")).to_have_text(
        "No gradient reached net.0.weight in this backward pass."
    )


def test_a_run_without_a_backward_pass_says_so(pages: tuple[Page, list[str]], url: str) -> None:
    page, _ = pages
    page.goto("about:blank")
    page.goto(f"{url}#/run/unseen/chain")
    expect(page.get_by_role("alert")).to_contain_text("no backward pass of them was seen")


def test_a_step_that_is_no_number_is_named(pages: tuple[Page, list[str]], url: str) -> None:
    page, _ = pages
    page.goto("about:blank")
    page.goto(f"{url}#/run/sigmoid/chain?step=third")
    expect(page.get_by_role("alert")).to_contain_text("a whole number for `step`, found 'third'")


def test_a_live_run_is_followed_and_a_chosen_step_stays(opened: Open, folder: Path) -> None:
    gate = folder / "gate.txt"
    gate.write_text("2")
    training = subprocess.Popen([sys.executable, "-c", LIVE, str(folder), str(gate)])
    try:
        deadline = time.monotonic() + 60
        while not (folder / "live.db").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)  # until the first step is written
        page = opened("live")
        gate.write_text("4")
        expect(slider(page)).to_have_attribute(
            "aria-valuetext", re.compile(r"step ([34]) of \1, optimizer step [23]$"), timeout=15000
        )
        row(page, "Tanh").click()
        slider(page).focus()
        page.keyboard.press("Home")
        gate.write_text("9")
        expect(slider(page)).to_have_attribute(
            "aria-valuetext", re.compile("step 1 of [5-9], optimizer step 0$"), timeout=15000
        )
        expect(lit(page)).to_contain_text("Tanh")
    finally:
        gate.write_text("9")
        training.wait(30)
