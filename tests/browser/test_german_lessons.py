"""Who reads the course in German meets no English, in texts or in what a screen reader says."""

import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pages import serving
from playwright.sync_api import Locator, Page, expect

from chainrule.calculus.functions import FUNCTIONS
from chainrule.learning.course.course import lesson, outlines
from chainrule.learning.locale import catalogue

GERMAN = catalogue("de").messages

FUNCTION_WORDS = re.compile(
    r"\b(the|is|are|of|and|that|you|your|with|what|this|its|by|not|for|from|where|which|it|"
    r"derivative|value|slope|expected|found)\b"
)
"""Words without which hardly an English sentence gets by, and which no German one has."""

SAID = """() => {
  const said = [document.title];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement;
    // mathematics and code are the same in both languages; a language's name is in its own
    if (!element.closest("script, style, noscript, pre, code, .katex, button[lang]"))
      said.push(text.textContent);
  }
  const names = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];
  for (const element of document.querySelectorAll(names.map((name) => `[${name}]`).join()))
    for (const name of names) said.push(element.getAttribute(name) ?? "");
  return [...new Set(said.map((text) => text.trim().replace(/\\s+/g, " ")))].filter(Boolean);
}"""
"""All texts of the page, and all names that are only spoken."""

Open = Callable[[str], Page]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("runs")
    with serving(folder) as url:
        yield url


@pytest.fixture
def opened(page: Page, url: str) -> Open:
    def go(place: str, parameters: str = "") -> Page:
        page.goto(f"{url}#/learn/{place}?language=de{parameters}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page

    return go


def literal(template: str) -> str:
    """The longest piece of a template that is there whatever its fields are."""
    try:
        pieces = [piece for piece, *_ in string.Formatter().parse(template)]
    except ValueError:  # braces of a formula in a message without fields
        pieces = [template]
    return max(pieces, key=len, default="").strip()


WORDS = {
    english
    for english, german in GERMAN.items()
    if german != english and english not in GERMAN.values() and english not in FUNCTIONS
}
"""All messages that are said otherwise in German: a text of the page is none of them. Names of
functions are, as somebody types them."""

PHRASES = {
    phrase: english
    for english in WORDS
    if len(re.findall(r"[a-z]{2,}", phrase := literal(english))) >= 3
}
"""Pieces of three words and more, which are in no text of the page."""


def english(page: Page) -> list[str]:
    """What the page says in English."""
    return [
        text
        for text in page.evaluate(SAID)
        if text in WORDS or FUNCTION_WORDS.search(text) or any(phrase in text for phrase in PHRASES)
    ]


def all_of(inside: Locator) -> None:
    """Have all hints and the worked steps of an exercise shown."""
    for name in ("Hinweis", "Noch ein Hinweis", "Noch ein Hinweis", "Lösungsweg"):
        button = inside.get_by_role("button", name=name, exact=True)
        if button.count():
            button.click()


def settled(page: Page) -> None:
    """Open all that opens, and wait for what is still on its way."""
    for _ in range(2):  # what a detail holds may have details of its own
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        expect(page.get_by_text("…", exact=True)).to_have_count(0)
        expect(page.get_by_text("Der Lösungsweg wird berechnet …")).to_have_count(0)


@pytest.mark.parametrize("id", [each.id for each in outlines()])
def test_a_lesson_says_nothing_in_english(opened: Open, id: str) -> None:
    page, read = opened(id), lesson(id, "de")
    expect(page.get_by_role("heading", level=1)).to_have_text(read.outline.title)
    assert page.evaluate("document.documentElement.lang") == "de"
    for asked in page.locator(".prediction").all():
        asked.get_by_role("radio").first.press("Space")
        asked.get_by_role("button").first.press("Enter")
    for each in read.exercises:
        shown = page.locator(f"[data-exercise='{each.id}']")
        if each.choices:
            shown.get_by_role("radio").first.press("Space")
        else:
            shown.get_by_label("Deine Antwort").fill("(1234.5, 1)" if "," in each.wrt else "1234.5")
        shown.get_by_role("button", name="Prüfen").press("Enter")
        expect(shown.locator(".judged")).to_be_visible()
        all_of(shown)
    settled(page)
    assert english(page) == []


def test_the_page_is_english_again_where_the_course_ends(opened: Open) -> None:
    page = opened("chain-rule")
    expect(page.get_by_role("link", name="Zum Inhalt springen")).to_have_count(1)
    page.get_by_role("navigation", name="Seiten").get_by_role("link", name="Formel").click()
    expect(page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("notation", ["lagrange", "words", "operator", "index", "differential"])
def test_a_derivation_is_told_in_german_in_each_notation(opened: Open, notation: str) -> None:
    page = opened("the-rules")
    view = page.locator("figure[data-view='derivation']").first
    view.get_by_label("in der Schreibweise").select_option(notation)
    expect(view.get_by_label("in der Schreibweise")).to_have_value(notation)
    settled(page)
    assert english(page) == []


@pytest.mark.parametrize(
    "skill", ["chain-rule", "activations", "gradient", "paths-add", "matrices"]
)
def test_worked_steps_of_practice_are_german(opened: Open, skill: str) -> None:
    page = opened("practice", f"&skill={skill}&level=2&seed=3")
    shown = page.locator("[data-exercise]")
    expect(shown).to_be_visible()
    all_of(shown)
    settled(page)
    assert english(page) == []


@pytest.mark.parametrize("place", ["", "wall", "progress"])
def test_other_places_of_the_course_are_german(opened: Open, place: str) -> None:
    page = opened(place)
    settled(page)
    assert english(page) == []


def test_what_is_wrong_with_a_formula_of_ones_own_is_said_in_german(opened: Open) -> None:
    page = opened("rate-of-change")
    field = page.get_by_label("Formel", exact=True).first
    for typed in ("x^2 +", "log(x", "x @ y", "f(x)", "1/(x-x)"):
        field.fill(typed)
        expect(
            page.get_by_role("alert").or_(page.get_by_text("hat keinen Wert"))
        ).not_to_have_count(0)
        assert english(page) == [], typed
    field.fill("log(x)")
    point = page.get_by_role("slider", name="Punkt: Logarithmus naturalis von x")
    for _ in range(30):  # to where it has no value
        point.press("Shift+ArrowLeft")
    expect(page.locator("figure").first).to_contain_text("keine Zahl")
    assert english(page) == []
