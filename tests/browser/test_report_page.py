"""A saved report in a browser, opened as a file: drawn, quiet, and alone with itself."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pages import violations
from playwright.sync_api import Page, expect

SCRIPT = """
import sys, torch, chainrule
from torch import nn

for name, rate in (("slow", 0.01), ("fast", 0.1)):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 16), nn.Sigmoid(), nn.Linear(16, 1))
    optimizer = torch.optim.SGD(net.parameters(), rate)
    with chainrule.watch(folder=sys.argv[1], name=name) as run:
        for _ in range(200):
            x = torch.randn(32, 4)
            loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
"""


def chainrule(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chainrule", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    subprocess.run([sys.executable, "-c", SCRIPT, str(folder)], check=True, timeout=120)
    return folder


@pytest.fixture(scope="module")
def report(runs: Path) -> Path:
    chainrule("report", runs / "slow.db", "-o", runs / "slow.html")
    return runs / "slow.html"


@pytest.fixture
def fetched(page: Page) -> Iterator[list[str]]:
    """URLs that the page asks for, itself included."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition(",")[0]))
    yield asked


def test_it_draws_every_view_and_fetches_nothing(
    page: Page, report: Path, fetched: list[str]
) -> None:
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("slow")
    for heading in ("Run", "Chain", "Slope", "Landscape"):
        section = page.get_by_role("region", name=heading, exact=True)
        expect(section).to_be_visible()
        assert len(section.inner_text()) > 200
    assert page.get_by_role("alert").count() == 0
    assert [url for url in fetched if not url.startswith(("data:", "blob:"))] == [report.as_uri()]


def test_it_is_small(report: Path) -> None:
    assert report.stat().st_size < 2 * 1024 * 1024


def test_people_who_use_it_otherwise_can_use_it(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    page.get_by_role("heading", level=1).wait_for()
    assert not violations(page)


def test_the_table_of_contents_leads_to_the_views_by_keyboard(page: Page, report: Path) -> None:
    page.goto(report.as_uri())
    contents = page.get_by_role("navigation", name="Contents")
    contents.get_by_role("link", name="Slope").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Slope", exact=True)).to_be_in_viewport()


def test_on_a_phone_nothing_is_wider_than_the_screen(page: Page, report: Path) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(report.as_uri())
    page.get_by_role("heading", level=1).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_another_script_in_it_does_not_run(page: Page, report: Path, tmp_path: Path) -> None:
    """What the policy is for: should a name ever get through as markup, it stays dead."""
    spoiled = tmp_path / "spoiled.html"
    evil = '<script>window.broken = 1</script><img src="x" onerror="window.broken = 1">'
    spoiled.write_text(report.read_text("utf-8").replace("<main", f"{evil}<main", 1), "utf-8")
    quiet = page.context.new_page()  # the browser complains, as it should
    quiet.goto(spoiled.as_uri())
    quiet.get_by_role("heading", level=1).wait_for()
    assert quiet.evaluate("window.broken") is None


def test_two_runs_stand_side_by_side(page: Page, runs: Path) -> None:
    chainrule("report", runs / "slow.db", runs / "fast.db", "-o", runs / "both.html")
    page.goto((runs / "both.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("slow and fast")
    expect(page.get_by_role("region", name="Side by side", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="fast: Slope")).to_be_visible()
    expect(page.get_by_role("region", name="Verdict (fast: Run)", exact=True)).to_be_visible()
    assert not violations(page)


def test_markup_in_names_is_text(page: Page, runs: Path) -> None:
    """A run file is made by a script, and a script can be called anything."""
    from chainrule.store import RunWriter

    evil = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 1'>"
    writer = RunWriter.create(
        runs,
        "evil",
        command=(evil, "<!--<script>"),
        cwd=evil,
        versions={"torch": evil},
        options={evil: evil},
        pid=1,
        started_at=0.0,
    )
    writer.point("loss", 0, 1.0)
    writer.totals(steps=1, backward_passes=1, sampled_steps=0, observed_s=0.0, training_s=1.0)
    writer.close(status="failed", exit_code=1, exception=evil, ended_at=1.0)
    target = runs / "evil.html"
    chainrule("report", runs / "evil.db", "-o", target)
    assert evil not in target.read_text("utf-8")
    page.goto(target.as_uri())
    page.get_by_role("heading", level=1).wait_for()
    assert page.evaluate("window.broken") is None
    assert json.loads(page.evaluate("JSON.stringify(document.scripts.length)")) == 2
