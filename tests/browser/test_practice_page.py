"""Practice, the wall finder and progress on the page, as a learner goes through them."""

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pages import listened, serving, violations
from playwright.sync_api import Browser, Locator, Page, expect

from chainrule.calculus import write
from chainrule.learning.course.course import lesson, outlines
from chainrule.learning.course.exercises import as_exercise
from chainrule.learning.practice import exercise_from_id
from chainrule.learning.practice.asked import read_asked
from chainrule.learning.practice.exercises import _drawn
from chainrule.learning.progress import Progress
from chainrule.learning.skills import SKILLS
from chainrule.learning.wall import MOST_QUESTIONS, minutes_to
from chainrule.learning.wall.finder import needed_for
from chainrule.records import Grade

Open = Callable[[str], Page]

PATIENCE_MS = 30_000
"""The first page waits for the server's imports, beside whatever else the machine does."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Progress:
    """The file of the learner that the server of this module keeps."""
    return Progress(tmp_path_factory.mktemp("own") / "progress.db")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, kept: Progress) -> Iterator[str]:
    before = os.environ["CHAINRULE_PROGRESS"]
    os.environ["CHAINRULE_PROGRESS"] = str(kept.path)
    with serving(tmp_path_factory.mktemp("runs")) as url:
        os.environ["CHAINRULE_PROGRESS"] = before
        yield url


@pytest.fixture
def opened(page: Page, url: str, kept: Progress) -> Open:
    """Each test begins with a learner of whom nothing is kept."""
    kept.erase()

    def go(place: str) -> Page:
        page.goto(f"{url}#/learn/{place}")
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
        return page

    return go


def button(inside: Page | Locator, name: str) -> Locator:
    return inside.get_by_role("button", name=name, exact=True)


def right_answer(id: str) -> str:
    exercise = exercise_from_id(id)
    if exercise.kind == "derivative":
        entries = [write(each.derivative) for each in read_asked(exercise.formula, exercise.wrt)]
        return entries[0] if len(entries) == 1 else f"({', '.join(entries)})"
    drawn = _drawn(exercise.skill, exercise.level, int(id.rpartition(".")[2]))
    assert drawn.truth is not None
    return str(int(drawn.truth)) if exercise.kind == "choice" else repr(drawn.truth)


def shown_exercise(page: Page) -> tuple[Locator, str]:
    shown = page.locator("[data-exercise]")
    expect(shown).to_be_visible()
    return shown, str(shown.get_attribute("data-exercise"))


def answer(shown: Locator, text: str) -> None:
    field = shown.get_by_label("Your answer", exact=True)
    field.fill(text)
    field.press("Enter")


def test_a_wrong_answer_is_named_and_the_right_one_leads_on(opened: Open, kept: Progress) -> None:
    page = opened("practice?exercise=chain-rule.1.0")
    shown, id = shown_exercise(page)
    assert (id, exercise_from_id(id).formula) == ("chain-rule.1.0", "e^(2x)")
    button(shown, "Hint").click()
    expect(shown.locator("ol.hints > li")).to_have_count(1)
    answer(shown, "e^(2x)")
    expect(shown).to_contain_text("Not yet right.")
    reply = shown.get_by_label("Your reply", exact=True)
    reply.fill("cos(3x)")  # asked back: what is the derivative of sin(3x)?
    reply.press("Enter")
    expect(shown.locator(".judged")).to_contain_text("How fast does its inside move?")
    expect(reply).to_have_count(0)
    answer(shown, "2e^(2x)")
    expect(shown.locator(".judged")).to_contain_text("Right.")
    expect(page.get_by_text("1 of 1 solved")).to_be_visible()
    assert violations(page) == []
    assert [(each.answer, each.correct, each.hints, each.mistakes) for each in kept.answers()] == [
        ("e^(2x)", False, 1, ("chain-inner-lost",)),
        ("2e^(2x)", True, 1, ()),
    ]


def test_the_next_exercise_takes_the_keyboard_and_is_harder(opened: Open) -> None:
    page = opened("practice?skill=chain-rule")
    shown, id = shown_exercise(page)
    assert id.startswith("chain-rule.1.")
    answer(shown, right_answer(id))
    expect(shown.locator(".judged")).to_contain_text("Right.")
    button(page, "Next exercise").press("Enter")
    expect(page.locator(f"[data-exercise='{id}']")).to_have_count(0)
    after, next_id = shown_exercise(page)
    assert next_id.startswith("chain-rule.2.")
    expect(after.get_by_label("Your answer", exact=True)).to_be_focused()


def test_another_language_has_the_same_exercise(opened: Open) -> None:
    page = opened("practice?skill=product-rule")
    _, id = shown_exercise(page)
    button(page, "Deutsch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Üben")
    assert shown_exercise(page)[1] == id


def test_the_wall_is_found_by_keyboard_alone(opened: Open, kept: Progress) -> None:
    """A learner who knows everything but paths that add, and whatever needs them."""
    missing = {"paths-add", "backpropagation", "products-vanish", "matrices"}
    missing |= {"softmax-cross-entropy", "pytorch-grad"}
    page = opened("wall")
    button(page, "Begin").press("Enter")
    number = 0
    while number < MOST_QUESTIONS:
        number += 1
        expect(page.get_by_text(f"Question {number} of at most 15")).to_be_visible()
        shown, id = shown_exercise(page)
        if number == 2:
            assert violations(page) == []
            page.reload()  # what was answered is there
            expect(page.get_by_text("Question 2 of at most 15")).to_be_visible()
            shown, id = shown_exercise(page)
        if id.partition(".")[0] in missing:
            button(shown, "I don't know").press("Space")
        elif shown.get_by_role("radio").count():
            shown.get_by_role("radio").nth(int(right_answer(id))).press("Space")
            button(shown, "Answer").press("Enter")
        else:
            page.keyboard.type(right_answer(id)) if number > 2 else shown.get_by_label(
                "Your answer", exact=True
            ).fill(right_answer(id))
            page.keyboard.press("Enter") if number > 2 else button(shown, "Answer").press("Enter")
        expect(page.locator(f"[data-exercise='{id}']")).to_have_count(0)
        if page.locator("[data-found]").count():
            break
    found = page.locator("[data-found]")
    expect(found).to_contain_text("This is the wall: paths that add.")
    expect(found).to_be_focused()
    wall = kept.wall()
    assert wall is not None and wall[0] == "paths-add"
    assert violations(page) == []
    page.reload()
    expect(found).to_contain_text("paths that add")
    walls = kept.export()["walls"]
    assert isinstance(walls, list) and len(walls) == 1
    way = page.get_by_role("link", name=re.compile("chain rule", re.IGNORECASE))
    way.first.press("Enter")
    expect(page).to_have_url(re.compile("#/learn/chain-rule$"))


def test_a_goal_shortens_the_questions_and_the_way(opened: Open) -> None:
    """Somebody who knows nothing, and wants the chain rule."""
    page = opened("wall")
    chosen = page.get_by_label("What you want to be able to do")
    expect(chosen.get_by_role("option")).to_have_count(1 + len(SKILLS))
    chosen.select_option("chain-rule")
    button(page, "Begin").click()
    for _ in range(MOST_QUESTIONS):
        shown, id = shown_exercise(page)
        assert id.partition(".")[0] in needed_for("chain-rule")
        button(shown, "I don't know").click()
        expect(page.locator(f"[data-exercise='{id}']")).to_have_count(0)
        if page.locator("[data-found]").count():
            break
    heading = page.get_by_role("heading", level=2, name="The shortest way to chain rule")
    expect(heading).to_be_visible()
    minutes = {each.id: each.minutes for each in outlines()}
    assert f"{minutes_to('chain-rule', minutes)} minutes" in heading.inner_text()
    links = page.locator(".wall ol a")
    expect(links.last).to_have_attribute("href", "#/learn/chain-rule")
    page.reload()  # the goal is kept with the answers
    expect(heading).to_be_visible()
    button(page, "Begin anew").click()
    expect(chosen).to_be_focused()
    expect(chosen).to_have_value("chain-rule")


def test_the_wall_takes_enter_on_a_choice_and_says_what_cannot_be_read(opened: Open) -> None:
    page = opened("wall?goal=notation")
    expect(page.get_by_label("What you want to be able to do")).to_have_value("notation")
    button(page, "Begin").click()
    read = chosen = False
    for _ in range(MOST_QUESTIONS):
        shown, id = shown_exercise(page)
        radios = shown.get_by_role("radio")
        if radios.count():
            radios.first.check()
            radios.first.press("Enter")
            chosen = True
        else:
            field = shown.get_by_label("Your answer", exact=True)
            field.fill("2x +")
            expect(shown.locator(".preview")).to_contain_text("is expected", timeout=PATIENCE_MS)
            field.fill("12345")
            field.press("Enter")
            read = True
        expect(page.locator(f"[data-exercise='{id}']")).to_have_count(0)
        if page.locator("[data-found]").count():
            break
    assert read and chosen


def test_two_browsers_and_the_terminal_agree_on_what_was_solved(
    opened: Open, browser: Browser, url: str, kept: Progress
) -> None:
    first, second, third = lesson("chain-rule").exercises
    kept.keep(as_exercise(first), "3cos(3x)", Grade(correct=True))  # as the terminal does
    page = opened("")
    row = page.get_by_role("listitem").nth([each.id for each in outlines()].index("chain-rule"))
    expect(row).to_contain_text("1 of 3 exercises right")
    page.goto(f"{url}#/learn/chain-rule")
    solved = page.locator(f"[data-exercise='{first.id}']").get_by_label("Your answer")
    expect(solved).to_have_value("3cos(3x)")
    for each in (second, third):
        kept.keep(as_exercise(each), "typed elsewhere", Grade(correct=True))
    kept.finish_lesson("chain-rule")
    other = browser.new_context()
    elsewhere, wrong = listened(other)
    elsewhere.goto(f"{url}#/learn")
    page.get_by_role("link", name="All lessons").click()
    for each in (page, elsewhere):
        expect(each.get_by_text("3 of 3 exercises right")).to_be_visible(timeout=PATIENCE_MS)
        expect(each.get_by_text(f"1 of {len(outlines())} lessons done")).to_be_visible()
    kept.erase()
    for each in (page, elsewhere):
        each.reload()
        expect(each.get_by_role("listitem").first).to_be_visible()
        expect(each.get_by_text("exercises right")).to_have_count(0)
    other.close()
    assert wrong == []


def test_the_wall_finder_can_be_left_early(opened: Open) -> None:
    page = opened("wall")
    button(page, "Begin").click()
    button(page, "I don't know").click()
    expect(page.get_by_text("Question 2 of at most 15")).to_be_visible()
    button(page, "That is enough: what is known by now?").click()
    expect(page.locator("[data-found]")).to_contain_text("after 1 questions")


def test_progress_is_shown_saved_and_erased(opened: Open, kept: Progress, tmp_path: Path) -> None:
    page = opened("practice?skill=power-rule")
    shown, id = shown_exercise(page)
    answer(shown, right_answer(id))
    expect(shown.locator(".judged")).to_contain_text("Right.")
    page.get_by_role("link", name="Progress", exact=True).click()
    row = page.locator("[data-skill='power-rule']")
    expect(row).to_contain_text("1 of 1")
    assert violations(page) == []
    with page.expect_download() as downloading:
        button(page, "Export").click()
    saved = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(saved)
    assert saved.suffix == ".json"
    written = json.loads(saved.read_text("utf-8"))
    assert [each["answer"] for each in written["answers"]] == [right_answer(id)]
    button(page, "Erase").click()
    button(page, "No").click()
    assert kept.path.exists()
    button(page, "Erase").click()
    expect(button(page, "Yes, erase it")).to_be_focused()
    button(page, "Yes, erase it").press("Enter")
    expect(page.get_by_text("Erased: nothing is kept any more.")).to_be_visible()
    expect(row).not_to_contain_text("1 of 1")
    assert not kept.path.exists()


@pytest.mark.parametrize("place", ["practice", "wall", "progress"])
def test_narrow_and_dark_it_fits_and_can_be_read(browser: Browser, url: str, place: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page, wrong = listened(context)
    page.goto(f"{url}#/learn/{place}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=PATIENCE_MS)
    if place == "wall":
        button(page, "Begin").click()
    expect(page.locator("[data-exercise], [data-skill]").first).to_be_visible()
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360
    assert violations(page) == []
    context.close()
    assert wrong == []
