"""`chainrule landscape`: what it prints, what it draws, what it refuses."""

import json
import math
import os
import sys
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from chainrule.faces.cli import status_of
from chainrule.faces.cli.landscape import (
    Directions,
    Question,
    look,
    parse_box,
    parse_extent,
)
from chainrule.faces.cli.of_run import Subject
from chainrule.objective import Objective, ObjectiveError
from chainrule.records.landscape import LineScan, Slice
from chainrule.store import RunWriter

ROSENBROCK = "(1-x)**2 + 100*(y-x**2)**2"


@pytest.fixture(autouse=True)
def _somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")


def asked(**changes: object) -> Question:
    plain: dict[str, object] = {
        "box": {},
        "directions": None,
        "extent": None,
        "points": 51,
        "adaptive": False,
        "seed": 0,
    }
    return Question(**{**plain, **changes})  # type: ignore[arg-type]


def printed(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    captured = capsys.readouterr()
    assert captured.err == ""
    found = json.loads(captured.out)
    assert isinstance(found, dict)
    return found


def text(capsys: pytest.CaptureFixture[str]) -> str:
    """What was printed, with single spaces."""
    return " ".join(capsys.readouterr().out.split())


# ---- formulas


def test_a_formula_of_two_variables_is_drawn_over_its_own_plane(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["landscape", ROSENBROCK, "--box", "x=-2:2,y=-1:3", "-o", "valley.png"]
    assert status_of(arguments) == 0
    out = text(capsys)
    assert "to the right x from -2 to 2" in out
    assert "upwards y from -1 to 3" in out
    assert "lowest 0.00186 at (0.96, 0.92)" in out
    assert "Drawn in valley.png" in out
    assert Path("valley.png").read_bytes().startswith(b"\x89PNG")
    assert os.listdir() == ["valley.png"]


@pytest.mark.parametrize(("name", "sign"), [("a.svg", b"<?xml"), ("a.PDF", b"%PDF")])
def test_vector_files(name: str, sign: bytes) -> None:
    assert status_of(["landscape", "x**2+y**2", "--points", "11", "-o", name]) == 0
    assert Path(name).read_bytes().startswith(sign)


def test_json_is_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["landscape", "x**2 + 3*y", "--box", "x=0:2,y=-1:1", "--points", "3"]
    assert status_of([*arguments, "--from", "x=1", "--format", "json"]) == 0
    found = printed(capsys)
    assert found["kind"] == "slice"
    assert found["values"] == pytest.approx([-3, -2, 1, 0, 1, 4, 3, 4, 7])
    assert found["start"] == [1.0, 0.0]
    assert found["exact"] == [True] * 9
    x = found["x"]
    assert isinstance(x, dict)
    assert x["label"] == "x"
    assert x["coordinates"] == [0.0, 1.0, 2.0]


def test_values_that_are_not_finite_are_words_in_json_and_counted_in_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["landscape", "log(x) + y", "--box", "x=-1:1,y=0:1", "--points", "3"]
    assert status_of([*arguments, "--format", "json"]) == 0
    values = printed(capsys)["values"]
    assert isinstance(values, list)
    assert values[:2] == ["NaN", "-Infinity"]
    assert status_of([*arguments, "-o", "a.png"]) == 0
    assert "not finite 6 of 9 points" in text(capsys)


def test_one_variable_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["landscape", "(x-1)**2 + 2", "--from", "x=3", "-o", "line.png"]) == 0
    out = text(capsys)
    assert "along x from -5 to 5" in out
    assert "slope at θ 4 per unit of distance, by the derivative" in out
    assert "lowest 2 at 1 " in out
    assert Path("line.png").exists()


def test_a_box_can_name_one_variable_of_many_and_entries_of_vectors() -> None:
    objective = Objective.from_callable(
        lambda t: (t["w"] ** 2).sum() * t["b"],
        {"w": torch.ones(2, 2, dtype=torch.float64), "b": torch.tensor(2.0, dtype=torch.float64)},
    )
    line = look(Subject(objective), asked(box=parse_box("w[0,1]=-1:1"), points=3))
    assert isinstance(line, LineScan)
    assert line.values == pytest.approx((8, 6, 8))
    plane = look(Subject(objective), asked(box=parse_box("b=0:2, w[1, 0] = -1:1"), points=3))
    assert isinstance(plane, Slice)
    assert (plane.x.label, plane.y.label) == ("b", "w[1,0]")


def test_a_start_far_away_is_in_the_middle(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["landscape", "x**2+y**2", "--from", "x=100,y=-7", "--points", "5"]
    assert status_of(arguments) == 0
    out = text(capsys)
    assert "x from 95 to 105" in out
    assert "y from -12 to -2" in out


def test_down_the_gradient(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["landscape", "x**2 + 10*y**2", "--from", "x=1,y=1", "--directions", "gradient"]
    assert status_of([*arguments, "--format", "json"]) == 0
    found = printed(capsys)
    assert found["kind"] == "line"
    g, squares = (2.0, 20.0), (2.0, 20.0)
    best = sum(a * a for a in g) / sum(a * a * h for a, h in zip(g, squares, strict=True))
    assert found["best"] == pytest.approx(best)
    assert found["slope"] == pytest.approx(-math.hypot(*g))
    assert status_of([*arguments, "--extent", "0:0.2", "--points", "3", "--format", "json"]) == 0
    axis = printed(capsys)["axis"]
    assert isinstance(axis, dict)
    assert axis["coordinates"] == pytest.approx([0.0, 0.1, 0.2])


@pytest.mark.parametrize("directions", ["random", "eigen"])
def test_directions_of_a_formula(directions: str, capsys: pytest.CaptureFixture[str]) -> None:
    formula = "x**2 + 5*y**2 + 9*z**2"
    arguments = ["landscape", formula, "--from", "x=1", "--directions", directions]
    assert status_of([*arguments, "--points", "5", "--extent", "2", "--format", "json"]) == 0
    found = printed(capsys)
    x = found["x"]
    assert isinstance(x, dict)
    assert x["kind"] == ("random" if directions == "random" else "eigenvector")
    assert x["length"] == pytest.approx(1)
    assert x["coordinates"] == pytest.approx([-2, -1, 0, 1, 2])
    if directions == "eigen":
        assert x["eigenvalue"] == pytest.approx(18)


def test_adaptive_if_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["landscape", ROSENBROCK, "--adaptive"]) == 0
    out = text(capsys)
    assert "at 60 random points: largest difference" in out
    assert "of 2,601 points evaluated, the rest interpolated" in out
    assert status_of(["landscape", ROSENBROCK]) == 0
    assert "interpolated" not in capsys.readouterr().out


def test_the_same_command_gives_the_same_file() -> None:
    arguments = ["landscape", ROSENBROCK, "--adaptive", "-o"]
    for name in ("a.png", "b.png"):
        assert status_of([*arguments, name]) == 0
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()


# ---- objectives of modules


def test_a_network_is_looked_at_in_filter_normalised_directions() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
    batch = torch.randn(16, 4), torch.arange(16) % 3
    objective = Objective.from_module(model, F.cross_entropy, batch)
    question = asked(directions=Directions.random, adaptive=True)
    found = look(Subject(objective), question)
    assert isinstance(found, Slice)
    assert "filter-normalised" in found.x.detail
    assert found.evaluations <= 520
    with pytest.raises(Exception, match="67 numbers in θ and a picture has two axes"):
        look(Subject(objective), asked())


# ---- what is refused


REFUSED = [
    (["x**2+y**2", "--box", "x=5:-5"], "from 5 to -5: give a smaller and a larger"),
    (["x**2+y**2", "--box", "x=a:b"], "--box gives x from a to b"),
    (["x**2+y**2", "--box", "x=0:inf"], "larger finite number"),
    (["x**2+y**2", "--box", "x5:5"], "cannot be read at 'x5:5'"),
    (["x**2+y**2", "--box", "x=0:1,x=0:2"], "gives x twice"),
    (["x**2+y**2+z", "--box", "x=0:1,y=0:2,z=0:1"], "names 3 variables"),
    (["x**2+y**2", "--box", ""], "names 0 variables"),
    (["x**2+y**2", "--box", "q=0:1"], "found 'q'; θ has x, y"),
    (["x**2+y**2", "--box", "x=0:1", "--directions", "eigen"], "leave one out"),
    (["x**2+y**2+z**2"], "3 numbers in θ and a picture has two axes"),
    (["x**2+y**2", "--points", "2"], "--points 2 makes no picture"),
    (["x**2+y**2", "--points", "100000"], "give 3 to 1,001"),
    (["x**2+y**2", "--extent", "-1", "--directions", "eigen"], "smaller and a larger"),
    (["x**2+y**2", "--extent", "q", "--directions", "eigen"], "smaller and a larger"),
    (["x**2", "--directions", "eigen"], "scan a line instead"),
    (["x**2", "--directions", "random"], "there is one"),
    (["x**2+y**2", "--directions", "gradient"], "−∇L to be 0"),
    (["x**2+y**2", "--directions", "north"], "north"),
    (["x**2+y**2", "--from", "q=1"], "q"),
    (["x**2+y**2", "--from", "x=nan"], "no finite number"),
    (["x**2+y**2", "-o", "a.docx"], "ends with .png, .svg, .pdf"),
    (["x**2+y**2", "-o", "a"], "ends with .png, .svg, .pdf"),
    (["x**2+y**2", "-o", "nowhere/a.png"], "there is no folder"),
    (["x**2+y**2", "-o", "."], "it is a folder"),
    (["x**2 +"], "column"),
    (["3"], "no variable"),
    (["gone.db"], "gone.db"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED)
def test_bad_questions_are_one_sentence_and_status_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["landscape", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("chainrule: ")
    assert captured.err.count("\n") == 1
    assert sentence in captured.err
    assert os.listdir() == []


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_said_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    assert status_of(["landscape", "x**2+y**2", "-o", str(locked / "a.png")]) == 2
    assert "no permission" in capsys.readouterr().err


def test_a_full_disk_leaves_the_old_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.png").write_bytes(b"before")

    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert status_of(["landscape", "x**2+y**2", "--points", "5", "-o", "a.png"]) == 2
    assert "No space left on device" in capsys.readouterr().err
    assert Path("a.png").read_bytes() == b"before"
    assert os.listdir() == ["a.png"]


def test_interrupting_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("chainrule.instruments.plane.plane_values", interrupted)
    assert status_of(["landscape", "x**2+y**2", "-o", "a.png"]) == 130
    assert os.listdir() == []


def test_a_run_without_captures_says_what_to_do(
    writer: RunWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    writer.close(status="finished", exit_code=0, exception=None, ended_at=1760000004.0)
    assert status_of(["landscape", str(writer.path), "-o", "a.png"]) == 2
    err = capsys.readouterr().err
    assert "Run again with chainrule run --save-captures" in err
    assert not Path("a.png").exists()


@pytest.mark.parametrize(
    ("typed", "bounds"), [("2", (-2.0, 2.0)), ("-1:3", (-1.0, 3.0)), ("0:1e-3", (0.0, 1e-3))]
)
def test_extents(typed: str, bounds: tuple[float, float]) -> None:
    assert parse_extent(typed) == bounds


def test_boxes() -> None:
    assert parse_box("x=-5:5, w[0, 1]=0:1") == {"x": (-5.0, 5.0), "w[0,1]": (0.0, 1.0)}


def test_progress_is_shown_on_a_terminal_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chainrule.faces.cli.landscape._TOLD_EVERY_S", 0.0)
    assert status_of(["landscape", "x**2+y**2"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert status_of(["landscape", "x**2+y**2"]) == 0
    err = capsys.readouterr().err
    assert "of 2,601 points" in err
    assert err.endswith("\r\x1b[K")


def test_an_objective_that_cannot_be_asked_is_refused() -> None:
    objective = Objective.from_callable(lambda t: t.sum(), torch.full((2,), math.nan))
    with pytest.raises(ObjectiveError, match="NaN or infinities"):
        look(Subject(objective), asked(directions=Directions.random))
