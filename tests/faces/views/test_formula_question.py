"""`formula`: what a page is told of a typed formula."""

import json
import math

import pytest
from asking import ask, modules_after, refusal

from chainrule.faces.views.typed_formula import MOST_PARTS, MOST_WORK


def test_a_formula_is_told_with_its_slopes() -> None:
    document = ask("formula", formula="x^2 y + sin(y)", at={"x": 3, "y": 0})
    assert document["names"] == ["x", "y"]
    assert document["expression"]["text"] == "x² · y + sin(y)"
    assert document["expression"]["speech"] == "x squared times y plus the sine of y"
    assert [each["variables"] for each in document["gradient"]] == [["x"], ["y"]]
    assert [each["expression"]["text"] for each in document["gradient"]] == [
        "2x · y",
        "x² + cos(y)",
    ]
    assert [(each["variables"], each["expression"]["text"]) for each in document["hessian"]] == [
        (["x", "x"], "2y"),
        (["x", "y"], "2x"),
        (["y", "y"], "−sin(y)"),
    ]
    assert (document["at"], document["value"]) == ({"x": 3.0, "y": 0.0}, 0.0)
    assert document["start"] == {"x": 3.0, "y": 0.0}
    assert document["tree"]["text"] == "x^2 y + sin(y)"


def test_documents_are_json() -> None:
    for formula in ("x^2", "1/x", "3", "L = (a*b - t)^2; t = 1"):
        json.dumps(ask("formula", formula=formula), allow_nan=False)


def test_a_row_names_only_rows_before_it() -> None:
    program = ask("formula", formula="(a b - 1)^2 + exp(-a)")["program"]
    for place, row in enumerate(program["nodes"]):
        assert all(child < place for child in row["children"]), row
    hessian = program["hessian"]
    assert hessian[0][1] == hessian[1][0]


def test_curvature_is_told_along_the_axes_that_are_asked_for() -> None:
    document = ask("formula", formula="(w x + b - t)^2", axes=["w", "b"])
    assert document["program"]["names"] == ["w", "x", "b", "t"]
    assert document["program"]["axes"] == ["w", "b"]
    assert [each["variables"] for each in document["hessian"]] == [
        ["w", "w"],
        ["w", "b"],
        ["b", "b"],
    ]
    assert list(document["window"]) == ["w", "b"]


def test_a_formula_of_numbers_alone_has_no_slope() -> None:
    document = ask("formula", formula="1 + 2")
    assert (document["names"], document["gradient"], document["window"]) == ([], [], {})
    assert document["value"] == 3.0


def test_where_there_is_no_value_it_is_said_why() -> None:
    document = ask("formula", formula="1/x", at={"x": 0})
    assert document["value"] is None
    assert "must not be 0" in document["no_value"]


@pytest.mark.parametrize(
    ("formula", "column", "words"),
    [
        ("sin(x", 3, "never closed"),
        ("x + ", 4, "ends here"),
        ("2 $ x", 2, "$"),
        ("[1, x]", 0, "numbers"),
        ("softmax(x)", 0, "softmax"),
    ],
)
def test_a_bad_formula_is_refused_at_its_column(formula: str, column: int, words: str) -> None:
    refused = refusal("formula", formula=formula)
    assert (refused.field, refused.column, refused.text) == ("formula", column, formula)
    assert words in refused.sentence


def test_what_cannot_be_drawn_is_refused() -> None:
    assert "equation" in refusal("formula", formula="x^2 + y^2 = 25").sentence
    assert refusal("formula", formula="x", at={"z": 1}).field == "at"
    assert refusal("formula", formula="x", at="x=").field == "at"
    assert refusal("formula", formula="x", at="x=[1,2]").field == "at"
    assert refusal("formula", formula="x y", axes=["x", "z"]).field == "axes"
    assert refusal("formula").field == "formula"
    assert refusal("formula", formula="x", definitions="u = 1").field == "definitions"


def test_a_point_may_be_typed_as_in_a_link() -> None:
    assert ask("formula", formula="x y", at="x=3,y=-1")["at"] == {"x": 3.0, "y": -1.0}
    assert ask("formula", formula="e x", at={"e": 1})["names"] == ["e", "x"]


def test_definitions_may_stand_beside_the_formula() -> None:
    beside = ask("formula", formula="x^2 y", definitions={"x": "cos(t)", "y": "sin(t)"})
    assert beside["names"] == ["t"]
    assert [each["name"] for each in beside["definitions"]] == ["x", "y"]
    assert beside["program"] == ask("formula", formula="x^2 y; x = cos(t); y = sin(t)")["program"]


@pytest.mark.parametrize(
    ("formula", "low", "high"),
    [
        ("x^2", -5, 5),
        ("exp(x)", -2.5, 2.5),
        ("ln(x)", 0, 5),
        ("sqrt(x - 3)", 2, 5),
        # hills and valleys within ±1.5, of a curve that is 600 high at ±5
        ("x^4 - 3x^2 + x", -2.5, 2.5),
        ("(x - 3)^4 - 2*(x - 3)^2", 1.75, 4.25),
        # two valleys at ±1.4, which half of this window would cut off
        ("x^6 - 3x^4", -2.5, 2.5),
        ("sin(x)", -5, 5),
    ],
)
def test_a_window_shows_where_there_is_something(formula: str, low: float, high: float) -> None:
    document = ask("formula", formula=formula)
    assert document["window"] == {"x": [low, high]}
    assert low < document["start"]["x"] < high
    assert document["value"] is not None


def test_a_window_holds_the_point() -> None:
    low, high = ask("formula", formula="exp(x)", at={"x": 30})["window"]["x"]
    assert low <= 30 <= high


def test_a_start_has_a_slope_to_go_down() -> None:
    document = ask("formula", formula="relu(x) + where(y, y, 0)")
    assert document["start"]["x"] > 0


LARGE = {
    "a sum": "+".join(f"sin({i}*x)" for i in range(70)),
    "a product": "*".join(f"sin({i}*x)" for i in range(70)),
    "a nest": "sin(x*" * 49 + "x" + ")" * 49,
    "powers": "*".join(f"(x^x+{i})^(y+{i})" for i in range(30)),
    "many names": "+".join(f"x{i}*x{i + 1}" for i in range(30)),
    "names in between": "z = "
    + "; ".join(f"a{i} = a{i + 1} * a{i + 1}" for i in range(30))[5:]
    + "; a30 = x",
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_formula_stays_bounded(kind: str) -> None:
    """Operations are counted, not seconds: their number is what the time grows with."""
    document = ask("formula", formula=LARGE[kind])
    assert len(document["program"]["nodes"]) <= 3_000
    assert len(json.dumps(document)) < 1_000_000
    large = kind in ("a product", "a nest", "powers")
    assert (document["program"]["hessian"] is None) is large
    assert (document["hessian"] == []) is large


def test_of_a_formula_with_many_names_one_derivative_is_told() -> None:
    names = 61
    formula = "+".join(f"x{i}*x{i + 1}" for i in range(names - 1))
    refused = refusal("formula", formula=formula)
    assert f"it takes {MOST_WORK // names:,} of them" in refused.sentence
    assert refused.instead == "derivation"
    found = ask(refused.instead, formula=formula)
    assert found["result"]["tidy"]["text"] == "x1"


def test_a_formula_that_is_too_large_is_refused() -> None:
    refused = refusal("formula", formula="+".join(["x"] * MOST_PARTS))
    assert f"at most {MOST_PARTS:,}" in refused.sentence
    assert "chainrule explain in a terminal" in refused.sentence
    refused = refusal("formula", formula="x" * 20_000)
    assert "characters" in refused.sentence
    assert refusal("formula", formula="(" * 900 + "x" + ")" * 900).column == 50
    assert refusal("formula", formula="9**9**9").field == "formula"


def test_questions_about_formulas_load_no_torch() -> None:
    loaded = modules_after(
        "from pathlib import Path\n"
        "from chainrule.faces.views import questions\n"
        "from chainrule.faces.views.question import Context\n"
        "nowhere = Context(Path('no-runs'))\n"
        "for name in ('formula', 'derivation', 'graph'):\n"
        "    questions.answer(name, {'formula': 'sigmoid(w*x)', 'at': 'w=1,x=2'}, nowhere)\n"
        "questions.answer('examples', {}, nowhere)"
    )
    assert "chainrule.faces.views.landscape" in loaded
    assert "torch" not in loaded
    assert "sympy" not in loaded


def test_a_point_is_read_as_a_number() -> None:
    assert math.isclose(ask("formula", formula="x", at="x=1e-3")["value"], 0.001)
