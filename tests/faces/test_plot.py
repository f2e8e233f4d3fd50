"""Figures, read back from what was drawn: a picture of a record says what the record says."""

import io
import math
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_records import (
    GRID,
    RECORDS,
    descent,
    figure_of,
    line,
    main_axes,
    scan,
    spectrum,
    step_scan,
)
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from chainrule.faces.curves import DOTS_UP_TO
from chainrule.faces.figure import FORMATS, save_figure
from chainrule.faces.plot import plot

# ---- every figure


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
class TestEveryFigure:
    def test_axes_are_labelled(self, record: object) -> None:
        axes = main_axes(record)
        assert axes.get_xlabel()
        assert axes.get_ylabel()

    def test_it_fits_a_column_and_can_be_read_there(self, record: object) -> None:
        figure = figure_of(record)
        width, height = figure.get_size_inches()
        assert 3.2 <= width <= 3.5
        assert height <= width
        figure.draw_without_rendering()
        texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
        assert texts
        assert min(t.get_fontsize() for t in texts) >= 5.5
        labels = figure.axes[0].xaxis.label, figure.axes[0].yaxis.label
        assert all(label.get_fontsize() >= 8 for label in labels)

    def test_spines_are_thin(self, record: object) -> None:
        spines = main_axes(record).spines.values()
        assert all(s.get_linewidth() <= 0.6 for s in spines if s.get_visible())

    def test_nothing_is_cut_off(self, record: object) -> None:
        figure = figure_of(record)
        figure.draw_without_rendering()
        width, height = figure.bbox.width, figure.bbox.height
        boxes = [axes.get_tightbbox() for axes in figure.axes]
        boxes += [legend.get_window_extent() for legend in figure.legends]
        assert len(boxes) >= 2
        for box in boxes:
            assert box is not None
            assert box.x0 >= -1
            assert box.y0 >= -1
            assert box.x1 <= width + 1
            assert box.y1 <= height + 1

    def test_it_can_be_drawn_into_axes_of_ones_own(self, record: object) -> None:
        mine = Figure()
        left, right = mine.subplots(1, 2)
        assert plot(record, axes=left) is mine
        assert left.has_data()
        assert not right.has_data()
        assert len(mine.axes) == 2


def test_pyplot_is_never_loaded_and_no_setting_changes() -> None:
    code = (
        "import sys, matplotlib\n"
        "keys = set(matplotlib.rcParams) - {'backend'}  # asking for that one loads pyplot\n"
        "before = {k: matplotlib.rcParams[k] for k in keys}\n"
        "sys.path.insert(0, 'tests/faces')\n"
        "from pathlib import Path; import tempfile\n"
        "from chainrule.faces.figure import save_figure\n"
        "import drawn_records as t\n"
        "for record in t.RECORDS.values():\n"
        "    save_figure(t.figure_of(record), Path(tempfile.mkdtemp()) / 'a.svg')\n"
        "assert {k: matplotlib.rcParams[k] for k in keys} == before\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=root, timeout=120
    )
    assert done.stdout.strip() == "False", done.stderr


def test_other_things_are_refused() -> None:
    with pytest.raises(TypeError, match="LineScan, Slice"):
        plot("a record")


# ---- curves


def test_a_line_scan_shows_the_loss_the_promise_and_the_lowest_point() -> None:
    axes = main_axes(scan())
    assert line(axes, "L, evaluated").get_ydata() == pytest.approx(scan().values)
    promised = line(axes, "promised by ∇L: slope -0.25")
    for c, value in promised.get_xydata():  # type: ignore[union-attr]
        assert value == pytest.approx(0.25 - 0.25 * 4 * c)
    assert line(axes, "lowest, at 0.5").get_xydata().tolist() == [[0.5, 0.0]]  # type: ignore[union-attr]
    assert line(axes, "θ").get_xydata().tolist() == [[0.0, 0.25]]  # type: ignore[union-attr]
    assert axes.get_xlabel() == "step along −∇L (learning rate η)"
    (second,) = axes.child_axes
    assert second.get_xlabel() == "distance from θ, ‖Δθ‖"


def test_gaps_of_a_line_are_hatched() -> None:
    values = list(scan().values)
    values[3:6] = [math.nan, math.inf, math.nan]
    values[-1] = math.inf
    axes = main_axes(scan(values=tuple(values)))
    hatched = [p for p in axes.patches if p.get_hatch()]
    assert hatched[0].get_label() == "L is not finite"
    first, last = hatched
    assert isinstance(first, Rectangle)
    assert isinstance(last, Rectangle)
    assert (first.get_x(), first.get_x() + first.get_width()) == pytest.approx((GRID[2], GRID[6]))
    assert last.get_x() == pytest.approx(GRID[-2])


def test_losses_over_many_powers_of_ten_are_on_a_logarithmic_axis() -> None:
    assert main_axes(descent([1000.0, 10.0, 0.1])).get_yscale() == "log"
    assert main_axes(descent([3.0, 2.0, 1.0])).get_yscale() == "linear"
    assert main_axes(descent([1000.0, 0.0, -0.1])).get_yscale() == "linear"


def test_a_descent_shows_what_was_foretold_and_what_came() -> None:
    axes = main_axes(descent([3.0, 1.0, 2.0, 0.5]))
    assert line(axes, "start").get_xydata().tolist() == [[0, 3.0]]  # type: ignore[union-attr]
    assert line(axes, "end").get_xydata().tolist() == [[3, 0.5]]  # type: ignore[union-attr]
    assert "adam, η = 0.1: foretold monotone, came oscillating" in axes.get_title(loc="left")
    assert axes.get_xlabel() == "step"
    many = main_axes(descent([1.0] * (DOTS_UP_TO + 1)))
    assert line(many, "L").get_marker() == ""


def test_a_descent_that_blew_up_is_drawn_up_to_there() -> None:
    axes = main_axes(descent([1.0, 50.0, math.inf, math.nan]))
    assert [p.get_label() for p in axes.patches] == ["L is not finite"]


def test_a_spectrum_has_its_bounds() -> None:
    axes = main_axes(spectrum(limit=20.0, preconditioner="Adam"))
    assert [str(c.get_label()) for c in axes.containers] == ["largest", "smallest"]
    heights = [item.get_ydata()[0] for item in axes.lines if item.get_linestyle() in (":", "--")]  # type: ignore[index]
    assert sorted(heights) == [-2.5, 9.5, 20.0]
    assert "preconditioned by Adam" in axes.get_ylabel()
    complete = main_axes(spectrum(complete=True))
    assert not [item for item in complete.lines if item.get_linestyle() == ":"]


def test_a_scanned_step_is_drawn_on_both_batches() -> None:
    axes = main_axes(step_scan())
    assert axes.get_xscale() == "symlog"
    assert len(line(axes, "on the batch that made it").get_xdata()) == 5  # type: ignore[arg-type]
    assert line(axes, "on the batch of step 9")
    assert line(axes, "lowest, at 0.5").get_ydata()[0] == pytest.approx(0.7)  # type: ignore[index]


# ---- saving


@pytest.mark.parametrize("record", ["slice", "line scan"])
@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_saved_whole_and_always_the_same(record: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{kind}"
    save_figure(figure_of(RECORDS[record]), path)
    written = path.read_bytes()
    signs = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert written.startswith(signs[kind])
    save_figure(figure_of(RECORDS[record]), path)
    assert path.read_bytes() == written
    assert list(tmp_path.iterdir()) == [path]


def test_an_extension_that_cannot_be_drawn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"use one of \.png, \.svg, \.pdf"):
        save_figure(figure_of(scan()), tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_replaced_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"before")

    def full(self: Path, data: bytes) -> int:
        with open(self, "wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save_figure(figure_of(scan()), path)
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_text_in_vector_files_stays_text(tmp_path: Path) -> None:
    save_figure(figure_of(scan()), tmp_path / "a.svg")
    assert "learning rate η" in (tmp_path / "a.svg").read_text("utf-8")
    out = io.BytesIO()
    figure_of(scan()).savefig(out, format="svg")
    assert out.getvalue()


def test_a_mark_at_the_edge_is_drawn_whole() -> None:
    axes = main_axes(scan(best=2.0, best_value=0.0))
    (star,) = [found for found in axes.lines if found.get_marker() == "*"]
    assert not star.get_clip_on()
