"""Causes that fit one symptom equally: what would decide between them."""

from collections.abc import Sequence

from chainrule.records import Finding

from .measured import measured

_DECIDES: dict[str, str] = {
    "unscaled-input": "standardise the input",
    "badly-scaled-initialization": "initialise with the default of PyTorch",
    "symmetric-initialization": "initialise at random",
    "loss-misuse": "give the loss what it takes",
    "gradient-ascent": "turn the sign",
    "gradients-accumulate": "call zero_grad before each backward pass",
    "gradients-zeroed": "move zero_grad before the backward pass",
    "not-optimized": "give the optimizer all parameters",
    "no-gradient": "take out the cut",
    "schedule-out-of-step": "leave the scheduler out",
    "weight-decay-too-strong": "set weight_decay=0",
    "non-finite": "keep its numbers finite (an eps where it divides, takes a root or a logarithm)",
    "learning-rate-too-high": "divide the learning rate by ten",
    "oscillating-loss": "shuffle the training data",
    "exploding-gradient": "clip the gradient (torch.nn.utils.clip_grad_norm_)",
    "batch-norm-misuse": "leave the batch normalisation out",
    "saturated-units": "put a normalisation before the activation",
    "dead-units": "replace the activation by LeakyReLU",
    "vanishing-gradient": "train by Adam, whose step does not shrink with the gradient",
    "plateau": "start from another seed",
    "saddle": "start from another seed",
}
"""Cause → the change that takes it away and leaves the other."""


def either_or(cause: Finding, others: Sequence[Finding], symptom: Finding) -> str:
    """The causes with their numbers, and the measurement that would decide."""
    told = " or ".join(_told(each) for each in (cause, *others))
    both, neither = ("both", "neither") if len(others) == 1 else ("all", "none")
    return (
        f"Either {told} leads to {symptom.fault}{measured(symptom)}, "
        f"for {both} were there first and {neither} explains another. To decide, "
        f"{_DECIDES[cause.fault]}, run the script again with `chainrule run`, and see whether "
        f"{symptom.fault} is still found: if so it is {' or '.join(o.fault for o in others)}, "
        f"if not {cause.fault}."
    )


def _told(finding: Finding) -> str:
    return f"{finding.fault}{measured(finding)} from step {finding.steps[0]:,} on"
