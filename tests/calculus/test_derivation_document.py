"""The JSON of a derivation and its published schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from syrupy.assertion import SnapshotAssertion
from told_derivations import PROBLEMS

from chainrule.calculus import Evaluation, derive, parse
from chainrule.calculus.document import derivation_document
from chainrule.calculus.notations import NOTATIONS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads((DOCS / "derivation.schema.json").read_text("utf-8"))


def document(problem: str, notation: str = "leibniz", **options: Any) -> Any:
    here = PROBLEMS[problem]
    found = derivation_document(here.derivation, notation, evaluation=here.evaluation, **options)
    return json.loads(json.dumps(found, allow_nan=False))


CASES = [(problem, "leibniz") for problem in PROBLEMS]
CASES += [("total", notation.id) for notation in NOTATIONS]


@pytest.mark.parametrize(("problem", "notation"), CASES)
def test_documents_follow_the_schema(problem: str, notation: str, schema: Any) -> None:
    jsonschema.Draft202012Validator(schema).validate(document(problem, notation))


def test_it_has_what_was_promised() -> None:
    found = document("neuron")
    assert found["formula"] == "sigmoid(w*x + b)"
    assert (found["wrt"], found["held"]) == ("w", ["x", "b"])
    assert found["at"] == {"w": 0.5, "x": 2.0, "b": -1.0}
    assert set(found["result"]) == {"raw", "tidy", "factored"}
    assert found["value"] == pytest.approx(0.5)
    step = found["steps"][0]
    assert (step["id"], step["rule"]) == ("1", "chain")
    assert step["node"] == len(found["nodes"]) - 1
    assert found["nodes"][step["parts"][0]]["kind"] == "Sum"
    assert [each["id"] for each in step["steps"][0]["steps"]] == ["1.1.1", "1.1.2"]
    assert step["alternatives"][0]["steps"][0]["id"] == "1a"


def test_other_ways_can_be_left_out() -> None:
    step = document("neuron", routes=False)["steps"][0]
    assert [each["steps"] for each in step["alternatives"]] == [[]]


def test_numbers_that_are_not_finite_are_words() -> None:
    derivation = derive(parse("exp(x)^2"), "x")
    found = derivation_document(derivation, evaluation=Evaluation({"x": 700.0}))
    assert found["value"] is None
    assert "too large for float64" in found["no_value"]
    json.dumps(found, allow_nan=False)


def test_where_there_is_no_value_it_is_null_with_a_reason() -> None:
    found = document("outside")
    assert found["value"] is None
    assert "sqrt needs a number that is not negative" in found["no_value"]


def test_without_a_point_there_are_no_numbers() -> None:
    found = document("three_levels")
    assert found["at"] is None
    assert found["value"] is None
    assert found["checks"] == []


def test_document_reads_as_recorded(snapshot: SnapshotAssertion) -> None:
    found = document("chain")
    found["chainrule"] = "(version)"
    assert json.dumps(found, indent=1, ensure_ascii=False) == snapshot


def test_schema_is_sound_and_describes_every_field(schema: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    for kind in [schema, *schema["$defs"].values()]:
        assert kind.get("description")
        if kind.get("additionalProperties") is False:
            assert sorted(kind["required"]) == sorted(kind["properties"])
        for name, field in kind.get("properties", {}).items():
            assert field.get("description"), name


def test_schema_knows_the_notations_there_are(schema: Any) -> None:
    assert schema["properties"]["notation"]["enum"] == [notation.id for notation in NOTATIONS]


def test_schema_refuses_other_fields(schema: Any) -> None:
    found = document("chain")
    found["steps"][0]["steps"][0]["colour"] = "red"
    with pytest.raises(jsonschema.ValidationError, match="colour"):
        jsonschema.Draft202012Validator(schema).validate(found)
