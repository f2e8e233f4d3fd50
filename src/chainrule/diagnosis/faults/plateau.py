"""Plateau.

What it is
    A place where the loss is flat in all directions although a much lower loss is known farther
    away: no slope to follow, and no curvature that would lead off it.

Why it happens
    A saturated activation, units that are dead, a chain of small factors: the loss no longer
    depends on the weights, so it cannot say where to go. Or the learning rate is 0, so that
    every place is one.

How it is found
    The loss of the later half of the run does not fall and is still above half of what it was
    at the first step (`loss_ratio`, threshold 0.5). Where the run ended, moving the weights by a
    tenth of their size (quantity `variation`) changes the loss, measured over all captured
    batches, by less than a thousandth of the fall that was found farther away (`fall_in_sight`).
    How sure that is stands beside it. An activation whose derivative was small (below a
    twentieth of its largest) on at least half of what was sampled in the later half of the run
    is named as the place (`small_derivatives`, threshold 0.5). A learning rate of 0 is the cause
    if it was 0 in every captured step (`learning_rate`) and the place where the run ended says so
    too, or no weight ever moved.

    It is one as well if on every sampled step every weight's gradient was exactly 0 from the first
    on (`gradient_norm`, threshold 0), although a gradient came to the operation that let nothing
    through (`gradient_that_arrived`), and the loss stayed above 0: a clamp beyond its ends.

Example that has it
    `examples/plateau_digits.py`.

Example that has not
    `examples/healthy_noise_floor_diabetes.py`: its loss is level because it is at its minimum.

Remedies
    They follow from the kind of plateau: initialisation and normalisation where activations
    are saturated, those of dead units and of vanishing gradients where these are the reason.

Known limits
    Measured once, at the end, along some directions.

References
    Fukumizu and Amari (2000), Neural Networks 13(3), on plateaus of multilayer networks.
"""

from chainrule.diagnosis.case import Case, middle
from chainrule.diagnosis.flat import STILL_HIGH, stands_still
from chainrule.diagnosis.wording import number, percent, plural
from chainrule.instruments import Chain
from chainrule.records import (
    NEVER_RAN,
    Evidence,
    Finding,
    Place,
    Remedy,
    operation,
)

NAME = "plateau"
SUMMARY = "The run stands still where the loss is flat in all directions, and a lower one is known."


SAMPLES = 3
"""Passes without any gradient that are needed: one odd batch is no verdict."""

_CLAMPS = frozenset({"Clamp", "ClampMin", "ClampMax", "Hardtanh"})
"""What passes exactly 0 on beyond its ends. Units that saturate or are switched off have faults of
their own, and steps such as round cut the path, which is `no-gradient`."""

SMALL_SHARE = 0.5
"""Share of an activation's derivatives that must be small for it to be named: most of the layer."""

_RELUS = ("Relu", "LeakyRelu", "Elu", "Gelu", "Silu", "Threshold", "Hardtanh")
"""Activations that are switched off on one side; others saturate on both."""


def check(case: Case) -> list[Finding]:
    """The finding, if the run ended on a plateau that is not the noise of its batches."""
    return _no_gradient_at_all(case) or _no_rate(case) or _at_the_end(case)


def _at_the_end(case: Case) -> list[Finding]:
    """The place where the run stood still, as it was measured once it was over."""
    final = case.final_place
    if final is None or final.place.kind != "plateau":
        return []
    if final.place.plateau in ("noise-floor", "zero-learning-rate"):
        return []
    facts = {fact.quantity: fact for fact in final.place.facts}
    sight = facts.get("fall in sight")
    near = next((f for q, f in facts.items() if q.startswith("change of the loss")), None)
    if sight is None or near is None or not sight.value > 0 or not stands_still(case):
        return []
    rows = "final_place 0"
    loss = facts["loss"].value
    culprit = _flattest(case)
    named = (
        {
            "small_derivatives": Evidence(
                culprit[1], "of the sampled derivatives", SMALL_SHARE, "most of the layer"
            )
        }
        if culprit
        else {}
    )
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"the loss is flat all around, at {number(loss)}",
            where=culprit[0] if culprit else Place(),
            steps=(final.step, final.step),
            evidence={
                "gradient_norm": Evidence(facts["gradient norm"].value, rows=rows),
                "variation": Evidence(near.value, "loss", 1e-3 * sight.value, "", rows),
                "fall_in_sight": Evidence(sight.value, "loss", rows=rows),
                "loss_slope_high": Evidence(final.loss_slope_high, "loss per step", rows=rows),
                "loss_ratio": Evidence(case.loss_end / case.loss_start, "", STILL_HIGH),
            }
            | named,
            explanation=(
                f"The loss against steps is flat: {number(case.loss_start)} at the first step, "
                f"{number(case.loss_end)} at the end. The loss against θ was measured there over "
                f"{plural(final.batches, 'captured batch', 'captured batches')}: its gradient has "
                f"length {number(facts['gradient norm'].value)}, and the {near.quantity} of here "
                f"is at most {number(near.value)}, in every direction that was tried. Yet "
                f"farther away a loss was met that is lower by {number(sight.value)}.\n\n"
                f"    {_why(final.place.plateau, culprit)}\n\n"
                f"That this is a plateau is {final.place.certainty}: "
                f"{_BY[final.place.certainty]}. "
                "Where nothing that a weight does shows in the loss, no optimizer can know where "
                "to go."
            ),
            remedies=(
                Remedy(
                    "look for the first activation whose derivative is nearly 0, and give it "
                    "inputs near 0: a smaller initialisation, or normalisation before it",
                    "its derivative is a factor of every gradient behind it",
                    "Glorot and Bengio (2010), AISTATS",
                ),
                Remedy(
                    "take a loss that goes with the last activation (cross entropy on logits)",
                    "its derivative cancels that of a saturated sigmoid or softmax",
                ),
            ),
        )
    ]


_BY = {
    "certain": "it follows from numbers and their error bounds",
    "likely": "it rests on the directions that were tried",
    "undecided": "too little was measured",
}


def _why(kind: str | None, culprit: tuple[Place, float] | None) -> str:
    if culprit is not None:
        place, share = culprit
        how = "switched off" if place.operation in _RELUS else "saturated"
        return f"{percent(share)} of the derivatives of {place} are 0 or nearly so: it is {how}."
    return {
        "dead-units": "Units are switched off or saturated: their derivative is exactly 0.",
        "vanished-chain": "There is a slope, but a chain of small factors leaves next to nothing.",
    }.get(kind or "", "No reason showed.")


def _flattest(case: Case) -> tuple[Place, float] | None:
    """The activation with the largest share of small derivatives, late in the run."""
    found = []
    for seen in case.activations.values():
        shares = [(step, graph, a) for step, graph, a in seen if step in case.late_steps]
        if shares and (share := middle(a.small_fraction for _, _, a in shares)) >= SMALL_SHARE:
            _, graph, a = shares[-1]
            found.append((share, case.graphs[graph].nodes[a.node].place))
    share, place = max(found, key=lambda pair: pair[0], default=(0.0, None))
    return None if place is None else (place, share)


def _no_gradient_at_all(case: Case) -> list[Finding]:
    """No weight ever had a gradient, for an operation passed exactly 0 on of what it received."""
    norms = [norm for seen in case.reached.values() for _, norm in seen]
    passes = [chain for _, chain in case.chains if chain.backward_pass.accumulates]
    if len(passes) < SAMPLES or not norms or any(norm != 0 for norm in norms):
        return []
    stops = [_stops(chain) for chain in passes]
    if len(case.optimizers) != 1 or not all(stops) or not case.loss_end > 0:
        return []
    node, arrived = stops[-1][0]
    place = passes[-1].graph.nodes[node].place
    if operation(passes[-1].graph.nodes[node].name) not in _CLAMPS:
        return []
    steps = [step for step, _ in case.chains]
    return [
        Finding(
            fault=NAME,
            severity="error",
            title=f"{place.operation} passes a gradient of exactly 0 on, at every step",
            where=place,
            steps=(min(steps), case.last_step),
            evidence={
                "gradient_norm": Evidence(0.0, "of every weight", 0.0, "on every sampled step"),
                "gradient_that_arrived": Evidence(arrived, f"at {place.operation}", 0.0),
                "sampled_steps": Evidence(float(len(passes)), "passes", float(SAMPLES)),
                "loss_first": Evidence(case.loss_start, rows="series loss"),
                "loss_last": Evidence(case.loss_end, "", 0.0, "there is something to learn"),
            },
            explanation=(
                f"On each of {plural(len(passes), 'sampled pass', 'sampled passes')} a gradient of "
                f"length {number(arrived)} (the last one) came to {place}, and exactly 0 went on "
                "from there to all weights:\n\n"
                "    ∂L/∂w = ∂L/∂y · ∂y/∂z · ∂z/∂w = ∂L/∂y · 0 · ∂z/∂w = 0\n\n"
                "Its output does not depend on its input where that lies, as beyond the ends of a "
                "clamp, so nothing that a weight does shows in the loss: it was "
                f"{number(case.loss_start)} at the first step and {number(case.loss_end)} at the "
                "end."
            ),
            remedies=(
                Remedy(
                    f"bring the input of {place.operation} to where its slope is not 0: look at "
                    "the last bias and the size of the weights before it",
                    "no step can do that, since all steps are 0",
                ),
                Remedy(
                    "clamp only where predictions are used, not where they are trained",
                    "beyond the ends of a clamp there is no way back",
                ),
            ),
        )
    ]


def _stops(chain: Chain) -> list[tuple[int, float]]:
    """Operations that received a gradient and passed on exactly 0, with its norm; empty if none."""
    passed: dict[int, float] = {}
    norms = chain.backward_pass.edge_norms
    for edge, norm in zip(chain.graph.edges, norms, strict=True):
        if norm != NEVER_RAN:
            passed[edge.source] = max(passed.get(edge.source, 0.0), norm)
    return [
        (node, arrived)
        for node, most in passed.items()
        if most == 0 and (arrived := chain.backward_pass.node_norms[node]) > 0
    ]


def _no_rate(case: Case) -> list[Finding]:
    """The learning rate is 0, and was in every step that was captured.

    That it stayed so is seen at the place where the run ended, or by weights that never moved.
    """
    if not case.step_scans or any(s.learning_rate != 0 for s in case.step_scans):
        return []
    gradient = middle(s.gradient_norm for s in case.step_scans)
    final, ways = case.final_place, [case.way(w) for w in case.weights]
    seen_at_the_end = final is not None and final.place.plateau == "zero-learning-rate"
    if not seen_at_the_end and (gradient == 0 or not ways or any(way != 0 for way in ways)):
        return []
    level = (
        {}
        if final is None
        else {
            "loss_slope_high": Evidence(
                final.loss_slope_high, "loss per step", rows="final_place 0"
            )
        }
    )
    return [
        Finding(
            fault=NAME,
            severity="error",
            title="the learning rate is 0: no step moves the weights",
            where=Place(),
            steps=(case.step_scans[0].step, case.last_step),
            evidence={
                "learning_rate": Evidence(0.0, "", 0.0, "", "step_scan"),
                "gradient_norm": Evidence(gradient, rows="step_scan"),
            }
            | level,
            explanation=(
                "Descent goes θ ← θ − η∇L. In each of the "
                f"{plural(len(case.step_scans), 'step')} that were captured η was 0, and with it "
                f"the step, although the gradient was not (length {number(gradient)}). The loss "
                "against steps is level for that reason, whatever the loss against θ is like."
            ),
            remedies=(
                Remedy(
                    "give the optimizer a learning rate above 0, and look at what its scheduler "
                    "multiplies it by",
                    "a warm-up that is never stepped, or a decay that has come to its end, gives 0",
                ),
            ),
        )
    ]
