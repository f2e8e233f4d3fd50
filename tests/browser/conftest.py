"""One browser for each module of tests, and a page that fails its test if the browser complains.

No longer than that: while Playwright runs, an event loop does, and other tests could start none.
"""

import os
from collections.abc import Callable, Iterator

import pytest
from chromium import HOW, chromium
from pages import listened
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

FLAGS = (
    "--no-sandbox",  # the tests may run as root
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
    "--disable-background-networking",
    "--disable-component-update",
)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def launch(playwright: Playwright) -> Callable[..., Browser]:
    """Start a browser with further flags; the caller closes it."""
    program = chromium()
    if program is None:
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)

    def start(*flags: str) -> Browser:
        return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])

    return start


@pytest.fixture(scope="module")
def browser(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of 1280 × 800 in a profile of its own; errors on its console fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page, wrong = listened(context)
    yield page
    context.close()
    assert not wrong, "\n".join(wrong)
