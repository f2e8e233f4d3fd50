"""One cause, not several alarms: which finding takes which as its consequence."""

import itertools
import math

import pytest
from synthetic import case

from chainrule.diagnosis.causes import one_cause
from chainrule.diagnosis.causes.edges import EDGES
from chainrule.diagnosis.causes.rivals import either_or
from chainrule.diagnosis.faults import FAULTS
from chainrule.records import Evidence, Finding, Place, Severity

RUN = case([2.3] * 100)


def finding(
    fault: str,
    step: int = 0,
    operation: str = "",
    severity: Severity = "error",
    known: float = 0,
    **evidence: float,
) -> Finding:
    return Finding(
        fault=fault,
        severity=severity,
        title=f"title of {fault}",
        where=Place(operation=operation),
        steps=(step, 99),
        evidence={
            "unreached_in_models": Evidence(known),
            "share": Evidence(0.25, "of the units", 0.2),
            **{name: Evidence(value) for name, value in evidence.items()},
        },
        explanation="",
        consequences=(f"remark on {fault}",),
    )


IN_WEIGHTS = {"decades_lost_in_weight": 6.0, "decades_lost_in_activation": 3.7}
IN_UNITS = {"decades_lost_in_weight": 2.0, "decades_lost_in_activation": 3.7}


@pytest.mark.parametrize(
    ("root", "symptom"),
    [
        (finding("no-gradient"), finding("learning-rate-too-low", 4)),
        (finding("not-optimized"), finding("learning-rate-too-low", 4)),
        (finding("not-optimized"), finding("no-gradient")),
        (finding("non-finite", 50), finding("learning-rate-too-low", 60)),
        (finding("exploding-gradient"), finding("learning-rate-too-high", 1)),
        (finding("exploding-gradient"), finding("learning-rate-too-high")),
        (finding("learning-rate-too-high"), finding("exploding-gradient", 1)),
        (finding("learning-rate-too-high"), finding("non-finite", 9, "Addmm")),
        (finding("gradients-accumulate", 30), finding("oscillating-loss", 10)),  # the program's
        (finding("loss-misuse", examples_summed=64), finding("learning-rate-too-high")),
        (finding("loss-misuse", lowest_possible_loss=-math.inf), finding("non-finite", 9)),
        (finding("loss-misuse", lowest_possible_loss=-1), finding("gradient-ascent")),
        (finding("non-finite", 9), finding("training-died", 9, family_nonfinite=1)),
        (finding("no-gradient"), finding("training-died", 0, family_grad=1)),
        # dead units: all of a layer, most of what is lost, or bystanders of weights that shrink
        (finding("dead-units", dead_share=0.95), finding("vanishing-gradient", 3, **IN_WEIGHTS)),
        (finding("dead-units", dead_share=0.6), finding("vanishing-gradient", **IN_UNITS)),
        (finding("vanishing-gradient", **IN_WEIGHTS), finding("dead-units", 9, dead_share=0.6)),
    ],
)
def test_explained(root: Finding, symptom: Finding) -> None:
    (kept,) = one_cause([symptom, root], RUN)
    assert kept.fault == root.fault
    assert kept.consequences == (
        *root.consequences,
        f"{symptom.fault}: {symptom.title}",
        *symptom.consequences,
    )
    (link,) = kept.links
    assert (link.fault, link.steps, link.depth) == (symptom.fault, symptom.steps, 0)
    assert kept.remarks == (*root.consequences, *symptom.consequences)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (finding("not-optimized"), finding("no-gradient", known=2)),  # of a module that was found
        (finding("not-optimized", severity="note"), finding("learning-rate-too-low")),
        (finding("learning-rate-too-high"), finding("non-finite", 9, "Log")),
        (finding("exploding-gradient"), finding("non-finite", 9, "Sqrt")),
        (finding("learning-rate-too-high", 20), finding("dead-units", 10)),  # it was there before
        (finding("loss-misuse"), finding("learning-rate-too-high")),  # no sum: steps are no longer
        (finding("non-finite", 9), finding("training-died", 9, family_shapes=1)),
        (finding("overfitting"), finding("plateau", 9)),
        (finding("gradients-accumulate"), finding("saturated-units")),  # before any update
        (finding("learning-rate-too-high"), finding("dead-units")),
        (finding("vanishing-gradient", 9, **IN_WEIGHTS), finding("dead-units", dead_share=0.6)),
    ],
)
def test_not_explained(first: Finding, second: Finding) -> None:
    assert one_cause([first, second], RUN) == [first, second]


CHAIN = ("unscaled-input", "saturated-units", "vanishing-gradient", "plateau")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_chain_stays_a_chain(order: tuple[int, ...]) -> None:
    """Each follows from the nearest: the input explains the plateau too, but by what is between."""
    found = [finding(CHAIN[i], 99 if i == 3 else 0) for i in order]
    (root,) = one_cause(found, RUN)
    assert root.fault == "unscaled-input"
    assert [(link.fault, link.depth) for link in root.links] == [
        ("saturated-units", 0),
        ("vanishing-gradient", 1),
        ("plateau", 2),
    ]
    assert [link.sentence for link in root.links if link.sentence not in root.consequences] == []


def test_a_link_is_justified_by_the_numbers_of_both_and_their_order() -> None:
    (root,) = one_cause([finding("learning-rate-too-high", 3), finding("dead-units", 12)], RUN)
    because = root.links[0].because
    assert "learning-rate-too-high (share 0.25 of the units) from step 3 on" in because
    assert "dead-units (share 0.25 of the units) from step 12 on" in because
    assert because.endswith(".")


def test_either_or_is_said_once_with_what_would_decide() -> None:
    two = [finding("loss-misuse"), finding("symmetric-initialization"), finding("plateau", 99)]
    first, second = one_cause(two, RUN)
    (link,) = first.links
    share = "(share 0.25 of the units)"
    assert link.because == (
        f"Either loss-misuse {share} from step 0 on or symmetric-initialization {share} "
        f"from step 0 on leads to plateau {share}, for both were there first and neither explains "
        "another. To decide, give the loss what it takes, run the script again with `chainrule "
        "run`, and see whether plateau is still found: if so it is symmetric-initialization, if "
        "not loss-misuse."
    )
    assert not second.links


def test_of_three_causes_none_is_kept_back() -> None:
    three = [finding(c) for c in ("unscaled-input", "gradients-accumulate", "gradient-ascent")]
    first, *others = one_cause([*three, finding("saturated-units", 9)], RUN)
    because = first.links[0].because
    assert all(f"{cause.fault} (share 0.25" in because for cause in three)
    assert "if so it is gradients-accumulate or gradient-ascent, if not unscaled-input." in because
    assert [other.links for other in others] == [(), ()]


def test_for_every_cause_there_is_a_change_that_would_decide() -> None:
    symptom = finding("plateau", 99)
    for cause in {edge.cause for edge in EDGES}:
        assert "To decide, " in either_or(finding(cause), [finding("another")], symptom)


def test_of_two_causes_the_one_that_was_there_first_is_no_rival() -> None:
    found = [finding("dead-units", 10), finding("weight-decay-too-strong"), finding("saddle", 99)]
    (root,) = one_cause(found, RUN)  # decay explains the dead units, and those the saddle
    assert [(link.fault, link.depth) for link in root.links] == [("dead-units", 0), ("saddle", 1)]
    assert "Either" not in root.links[1].because


def test_what_leads_to_an_error_is_one() -> None:
    found = [finding("dead-units", severity="warning"), finding("plateau", 99)]
    (root,) = one_cause(found, RUN)
    assert root.severity == "error"


def test_no_cycle_whatever_was_found() -> None:
    """All faults of the vocabulary at once, in any order of time: each finding is told once."""
    vocabulary = sorted({f for edge in EDGES for f in (edge.cause, edge.symptom)})
    for shift in range(len(vocabulary)):
        found = [finding(f, (i + shift) % 7, family_grad=1) for i, f in enumerate(vocabulary)]
        roots = one_cause(found, RUN)
        told = [r.fault for r in roots] + [link.fault for r in roots for link in r.links]
        assert sorted(told) == vocabulary


def test_ways_lead_between_faults_that_there_are() -> None:
    known = {fault.NAME for fault in FAULTS}
    assert {f for edge in EDGES for f in (edge.cause, edge.symptom)} <= known
    pairs = [(edge.cause, edge.symptom) for edge in EDGES]
    assert len(pairs) == len(set(pairs))
