"""Training died.

What it is
    An exception that nobody caught came out of the training step and ended the script. Its own
    traceback and exit code are as they would be without chainrule; this finding says what led
    there.

Why it happens
    A NaN reaches a function that checks its range; a loss that no weight leads to; shapes that do
    not fit; class numbers beyond the outputs; a matrix that has become singular; a last batch of
    one example under batch normalisation; a tensor that backward still needs, changed in place; a
    schedule that is stepped beyond its plan.

How it is found
    The exception, from the traceback at the end: its kind and message, the innermost line of the
    script, the call in it, and the tensors of its frame with their shapes and how many elements are
    not finite (quantity `nonfinite_elements`, threshold 0), how many weights hold such
    (`nonfinite_parameters`, threshold 0), and whether the loss had grown (`loss_growth`, threshold
    10: noise of a batch does not grow a loss tenfold). It counts as one of the training step if its
    traceback passes through the innermost loop around `backward` or an optimizer's `step`, the
    function with them, or PyTorch's own autograd and optimizers. No finding: what is raised before
    or after the training, on import, by Ctrl-C, or `sys.exit`.

Example that has it
    A model without a sigmoid whose outputs go to `nn.BCELoss`.

Example that has not
    A script whose evaluation after the training fails.

Remedies
    Those of what led there, by the kind of exception.

Known limits
    Which lines are the training step is read from the source: of code without a source, such as
    that given to `exec`, only exceptions inside backward and optimizers are told. An exception that
    the script catches is not seen.

References
    PyTorch documentation, "Autograd mechanics", "Broadcasting semantics", "Reproducibility".
"""

import math

from chainrule.diagnosis.case import Case
from chainrule.diagnosis.death import Death, death_of
from chainrule.diagnosis.wording import count, names, number, plural
from chainrule.records import Evidence, Finding, Remedy

NAME = "training-died"
SUMMARY = "An exception came out of the training step: what led there."

GROWTH = 10.0
"""Loss before the end over the smallest before it, from which it had diverged: no noise of a batch
grows a loss that much."""

_FAMILIES: dict[str, tuple[str, tuple[Remedy, ...]]] = {
    "grad": (
        "backward() starts at a tensor that depends on no weight: the path from the loss to all "
        "parameters is cut, so ∂L/∂w exists for none of them",
        (
            Remedy(
                "compute the loss from the model's output itself: take out .detach(), .item(), "
                ".numpy(), torch.tensor(…), argmax and torch.no_grad() between the two",
                "each of these gives numbers that no longer know where they came from",
                "PyTorch, Autograd mechanics",
            ),
            Remedy(
                "check that parameters have requires_grad=True",
                "a model that is frozen as a whole has no gradient either",
            ),
        ),
    ),
    "schedule": (
        "the schedule was asked for more steps than it was planned for",
        (
            Remedy(
                "plan it in the unit in which it is stepped: total_steps = epochs * len(loader) "
                "if it is stepped after each batch",
                "it counts its own steps, and knows nothing of epochs or batches",
                "PyTorch documentation of torch.optim.lr_scheduler",
            ),
        ),
    ),
    "again": (
        "a graph was to be walked twice: its saved values are freed by the first backward(), and "
        "something computed in an earlier step is still part of this loss",
        (
            Remedy(
                "detach what is carried from one step to the next (hidden = hidden.detach()), and "
                "compute the loss anew in each step",
                "the chain rule then ends at the beginning of the step",
                "PyTorch, Autograd mechanics",
            ),
        ),
    ),
    "inplace": (
        "a value that backward needs for its local derivative was overwritten after the forward "
        "pass, or a weight was changed in place while its gradient was recorded",
        (
            Remedy(
                "write x = x + y in place of x += y, and step the optimizer only when every "
                "backward pass that needs the old weights is done",
                "the derivative must be taken at the values of the forward pass",
                "PyTorch, Autograd mechanics",
            ),
            Remedy(
                "change weights by hand inside torch.no_grad()",
                "an update is no part of the loss",
            ),
        ),
    ),
    "normalization": (
        "batch normalisation divides by the standard deviation over the batch, and that of one "
        "value is 0",
        (
            Remedy(
                "set drop_last=True in the DataLoader",
                "the last batch, smaller than the others, is left out",
            ),
        ),
    ),
    "range": (
        "the loss takes probabilities between 0 and 1, and was given numbers outside of it",
        (
            Remedy(
                "give the logits to nn.BCEWithLogitsLoss, or put a sigmoid before nn.BCELoss",
                "a linear layer gives any number",
                "PyTorch, BCEWithLogitsLoss",
            ),
            Remedy("scale targets to between 0 and 1", "the check is for both"),
        ),
    ),
    "nonfinite": (
        "a number that is not finite reached a function that checks for it",
        (
            Remedy(
                "look where the first NaN or infinity came from, above or with "
                "torch.autograd.set_detect_anomaly(True)",
                "the function that complains is only the first to look",
            ),
            Remedy(
                "lower the learning rate, clip the gradient",
                "an overflow after steps that were too long is the commonest reason",
            ),
        ),
    ),
    "linalg": (
        "a matrix has no inverse or decomposition that can be computed",
        (
            Remedy(
                "add a small multiple of the identity, A + εI",
                "the smallest eigenvalue is then at least ε",
            ),
        ),
    ),
    "classes": (
        "an index is beyond the end: a class number that the model has no output for, or a token "
        "that the embedding has no row for",
        (
            Remedy(
                "give the last layer as many outputs as there are classes, the embedding as many "
                "rows as there are tokens, and count classes from 0",
                "valid numbers are 0 to N − 1",
                "PyTorch, CrossEntropyLoss",
            ),
        ),
    ),
    "shapes": (
        "shapes do not fit",
        (
            Remedy(
                "compare the shapes above with what the call takes, and reshape the one that is "
                "not as meant",
                "the last batch is often smaller than the others, and a flattened one wider",
                "PyTorch, Broadcasting semantics",
            ),
        ),
    ),
    "dtype": (
        "types do not fit",
        (
            Remedy(
                "convert once where the data are made: .float() for what is computed with, .long() "
                "for class numbers",
                "NumPy's numbers are float64, PyTorch's weights float32",
            ),
        ),
    ),
    "device": (
        "tensors are on different devices",
        (Remedy("move model and data to one device with .to(device)", "operations never move"),),
    ),
    "memory": (
        "the memory is full",
        (
            Remedy(
                "use smaller batches; add up losses as numbers, total += loss.item()",
                "a sum of losses keeps the graphs of all steps",
            ),
        ),
    ),
    "raised": (
        "the script itself says that something is not as it expects",
        (
            Remedy(
                "look at what is checked at that line, with the values above",
                "the check is the script's own",
            ),
        ),
    ),
    "other": (
        "the call could not do what it was asked",
        (Remedy("look at the call and the shapes above", "the message is the library's own"),),
    ),
}
"""Family → what it means, and what helps."""


def check(case: Case) -> list[Finding]:
    """The finding, if an exception came out of the training step."""
    died = death_of(case)
    return [] if died is None else [_finding(case, died)]


def _finding(case: Case, died: Death) -> Finding:
    means, remedies = _FAMILIES[died.family]
    spoiled = [case.parameters[i].name for i in died.spoiled if i in case.parameters]
    first, last, growth = _course(case)
    where = f" in {died.place.operation}" if died.place.operation else ""
    return Finding(
        fault=NAME,
        severity="error",
        title=f"{died.kind}{where} at step {count(died.step)}: {means.partition(':')[0]}",
        where=died.place,
        steps=(died.step, max(died.step, case.last_step)),
        evidence={
            "step": Evidence(float(died.step), "steps made", rows="event died"),
            f"family_{died.family}": Evidence(1.0, rows="event died"),
            **_nonfinite(died),
            **_growth(case),
        },
        explanation=(
            f"{_when(died)} raised\n\n    {died.kind}: {died.message}\n\n"
            f"{means[0].upper()}{means[1:]}.{_shapes(died)}{_numbers(died, spoiled)}"
            f"{_losses(case, first, last, growth)}{_cut(case, died)}"
        ),
        remedies=remedies,
    )


def _nonfinite(died: Death) -> dict[str, Evidence]:
    elements = sum(max(0, t.nonfinite) for t in died.tensors)
    counts = {
        "nonfinite_elements": (elements, "elements at hand"),
        "nonfinite_parameters": (len(died.spoiled), "tensors"),
    }
    return {
        name: Evidence(float(found), unit, 0.0, "sound numbers have none", "event died")
        for name, (found, unit) in counts.items()
        if found
    }


def _growth(case: Case) -> dict[str, Evidence]:
    first, last, growth = _course(case)
    if math.isnan(first):
        return {}
    losses = {
        "loss_first": Evidence(first, rows="series loss"),
        "loss_last": Evidence(last, rows="series loss"),
    }
    if not growth >= GROWTH:  # no evidence of this death, and no number for what it follows from
        return losses
    return losses | {
        "loss_growth": Evidence(
            growth, "of the smallest", GROWTH, "no noise of a batch grows a loss that much"
        )
    }


def _when(died: Death) -> str:
    line = died.place.source
    call = f"`{died.place.operation}`" if died.place.operation else "the call"
    module = f" in {died.place.module}" if died.place.module else ""
    after = f"after {plural(died.step, 'step')}" if died.step else "before the first step was made"
    return f"The training ended {after}: {call}{module}, at {line},"


def _shapes(died: Death) -> str:
    if not died.tensors:
        return ""
    return " At hand were\n\n" + "\n".join(f"    {tensor}" for tensor in died.tensors) + "\n\n"


def _numbers(died: Death, spoiled: list[str]) -> str:
    bad = [t for t in died.tensors if t.nonfinite > 0]
    said = [f"{count(t.nonfinite)} elements of {t.name} are not finite" for t in bad]
    if died.spoiled:
        held = names(spoiled) if spoiled else plural(len(died.spoiled), "parameter")
        said.append(f"the weights {held} hold numbers that are not finite")
    if said:
        text = "; ".join(said)
        return f" At that moment {text}."
    return " All numbers that were looked at were finite." if died.tensors else ""


def _course(case: Case) -> tuple[float, float, float]:
    """First and last loss before the end, and the last over the smallest of those before it."""
    loss = case.main_loss()
    finite = [v for v in loss.values if math.isfinite(v)] if loss is not None else []
    if not finite:
        return math.nan, math.nan, math.nan
    least = min(finite)
    return finite[0], finite[-1], finite[-1] / least if least > 0 else math.nan


def _losses(case: Case, first: float, last: float, growth: float) -> str:
    if math.isnan(first):
        return ""
    text = f" The loss went from {number(first)} to {number(last)} until then"
    if case.broke_at is not None:
        text += f", and was not finite from step {count(case.broke_at)} on"
    elif growth >= GROWTH:
        text += f", {number(growth)} times its smallest: it had diverged"
    return f"{text}."


def _cut(case: Case, died: Death) -> str:
    """Where the path was cut, if a call was seen that gave back what has no gradient."""
    if died.family != "grad":
        return ""
    cuts = [c for forward in case.forward_passes for c in forward.cuts if c.used]
    if not cuts:
        return ""
    return f" The path ends in {cuts[-1].function} at {cuts[-1].place.source}."
