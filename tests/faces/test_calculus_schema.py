"""Every `--format json` of the calculus commands beside its published schema."""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from chainrule.calculus.curve_narration import OF_CURVES
from chainrule.faces.cli import status_of

DOCS = Path(__file__).parents[2] / "docs"
FILES = ("derivation.schema.json", "matrix-derivation.schema.json", "calculus.schema.json")


def schema(name: str) -> Any:
    return json.loads((DOCS / name).read_text("utf-8"))


REGISTRY: Registry[Any] = Registry().with_resources(
    [(name, Resource.from_contents(schema(name), DRAFT202012)) for name in FILES]
)


def validator(kind: str) -> Any:
    # a reference inside a file is to that file: asked for by its name, it stays so
    return jsonschema.Draft202012Validator(
        {"$ref": f"calculus.schema.json#/$defs/{kind}"}, registry=REGISTRY
    )


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert status_of([*arguments, "--format", "json"]) == 0
    return json.loads(capsys.readouterr().out)


SHAPES = ("--shapes", "X=3x2,w=2,y=3")
ASKED: list[tuple[str, tuple[str, ...]]] = [
    ("curve", ("explain", "x^2 + y^2 = 25")),
    ("curve", ("explain", "x^2 + y^2 = 25", "--at", "x=3,y=4")),
    ("curve", ("explain", "x^2 + y^2 = 25", "--at", "x=5,y=0")),
    ("curve", ("explain", "sin(x y) = x + a", "--of", "x", "--wrt", "y")),
    ("graph", ("explain", "z = x^2 y; x = cos t; y = sin t", "--graph")),
    ("graph", ("explain", "max(x, y)*relu(x)", "--graph", "--at", "x=0,y=0")),
    ("graph", ("explain", "sum((X @ w - y)^2)", *SHAPES, "--graph")),
    ("graph", ("explain", "w @ w", "--at", "w=[3,4]", "--graph")),
    ("gradient", ("gradient", "x^2 y + abs(x)")),
    ("gradient", ("gradient", "x^2 y + abs(x)", "--at", "x=0,y=2", "--direction", "x=3,y=4")),
    ("matrix_derivatives", ("gradient", "sum((X @ w - y)^2)", *SHAPES)),
    ("matrix_derivatives", ("gradient", "sum(relu(w))", "--at", "w=[0,1]")),
    ("matrix_derivatives", ("jacobian", "tanh(w)*w", "--at", "w=[3,4]")),
    ("jacobian", ("jacobian", "r cos(t), r sin(t)", "--at", "r=2,t=0.5")),
    ("hessian", ("hessian", "x^2 y + sin x", "--at", "x=1,y=2")),
    ("hessian", ("hessian", "trace(W)^2", "--shapes", "W=2x2")),
    ("taylor", ("taylor", "exp(x) cos(y)", "--at", "x=0,y=1")),
    ("critical", ("critical", "x^3 - 3x y^2")),
    ("critical", ("critical", "abs(x) + (x^2 - 1)^2")),
    ("critical", ("critical", "(x y)^2")),
]


@pytest.mark.parametrize(
    ("kind", "arguments"), ASKED, ids=[" ".join(arguments) for _, arguments in ASKED]
)
def test_documents_follow_the_schema(
    kind: str, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    found = document(capsys, *arguments)
    validator(kind).validate(found)
    assert not validator(kind).is_valid({**found, "another": 1})
    for key in ("formula", "chainrule"):
        less = copy.copy(found)
        del less[key]
        assert not validator(kind).is_valid(less)


@pytest.mark.parametrize("notation", OF_CURVES)
def test_curves_in_all_notations(notation: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "explain", "x^2 + x y + y^2 = 7", "--notation", notation)
    validator("curve").validate(found)
    assert found["notation"] == notation


@pytest.mark.parametrize("name", FILES)
def test_every_field_has_a_description(name: str) -> None:
    silent: list[str] = []

    def look(part: Any, place: str) -> None:
        for key, each in part.get("properties", {}).items():
            if "description" not in each and "$ref" not in each:
                silent.append(f"{place}.{key}")
            look(each, f"{place}.{key}")
        for key, each in part.get("$defs", {}).items():
            look(each, key)

    look(schema(name), name)
    assert silent == []
    jsonschema.Draft202012Validator.check_schema(schema(name))
