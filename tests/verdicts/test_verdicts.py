"""A sample of `make verdicts`: programs with a known fault, and their fixed twins."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from benchmarks.verdicts import outcome as outcomes
from benchmarks.verdicts.condition import Condition
from benchmarks.verdicts.detection import Prefix, cuts, detected_after
from benchmarks.verdicts.outcome import Found, Outcome, judge_again, run_program
from benchmarks.verdicts.page import page
from benchmarks.verdicts.program import HEALTHY, ProgramError, Variant, read_program, read_programs

from chainrule.store import open_run

SAMPLE = (
    "exploding_gradient/linear_dynamics",
    "healthy/large_targets_adam",
    "healthy/learnt_then_idle",
    "healthy/selu_deep",
    "non_finite/exp_poisson",
    "non_finite/sqrt_distance",
    "vanishing_gradient/gated_stack",
)
PROGRAMS = {program.name: program for name in SAMPLE for program in read_programs(name)}
RUNS = [(name, variant) for name, program in PROGRAMS.items() for variant in program.variants]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@cache
def run(name: str, variant: Variant, folder: Path) -> Outcome:
    return run_program(PROGRAMS[name], variant, 0, folder)


@pytest.mark.parametrize(("name", "variant"), RUNS, ids=[" ".join(run) for run in RUNS])
def test_a_fault_is_named_first_and_its_twin_is_left_alone(
    name: str, variant: Variant, folder: Path
) -> None:
    outcome = run(name, variant, folder)
    assert not outcome.complaint
    assert outcome.as_described, f"{outcome.metric_name} {outcome.metric}"
    assert set(outcome.baselines) == {"AutoTrainer", "DeepDiagnosis", "SageMaker Debugger"}
    if variant == "faulty":
        assert outcome.root_right
        assert outcome.found
        assert outcome.place_right is not False
        assert 0 < outcome.detected_after["chainrule"] <= outcome.steps
    else:
        assert outcome.alarms == ()


def test_a_run_that_was_cut_off_is_not_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "_TIMEOUT_S", 0.1)
    program = PROGRAMS["non_finite/sqrt_distance"]
    assert run_program(program, "faulty", 0, tmp_path).complaint
    assert judge_again(program, "faulty", 0, tmp_path) is None


def test_every_program_is_described() -> None:
    programs = read_programs()
    assert len(programs) > 20
    for program in programs:
        assert "chainrule" not in program.script, f"{program.name} is to be an ordinary script"
        compile(program.text(program.variants[-1]), program.name, "exec")


@pytest.mark.parametrize(
    ("text", "metric", "exit_code", "holds"),
    [
        ("<= 0.4", 0.4, 0, True),
        ("<= 0.4", 0.5, 0, False),
        ("<= 0.4", float("nan"), 0, False),
        (">= 1e3", 2000.0, 0, True),
        ("nan", float("inf"), 0, True),
        ("nan or >= 10", 11.0, 0, True),
        ("dies", None, 1, True),
        ("<= 0.4", 0.1, 1, False),  # what it printed before it died is no result
        ("> 0", None, 0, False),
    ],
)
def test_conditions(text: str, metric: float | None, exit_code: int, holds: bool) -> None:
    assert Condition(text).holds(metric, exit_code) is holds


def test_a_condition_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="comparison"):
        Condition("about 0.4")


def test_a_fix_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "plateau" / "a.py"
    script.parent.mkdir()
    script.write_text("print(1)\n")
    described = script.with_suffix(".toml")
    whole = 'fault = "plateau"\nwhy = "it is"\n[metric]\nfaulty = "> 1"\nfixed = "<= 1"\n[[fix]]\n'
    described.write_text(whole + 'old = "print(2)"\nnew = "print(3)"\n')
    with pytest.raises(ProgramError, match=r"does not hold 'print\(2\)'"):
        read_program(script)
    described.write_text(whole + 'old = "print(1)"\nnew = "print(3)"\n')
    assert read_program(script).text("fixed") == "print(3)\n"


def outcome(name: str, variant: str, *findings: Found, seed: int = 0, **rest: Any) -> Outcome:
    program = next(p for p in PROGRAMS.values() if p.name == name)
    return Outcome(
        program=program,
        variant=variant,
        seed=seed,
        metric=0.0,
        findings=findings,
        baselines={},
        **rest,
    )


def test_the_page_counts_misses_and_false_alarms() -> None:
    healthy = next(n for n, p in PROGRAMS.items() if p.fault == HEALTHY)
    name = "vanishing_gradient/gated_stack"
    plateau = Found(fault="plateau", severity="error")
    vanishing = Found(fault="vanishing-gradient", severity="error", root=False)
    text = page(
        [
            outcome(name, "faulty", plateau, vanishing),
            outcome(name, "fixed", Found(fault="saddle", severity="note")),
            outcome(healthy, "healthy", plateau),
        ],
        {f"{healthy} healthy": "It looks flat."},
    )
    assert "| vanishing-gradient | 1 | 1 of 1 (100 %) | 0 of 1 (0 %) |" in text
    assert "| **all** | 2 | 1 of 1 (100 %) | 0 of 1 (0 %) | – | – | – | 1 of 2 (50 %) |" in text
    assert f"- `{name}`: not first; the verdict is `plateau`. No reason is known yet." in text
    assert f"- `{healthy}`, healthy: `plateau` (error). It looks flat." in text


def test_the_page_says_over_how_many_seeds_it_holds_and_how_soon() -> None:
    name = "vanishing_gradient/gated_stack"
    right, wrong = (Found(fault=f, severity="error") for f in ("vanishing-gradient", "plateau"))
    text = page(
        [
            outcome(name, "faulty", right, seed=0, detected_after={"chainrule": 4}),
            outcome(name, "faulty", right, seed=1, detected_after={"chainrule": 32}),
            outcome(name, "faulty", wrong, seed=2),
        ],
        {},
    )
    assert "3 runs: faulty programs with 3 seeds each." in text
    row = "| vanishing-gradient | 1 | 2 of 3 (67 %) | 2 of 3 (67 %) | – | 32 | 32 |"
    assert row in text
    assert f"| {name} | 2 of 3 | 32 | – |" in text
    assert f"- `{name}`, in 1 of 3 runs (seeds 2): not found;" in text


def test_a_run_is_cut_at_steps_and_looked_at_until_the_fault_stays_named(folder: Path) -> None:
    steps = run("vanishing_gradient/gated_stack", "faulty", folder).steps
    (file,) = folder.glob("vanishing_gradient--gated_stack--faulty--0/runs/run.db")
    with open_run(file) as whole, Prefix(file, 10) as cut:
        assert cut.run().steps == 10
        assert cut.sampled_steps() == tuple(s for s in whole.sampled_steps() if s < 10)
        assert {s.step for s in cut.samples()} == set(cut.sampled_steps())
        assert cut.series("loss").values == whole.series("loss").values[:10]
        assert all(f.step < 10 for f in cut.forward_passes())
    assert cuts(10) == (1, 2, 3, 4, 6, 8)
    assert detected_after(file, steps, lambda reader: reader.run().steps >= 20) == 23
    # named early on and lost again does not count
    flickers = {1, 2, *range(50, steps)}
    assert detected_after(file, steps, lambda reader: reader.run().steps in flickers) == 64
    assert detected_after(file, steps, lambda _: False) == steps
