"""Which measured backward pass a view shows: that of the nearest sampled step."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from chainrule.records import BackwardPass, Graph, StepSample
from chainrule.store import RunReader

from .question import Refusal


def nearest_sample(reader: RunReader, steps: Sequence[int], step: int | None) -> StepSample:
    """The sample with backward passes that is nearest to a step; to the last without one.

    Args:
        reader: The run.
        steps: Its sampled steps.
        step: The step asked for.

    Raises:
        Refusal: If there is none.
        RunFileError: If the file is damaged.
    """
    asked = steps[-1] if step is None and steps else step or 0
    for nearest in _nearest_first(steps, asked):
        for sample in reader.samples(nearest, nearest):
            if sample.backward_passes:
                return sample
    raise Refusal(
        "No backward pass of this run was measured yet: the first steps are, as soon as they come."
        if not steps
        else "Steps of this run were measured, but no backward pass of them was seen: is the loss "
        "computed without autograd?"
    )


def _nearest_first(steps: Sequence[int], asked: int) -> Iterator[int]:
    """Ascending steps in the order of how far they are; of two as near the earlier first."""
    above = bisect_left(steps, asked)
    below = above - 1
    while below >= 0 or above < len(steps):
        if above == len(steps) or (below >= 0 and asked - steps[below] <= steps[above] - asked):
            yield steps[below]
            below -= 1
        else:
            yield steps[above]
            above += 1


def chosen_pass(sample: StepSample, graphs: Mapping[int, Graph], index: int | None) -> BackwardPass:
    """The backward pass of an index; without one, that of the largest graph.

    Raises:
        Refusal: If the sample has no such pass.
    """
    if index is None:
        return max(sample.backward_passes, key=lambda p: (len(graphs[p.graph].nodes), -p.index))
    for found in sample.backward_passes:
        if found.index == index:
            return found
    known = ", ".join(str(p.index) for p in sample.backward_passes)
    raise Refusal(
        f"Expected a backward pass of step {sample.step} ({known}), found {index}.",
        field="backward_pass",
    )
