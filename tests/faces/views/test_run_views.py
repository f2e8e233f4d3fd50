"""The documents of runs, on real trainings: every number is that of the run file."""

import json
import math
import sys
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from asking import modules_after
from training_runs import record

from chainrule.faces.views import questions
from chainrule.faces.views.question import Context, Refusal
from chainrule.faces.views.slope import marks
from chainrule.instruments.loss_curve import loss_curve_slope
from chainrule.records import Event
from chainrule.records.json_values import json_number
from chainrule.store import RunReader, RunWriter, run_paths

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the runs `sigmoid` (its gradient vanishes) and `residual` (healthy, Adam)."""
    return record(tmp_path_factory.mktemp("trainings"))


def asked(folder: Path, question: str, **parameters: Any) -> Any:
    document = questions.answer(question, parameters, Context(folder))
    json.dumps(document, allow_nan=False)  # a document is JSON, whatever was measured
    return document


def refused(folder: Path, question: str, **parameters: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        questions.answer(question, parameters, Context(folder))
    return caught.value


def test_the_verdict_is_that_of_the_run(runs: Path) -> None:
    document = asked(runs, "run", run="sigmoid")
    (finding,) = document["verdict"]["findings"]
    assert document["verdict"]["source"] == "stored"
    assert finding["fault"] == "vanishing-gradient"
    assert document["run"]["name"] == "sigmoid"
    with RunReader(runs / "sigmoid.db") as reader:
        sampled, stamp = len(list(reader.samples())), reader.stamp
    assert document["live"] == {
        "status": "finished",
        "stamp": stamp,
        "steps": 60,
        "sampled_steps": sampled,
        "backward_passes": 60,
    }


@pytest.mark.parametrize("name", ["sigmoid", "residual"])
def test_the_layers_are_as_they_were_last_measured(runs: Path, name: str) -> None:
    table = asked(runs, "run", run=name)["layers"]
    with RunReader(runs / f"{name}.db") as reader:
        samples = list(reader.samples())
        parameters = {p.name: p for p in reader.parameters()}
    rows = {row["name"]: row for row in table["rows"] if row["kind"] == "parameter"}
    assert rows.keys() == parameters.keys()
    last = {p.parameter: p for p in samples[-1].parameters}
    assert len(last) > 10
    for row in rows.values():
        if row["parameter"] not in last:
            continue
        measured, root = last[row["parameter"]], math.sqrt(parameters[row["name"]].numel)
        assert row["step"] == samples[-1].step
        assert row["gradient_norm"] == measured.gradient_norm
        assert row["gradient_rms"] == measured.gradient_norm / root
        assert row["update_ratio"] == measured.update_norm / measured.weight_norm
        (steps,) = (s for s in table["sampled"] if s["optimizer"] == row["optimizer"])
        assert steps["first_step"] == [sample.step for sample in samples]
        ratios = [
            next(p.update_ratio for p in sample.parameters if p.parameter == row["parameter"])
            for sample in samples
        ]
        assert row["sparklines"]["update_ratio"]["low"] == pytest.approx(ratios, rel=0.005)
        assert row["sparklines"]["update_ratio"]["high"] is None


def test_the_layers_go_from_the_input_to_the_loss(runs: Path) -> None:
    rows = asked(runs, "run", run="residual")["layers"]["rows"]
    weights = [row["name"] for row in rows if row["name"].endswith("weight")]
    assert weights == [
        "model.0.weight",
        "model.1.inner.weight",
        "model.1.outer.weight",
        "model.2.inner.weight",
        "model.2.outer.weight",
        "model.3.weight",
    ]
    names = [row["name"] for row in rows]
    assert names.index("model.1.inner.weight") < names.index("model.1 Relu")
    assert names.index("model.1 Relu") < names.index("model.1.outer.weight")


def test_a_function_that_a_module_calls_twice_has_two_rows_with_names_of_their_own(
    runs: Path,
) -> None:
    """One name for both had the page draw nothing at all."""
    names = [row["name"] for row in asked(runs, "run", run="twice")["layers"]["rows"]]
    assert [name for name in names if "Tanh" in name] == [
        "model Tanh (1 of 2)",
        "model Tanh (2 of 2)",
    ]


def test_activations_show_dead_and_saturated_units(runs: Path) -> None:
    table = asked(runs, "run", run="residual")["layers"]
    with RunReader(runs / "residual.db") as reader:
        sample = reader.last_sample()
        assert sample is not None
        (backward,) = sample.backward_passes
        places = reader.graph(backward.graph).nodes
    expected = {
        f"{places[a.node].place.module} Relu": a
        for a in backward.activations
        if places[a.node].place.operation == "Relu"
    }
    rows = {row["name"]: row for row in table["rows"] if row["operation"] == "Relu"}
    assert rows.keys() == expected.keys() and len(rows) == 2
    for name, row in rows.items():
        activation = expected[name]
        dead = int.from_bytes(activation.dead_mask, "big").bit_count() / activation.units
        assert (row["dead_share"], row["units"]) == (dead, 8)
        assert row["saturated_share"] == activation.small_fraction
        assert len(row["sparklines"]["dead_share"]["low"]) == len(table["activation_steps"])


def test_what_keeps_a_parameter_from_learning_is_said(runs: Path) -> None:
    rows = {row["name"]: row for row in asked(runs, "run", run="residual")["layers"]["rows"]}
    assert rows["model.0.bias"]["state"] == "frozen"
    assert rows["model.0.weight"]["state"] == ""


def test_the_culprits_of_a_finding_are_flagged(runs: Path) -> None:
    rows = asked(runs, "run", run="sigmoid")["layers"]["rows"]
    flagged = {row["name"] for row in rows if row["findings"]}
    assert len(flagged) >= 5
    assert all(name.endswith("Sigmoid") for name in flagged)


def test_curvature_stands_beside_the_optimizers_limit(runs: Path) -> None:
    plain = asked(runs, "run", run="sigmoid")["curvature"]
    scaled = asked(runs, "run", run="residual")["curvature"]
    assert len(plain) > 2 and len(scaled) > 2
    for point in plain:
        assert point["limit"] == pytest.approx(2 / 0.1)
        assert point["share"] == pytest.approx(point["sharpness"] / point["limit"])
        assert point["of"] == "the Hessian"
    assert all("Adam" in point["of"] for point in scaled)


@pytest.mark.parametrize("name", ["sigmoid", "residual"])
def test_the_factors_of_a_chain_multiply_to_the_gradient(runs: Path, name: str) -> None:
    document = asked(runs, "chain", run=name)
    nodes, edges = document["nodes"], document["edges"]
    start = nodes[0]["norm"]
    assert len(document["parameters"]) > 10
    for parameter in document["parameters"]:
        node, product, rms = parameter["node"], 1.0, 1.0
        while (edge := nodes[node]["principal"]) is not None:
            assert edges[edge]["target"] == node
            product *= edges[edge]["gain"] * edges[edge]["merge"]
            rms *= edges[edge]["rms_gain"]
            node = edges[edge]["source"]
        assert node == 0
        assert start * product == pytest.approx(parameter["norm"], rel=1e-9)
        assert rms == pytest.approx(nodes[parameter["node"]]["rms"] / nodes[0]["rms"], rel=1e-9)
    spine = document["spine"]
    assert spine["product"] == pytest.approx(spine["norm"], rel=1e-9)
    assert [edges[e]["target"] for e in spine["edges"]] == spine["nodes"][1:]


def test_merges_stand_where_a_residual_branches(runs: Path) -> None:
    edges = asked(runs, "chain", run="residual")["edges"]
    merges = [edge for edge in edges if edge["merge"] and abs(edge["merge"] - 1) > 1e-6]
    assert len(merges) == 4  # two contributions at each of two blocks
    assert all("μ = " in edge["text"] and r"\mu=" in edge["latex"] for edge in merges)
    assert all(edge["text"].startswith("γ = ‖Jᵀg‖/‖g‖ = ") for edge in edges if edge["gain"])


def test_the_gain_of_a_module_is_the_product_of_its_factors(runs: Path) -> None:
    document = asked(runs, "chain", run="residual")
    nodes, edges = document["nodes"], document["edges"]
    (block,) = (m for m in document["modules"] if m["path"] == "model.1")
    on_the_way = []
    node = block["exit"]
    while node != block["entry"]:
        edge = edges[nodes[node]["principal"]]
        on_the_way.append(edge["rms_gain"])
        node = edge["source"]
    assert len(on_the_way) >= 1
    assert block["gain"] == pytest.approx(math.prod(on_the_way), rel=1e-9)
    inner = [m for m in document["modules"] if m["parent"] == document["modules"].index(block)]
    assert {m["name"] for m in inner} == {"inner", "outer"}


def test_the_chain_of_the_verdict_is_marked_and_drawn_first(runs: Path) -> None:
    document = asked(runs, "chain", run="sigmoid")
    marked = [i for i, node in enumerate(document["nodes"]) if node["findings"]]
    assert len(marked) >= 5
    assert {document["nodes"][i]["operation"] for i in marked} == {"Sigmoid"}
    assert set(marked) <= set(document["spine"]["nodes"])
    assert document["operations"]["Sigmoid"]["text"].endswith("at most 1/4")


def test_a_step_between_samples_shows_the_nearest(runs: Path) -> None:
    with RunReader(runs / "sigmoid.db") as reader:
        steps = [sample.step for sample in reader.samples()]
    document = asked(runs, "chain", run="sigmoid", step=29)
    assert (document["step"], document["asked"]) == (28, 29)
    assert (document["steps"], document["sampled"]) == (steps, len(steps))
    assert {28, 32} <= set(steps) and 29 not in steps
    assert asked(runs, "chain", run="sigmoid")["step"] == 56
    assert asked(runs, "chain", run="sigmoid", step=10**9)["step"] == 56
    assert refused(runs, "chain", run="sigmoid", backward_pass=3).field == "backward_pass"


def test_the_slope_is_that_of_the_losses(runs: Path) -> None:
    document = asked(runs, "slope", run="sigmoid", first=10, last=49)
    (curve,) = document["losses"]
    with RunReader(runs / "sigmoid.db") as reader:
        losses = reader.series("loss")
        scans = reader.step_scans()
    fit = loss_curve_slope(losses.values[10:50], losses.steps[10:50])
    line = curve["line"]
    assert (line["slope"], line["low"], line["high"]) == (fit.slope, fit.low, fit.high)
    assert (line["first_step"], line["last_step"], line["points_each"]) == (10, 49, 1)
    assert line["intercept"] == pytest.approx(fit.intercept)
    assert curve["series"]["buckets"]["mean"] == list(losses.values[10:50])
    assert len(curve["smooth"]) == 40 and "raw" not in curve["smoothing"]
    assert curve["at"] == 49 and curve["tangent"]["last_step"] == 49
    (mark,) = document["marks"]
    assert mark["label"].startswith("vanishing-gradient: ") and mark["finding"] == 0
    assert len(document["promises"]) == len(scans) > 3
    for promise, scan in zip(document["promises"], scans, strict=True):
        assert promise["promised"] == scan.promised
        actual = scan.losses[scan.multiples.index(1.0)] - scan.losses[scan.multiples.index(0.0)]
        assert promise["actual"] == actual
        # plain gradient descent: the steepest promise is the promise
        assert promise["steepest"] == pytest.approx(scan.promised, rel=1e-4)
        assert promise["kept"] == pytest.approx(actual / scan.promised)


def test_the_tangent_is_of_the_step_asked_for(runs: Path) -> None:
    (curve,) = asked(runs, "slope", run="residual", at=20)["losses"]
    assert curve["at"] == 20
    assert curve["tangent"]["first_step"] <= 20 <= curve["tangent"]["last_step"]
    assert curve["tangent"]["last_step"] - curve["tangent"]["first_step"] == 20
    (few,) = asked(runs, "slope", run="residual", first=3, last=8)["losses"]
    assert few["line"] is None and few["no_line"] == (
        "A slope takes 10 finite losses or more, found 6."
    )
    assert refused(runs, "slope", run="residual", at=-1).field == "at"


def test_thresholds_of_a_scan_are_learning_rates(runs: Path) -> None:
    document = asked(runs, "scans", run="sigmoid")
    assert (document["view"], document["of"]) == ("landscape", "scans")
    with_curvature = [scan for scan in document["scans"] if scan["curvature"]]
    assert len(with_curvature) > 2
    for scan in with_curvature:
        sharpest = scan["curvature"]["sharpness"]
        rates = {t["name"]: t["learning_rate"] for t in scan["thresholds"]}
        assert rates["1/λ"] == pytest.approx(1 / sharpest)
        assert rates["limit"] == pytest.approx(rates["2/λ"])  # plain gradient descent
        multiples = [t["multiple"] for t in scan["thresholds"]]
        assert multiples == pytest.approx([rate / 0.1 for rate in rates.values()])
    (scan, *_) = document["scans"]
    assert {0.0, 1.0} <= set(scan["multiples"])
    assert min(scan["together"]) == scan["best"][1]


def test_runs_side_by_side(runs: Path) -> None:
    document = asked(runs, "compare", runs=["sigmoid", "residual"])
    differences = {(d["group"], d["name"]): d["values"] for d in document["differences"]}
    assert differences["optimizer", "optimizer"] == ["SGD", "Adam"]
    assert differences["optimizer", "lr"] == [0.1, 0.01]
    assert differences["optimizer", "momentum"] == [0, None]
    assert differences["outcome", "steps"] == [60, 80]
    assert "torch" in document["same"] and "every" in document["same"]
    layers = {entry["name"]: entry["layers"] for entry in document["layers"]}
    assert all(layers["model.0.weight"])
    assert layers["model.2.inner.weight"][0] is None
    assert [run["verdict"]["findings"][0]["fault"] for run in document["runs"]] == [
        "vanishing-gradient",
        "healthy",
    ]
    assert [len(run["losses"]) for run in document["runs"]] == [1, 1]
    refusal = refused(runs, "compare", runs=["sigmoid", "sigmoid"])
    assert refusal.sentence == "Expected the names of 2 to 8 different runs, found 1."


def test_a_series_in_part(runs: Path) -> None:
    document = asked(runs, "series", run="sigmoid", name="loss", first=20, last=39, points=5)
    buckets = document["buckets"]
    assert (document["steps"], document["count"], document["points_each"]) == ([0, 59], 60, 4)
    assert buckets["first_step"] == [20, 24, 28, 32, 36]
    with RunReader(runs / "sigmoid.db") as reader:
        values = reader.series("loss").values
    assert buckets["min"] == [min(values[i : i + 4]) for i in range(20, 40, 4)]


@pytest.mark.parametrize(
    ("parameters", "field", "said"),
    [
        ({"name": "lost"}, "name", "learning_rate/0, loss, step_s"),
        ({"name": "loss", "points": 1}, "points", "Expected 2 to 4,000 points to draw, found 1."),
        ({"name": "loss", "first": 9, "last": 3}, "last", "Expected a last step from 9 on"),
        ({"name": "loss", "first": "x"}, "first", "Expected a whole number"),
    ],
)
def test_what_cannot_be_drawn_is_refused(
    runs: Path, parameters: dict[str, Any], field: str, said: str
) -> None:
    refusal = refused(runs, "series", run="sigmoid", **parameters)
    assert refusal.field == field
    assert said in refusal.sentence


def test_what_happens_again_and_again_is_told_once(writer: RunWriter) -> None:
    again = [
        Event(step, "capture", f"Step {step} could not be done again: lengths {0.5 / step:.4g}, 2.")
        for step in range(1, 6001, 5)
    ]
    for event in again:
        writer.event(event)
    for line in (40, 52):  # numbers that tell two places apart
        source = f"train.py:{line}"
        writer.event(Event(7000, "evaluation", f"The loss at {source}.", {"source": source}))
    writer.flush()
    document = asked(writer.path.parent, "run", run=writer.name)
    told = [e for e in document["events"] if e["kind"] in ("capture", "evaluation")]
    assert [(e["step"], e["last"], e["count"]) for e in told] == [
        (1, 5996, 1200),
        (7000, 7000, 1),
        (7000, 7000, 1),
    ]
    assert told[0]["sentence"] == again[0].text
    assert document["events_left_out"] == 0


def test_a_run_while_it_is_written_has_a_provisional_verdict(writer: RunWriter) -> None:
    """Written by this process, so it is running: the fixture of tests/faces/conftest.py."""
    writer.flush()
    document = asked(writer.path.parent, "run", run=writer.name)
    assert document["live"]["status"] == "running"
    assert document["verdict"]["source"] == "provisional"
    assert document["verdict"]["findings"]
    assert asked(writer.path.parent, "chain", run=writer.name)["step"] == 0


def test_a_run_of_which_nothing_was_measured(tmp_path: Path) -> None:
    writer = RunWriter.create(
        tmp_path,
        "bare",
        command=("train.py",),
        cwd=str(tmp_path),
        versions={},
        options={},
        pid=1,
        started_at=0.0,
    )
    for step in range(20):
        writer.point("loss", step, math.nan if step > 12 else 1.0 / (step + 1))
    writer.close(status="failed", exit_code=1, exception="boom", ended_at=1.0)
    document = asked(tmp_path, "run", run="bare")
    assert document["layers"] == {"rows": [], "sampled": [], "activation_steps": []}
    assert document["verdict"] == {"source": "none", "findings": []}
    assert document["losses"][0]["buckets"]["mean"][-1] == json_number(math.nan)
    (curve,) = asked(tmp_path, "slope", run="bare")["losses"]
    assert curve["line"]["points"] == 13 and curve["smooth"][-1] == "NaN"
    assert (
        "No backward pass of this run was measured yet"
        in refused(tmp_path, "chain", run="bare").sentence
    )
    assert "No step of this run was scanned" in asked(tmp_path, "scans", run="bare")["note"]


def test_no_question_of_a_run_loads_torch(runs: Path) -> None:
    asking = (
        "from pathlib import Path\n"
        "from chainrule.faces.views.questions import answer, Context\n"
        f"context = Context(Path({str(runs)!r}))\n"
        "for name in ('run', 'slope', 'chain', 'scans'):\n"
        "    answer(name, {'run': 'sigmoid'}, context)\n"
        "answer('compare', {'runs': ['sigmoid', 'residual']}, context)\n"
    )
    assert "torch" not in modules_after(asking)


def test_a_graph_of_a_thousand_nodes_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    monkeypatch.delitem(sys.modules, "benchmarks", raising=False)
    from benchmarks.big_run import write_run

    write_run(tmp_path, steps=20, layers=200, samples=2)
    (name,) = (path.stem for path in run_paths(tmp_path))
    document = asked(tmp_path, "chain", run=name)
    assert len(document["nodes"]) == 1001
    assert len(json.dumps(document).encode()) < 1_000_000
    assert document["start_depth"] == 0
    boxes = {
        node["module"].split(".")[0] if node["module"] else i
        for i, node in enumerate(document["nodes"])
    }
    assert len(boxes) <= 60


def test_a_finding_of_the_step_that_was_not_finished_ends_where_it_begins() -> None:
    run, finding = Mock(steps=1), Mock(steps=(1, 1), fault="training-died", title="RuntimeError")
    (mark,) = marks(run, [finding], [])
    assert (mark["first_step"], mark["last_step"]) == (1, 1)
