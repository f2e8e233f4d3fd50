"""The JSON document and its published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion

from chainrule.faces.document import json_number, to_json, verdict_document
from chainrule.records import Finding, Run

DOCS = Path(__file__).parents[2] / "docs"
CASES = [
    "vanishing",
    "dead_units",
    "non_finite",
    "healthy",
    "long_names",
    "thousand_links",
    "with_consequences",
]


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads((DOCS / "verdict.schema.json").read_text())


def strictly(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("case", CASES)
def test_documents_follow_the_schema(
    case: str, run: Run, schema: Any, request: pytest.FixtureRequest
) -> None:
    document = strictly(to_json(verdict_document(run, [request.getfixturevalue(case)])))
    jsonschema.Draft202012Validator(schema).validate(document)


def test_document_reads_as_recorded(
    run: Run, several: tuple[Finding, ...], snapshot: SnapshotAssertion
) -> None:
    assert to_json(verdict_document(run, several)) == snapshot


def test_schema_is_sound_and_describes_every_field(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    kinds = [schema, *schema["$defs"].values()]
    for kind in kinds:
        assert kind.get("description")
        if kind.get("type") == "object":
            assert kind["additionalProperties"] is False
            assert sorted(kind["required"]) == sorted(kind["properties"])
            for name, field in kind["properties"].items():
                assert field.get("description"), name


def test_schema_refuses_other_fields(run: Run, vanishing: Finding, schema: Any) -> None:
    document: Any = verdict_document(run, [vanishing])
    document["findings"][0]["chain"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft202012Validator(schema).validate(document)


def test_numbers_that_json_has_not_become_words() -> None:
    assert [json_number(v) for v in (1.5, float("nan"), float("inf"), float("-inf"))] == [
        1.5,
        "NaN",
        "Infinity",
        "-Infinity",
    ]


def test_the_example_in_the_docs_follows_the_schema(schema: Any) -> None:
    example = (DOCS / "verdict.md").read_text().split("```json\n")[1].split("```")[0]
    jsonschema.Draft202012Validator(schema).validate(strictly(example))
