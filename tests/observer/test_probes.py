"""Which steps are captured, what questions may take, and that it is said."""

import time
from pathlib import Path

import torch

import chainrule
from chainrule.observer.captured import Capture, Captures
from chainrule.observer.governor import Governor
from chainrule.observer.probes import END_S, Probes


def chosen(governor: Governor, steps: int, cost_s: float) -> list[int]:
    """The steps captured in a run whose steps take a second each."""
    probes = Probes(None, governor, Captures(8))  # type: ignore[arg-type]
    found = []
    for step in range(steps):
        probes.saw(1.0)
        if probes.wants(step):
            probes.keep(Capture(step=step, optimizer_index=0))
            governor.sample(step, 1.0 + cost_s, cost_s)
            found.append(step)
        else:
            governor.light(1.0, 0.0)
    return found


def test_within_the_budget_every_doubling_is_captured() -> None:
    assert chosen(Governor(0.01), 600, 0.01) == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    assert chosen(Governor(None, every=10), 300, 9.0) == [1, 2, 4, 8, 16, 32, 64, 128, 256]


def test_beyond_the_early_steps_a_spent_budget_makes_captures_rarer() -> None:
    assert chosen(Governor(0.01), 3000, 9.0) == [1, 2, 4, 8, 16, 32, 64, 256, 1024]


def test_what_is_asked_after_the_training_is_within_the_budget_of_the_run(tmp_path: Path) -> None:
    def time_left(governor: Governor, training_s: float) -> float:
        return Probes(None, governor, Captures(8))._time_at_the_end(training_s)  # type: ignore[arg-type]

    assert time_left(Governor(0.01, spent_s=0.3), 30.0) == END_S
    assert time_left(Governor(0.01, spent_s=4.0), 1000.0) == 6.0
    assert time_left(Governor(None, every=1), 1000.0) == 50.0


def test_the_time_of_questions_is_in_the_run_beside_that_of_watching(tmp_path: Path) -> None:
    weight = torch.nn.Parameter(torch.ones(50))
    optimizer = torch.optim.SGD([weight], lr=1e-3)
    began = time.perf_counter()
    with chainrule.watch(folder=tmp_path) as watched:
        for _ in range(40):
            optimizer.zero_grad()
            (weight**2).sum().backward()
            optimizer.step()
    taken = time.perf_counter() - began
    with chainrule.open_run(watched.path) as reader:
        run, (event,) = reader.run(), reader.events("questions")
    assert 0 < run.questions_s < taken
    assert run.questions_s == event.data["seconds"]
