"""The views of a run in a browser: verdict, slope, landscape, runs side by side, live and lost."""

import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pages import listened, serving, violations
from playwright.sync_api import Browser, Page, Route, expect

from chainrule.records import StepSharpness
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.store.outlines import pack_record

ROOT = Path(__file__).resolve().parents[2]
SIGMOID, HEALTHY = "sigmoid", "healthy"

Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    for script, name in (("deep_sigmoid_digits", SIGMOID), ("healthy_mlp_digits", HEALTHY)):
        path = ROOT / "examples" / f"{script}.py"
        command = [sys.executable, "-m", "chainrule", "run", "--save-captures"]
        subprocess.run(
            [*command, "--folder", str(folder), str(path)],
            check=True,
            timeout=300,
            capture_output=True,
        )
        next(folder.glob(f"{script}*.db")).rename(folder / f"{name}.db")
        for saved in folder.glob(f"{script}*"):
            saved.rename(folder / saved.name.replace(saved.name.split(".")[0], name))
    measure_curvature(folder / f"{SIGMOID}.db")
    return folder


def measure_curvature(path: Path) -> None:
    """Add what a machine that is busy had no time to measure: the curvature at one step."""
    spectrum = Spectrum(
        largest=(Eigenvalue(value=1.08, bound=0.04, converged=True),),
        smallest=(),
        ceiling=None,
        floor=None,
        confidence=1.0,
        complete=False,
        converged=True,
        rtol=0.05,
        dimension=20_000,
        products=5,
        method="double backward",
        loss=2.3,
        gradient_norm=0.01,
        preconditioner="SGD",
        limit=20.0,
    )
    sharpness = StepSharpness(
        step=256, optimizer=0, learning_rate=0.1, spectrum=spectrum, seconds=0.1
    )
    with closing(sqlite3.connect(path)) as connection, connection:
        if not connection.execute("SELECT 1 FROM record WHERE kind = 'step_sharpness'").fetchone():
            row = ("step_sharpness", 256, pack_record(sharpness))
            connection.execute("INSERT INTO record VALUES (?, ?, ?)", row)


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


@pytest.fixture
def opened(page: Page, url: str) -> Open:
    def go(route: str) -> Page:
        page.goto(f"{url}#/{route}")
        return page

    return go


def test_the_start_page_lists_runs_with_their_verdicts_and_examples(opened: Open) -> None:
    page = opened("")
    runs = page.get_by_role("region", name="Pick a run")
    expect(runs.get_by_role("listitem")).to_have_count(2)
    expect(runs.get_by_role("listitem").filter(has_text=SIGMOID)).to_contain_text("shrinks")
    page.get_by_role("textbox", name="f =").fill("x**2")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"#/formula\?f=x\*\*2|#/formula\?f=x"))
    assert not violations(page)


def test_the_verdict_comes_first_with_its_evidence_and_the_layers(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}")
    verdict = page.get_by_role("region", name="Verdict")
    expect(verdict.get_by_role("article").first).to_have_accessible_name("vanishing-gradient")
    verdict.get_by_text("The numbers it rests on").first.click()
    expect(verdict.get_by_role("rowheader", name="gradient ratio")).to_be_visible()
    layers = page.get_by_role("region", name="Layers", exact=True)
    expect(layers.get_by_role("row")).to_have_count(1 + 38)
    expect(layers.get_by_role("row").filter(has_text="model.1 Sigmoid")).to_contain_text(
        "vanishing-gradient"
    )
    sparkline = layers.get_by_role("img", name=re.compile("gradient RMS of model.0.weight: from"))
    expect(sparkline).to_be_visible()
    page.get_by_role("searchbox", name="Find a layer").fill("24.weight")
    expect(layers.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("slider", name="Curvature against steps")).to_be_visible()
    assert not violations(page)


def test_a_run_that_has_ended_is_asked_for_once(opened: Open, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(f"run/{SIGMOID}")
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    page.wait_for_timeout(2500)  # the server's first event, and what the page waits after it
    assert any("/api/events" in url for url in asked)
    assert sum("/api/ask/run?" in url for url in asked) == 1


def test_a_curvature_measured_once_is_drawn(opened: Open, page: Page, folder: Path) -> None:
    shutil.copy(folder / f"{SIGMOID}.db", folder / "once.db")
    with closing(sqlite3.connect(folder / "once.db")) as connection, connection:
        connection.execute(
            "DELETE FROM record WHERE kind = 'step_sharpness' AND number > "
            "(SELECT min(number) FROM record WHERE kind = 'step_sharpness')"
        )
    opened("run/once")
    curvature = page.get_by_role("slider", name="Curvature against steps")
    expect(curvature).to_be_visible()
    curvature.press("Home")
    expect(page.get_by_text("sharpness λ_max").first).to_be_visible()
    (folder / "once.db").unlink()


def test_layers_are_sorted_by_a_number_and_back(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}")
    layers = page.get_by_role("region", name="Layers", exact=True)
    header = layers.get_by_role("columnheader", name=re.compile("gradient RMS"))
    expect(layers.get_by_role("rowheader").first).to_contain_text("model.0.weight")
    header.get_by_role("button").click()
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(layers.get_by_role("rowheader").first).to_contain_text("model.24")
    header.get_by_role("button").click()
    expect(layers.get_by_role("rowheader").first).to_contain_text("model.0.weight")


def test_the_slope_shows_raw_points_trend_and_promise(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}/slope")
    expect(page).to_have_title(f"slope of {SIGMOID} · chainrule")
    expect(page.get_by_role("heading", name="Loss against steps")).to_be_visible()
    legend = page.get_by_role("list", name="Lines").first
    expect(legend).to_contain_text("loss as measured")
    expect(legend).to_contain_text("smoothed")
    expect(page.get_by_text(re.compile("with 95 % confidence")).first).to_be_visible()
    promised = page.get_by_text(re.compile("the gradient promised a change of"))
    expect(promised).to_contain_text("change of −")  # a minus, and not the hyphen of a terminal
    assert not violations(page)


def test_the_slope_is_read_and_zoomed_by_keyboard_alone(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}/slope")
    plot = page.get_by_role("slider", name="loss against steps")
    plot.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(plot).to_have_attribute("aria-valuetext", re.compile(r"optimizer step 1: loss"))
    before = plot.get_attribute("aria-valuemax")
    for _ in range(8):
        page.keyboard.press("+")
    expect(page.get_by_role("button", name="Show all steps")).to_be_visible()
    expect(plot).not_to_have_attribute("aria-valuemax", str(before))
    expect(page.get_by_text(re.compile(r"From step \d+ to \d+ the loss")).first).to_be_visible()
    page.get_by_role("button", name="Tangent at the cursor").press("Enter")
    plot.focus()
    page.keyboard.press("0")
    expect(page.get_by_role("button", name="Show all steps")).to_have_count(0)


def test_the_landscape_of_a_run_is_scanned_and_sliced(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}/scans")
    expect(page.get_by_role("slider", name=re.compile("Loss along the update"))).to_be_visible()
    slider = page.get_by_role("slider", name="Step", exact=True)
    expect(slider).to_have_attribute("aria-valuetext", re.compile("step"))
    slider.focus()
    page.keyboard.press("Home")
    expect(page.get_by_text(re.compile(r"Step 1 moved θ by"))).to_be_visible()
    along = page.get_by_role("combobox", name="along")
    choices = along.get_by_role("option").evaluate_all("all => all.map(option => option.value)")
    assert len(choices) == 3
    for choice in choices:
        along.select_option(choice)
        page.get_by_role("button", name="Look").click()
        picture = page.get_by_role("img", name=re.compile("Loss over"))
        expect(picture).to_be_visible(timeout=60_000)
    assert not violations(page)


def test_two_runs_stand_side_by_side(opened: Open) -> None:
    page = opened("")
    for name in (SIGMOID, HEALTHY):
        page.get_by_role("checkbox", name=f"Compare {name}").check()
    page.get_by_role("link", name="Compare these 2").click()
    expect(page.get_by_role("heading", name="Runs side by side")).to_be_visible()
    verdicts = page.get_by_role("region", name="Verdicts")
    vanishing = verdicts.get_by_role("article", name="vanishing-gradient")
    vanishing.get_by_text("Why, and what to do").click()  # the card of the run's own page
    expect(vanishing.get_by_role("heading", name="What to try")).to_be_visible()
    vanishing.get_by_text("The numbers it rests on").click()
    expect(vanishing.get_by_role("columnheader", name="threshold").first).to_be_visible()
    plot = page.get_by_role("slider", name="Losses against steps")
    plot.focus()
    page.keyboard.press("Home")
    # the newest file comes first, and which one that is depends on what a busy machine left out
    both = re.compile(f"(?=.*{HEALTHY} [0-9])(?=.*{SIGMOID} [0-9])")
    expect(plot).to_have_attribute("aria-valuetext", both)
    table = page.get_by_role("region", name="Table of differences")
    expect(table).to_contain_text("command")
    counts = table.get_by_role("row").filter(has_text=re.compile(r"^\s*parameters"))
    # to the last digit, as the scripts have them
    assert {*counts.get_by_role("cell").all_inner_texts()} == {"14026", "8970"}
    assert not violations(page)


def test_the_part_of_the_slope_that_is_seen_is_a_link_and_the_back_button_leads_to_it(
    opened: Open,
) -> None:
    page = opened(f"run/{SIGMOID}/slope")
    page.get_by_role("slider", name="loss against steps").press("+")
    page.get_by_role("checkbox", name="logarithmic").check()
    everything = page.get_by_role("button", name="Show all steps")
    expect(everything).to_be_visible()
    expect(page).to_have_url(re.compile(r"/slope\?from=0&to=\d+\.\d+&log=1$"))
    trend = page.get_by_text(re.compile("From step 0 to 3[0-9]{2} the loss"))
    expect(trend).to_be_visible()
    page.reload()
    expect(everything).to_be_visible()
    expect(trend).to_be_visible()
    expect(page.get_by_role("checkbox", name="logarithmic")).to_be_checked()
    page.get_by_role("link", name="Verdict").click()
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    page.go_back()
    expect(everything).to_be_visible()


def test_a_long_name_of_a_run_does_not_widen_the_start_page(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    shutil.copy(folder / f"{HEALTHY}.db", tmp_path / f"{'very_long_' * 12}name.db")
    page.set_viewport_size({"width": 360, "height": 800})
    with serving(tmp_path) as url:
        page.goto(url)
        expect(page.get_by_role("link", name="very_long")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        page.goto("about:blank")


@pytest.mark.parametrize("route", ["", f"run/{SIGMOID}", f"run/{SIGMOID}/slope"])
def test_on_a_phone_in_the_dark_nothing_is_wider_than_the_screen(
    browser: Browser, url: str, route: str
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page, wrong = listened(context)
    page.goto(f"{url}#/{route}")
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not violations(page)
    assert not wrong
    context.close()


def test_what_a_screen_reader_is_told_of_the_verdict(opened: Open) -> None:
    page = opened(f"run/{HEALTHY}")
    expect(page.get_by_role("region", name="Verdict")).to_match_aria_snapshot("""
        - region "Verdict":
          - heading "Verdict" [level=2]
          - article "healthy":
            - heading /healthy/ [level=3]
    """)


def test_a_run_that_is_not_there_is_said(opened: Open) -> None:
    page = opened("run/nosuch")
    expect(page.get_by_role("alert").first).to_contain_text("nosuch")


def test_a_server_that_was_killed_and_started_again_is_found_again(
    browser: Browser, folder: Path
) -> None:
    context = browser.new_context()  # not `page`: the browser complains while the server is gone
    page = context.new_page()
    command = [sys.executable, "-m", "chainrule", "view", str(folder), "--no-browser", "--port"]
    first = subprocess.Popen([*command, "0"], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    url = first.stdout.readline().strip()
    page.goto(f"{url}#/run/{HEALTHY}")
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    first.send_signal(signal.SIGKILL)
    first.communicate(timeout=10)
    gone = page.get_by_text("The server does not answer")
    expect(gone).to_be_visible(timeout=15_000)
    port = re.search(r":(\d+)/", url)
    assert port is not None
    again = f"chainrule view {folder.absolute()} --port {port[1]}"
    expect(page.get_by_text(again)).to_be_visible()
    # whatever page one is on
    page.get_by_role("link", name="Formula").click()
    expect(page.get_by_text(again)).to_be_visible()
    page.go_back()
    second = subprocess.Popen([*command, port[1]], stdout=subprocess.PIPE, text=True)
    assert second.stdout is not None
    address = second.stdout.readline().strip()
    # its token is another: the page says what to do, until the browser opens the new address
    expect(page.get_by_text("The server was started anew, with a new token")).to_be_visible(
        timeout=20_000
    )
    gone = page.get_by_text("The server was started anew, with a new token")
    other = context.new_page()
    other.goto(address)
    expect(gone).to_have_count(0, timeout=20_000)
    expect(page.get_by_role("region", name="Verdict")).to_be_visible()
    context.close()
    second.terminate()
    second.communicate(timeout=10)


TRAINING = """
import pathlib, sys, time, torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.01)
stop = pathlib.Path(sys.argv[1])
while not stop.exists():
    optimizer.zero_grad()
    net(torch.randn(16, 4)).pow(2).mean().backward()
    optimizer.step()
    time.sleep(0.01)
"""


def test_two_browsers_follow_one_run_while_it_trains(
    launch: Callable[..., Browser], browser: Browser, tmp_path: Path
) -> None:
    script, stop = tmp_path / "train.py", tmp_path / "stop"
    script.write_text(TRAINING)
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "chainrule", "run", "--folder", str(runs), "--name", "live"]
    training = subprocess.Popen([*command, str(script), str(stop)], stderr=subprocess.PIPE)
    other = launch()
    try:
        runs.mkdir(exist_ok=True)
        with serving(runs) as url:
            pages = [each.new_page() for each in (browser, other)]
            pages[0].goto(url)
            listed = pages[0].get_by_role("listitem").filter(has_text="live")
            expect(listed).to_contain_text("running", timeout=60_000)
            listed.get_by_role("link", name="live").click()
            pages[1].goto(f"{url}#/run/live/slope")
            facts = pages[0].get_by_role("status").filter(has_text="The run is running.")
            expect(facts).to_be_visible()
            expect(pages[1].get_by_role("heading", name="Loss against steps")).to_be_visible()
            plot = pages[1].get_by_role("slider", name="loss against steps")
            before = [facts.inner_text(), str(plot.get_attribute("aria-valuemax"))]
            # neither page is touched: what they show follows the run
            expect(facts).not_to_have_text(before[0], timeout=20_000)
            expect(plot).not_to_have_attribute("aria-valuemax", before[1], timeout=20_000)
            stop.touch()
            over = pages[0].get_by_role("status").filter(has_text="The run has finished.")
            expect(over).to_be_visible(timeout=30_000)
            for page in pages:
                page.close()
    finally:
        stop.touch()
        training.communicate(timeout=60)
        other.close()
    assert training.returncode == 0


def test_what_was_sorted_and_found_in_the_layers_is_a_link(opened: Open, page: Page) -> None:
    opened(f"run/{SIGMOID}")
    layers = page.get_by_role("region", name="Layers", exact=True)
    page.get_by_role("searchbox", name="Find a layer").fill("weight")
    layers.get_by_role("button", name="gradient RMS").click()
    expect(page).to_have_url(re.compile(r"\?find=weight&sort=gradient_rms$"))
    rows = layers.get_by_role("row").all_inner_texts()
    page.reload()
    expect(page.get_by_role("searchbox", name="Find a layer")).to_have_value("weight")
    expect(layers.get_by_role("columnheader", name="gradient RMS")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert layers.get_by_role("row").all_inner_texts() == rows


def test_the_loss_is_a_table_as_well(opened: Open) -> None:
    loss = opened(f"run/{SIGMOID}").get_by_role("region", name="Loss")
    loss.get_by_text("The same in numbers").click()
    rows = loss.get_by_role("row")
    expect(rows).to_have_count(1 + 20)
    expect(rows.nth(1).get_by_role("rowheader")).to_have_text(re.compile("^0 to "))


def test_the_landscape_has_the_name_of_its_tab(opened: Open) -> None:
    page = opened(f"run/{SIGMOID}/landscape")
    expect(page.get_by_role("link", name="Landscape")).to_have_attribute("aria-current", "page")


def test_a_finding_side_by_side_leads_to_its_lesson(opened: Open) -> None:
    page = opened(f"compare?runs={SIGMOID},{HEALTHY}")
    page.get_by_text("Why, and what to do").first.click()
    link = page.get_by_role("link", name="The lesson on this, with the numbers of this run").first
    expect(link).to_have_attribute("href", re.compile(rf"^#/learn/[\w-]+\?run={SIGMOID}&step="))


def test_a_view_that_cannot_be_drawn_says_so(browser: Browser, url: str) -> None:
    """For ever "Reading the run …" was what one saw of a mistake of ours."""

    def doubled(route: Route) -> None:
        document = route.fetch().json()
        document["layers"]["rows"] *= 2  # no two rows may have one name
        route.fulfill(json=document)

    context = browser.new_context()
    page = context.new_page()
    page.route("**/api/ask/run?*", doubled)
    page.goto(f"{url}#/run/{HEALTHY}")
    expect(page.get_by_role("alert")).to_contain_text("a mistake of chainrule's own")
    expect(page.get_by_role("link", name="Slope")).to_be_visible()
    context.close()
