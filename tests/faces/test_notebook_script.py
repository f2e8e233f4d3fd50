"""What VS Code, Colab and every other notebook ask of the widget's script: one module by itself."""

import re

import pytest

from chainrule.faces.built_views import script

NAMES_ONLY = re.compile(r"http://www\.w3\.org/|https://svelte\.dev/e/")
"""Namespaces of XML, and where Svelte's errors are explained: no request goes there."""


@pytest.fixture(scope="module")
def views() -> str:
    return str(script())


def test_it_imports_nothing(views: str) -> None:
    assert re.findall(r"""(?:^|[;}\n])import\s*[{*"'\w]""", views) == []
    # what comes later is asked of the host, by a variable: a file of the page, or one of the kernel
    assert all(re.fullmatch(r"[\w$]+", name) for name in re.findall(r"\bimport\(([^)]*)\)", views))


def test_it_has_the_default_that_anywidget_asks_for(views: str) -> None:
    assert re.search(r"export\s*\{[^}]*\bas default\b", views[-400:])


def test_it_has_no_address_to_fetch_from(views: str) -> None:
    found = re.findall(r"https?://[\w./-]+", views)
    assert [address for address in found if not NAMES_ONLY.match(address)] == []
