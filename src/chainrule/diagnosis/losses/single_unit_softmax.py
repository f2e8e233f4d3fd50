"""A softmax over one unit, which is always 1."""

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.wording import number
from chainrule.records import Evidence, Remedy, Values

from .calls import calls_of
from .head import Head, heads
from .misuse import Misuse


def single_unit(case: Case) -> list[Misuse]:
    """A softmax over one unit: always 1, with a derivative that is exactly 0."""
    for head in heads(case):
        for node in head.nodes:
            if head.name(node) not in ("Softmax", "LogSoftmax") or not head.targets(node):
                continue
            alike = [c for _, c in case.chains if c.graph.id == head.chain.graph.id]
            passed = [c.rms(head.targets(node)[0]) for c in alike]
            if any(passed) or not passed or _units(case, head, node) != 1:
                continue
            return [_of_one_unit(case, head, node, middle(c.rms(node) for c in alike))]
    return []


def _units(case: Case, head: Head, node: int) -> int | None:
    name = head.name(node)
    shapes: list[Values] = [
        c.prediction
        for c in calls_of(case)
        if c.prediction.shape and (name in c.after[:1] or c.function == "cross_entropy_loss")
    ]
    return shapes[-1].shape[-1] if shapes else head.outputs(node)


def _of_one_unit(case: Case, head: Head, node: int, arrived: float) -> Misuse:
    place, name = head.place(node), head.name(node).lower()
    return Misuse(
        severity="error",
        title=f"{name} over a single unit: its output is constant and its derivative 0",
        where=place,
        first_step=case.chains[0][0],
        evidence={
            "units": Evidence(1.0, "units", 2.0, "a softmax compares units with each other"),
            "gradient_passed_on": Evidence(0.0, "RMS", 0.0),
            "gradient_received": Evidence(arrived, "RMS"),
            "loss_first": Evidence(case.loss_start, rows="series loss"),
            "loss_last": Evidence(case.loss_end, rows="series loss"),
        },
        explanation=(
            f"{place} compares the units of the last layer with each other, and that layer has "
            "one unit:\n\n    p = e^z / e^z = 1,   ∂p/∂z = p(1 − p) = 0\n\n"
            f"whatever z is. A gradient of RMS {number(arrived)} came to it, and exactly 0 went "
            "on, so no weight before it can move by it. The loss went from "
            f"{number(case.loss_start)} to {number(case.loss_end)}."
        ),
        remedies=(
            Remedy(
                "for two classes and one unit, use binary_cross_entropy_with_logits on its output",
                "a sigmoid compares one unit with 0",
            ),
            Remedy(
                "or give the last layer one unit for each class",
                "then a softmax has something to compare",
            ),
        ),
    )
