"""`chainrule descend` and `chainrule sharpness`, as somebody types them."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chainrule.faces.cli import status_of
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.points import parse_point
from chainrule.faces.page import Page
from chainrule.faces.sharpness import limits, sharpness_document, write_sharpness
from chainrule.faces.sparkline import sparkline
from chainrule.faces.theta import by_name, entry_names, vector_label
from chainrule.instruments.flatness import classify
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.records.final_place import FinalPlace
from chainrule.records.flatness import PlaceMeasurements
from chainrule.records.step_sharpness import StepSharpness
from chainrule.store import RunWriter

BOWL = "5*x**2 + 0.5*y**2"
HIMMELBLAU = "(x**2 + y - 11)**2 + (x + y**2 - 7)**2"


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a folder of their own, on a page of 100 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert status_of([*arguments, "--format", "json"]) == 0
    written = capsys.readouterr()
    assert written.err == ""
    return json.loads(written.out)


# ---- descend


def test_the_document_has_what_programs_need(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys, "descend", BOWL, "--start", "x=1,y=-2", "--lr", "0.15", "--steps", "30"
    )
    assert found["eigenvalues"] == pytest.approx([10, 1])
    assert found["limit"] == {"monotone": pytest.approx(0.1), "stable": pytest.approx(0.2)}
    assert found["prediction"] == found["outcome"] == "oscillating"
    assert [d["multiplier"] for d in found["directions"]] == pytest.approx([-0.5, 0.85])
    trajectory = found["trajectory"]
    assert len(trajectory) == 31
    assert trajectory[0]["theta"] == {"x": 1.0, "y": -2.0}
    assert trajectory[1]["theta"] == pytest.approx({"x": -0.5, "y": -1.7})
    assert trajectory[0]["loss"] == pytest.approx(7)
    assert trajectory[-1]["step_length"] == "NaN"


@pytest.mark.parametrize(
    ("rate", "word"), [("0.05", "monotone"), ("0.15", "oscillating"), ("0.25", "diverging")]
)
def test_the_report_says_what_eta_does_before_and_after(
    rate: str, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["descend", BOWL, "--start", "x=1,y=1", "--lr", rate]) == 0
    written = capsys.readouterr().out
    assert f"Prediction  {word}" in written
    assert f"{word}, as foretold" in written
    assert written.count("▶ η =") == 1
    assert "the loss against steps" in written
    assert "the loss against θ" in written


@pytest.mark.parametrize(
    "optimizer",
    ["gradient-descent", "momentum", "nesterov", "rmsprop", "adam", "adamw", "newton"],
)
def test_every_optimizer_can_be_named(optimizer: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys,
        "descend",
        HIMMELBLAU,
        "--start",
        "x=1,y=1",
        "--lr",
        "0.01",
        "--steps",
        "20",
        "--optimizer",
        optimizer,
    )
    assert found["optimizer"] == optimizer
    assert found["trajectory"][-1]["loss"] < found["trajectory"][0]["loss"] or (
        optimizer == "newton"  # goes up to a maximum or saddle as gladly
    )


def test_momentum_is_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(
        capsys,
        "descend",
        BOWL,
        "--start",
        "x=1",
        "--lr",
        "0.01",
        "--optimizer",
        "momentum",
        "--momentum",
        "0.5",
    )
    assert found["settings"] == {"learning_rate": 0.01, "momentum": 0.5}


def test_a_saddle_is_reported_with_its_way_down(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["descend", "x**2 - y**2", "--start", "x=1,y=0", "--lr", "0.1"]
    assert status_of(arguments) == 0
    written = capsys.readouterr().out
    assert "a saddle (certain)" in written
    assert "The way down is along (x = 0, y = 1)" in written
    assert document(capsys, *arguments)["place"]["kind"] == "saddle"


def test_where_the_prediction_fails_the_curvature_of_the_path_is_given(
    capsys: pytest.CaptureFixture[str],
) -> None:
    formula = "(1-x)**2 + 100*(y-x**2)**2"
    arguments = ["descend", formula, "--start", "x=-1,y=1", "--lr", "0.0025", "--steps", "200"]
    assert status_of(arguments) == 0
    written = capsys.readouterr().out
    assert "oscillating, not diverging as foretold" in written
    assert "The curvature fell along the path, from λ_max = 1002" in written
    found = document(capsys, *arguments)
    assert not found["agrees"]
    assert found["curvature"][0]["largest"] == pytest.approx(1001.6, rel=1e-3)


def test_divergence_and_nan_end_with_status_0_and_say_so(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status_of(["descend", "x**4", "--start", "x=1", "--lr", "1"]) == 0
    assert "diverging, as foretold" in capsys.readouterr().out
    assert status_of(["descend", "sqrt(x)", "--start", "x=0.1", "--lr", "0.5"]) == 0
    assert "not a finite number" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--start", "x=1", "--lr", "0"], "learning rate"),
        (["--start", "x=1", "--lr", "-0.1"], "learning rate"),
        (["--start", "x=1", "--lr", "nan"], "learning rate"),
        (["--start", "x=1", "--lr", "0.1", "--optimizer", "adamax"], "optimizer"),
        (["--start", "x=1", "--lr", "0.1", "--steps", "0"], "steps"),
        (["--start", "x=1", "--lr", "0.1", "--momentum", "0.9"], "momentum"),
        (["--start", "z=1", "--lr", "0.1"], "'z' is given a number and is not in the formula"),
        (["--start", "", "--lr", "0.1"], "--start"),
        (["--start", "x", "--lr", "0.1"], "x=3,y=-1"),
        (["--start", "x=one", "--lr", "0.1"], "'one'"),
        (["--start", "x=nan", "--lr", "0.1"], "finite"),
        (["--start", "x=1,x=2", "--lr", "0.1"], "twice"),
        (["--start", "x=[1", "--lr", "0.1"], "brackets"),
        (["--start", "x=1", "--lr", "0.1", "--plot", "no/where.png"], "no folder"),
        (["--start", "x=1", "--lr", "0.1", "--plot", "a.bmp"], ".png"),
        (["--start", "x=1"], "--lr"),
        (["--lr", "0.1"], "--start"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["descend", BOWL, *arguments]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.startswith("chainrule: ")
    assert written.err.count("\n") == 1
    assert said in written.err


@pytest.mark.parametrize(
    ("formula", "start"), [("log(x)", "x=-1"), ("log(x)", "x=0"), ("x +* 2", "x=1")]
)
def test_a_start_or_a_formula_without_a_loss_is_refused(
    formula: str, start: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["descend", formula, "--start", start, "--lr", "0.1"]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.count("\n") == 1


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_the_path_is_drawn_whole_or_not_at_all(
    ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    name = f"path.{ending}"
    assert status_of(["descend", BOWL, "--start", "x=1,y=1", "--lr", "0.15", "--plot", name]) == 0
    assert f"Drawn in {name}" in capsys.readouterr().out
    assert Path(name).stat().st_size > 1000
    assert [path.name for path in Path().iterdir()] == [name]


def test_without_matplotlib_a_plot_is_refused_before_anything_is_computed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    arguments = ["descend", BOWL, "--start", "x=1", "--lr", "0.1", "--plot", "path.png"]
    assert status_of(arguments) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert "pip install 'chainrule[plot]'" in written.err
    assert not list(Path().iterdir())


def test_the_limits_of_an_adaptive_optimizer_mark_no_regime_and_hold_whatever_the_steps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def of(rate: str, steps: str = "100") -> dict[str, Any]:
        words = ("--start", "x=1,y=1", "--optimizer", "rmsprop", "--lr", rate, "--steps", steps)
        assert status_of(["descend", "5x**2+0.5y**2", *words]) == 0
        written = " ".join(capsys.readouterr().out.split())
        assert "above" not in written.partition("Prediction")[0]
        assert "If that preconditioner stayed" in written
        assert "after 10 steps on the quadratic" in written
        return document(capsys, "descend", "5x**2+0.5y**2", *words)

    found, other = of("0.1"), of("3")
    assert (found["prediction"], found["outcome"]) == ("monotone", "monotone")
    assert (other["prediction"], other["outcome"]) == ("oscillating", "oscillating")
    assert found["preconditioner_steps"] == 10
    assert of("0.1", "3")["limit"] == found["limit"]


# ---- sharpness


def test_sharpness_of_a_formula_gives_the_spectrum_and_the_limits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = document(capsys, "sharpness", HIMMELBLAU, "--at", "x=3,y=2")
    assert found["eigenvalues"] == pytest.approx([82.28, 25.72], abs=0.01)
    assert found["limit"]["stable"] == pytest.approx(2 / 82.28, rel=1e-3)
    assert found["place"]["kind"] == "minimum"
    assert status_of(["sharpness", HIMMELBLAU, "--at", "x=3,y=2", "--lr", "0.01"]) == 0
    written = capsys.readouterr().out
    assert "λ_max = 82.3 ±" in written
    assert "λ_min = 25.7 ±" in written
    assert "up to 2/λ_max = 0.0243" in written
    assert "a minimum (certain)" in written


def test_a_place_that_bends_downwards_sets_no_limit(capsys: pytest.CaptureFixture[str]) -> None:
    found = document(capsys, "sharpness", " -x**2", "--at", "x=0")
    assert found["limit"] == {"monotone": "Infinity", "stable": "Infinity"}
    assert found["place"]["kind"] == "maximum"


@pytest.mark.parametrize(
    "arguments",
    [["nothing.db"], [BOWL, "--at", "q"], ["--at", "x=1"], [BOWL, "--lr", "-1"], []],
    ids=["no such run", "no point", "no formula", "no rate", "no runs"],
)
def test_bad_input_to_sharpness_is_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sharpness", *arguments]) == 2
    written = capsys.readouterr()
    assert written.out == ""
    assert written.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ["sharpness", "train-20261123-101500"],
        ["sharpness", "nosuchrun"],
        ["sharpness", "my-run"],
        ["landscape", "train-20261123-101500-2"],
        ["landscape", "nosuchrun", "-o", "a.png"],
    ],
    ids=" ".join,
)
def test_the_name_of_a_run_that_is_not_there_is_no_formula(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status_of(arguments) == 2
    assert "no run of that name" in capsys.readouterr().err
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("formula", ["x", "x-y", "2ab", "sin(x)-cos(y)", "x**2-20261123-101500"])
def test_a_formula_is_not_taken_for_a_run(formula: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["sharpness", formula]) == 0


def test_an_eigenvalue_that_occurs_twice_is_told_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    found = document(capsys, "sharpness", "cos(x)+cos(y)")
    assert found["eigenvalues"] == [-1, -1]
    assert len(found["eigenvalue_bounds"]) == 2
    assert document(capsys, "sharpness", "5x**2")["eigenvalues"] == [10]


def test_the_limits_of_a_run_are_of_its_optimizer_and_at_the_rate_asked_for(render: Any) -> None:
    adam = replace(spectrum(), preconditioner="Adam", limit=38.0)  # λ_max = 50, at η = 0.1
    found = sharpness_document(adam, where="a run", own_rate=0.1)
    assert found["limit"] == {"monotone": None, "stable": pytest.approx(0.1 * 38 / 50)}
    assert (found["learning_rate"], found["stability_limit"]) == (0.1, 38.0)
    other = sharpness_document(adam, where="a run", own_rate=0.1, learning_rate=0.5)
    assert other["limit"] == found["limit"]
    assert other["stability_limit"] == pytest.approx(38 / 5)
    written = render(
        lambda page: write_sharpness(page, adam, where="a run", own_rate=0.1, learning_rate=0.5)
    )
    assert "At η = 0.5 it would be stable up to 7.6; this is 6.58 of it." in " ".join(
        written.split()
    )


def test_a_run_without_curvature_says_how_to_get_it(
    writer: RunWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["sharpness"]) == 2
    err = capsys.readouterr().err
    assert "--save-captures" in err
    assert "holds no measured curvature" in err


def test_the_curvature_that_a_run_measured_is_shown(
    writer: RunWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    writer.add_final_place(
        FinalPlace(
            step=199,
            batches=2,
            place=classify(PlaceMeasurements(loss=0.5, gradient_norm=0.1, learning_rate=0.0)),
            loss_slope=0.0,
            loss_slope_low=-1e-6,
            loss_slope_high=1e-6,
            seconds=0.1,
        )
    )
    for step, limit in ((64, 40.0), (128, 100.0)):
        found = spectrum(smallest=(), floor=None, limit=limit, preconditioner="SGD (β=0.9)")
        writer.add_step_sharpness(
            StepSharpness(step=step, optimizer=0, learning_rate=0.1, spectrum=found, seconds=0.1)
        )
    writer.flush()
    assert status_of(["sharpness", "digits"]) == 0
    written = capsys.readouterr().out
    assert "the curvature of digits at step 128" in written
    assert "λ_max = 50 ± 0.2" in written
    assert "λ_min" not in written
    assert re.search(r"step +64 +λ_max = 50 +1.25 of the limit", written)
    assert re.search(r"step +128 +λ_max = 50 +0.5 of the limit", written)
    assert "a plateau of a learning rate of 0 (certain)" in written
    assert status_of(["sharpness", "digits", "--format", "json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [(s["step"], s["sharpness"], s["limit"]) for s in steps] == [
        (64, 50, 40),
        (128, 50, 100),
    ]


def spectrum(**changes: object) -> Spectrum:
    known: dict[str, object] = {
        "largest": (Eigenvalue(value=50.0, bound=0.2, converged=True),),
        "smallest": (Eigenvalue(value=-3.0, bound=0.1, converged=False),),
        "ceiling": 51.0,
        "floor": -4.0,
        "confidence": 0.99,
        "complete": False,
        "converged": False,
        "rtol": 0.01,
        "dimension": 1000,
        "products": 12,
        "method": "Lanczos, 12 steps, products by double backward",
        "loss": 0.5,
        "gradient_norm": 0.1,
        **changes,
    }
    return Spectrum(**known)  # type: ignore[arg-type]


def test_a_spectrum_of_a_network_says_what_can_have_been_missed(render: Any) -> None:
    written = render(
        lambda page: write_sharpness(page, spectrum(), where="a run", learning_rate=0.02)
    )
    assert "λ_max = 50 ± 0.2" in written
    assert "λ_min was not reached" in written
    assert "none is above 51 or below -4" in " ".join(written.split())
    assert "η = 0.02 is 0.5 of 2/λ_max" in written


def test_with_a_preconditioner_the_limit_is_the_optimizers(render: Any) -> None:
    made = spectrum(preconditioner="Adam, β₁ = 0.9", limit=38.0)
    written = render(lambda page: write_sharpness(page, made, where="a run"))
    assert "stable up to a sharpness of 38; this is 1.32 of it" in " ".join(written.split())
    assert sharpness_document(made, where="a run")["preconditioner"] == "Adam, β₁ = 0.9"


def test_limits_need_a_curvature_that_is_surely_positive() -> None:
    assert limits(spectrum()) == (0.02, 0.04)
    doubtful = spectrum(largest=(Eigenvalue(value=0.1, bound=0.2, converged=True),))
    assert limits(doubtful) == (math.inf, math.inf)


# ---- points and lines


def test_points_are_read_as_typed() -> None:
    assert parse_point("x=3,y=-1", "--start") == {"x": 3.0, "y": -1.0}
    assert parse_point("x=3,y=−1", "--start") == {"x": 3.0, "y": -1.0}  # copied from a page
    assert parse_point(" w = [1, 2.5e-1] , b=.5", "--at") == {"w": [1.0, 0.25], "b": 0.5}
    assert parse_point("A=[[1,2],[3,4]]", "--at") == {"A": [[1.0, 2.0], [3.0, 4.0]]}


@pytest.mark.parametrize(
    "text",
    ["", "x", "=1", "x=", "1x=2", "x=1;y=2", "x=1,,y=2", "x=0x1", "x=1_0", "x=[" * 50, "x=]"],
)
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(CommandFailed, match="--at"):
        parse_point(text, "--at")


def test_a_line_shows_a_curve_and_what_is_not_finite(render: Any) -> None:
    def drawn(values: list[float], encoding: str = "utf-8") -> str:
        def write(page: Page) -> None:
            page.line(sparkline(page, values, 8)[0])

        return render(write, encoding=encoding).strip()

    assert drawn([1, 2, 3, 4, 5, 6, 7, 8]) == "▁▂▃▄▅▆▇█"
    assert drawn([100, 10, 1, 0.1]) == "█▆▃▁"  # powers of ten
    assert drawn([1, 2, math.nan, math.inf]) == "▁█××"
    assert drawn([3, 3, 3]) == "▁▁▁"
    assert drawn([1, 8], encoding="ascii") == "_#"
    assert drawn([-1e308, 1e308]) == "▁█"


def test_entries_are_named_after_their_parameters() -> None:
    parameters = (("b", ()), ("w", (2,)), ("A", (1, 2)))
    assert entry_names(parameters) == ["b", "w[0]", "w[1]", "A[0, 0]", "A[0, 1]"]
    assert by_name(parameters, (1.0, 2.0, 3.0, 4.0, 5.0)) == {
        "b": 1.0,
        "w": [2.0, 3.0],
        "A": [[4.0, 5.0]],
    }
    assert vector_label(parameters, (0.0, 0.0, 9.0, 0.0, 1.0), 2) == "w[1] = 9, A[0, 1] = 1, …"
