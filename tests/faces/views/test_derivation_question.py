"""`derivation` and `graph`: a derivative step by step, and path by path."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from asking import ask, refusal

from chainrule.calculus import parse
from chainrule.calculus.derive import derive
from chainrule.calculus.document import derivation_document
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.notations import NOTATIONS
from chainrule.faces.views.derivation import MOST_TOLD

FORMULAS = (
    "x^2 sin(x)",
    "sigmoid(w*x + b)",
    "z = x^2 y; x = cos t; y = sin t",
    "|x|^x + relu(x)/x",
    "log(x^2 + 1)*exp(-x^2)",
    "sin(x)^2/(2x)",
)
MARK = re.compile(r"\\htmlData\{node=(\d+)\}")


def steps(document: Any) -> Iterator[Any]:
    """All steps of a document, each before those that it needs."""
    left = [*document["steps"]]
    while left:
        step = left.pop()
        yield step
        left += step["steps"]


def unmarked(latex: str) -> str:
    r"""LaTeX without its \htmlData{node=…}{…}."""
    while match := MARK.search(latex):
        start, depth = match.end() + 1, 1
        end = start
        while depth:
            depth += {"{": 1, "}": -1}.get(latex[end], 0)
            end += 1
        latex = latex[: match.start()] + latex[start : end - 1] + latex[end:]
    return latex


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
@pytest.mark.parametrize("formula", FORMULAS)
def test_each_notation_tells_the_same_steps(formula: str, notation: str) -> None:
    document = ask("derivation", formula=formula, notation=notation)
    json.dumps(document, allow_nan=False)
    told = [(step["id"], step["rule"], step["node"]) for step in steps(document)]
    plain = [(s["id"], s["rule"], s["node"]) for s in steps(ask("derivation", formula=formula))]
    assert told == plain
    mathematics = document["notation"]["style"] == "mathematics"
    for step in steps(document):
        for name in ("before", "after", "filled", "result"):
            assert (step[name]["latex"] is not None) is mathematics
            assert step[name]["text"]
        assert step["spoken"].endswith((".", "?"))
    assert bool(document["code"]) is (notation == "pytorch")


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_step_is_that_of_the_command(formula: str) -> None:
    """`chainrule explain --format json` tells the same, in Unicode and in LaTeX."""
    document = ask("derivation", formula=formula)
    from chainrule.calculus.read_problem import read_problem

    problem = read_problem(formula)
    found = derive(problem.formula, document["wrt"], definitions=problem.defined, name=problem.name)
    for script in ("text", "latex"):
        command: Any = derivation_document(
            found, script="latex" if script == "latex" else "unicode", routes=False
        )
        pairs = [*zip(steps(document), steps(command), strict=True)]
        for mine, theirs in pairs:
            for name in ("before", "after", "filled", "result"):
                assert unmarked(mine[name][script]) == theirs[name]
            assert [mine[key] for key in ("id", "name", "why")] == [
                theirs[key] for key in ("id", "name", "why")
            ]
        for name in ("raw", "tidy", "factored"):
            assert unmarked(document["result"][name][script]) == command["result"][name]


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_changed_part_can_be_found_before_and_after(formula: str) -> None:
    document = ask("derivation", formula=formula)
    ids = {node["id"] for node in document["nodes"]}
    assert ids == set(range(len(document["nodes"])))
    for step in steps(document):
        before = {int(node) for node in MARK.findall(step["before"]["latex"])}
        after = {int(node) for node in MARK.findall(step["after"]["latex"])}
        assert before | after <= ids
        if step["node"] >= 0:
            assert step["node"] in before
        assert {
            part for part in step["parts"] if document["nodes"][part]["kind"] != "Name"
        } <= after


def test_ids_of_definitions_are_their_own() -> None:
    document = ask("derivation", formula="z = x^2 y; x = cos t; y = sin t", at={"t": 0.5})
    kinds = [node["kind"] for node in document["nodes"]]
    assert kinds == ["Name", "Number", "Power", "Name", "Product", "Name", "Call", "Name", "Call"]
    of_definition = next(step for step in steps(document) if step["before"]["text"] == "dx/dt")
    assert of_definition["steps"][0]["node"] == 6


def test_every_node_has_its_number() -> None:
    document = ask("derivation", formula="(w*x + b)^2", wrt="w", at="w=2,x=3,b=-1")
    values = [node["value"] for node in document["nodes"]]
    assert values == [2.0, 3.0, 6.0, -1.0, 5.0, 2.0, 25.0]
    assert document["value"] == 30.0
    assert document["held"] == ["x", "b"]
    assert all(check["agrees"] for check in document["checks"])
    without = ask("derivation", formula="(w*x + b)^2", wrt="w")
    assert all(node["value"] is None for node in without["nodes"])
    assert without["at"] is None


def test_where_there_is_no_derivative_it_is_said_why() -> None:
    document = ask("derivation", formula="|x|", at={"x": 0})
    assert document["value"] is None
    assert "kink" in document["no_value"]


def test_what_cannot_be_told_is_refused() -> None:
    assert refusal("derivation", formula="x", notation="newton").field == "notation"
    assert refusal("derivation", formula="x", wrt="y").field == "wrt"
    assert refusal("derivation", formula="x y", at={"x": 1}).field == "at"
    assert "only numbers" in refusal("derivation", formula="7").sentence
    refused = refusal("derivation", formula="*".join(f"(x + {i})" for i in range(1, 60)))
    assert f"at most {MOST_TOLD:,}" in refused.sentence
    bad = refusal("derivation", formula="x +* y")
    assert (bad.field, bad.column) == ("formula", 3)


@pytest.mark.parametrize("notation", [each.id for each in NOTATIONS])
def test_inner_parts_of_a_deep_formula_are_told_one_after_the_other(notation: str) -> None:
    formula = "sin(x*" * 49 + "x" + ")" * 49
    document = ask("derivation", formula=formula, at={"x": 0.9}, notation=notation)
    names = len(document["definitions"])
    assert names > 10
    assert document["said"] == [
        f"u1 to u{names} are names for inner parts of the formula, so that no line gets long."
    ]
    assert [step["id"] for step in document["steps"]] == [str(i + 1) for i in range(names + 1)]
    assert len(document["slopes"]) == names + 1
    assert document["algebra"] == []
    assert all(check["agrees"] for check in document["checks"])
    assert [node["id"] for node in document["nodes"]] == list(range(len(document["nodes"])))
    assert all(formula[slice(*node["span"])] for node in document["nodes"])
    assert max(len(step["result"]["text"]) for step in steps(document)) < 400
    plain = ask("derivation", formula="x^2")
    assert (plain["said"], plain["slopes"]) == ([], [])


def test_a_start_that_is_chosen_has_classes_where_classes_are_asked_for() -> None:
    asked = {"formula": "cross_entropy(X@W, y)", "shapes": "X=3x2,W=2x3,y=3", "wrt": "W"}
    document = ask("derivation", **asked, at="start")
    assert document["at"]["y"] == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(("language", "words"), [("en", " is 1 if "), ("de", " 1 ist, falls ")])
def test_words_beside_a_formula_are_not_set_as_mathematics(language: str, words: str) -> None:
    asked = {"formula": "cross_entropy(X@W, y)", "shapes": "X=3x2,W=2x3,y=3", "wrt": "W"}
    document = ask("derivation", **asked, language=language)
    rows = [row["pieces"] for part in document["parts"] for row in part["rows"]]
    (bracket,) = (row for row in rows if any(piece["text"] == words for piece in row))
    assert [piece.get("latex") for piece in bracket if piece["text"] == words] == [None]
    assert any(piece.get("latex") == "[y_{1} = 0]" for piece in bracket)


def test_paths_of_a_graph_add_up_to_the_derivative() -> None:
    at = {"x": 1.5, "y": -0.5}
    document = ask("graph", formula="x*y + sin(x*y) + x^2", at=at)
    assert document["view"] == "graph"
    assert document["names"] == ["x", "y"]
    for name in ("x", "y"):
        total = sum(path["value"] for path in document["paths"][name])
        found = derive(parse("x*y + sin(x*y) + x^2"), name)
        assert total == pytest.approx(Evaluation(at)(found.tidy))
        assert document["derivative"][name] == pytest.approx(total)


def test_a_graph_is_refused_for_what_it_cannot_show() -> None:
    assert refusal("graph", formula="x", wrt=["y"]).field == "wrt"
    assert refusal("graph", formula="x y", at={"x": 1}).field == "at"
    assert refusal("graph", formula="2").field == "formula"
