"""docs/views.md is what the views are written against: it has every field of every document."""

from pathlib import Path

import pytest
from document_tables import documents, rows

from chainrule.faces.views.questions import QUESTIONS

PAGE = (Path(__file__).parents[3] / "docs" / "views.md").read_text("utf-8")


@pytest.mark.parametrize("name", documents())
def test_every_field_of_a_document_is_in_the_docs(name: str) -> None:
    section = PAGE.partition(f"### `{name}`\n")[2].partition("\n### ")[0]
    expected = rows(documents()[name]).values()
    assert [row for row in expected if row not in section] == []
    assert section.count("\n| `") == len(expected)  # and none that is gone


def test_every_question_is_in_the_docs() -> None:
    assert [q.name for q in QUESTIONS if f"| `{q.name}` |" not in PAGE] == []
