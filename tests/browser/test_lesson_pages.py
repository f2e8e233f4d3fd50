"""The lessons on the page, walked through as a learner does."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pages import listened, serving, violations
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from chainrule.learning.course.blocks import LessonExercise, Prediction
from chainrule.learning.course.course import lesson, lesson_files, outlines
from chainrule.learning.course.repairs import repair

LESSONS = [each.id for each in outlines()]
DERIVATIVES = {
    "sin(3*x)": "3cos(3x)",
    "exp(sin(x**2))": "2x cos(x²) e^(sin(x²))",
    "x**2 + 3*x*y": "(2x + 3y, 3x)",
    "x**2*y + y": "(2xy, x^2 + 1)",
    "3*x*y": "3y",
    "log(exp(a) + exp(b)) - a": "e^a/(e^a + e^b) - 1",
    "x**4": "4x^3",
    "x**2*sin(x)": "2x sin(x) + x^2 cos(x)",
    "x/(x**2 + 1)": "(1 - x^2)/(x^2 + 1)^2",
    "sigmoid(w*x)": "w sigmoid(wx)(1 - sigmoid(wx))",
}
"""Right answers as somebody types them, by what is to be differentiated."""

Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with serving(folder) as url:
        yield url


@pytest.fixture
def opened(page: Page, url: str) -> Open:
    def go(place: str) -> Page:
        page.goto(f"{url}#/learn{place}")
        # the server computes its first lesson, and the machine may have more to do
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=30_000)
        return page

    return go


def exercise(page: Page, id: str) -> Locator:
    return page.locator(f"[data-exercise='{id}']")


def button(inside: Page | Locator, name: str) -> Locator:
    return inside.get_by_role("button", name=name, exact=True)


def right_answer(asked: LessonExercise) -> str:
    return DERIVATIVES[asked.formula] if asked.formula else f"{asked.value:.6g}"


def answer(shown: Locator, asked: LessonExercise, *, right: bool) -> None:
    """Answer by the keyboard: type and press Enter, or choose and press the button."""
    if asked.choices:
        index = asked.answer if right else (asked.answer + 1) % len(asked.choices)
        shown.get_by_role("radio").nth(index).press("Space")
        button(shown, "Check").press("Enter")
        return
    field = shown.get_by_label("Your answer")
    wrong = "(1234.5, 1)" if "," in asked.wrt else "1234.5"
    field.fill(right_answer(asked) if right else wrong)
    field.press("Enter")


@pytest.mark.parametrize("id", LESSONS)
def test_a_lesson_is_walked_through_by_the_keyboard(opened: Open, id: str) -> None:
    page, read = opened(f"/{id}"), lesson(id)
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(read.outline.title)
    expect(title).to_be_focused()

    # the one thing to drag
    toy = page.locator("figure:not([data-drag=''])")
    handle, numbers = handle_of(toy), toy.locator(".readout, .adjoint, .result, .steps").first
    before = numbers.text_content() or ""
    for _ in range(10):
        handle.press("ArrowRight")
    expect(numbers).not_to_have_text(before)

    # the prediction before the reveal
    prediction = next(block for block in read.blocks if isinstance(block, Prediction))
    asked = page.locator(".prediction").first
    assert page.locator(".reveal").count() == 0
    wrong = (prediction.answer + 1) % len(prediction.choices)
    asked.get_by_role("radio").nth(wrong).press("Space")
    assert page.locator(".reveal").count() == 0
    button(asked, "That is my prediction").press("Enter")
    expect(asked.locator(".reveal")).to_be_visible()
    expect(asked.get_by_role("status").first).to_contain_text("Not so.")

    # exercises: wrong, why, right
    for each in read.exercises:
        shown = exercise(page, each.id)
        answer(shown, each, right=False)
        expect(shown.locator(".judged")).to_contain_text("Not yet right.")
        answer(shown, each, right=True)
        expect(shown.locator(".judged")).to_contain_text("Right.")
    assert violations(page) == []


def handle_of(toy: Locator) -> Locator:
    """What is dragged: the only slider, or that which the lesson names."""
    named = {
        "h": "h",
        "lr": re.compile("learning rate"),
        "direction": re.compile("Direction"),
        "start": re.compile("."),
        "weight": "weight",
        "depth": "depth",
        "w": re.compile("^(w|Point)"),
    }
    drag = toy.get_attribute("data-drag") or ""
    return toy.get_by_role("slider", name=named.get(drag, re.compile("."))).first


def test_the_overview_leads_to_each_lesson_and_says_what_was_done(opened: Open) -> None:
    Path(os.environ["CHAINRULE_PROGRESS"]).unlink(missing_ok=True)  # what other tests solved
    page = opened("")
    links = page.get_by_role("main").get_by_role("listitem").get_by_role("link")
    expect(links).to_have_count(len(lesson_files()))
    assert links.all_inner_texts() == [each.title for each in outlines()]
    assert violations(page) == []
    links.nth(6).click()
    first = lesson("chain-rule").exercises[0]
    answer(exercise(page, first.id), first, right=True)
    expect(exercise(page, first.id).locator(".judged")).to_contain_text("Right.")
    page.get_by_role("link", name="All lessons").click()
    expect(page.get_by_role("listitem").nth(6)).to_contain_text("1 of 3 exercises right")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_what_was_predicted_and_answered_is_there_after_a_reload(opened: Open) -> None:
    page = opened("/chain-rule")
    page.get_by_role("radio").nth(1).check()
    button(page, "That is my prediction").click()
    first = lesson("chain-rule").exercises[0]
    answer(exercise(page, first.id), first, right=True)
    expect(exercise(page, first.id).locator(".judged")).to_contain_text("Right.")
    page.reload()
    expect(page.locator(".reveal")).to_be_visible()
    expect(exercise(page, first.id).get_by_label("Your answer")).to_have_value("3cos(3x)")
    button(page, "Predict again").click()
    expect(page.locator(".reveal")).to_have_count(0)


def test_an_exercise_shows_what_it_understood_and_helps_step_by_step(opened: Open) -> None:
    shown = exercise(opened("/chain-rule"), "chain-rule/2")
    field = shown.get_by_label("Your answer")
    field.fill("cos x^2 exp(sin")
    expect(shown.locator(".preview")).to_have_text(
        re.compile(r"^\s*cos x\^2 can be read in two ways")
    )
    field.fill("cos(x^2) exp(sin(x^2))")
    expect(shown.locator(".preview math").first).to_be_attached()
    field.press("Enter")
    expect(shown.locator(".judged")).to_contain_text("How fast does its inside move?")
    assert "understood" in shown.locator(".preview").inner_text()
    hints = shown.locator(".hints li")
    for count in (1, 2, 3):
        shown.get_by_role("button", name=re.compile("hint", re.I)).click()
        expect(hints).to_have_count(count)
    expect(shown.get_by_role("button", name="Another hint")).to_be_disabled()
    # they begin anew where another answer stands
    field.fill("2x exp(sin(x^2))")
    field.press("Enter")
    button(shown, "Hint").click()
    expect(hints).to_have_count(1)
    field.fill("cos(x^2) exp(sin(x^2))")
    field.press("Enter")
    expect(shown.locator(".judged")).to_contain_text("How fast does its inside move?")
    button(shown, "Worked steps").click()
    expect(shown.locator(".steps")).to_contain_text("chain rule")


def test_a_question_back_is_answered(opened: Open) -> None:
    shown = exercise(opened("/the-rules"), "the-rules/2")
    field = shown.get_by_label("Your answer")
    field.fill("2x sin x - x^2 cos x")  # a minus of the product, or of the sine?
    field.press("Enter")
    expect(shown.locator(".judged")).to_contain_text("What is the derivative of sin(x) by x?")
    reply = shown.get_by_label("Your reply")
    reply.fill("-cos x")
    reply.press("Enter")
    expect(reply).to_have_count(0)
    expect(shown.locator(".judged")).to_contain_text("the minus belongs to cosine's")


def test_a_function_of_the_readers_own_is_drawn(opened: Open) -> None:
    toy = opened("/chain-rule").locator("figure").first
    toy.get_by_label("Formula").fill("x**3 + 1/")
    expect(toy.get_by_role("alert")).to_be_visible()
    toy.get_by_label("Formula").fill("5*x + 2")
    expect(toy.locator(".readout")).to_have_text(re.compile(r"slope 5\s*$"))
    button(toy, "That of the lesson").click()
    expect(toy.locator(".readout")).to_contain_text("−1.885")


def test_the_language_is_changed_and_kept(opened: Open) -> None:
    page = opened("/chain-rule")
    button(page, "Deutsch").click()
    title = page.get_by_role("heading", level=1)
    expect(title).to_have_text(lesson("chain-rule", "de").outline.title)
    expect(page.get_by_role("article")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Erst vorhersagen")).to_be_visible()
    words = page.locator(".exercise, .prediction, .bar").all_inner_texts()
    assert not re.search(r"Check|Hint|Predict|Your|Exercise|Worked", " ".join(words))
    shown = exercise(page, "chain-rule/1")
    shown.get_by_label("Deine Antwort").fill("cos(3x)")
    button(shown, "Prüfen").click()
    expect(shown.locator(".judged")).to_contain_text("Noch nicht richtig.")
    assert violations(page) == []
    page.reload()
    expect(title).to_have_text(lesson("chain-rule", "de").outline.title)
    page.evaluate("location.hash = '#/learn/the-step?language=en'")
    expect(title).to_have_text(lesson("the-step").outline.title)


def test_what_was_just_answered_is_there_in_another_language(opened: Open) -> None:
    page = opened("/chain-rule")
    shown = exercise(page, "chain-rule/1")
    field = shown.get_by_role("textbox").first
    field.fill("cos(3x)·3")
    button(shown, "Check").click()
    expect(shown.locator(".judged")).to_contain_text("Right.")
    button(page, "Deutsch").click()
    expect(page.get_by_role("article")).to_have_attribute("lang", "de")
    expect(field).to_have_value("cos(3x)·3")


def test_on_a_narrow_dark_screen_nothing_is_cut_off(browser: Browser, url: str) -> None:
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        color_scheme="dark",
        reduced_motion="reduce",
        has_touch=True,
    )
    page, wrong = listened(context)
    page.goto(f"{url}#/learn")
    for id in LESSONS:
        page.evaluate("id => { location.hash = `#/learn/${id}` }", id)
        expect(exercise(page, f"{id}/3")).to_be_visible()
        expect(page.locator("figure").get_by_text("…", exact=True)).to_have_count(0)
        widest = page.evaluate("document.documentElement.scrollWidth")
        assert widest <= 360, f"{id} is {widest} px wide"
        assert page.evaluate(GAPS) == [], id
    assert violations(page) == []
    context.close()
    assert not wrong, "\n".join(wrong)


GAPS = """() => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
  .map((heading) => Number(heading.tagName[1]))
  .filter((level, i, levels) => i > 0 && level > levels[i - 1] + 1)"""
"""Headings that skip a level."""


def test_the_script_to_repair_is_shown_and_its_solution_only_when_asked_for(opened: Open) -> None:
    page = opened("/chain-rule")
    found = repair("steep_sigmoid")
    script = page.locator("details", has_text="steep_sigmoid.py")
    script.locator("summary").click()
    expect(script.locator("code").last).to_have_text(found.code)
    assert page.locator("del").count() == 0
    page.get_by_text("The solution").click()
    assert page.locator("ins").inner_text().strip() == found.changes[0].new.strip()
    expect(page.get_by_text("chainrule check steep_sigmoid.py")).to_be_visible()


def test_the_script_of_the_real_run_is_there_to_be_saved(opened: Open) -> None:
    page = opened("/vanishing-and-exploding")
    with page.expect_download() as saved:
        page.get_by_role("link", name="deep_sigmoid_digits.py").click()
    example = Path(__file__).parents[2] / "examples" / "deep_sigmoid_digits.py"
    assert saved.value.path().read_text("utf-8") == example.read_text("utf-8")
    page.evaluate("location.hash = '#/learn/backpropagation'")
    expect(page.get_by_text("chainrule learn repair cleared_too_early -o")).to_have_count(2)


def test_code_is_copied(browser: Browser, url: str) -> None:
    context: BrowserContext = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{url}#/learn/chain-rule")
    cell = page.locator(".copied", has_text="import torch").first
    button(cell, "Copy").click()
    expect(cell.get_by_role("status")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == lesson("chain-rule").cells[0].code
    context.close()


def test_where_the_lessons_do_not_arrive_a_sentence_says_so(browser: Browser, url: str) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.route("**/learn.js", lambda route: route.abort())
    page.goto(f"{url}#/learn")
    expect(page.get_by_role("alert")).to_contain_text("Load the page again")
    context.close()


def test_a_finding_leads_to_its_lesson_with_the_numbers_of_the_run(
    opened: Open, folder: Path
) -> None:
    script = folder / "vanishing_chain.py"
    script.write_text(repair("vanishing_chain").code)
    command = [sys.executable, "-m", "chainrule", "run", "--folder", str(folder), str(script)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    (run,) = folder.glob("vanishing_chain*.db")
    page = opened("")
    page.goto(page.url.split("#")[0] + f"#/run/{run.stem}")
    page.get_by_role("link", name="The lesson on this").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        lesson("vanishing-and-exploding").outline.title
    )
    own = page.get_by_role("region", name=f"The same in your run {run.stem}")
    expect(own).to_contain_text("vanishing-gradient")
    expect(own.get_by_role("region", name="The chain")).to_contain_text("Sigmoid")
    expect(page.get_by_text("In a run of yours:")).to_contain_text(run.stem)
    assert violations(page) == []
    own.get_by_role("link", name="Back to the run").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(run.stem)
