"""Losses that are given what they do not take, and losses that come close and are right."""

import math
from typing import Any

import pytest
from passes import compared, forward, graph, parameter, passes, values
from synthetic import case, falling, scan

from chainrule.diagnosis.faults.loss_misuse import check
from chainrule.records import Activation, Edge, Finding, Graph, Node, Place


def found(
    *names: str,
    losses: list[float] | None = None,
    classes: int = 10,
    norms: tuple[float, ...] = (),
    numels: tuple[int, ...] = (),
    activations: tuple[Activation, ...] = (),
    **more: Any,
) -> list[Finding]:
    """Findings of a run whose graph is these operations in a line, from the loss inwards."""
    made, parameters = graph(*names, classes=classes)
    return check(
        case(
            losses or falling(60, 1.6),
            samples=passes(made, norms=norms, numels=numels, activations=activations),
            graphs=(made,),
            parameters=parameters,
            **more,
        )
    )


CROSS_ENTROPY = ("NllLoss", "LogSoftmax")


@pytest.mark.parametrize("squeezed", ["Softmax", "Sigmoid"])
@pytest.mark.parametrize("classes", [2, 10])
def test_a_cross_entropy_of_what_was_squeezed_has_a_floor(squeezed: str, classes: int) -> None:
    (finding,) = found(*CROSS_ENTROPY, squeezed, "Addmm", classes=classes, norms=(1, 1, 2, 0.1))
    assert finding.where.operation == squeezed
    floor = -math.log(math.e / (math.e + classes - 1))
    assert finding.evidence["lowest_possible_loss"].value == pytest.approx(floor)
    assert finding.evidence["gain_of_the_extra_operation"].value == pytest.approx(0.05)
    assert finding.severity == "warning"


def test_a_run_that_has_learned_nothing_with_it_is_an_error() -> None:
    (finding,) = found(*CROSS_ENTROPY, "Softmax", "Addmm", losses=falling(60, 2.28))
    assert finding.severity == "error"


@pytest.mark.parametrize(("end", "count"), [(1.5, 1), (1.7, 0)])
def test_a_tanh_is_told_if_its_floor_is_half_of_the_loss(end: float, count: int) -> None:
    floor = math.log1p(9 * math.exp(-2))
    assert 2 * floor == pytest.approx(1.6, abs=0.02)
    misuses = found(*CROSS_ENTROPY, "Tanh", "Addmm", losses=falling(60, end, noise=0))
    assert len(misuses) == count


@pytest.mark.parametrize(
    "names",
    [
        (*CROSS_ENTROPY, "Addmm"),
        (*CROSS_ENTROPY, "Relu", "Addmm"),
        (*CROSS_ENTROPY, "Addmm", "Softmax", "Addmm"),  # attention further in
        ("NllLoss", "Log", "Softmax", "Addmm"),
        ("NllLoss", "Log", "Add", "Softmax", "Addmm"),
        ("BinaryCrossEntropy", "Sigmoid", "Addmm"),
        ("BinaryCrossEntropyWithLogits", "Squeeze", "Addmm"),
        ("MseLoss", "Softmax", "Addmm"),
        ("MseLoss", "Sigmoid", "Addmm"),
        ("Mean", "Neg", "Index", "LogSoftmax", "Addmm"),
    ],
)
def test_losses_as_they_are_meant(names: tuple[str, ...]) -> None:
    assert found(*names) == []


def test_a_reshape_between_them_hides_nothing() -> None:
    (finding,) = found(*CROSS_ENTROPY, "View", "Softmax", "Addmm")
    assert finding.where.operation == "Softmax"


@pytest.mark.parametrize(("high", "low", "count"), [(1.0, 0.0, 1), (1.2, 0.0, 0), (1.0, -0.1, 0)])
def test_a_softmax_written_by_hand_is_known_by_its_sums(
    high: float, low: float, count: int
) -> None:
    given = values((64, 10), low, 0.9, sum_last=(0.9999, high))
    call = compared("cross_entropy_loss", given, values((64,), 0, 9))
    names = (*CROSS_ENTROPY, "Div", "Exp", "Addmm")
    misuses = found(*names, forward_passes=(forward(call), forward(call, step=1)))
    assert len(misuses) == count


def test_a_layer_written_by_hand_tells_its_classes() -> None:
    made = Graph(
        1,
        tuple(
            Node(name, Place(operation=name), index)
            for name, index in (
                ("NllLossBackward0", None),
                ("LogSoftmaxBackward0", None),
                ("SoftmaxBackward0", None),
                ("AddBackward0", None),
                ("MmBackward0", None),
                ("AccumulateGrad", 0),
                ("AccumulateGrad", 1),
            )
        ),
        tuple(Edge(*e) for e in ((0, 1, 0), (1, 2, 0), (2, 3, 0), (3, 4, 0), (3, 5, 1), (4, 6, 1))),
    )
    for leaves in (((7,), (8, 7)), ((1, 7), (8, 7))):
        parameters = [parameter(i, f"p{i}", shape) for i, shape in enumerate(leaves)]
        run = case(
            falling(60, 1.6), samples=passes(made), graphs=(made,), parameters=tuple(parameters)
        )
        (finding,) = check(run)
        assert finding.evidence["classes"].value == 7


def test_two_log_softmaxes_are_a_note() -> None:
    (finding,) = found(*CROSS_ENTROPY, "LogSoftmax", "Addmm")
    assert finding.severity == "note"


def test_a_sigmoid_before_a_loss_with_one_of_its_own() -> None:
    call = compared("binary_cross_entropy_with_logits", values((8,), 0, 1), values((8,), mean=0.25))
    (finding,) = found(
        "BinaryCrossEntropyWithLogits", "Sigmoid", "Addmm", forward_passes=(forward(call),)
    )
    floor = 0.25 * math.log1p(math.exp(-1)) + 0.75 * math.log(2)
    assert finding.evidence["lowest_possible_loss"].value == pytest.approx(floor)


@pytest.mark.parametrize(("ones", "count"), [(0.9, 0), (0.1, 1)])
def test_a_relu_before_a_binary_loss_keeps_it_up_by_its_zeros(ones: float, count: int) -> None:
    call = compared("binary_cross_entropy_with_logits", values((8,), 0, 9), values((8,), mean=ones))
    misuses = found(
        *("BinaryCrossEntropyWithLogits", "Relu", "Addmm"),
        losses=falling(60, 0.7, first=0.8, noise=0),
        forward_passes=(forward(call),),
    )
    assert len(misuses) == count


class TestProbabilitiesWithoutLogarithm:
    def test_of_a_softmax(self) -> None:
        (finding,) = found("NllLoss", "Softmax", "Addmm", losses=[-0.1, -0.11, -0.12])
        assert finding.severity == "error"
        assert finding.where.operation == "Softmax"

    def test_that_did_learn(self) -> None:
        (finding,) = found("NllLoss", "Softmax", "Addmm", losses=[-0.1, -0.6, -0.9])
        assert finding.severity == "warning"

    def test_raw_scores(self) -> None:
        (finding,) = found("NllLoss", "Addmm", losses=[0.1, -60.0, -9e9])
        assert finding.severity == "error"
        assert "raw scores" in finding.title

    @pytest.mark.parametrize(("largest", "count"), [(0.0, 0), (0.2, 1)])
    def test_by_the_largest_that_was_given(self, largest: float, count: int) -> None:
        call = compared("nll_loss_nd", values((8, 10), -9, largest), values((8,), 0, 9))
        assert len(found("NllLoss", "Sub", "Addmm", forward_passes=(forward(call),))) == count

    def test_nothing_is_said_while_nothing_is_above_zero(self) -> None:
        assert found("NllLoss", "Sub", "Addmm", losses=falling(60, 0.4)) == []

    def test_a_divergence_of_probabilities(self) -> None:
        (finding,) = found("KlDiv", "Softmax", "Addmm", losses=[-1.0, -1.1])
        assert "probabilities" in finding.title


class TestBroadcast:
    @pytest.mark.parametrize("by", ["Sub", "Rsub", "Mul"])
    def test_by_the_sizes_of_the_gradients(self, by: str) -> None:
        (finding,) = found("Mean", "Pow", by, "Addmm", numels=(1, 64, 64, 8))
        assert finding.evidence["differences"].value == 64
        assert finding.evidence["predictions"].value == 8
        assert finding.severity == "error"

    def test_in_a_loss_function(self) -> None:
        (finding,) = found("MseLoss", "Expand", "Addmm", numels=(1, 64, 8))
        assert finding.where.operation == "MseLoss"

    @pytest.mark.parametrize(
        ("names", "numels"),
        [
            (("Mean", "Pow", "Sub", "Addmm"), (1, 8, 8, 8)),
            (("Mean", "Pow", "Sub", "Addmm"), (1, 32, 32, 8)),  # four quantiles each
            (("Mean", "Pow", "Sub", "Unsqueeze", "Addmm"), (1, 64, 64, 8, 8)),  # all pairs, meant
            (("Mean", "Pow", "Sub", "Addmm"), (1, 4, 4, 2)),  # too few to be sure
            (("Mean", "Pow", "Sub", "Addmm"), (1, 1, 1, 1)),
        ],
    )
    def test_other_sizes_are_meant(self, names: tuple[str, ...], numels: tuple[int, ...]) -> None:
        assert found(*names, numels=numels) == []

    @pytest.mark.parametrize(
        ("prediction", "target", "count"),
        [
            ((8, 1), (8,), 1),
            ((8,), (8, 1), 1),
            ((8,), (8,), 0),
            ((8, 1), (1, 8), 0),
            ((8, 3), (8, 1), 0),
            ((2, 1), (2,), 0),
            ((8, 1, 1), (8, 1), 1),
        ],
    )
    def test_by_the_shapes(
        self, prediction: tuple[int, ...], target: tuple[int, ...], count: int
    ) -> None:
        call = compared("mse_loss", values(prediction), values(target, -1, 1))
        misuses = found("MseLoss", "Addmm", forward_passes=(forward(call),))
        assert len(misuses) == count
        if misuses:
            assert misuses[0].evidence["variance_of_targets"].value == pytest.approx(1)

    def test_shapes_after_the_broadcast_overrule_nothing(self) -> None:
        place = Place("part0", "MseLoss", "train.py:1")
        call = compared("mse_loss", values((8, 8)), values((8, 8), -1, 1), place=place)
        (finding,) = found(
            "MseLoss", "Expand", "Addmm", numels=(1, 64, 8), forward_passes=(forward(call),)
        )
        assert finding.evidence["variance_of_targets"].value == pytest.approx(1)

    def test_shapes_that_were_seen_to_fit_overrule_the_sizes(self) -> None:
        call = compared("sub", values((8, 1)), values((1, 8)))
        misuses = found(
            "Mean", "Pow", "Sub", "Addmm", numels=(1, 64, 64, 8), forward_passes=(forward(call),)
        )
        assert len(misuses) == 1  # another line: `Sub` is at train.py:3
        call = compared("sub", values((8, 1)), values((1, 8)), place=misuses[0].where)
        assert not found(
            "Mean", "Pow", "Sub", "Addmm", numels=(1, 64, 64, 8), forward_passes=(forward(call),)
        )


class TestSoftmaxOverOneUnit:
    def test_passes_nothing_on(self) -> None:
        (finding,) = found("BinaryCrossEntropy", "Softmax", "Addmm", classes=1, norms=(1, 2, 0))
        assert finding.severity == "error"
        assert finding.evidence["gradient_received"].value == 2

    def test_a_softmax_that_is_sure_is_another_thing(self) -> None:
        assert found("BinaryCrossEntropy", "Softmax", "Addmm", norms=(1, 2, 0)) == []

    def test_a_unit_that_passes_something_on_is_another_thing(self) -> None:
        assert found("BinaryCrossEntropy", "Softmax", "Addmm", classes=1) == []


class TestSoftmaxAxis:
    @pytest.mark.parametrize(
        ("sums", "elements", "count"),
        [(10, 640, 1), (64, 640, 0), (1, 640, 0), (10, 100, 0), (10, 64, 0)],
    )
    def test_one_written_by_hand_has_a_sum_for_each_example(
        self, sums: int, elements: int, count: int
    ) -> None:
        names = ("Mean", "Neg", "Log", "Sum", "Exp", "Addmm")
        misuses = found(*names, numels=(1, 1, sums, sums, elements, elements))
        assert len(misuses) == count
        assert all(f.evidence["examples"].value == 64 for f in misuses)

    def found(self, after: tuple[str, ...], **facts: Any) -> list[Finding]:
        given = values((64, 10), **facts)
        call = compared("nll_loss_nd", given, values((64,), 0, 9), after=after)
        return found("NllLoss", "LogSoftmax", "Addmm", forward_passes=(forward(call),))

    @pytest.mark.parametrize(("largest", "count"), [(-3.5, 1), (-2.3, 0), (-0.1, 0)])
    def test_no_class_is_as_likely_as_by_chance(self, largest: float, count: int) -> None:
        sums = (-45.0, -40.0)
        misuses = self.found(("LogSoftmax",), low=-5.0, high=largest, sum_last=sums)
        assert len(misuses) == count

    @pytest.mark.parametrize(("most", "count"), [(-15.0, 1), (-23.1, 0)])
    def test_logarithms_that_add_up_to_too_much(self, most: float, count: int) -> None:
        facts = {"low": -5.0, "high": -1.0, "sum_last": (-40.0, most)}
        assert len(self.found(("Log", "Softmax"), **facts)) == count

    @pytest.mark.parametrize(("sums", "count"), [((0.1, 0.4), 1), ((0.999, 1.001), 0)])
    def test_probabilities_that_do_not_add_up(self, sums: tuple[float, float], count: int) -> None:
        call = compared(
            "mse_loss",
            values((64, 10), sum_last=sums),
            values((64, 10)),
            after=("Softmax",),
            made=values((), 0.02, 0.02),
        )
        misuses = found("MseLoss", "Softmax", "Addmm", forward_passes=(forward(call),))
        assert len(misuses) == count


def dead(units: int, of: int, node: int, examples: int = 100) -> Activation:
    mask = int("1" * units + "0" * (of - units), 2) << (-of % 8)
    return Activation(node, 0.5, 0.5, 0.5, 0.0, examples, of, mask.to_bytes((of + 7) // 8, "big"))


@pytest.mark.parametrize(
    ("units", "severity"), [(0, None), (1, "warning"), (5, "error"), (10, "error")]
)
def test_scores_that_a_relu_switched_off(units: int, severity: str | None) -> None:
    names = (*CROSS_ENTROPY, "Relu", "Addmm")
    misuses = found(*names, activations=(dead(units, 10, 2),))
    assert [f.severity for f in misuses] == [severity] * (severity is not None)
    assert found(*names, activations=(dead(units, 10, 2, examples=60),)) == []  # too few seen


class TestTargetRange:
    def found(self, last: str, low: float, high: float, missed: float) -> list[Finding]:
        call = compared(
            "mse_loss",
            values((64,), 0, 0.5),
            values((64,), low, high),
            after=(last,),
            made=values((), missed, missed),
        )
        return found("MseLoss", "Addmm", forward_passes=(forward(call),))

    def test_a_sigmoid_does_not_reach_minus_one(self) -> None:
        (finding,) = self.found("Sigmoid", -1, 1, 0.5)
        assert finding.evidence["targets_out_of_reach"].value == pytest.approx(0.5)
        assert finding.evidence["beyond_reach"].value == pytest.approx(1)

    @pytest.mark.parametrize(
        ("last", "low", "high", "missed", "count"),
        [
            ("Sigmoid", 0, 1, 0.2, 0),
            ("Sigmoid", 0, 1.2, 0.2, 0),  # a third of a standard deviation beyond
            ("Sigmoid", 0, 1.4, 0.3, 1),
            ("Tanh", -1, 1, 0.5, 0),
            ("Tanh", 25, 346, 4e4, 1),
            ("Relu", 0, 346, 2e4, 0),
            ("Relu", -2, 2, 2.0, 1),
            ("Relu", -2, 2, 0.3, 0),  # learned in spite of it
            ("Softmax", 0, 1, 0.2, 0),
            ("Addmm", -1, 1, 0.5, 0),
        ],
    )
    def test_on_either_side(
        self, last: str, low: float, high: float, missed: float, count: int
    ) -> None:
        assert len(self.found(last, low, high, missed)) == count

    @pytest.mark.parametrize(
        ("low", "high", "count"), [(0, 1, 0), (-0.005, 1.005, 0), (-1, 1, 1), (1, 2, 1)]
    )
    def test_a_binary_cross_entropy_takes_probabilities(
        self, low: float, high: float, count: int
    ) -> None:
        call = compared("binary_cross_entropy_with_logits", values((8,)), values((8,), low, high))
        misuses = found("BinaryCrossEntropyWithLogits", "Addmm", forward_passes=(forward(call),))
        assert len(misuses) == count

    @pytest.mark.parametrize(("low", "count"), [(0, 1), (-1, 0)])
    def test_a_margin_takes_signs(self, low: float, count: int) -> None:
        call = compared("soft_margin_loss", values((8,)), values((8,), low, 1, integral=True))
        misuses = found("Mean", "Addmm", forward_passes=(forward(call),))
        assert len(misuses) == count


class TestSum:
    def found(self, examples: int, best: float = 1 / 64, end: float = 2.4) -> list[Finding]:
        call = compared("mse_loss", values((examples, 1)), values((examples, 1)), reduction="sum")
        return found(
            "MseLoss",
            "Addmm",
            losses=falling(60, end),
            scans=[scan(step, best, after=3.0) for step in (1, 2, 4, 8)],
            forward_passes=(forward(call),),
        )

    def test_of_many_examples_makes_steps_too_long(self) -> None:
        (finding,) = self.found(64)
        assert finding.evidence["examples_summed"].value == 64
        assert finding.severity == "error"

    @pytest.mark.parametrize(
        ("examples", "best", "end"), [(4, 1 / 64, 2.4), (64, 2.0, 2.4), (64, 1 / 64, 1.0)]
    )
    def test_few_examples_or_good_steps_are_no_fault(
        self, examples: int, best: float, end: float
    ) -> None:
        assert self.found(examples, best, end) == []

    @pytest.mark.parametrize(("gain", "count"), [(8.0, 1), (1 / 8, 0)])
    def test_of_a_cross_entropy_is_read_from_its_gradient(self, gain: float, count: int) -> None:
        misuses = found(
            *CROSS_ENTROPY,
            "Addmm",
            norms=(1.0, gain),
            losses=falling(60, 2.4),
            scans=[scan(step, 1 / 64, after=3.0) for step in (1, 2, 4, 8)],
        )
        assert len(misuses) == count


@pytest.mark.parametrize("losses", [[], [math.nan], [0.0, 0.0], [2.3]])
def test_runs_of_nothing_are_no_misuse(losses: list[float]) -> None:
    made, parameters = graph("NllLoss", "LogSoftmax", "Addmm")
    run = case(losses, samples=passes(made), graphs=(made,), parameters=parameters)
    assert check(run) == []
    assert check(case(losses)) == []
