"""`slice` and `critical`, which take long, of formulas and of a run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import ask, refusal

from chainrule.faces.views import questions
from chainrule.faces.views.question import Context, Refusal

SCRIPT = """
import torch
torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.Tanh(), torch.nn.Linear(5, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True).sin()
for step in range(40):
    optimizer.zero_grad()
    torch.nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A folder with one run whose steps were saved."""
    folder = tmp_path_factory.mktemp("runs")
    script = folder / "train.py"
    script.write_text(SCRIPT)
    command = ["run", "--save-captures", "--quiet", "--name", "small", "--folder", str(folder)]
    subprocess.run(
        [sys.executable, "-m", "chainrule", *command, str(script)],
        check=True,
        cwd=folder,
        timeout=120,
    )
    return Context(folder)


def test_a_slice_of_a_formula_is_told_with_its_progress() -> None:
    told: list[tuple[int, int, str]] = []
    document = questions.answer(
        "slice",
        {"formula": "x^2 + 3 y^2", "window": {"x": [-2, 2], "y": [-1, 1]}, "points": 21},
        Context(Path("no-runs"), None, lambda *each: told.append(each)),
    )
    json.dumps(document, allow_nan=False)
    assert (document["view"], document["of"], document["kind"]) == ("landscape", "slice", "slice")
    values: Any = document["values"]
    assert len(values) == 21 * 21
    assert values[0] == 4 + 3
    assert values[10 * 21 + 10] == 0
    assert told[0] == (0, 0, "loading PyTorch")
    assert told[-1] == (441, 441, "points")


def test_a_slice_fills_definitions_in() -> None:
    document = ask("slice", formula="u^2; u = x - 1", window={"x": [0, 2]}, points=3)
    assert document["kind"] == "line"
    assert document["values"] == [1.0, 0.0, 1.0]


def test_a_line_goes_down_the_gradient() -> None:
    document = ask("slice", formula="x^2", at={"x": 3}, directions="gradient")
    assert document["axis"]["kind"] == "gradient"
    assert document["best"] == pytest.approx(0.5)


def test_the_loss_of_a_saved_step_is_sliced(runs: Context) -> None:
    asked = {"run": "small", "points": 9, "adaptive": False, "extent": [-0.5, 0.5]}
    document: Any = questions.answer("slice", asked, runs)
    assert (document["kind"], document["run"]) == ("slice", "small")
    assert document["x"]["kind"] == "random"
    assert len(document["values"]) == 81
    along: Any = questions.answer("slice", {**asked, "directions": "update"}, runs)
    assert (along["kind"], along["axis"]["kind"]) == ("line", "update")
    assert along["value_at_start"] == pytest.approx(document["values"][40], rel=1e-6)


def test_a_run_is_asked_for_by_its_name_alone(runs: Context) -> None:
    for name in ("../small", str(runs.folder / "small.db"), "other"):
        with pytest.raises(Refusal) as refused:
            questions.answer("slice", {"run": name}, runs)
        assert refused.value.field == "run"
    with pytest.raises(Refusal, match="step"):
        questions.answer("slice", {"run": "small", "step": 9999}, runs)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"formula": "x^2", "directions": "sideways"}, "directions"),
        ({"formula": "x^2", "directions": "update"}, "directions"),
        ({"formula": "x^2", "window": {"x": [2, 1]}}, "window"),
        ({"formula": "x^2", "window": {"x": [1]}}, "window"),
        ({"formula": "x^2", "window": {"x": [0, 1], "y": [0, 1], "z": [0, 1]}}, "window"),
        ({"formula": "x^2", "window": {"x": [0, 1]}, "directions": "gradient"}, "window"),
        ({"formula": "x^2", "points": 5000}, "points"),
        ({"formula": "x^2", "extent": 3}, "extent"),
        ({"formula": "x^2 +"}, "formula"),
        ({}, "formula"),
    ],
)
def test_a_bad_question_says_which_parameter(parameters: dict[str, Any], field: str) -> None:
    assert refusal("slice", **parameters).field == field


def test_three_variables_have_no_plane_of_their_own() -> None:
    assert "3 numbers" in refusal("slice", formula="x y z").sentence


def test_critical_points_are_told() -> None:
    document = ask("critical", formula="x^3 - 3x + y^2")
    json.dumps(document, allow_nan=False)
    assert document["view"] == "critical"
    kinds = {point["kind"] for point in document["points"]}
    assert kinds == {"minimum", "saddle"}
    inside = ask("critical", formula="x^3 - 3x + y^2", window={"x": [0, 3], "y": [-1, 1]})
    assert {point["kind"] for point in inside["points"]} == {"minimum"}


def test_critical_points_need_a_plane() -> None:
    assert refusal("critical", formula="x y z").field == "formula"
    assert refusal("critical", formula="3").field == "formula"
    assert refusal("critical", formula="x", window={"y": [0, 1]}).field == "window"


def test_both_are_answered_in_a_process_of_their_own() -> None:
    assert questions.named("slice").long
    assert questions.named("critical").long
    assert not questions.named("formula").long
