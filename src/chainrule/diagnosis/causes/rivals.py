"""Two causes that fit one symptom equally: what would decide between them."""

from chainrule.records import Finding

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
    "learning-rate-too-high": "divide the learning rate by ten",
    "exploding-gradient": "clip the gradient (torch.nn.utils.clip_grad_norm_)",
    "batch-norm-misuse": "leave the batch normalisation out",
    "saturated-units": "put a normalisation before the activation",
    "dead-units": "replace the activation by LeakyReLU",
    "vanishing-gradient": "train by Adam, whose step does not shrink with the gradient",
    "plateau": "start from another seed",
    "saddle": "start from another seed",
}
"""Cause → the change that takes it away and leaves the other."""


def either_or(cause: Finding, other: Finding, symptom: Finding) -> str:
    """The two causes, and the measurement that would decide."""
    change = _DECIDES.get(cause.fault, f"take away {cause.fault}")
    return (
        f"Either {cause.fault} ({_steps(cause)}) or {other.fault} ({_steps(other)}) leads to it, "
        "for both were there first and neither explains the other. To decide, "
        f"{change}, run the script again with `chainrule run`, and see whether "
        f"{symptom.fault} is still found: then it is {other.fault}."
    )


def _steps(finding: Finding) -> str:
    return f"from step {finding.steps[0]:,}"
