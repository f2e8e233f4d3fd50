"""What a run is asked about its optimizers, beside the optimizers themselves."""

import inspect

import pytest
import torch
from synthetic import case
from torch import optim

from chainrule.records import OptimizerOutline

KINDS = sorted(
    (
        kind
        for kind in vars(optim).values()
        if inspect.isclass(kind) and kind is not optim.Optimizer
    ),
    key=lambda kind: kind.__name__,
)
STEPS = 12
FIRST = {optim.RAdam: 5}  # the step from which it divides


def way(kind: type[optim.Optimizer], scale: float) -> float:
    """‖Δw‖ of some steps, added up, on gradients that are `scale` times those of 1."""
    torch.manual_seed(0)
    weight = torch.nn.Parameter(torch.randn(4, 4))
    optimizer = kind([weight], lr=1e-2)
    steps = []
    for gradient in scale * torch.randn(STEPS, 4, 4):

        def closure(gradient: torch.Tensor = gradient) -> float:
            weight.grad = gradient.to_sparse() if kind is optim.SparseAdam else gradient.clone()
            return scale

        before = weight.detach().clone()
        closure()
        optimizer.step(closure)
        steps.append(float((weight.detach() - before).norm()))
    return sum(steps[FIRST.get(kind, 0) :])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_which_steps_are_twice_as_long_with_twice_the_gradient(kind: type[optim.Optimizer]) -> None:
    named = OptimizerOutline(index=0, kind=kind.__name__, hyperparameters={})
    run = case([2.3], optimizers=(named,))
    longer = way(kind, 2.0) / way(kind, 1.0)
    assert longer == pytest.approx(1.0 if run.scale_free else 2.0, rel=0.01)
    assert run.step_follows_gradient is not run.scale_free
