"""Softmax with cross entropy: p − y from given probabilities, over a batch, and by a weight."""

import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope, value

Source = random.Random

_PROBABILITIES = ((0.7, 0.2, 0.1), (0.5, 0.3, 0.2), (0.6, 0.3, 0.1), (0.1, 0.8, 0.1))
_IDEA = Message("Of softmax with cross entropy the gradient by the logits is p − y.")
_TURNED = Message("The sign is turned: the gradient is p − y, not y − p.")


def _shuffled(s: Source) -> list[float]:
    p = [*s.choice(_PROBABILITIES)]
    s.shuffle(p)
    return p


def from_probabilities(s: Source) -> Draft:
    """∂L/∂z from probabilities that are given."""
    p = _shuffled(s)
    target, entry = s.randrange(3), s.randrange(3)
    right = p[entry] - (entry == target)
    own = entry == target
    return Draft(
        kind="value",
        question=Message(
            "Softmax gives the probabilities p = {p}, and the right class is number {target}. What "
            "is the slope of the cross entropy by the logit z_{entry}?",
            p=p,
            target=target + 1,
            entry=entry + 1,
        ),
        truth=right,
        mistakes=(
            Mistake(id="sign-of-whole", value=-right, message=_TURNED),
            Mistake(
                id="target-left-out",
                value=p[entry],
                message="This is the class of the target: 1 is subtracted from its probability.",
            )
            if own
            else Mistake(
                id="target-everywhere",
                value=p[entry] - 1,
                message="1 is subtracted at the right class only; here y is 0.",
            ),
            Mistake(
                id="own-slope",
                value=p[entry] * (1 - p[entry]),
                message="That is the slope of a probability by its own logit; of the loss it is "
                "p − y.",
            ),
        ),
        steps=(
            Message("y is 1 at class {target} and 0 elsewhere.", target=target + 1),
            Message(
                "p − y = {p} − {y} = {right}.", p=shown(p[entry]), y=int(own), right=shown(right)
            ),
        ),
        idea=_IDEA,
    )


def mean_of_batch(s: Source) -> Draft:
    """The slope by a bias that a batch shares."""
    first, second = _shuffled(s), _shuffled(s)
    targets = s.randrange(3), s.randrange(3)
    entry = s.randrange(3)
    each = [p[entry] - (entry == t) for p, t in zip((first, second), targets, strict=True)]
    right = sum(each) / 2
    return Draft(
        kind="value",
        question=Message(
            "Two examples have the probabilities {first} and {second}, with the right classes "
            "{target1} and {target2}. The loss is their mean cross entropy. What is its slope by "
            "the bias b_{entry}, which both logits z_{entry} have in them?",
            first=first,
            second=second,
            target1=targets[0] + 1,
            target2=targets[1] + 1,
            entry=entry + 1,
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="sum-for-mean",
                value=sum(each),
                message="That is the sum over the batch; the loss is the mean, so it is divided by "
                "2.",
            ),
            Mistake(
                id="first-example-only",
                value=each[0],
                message="That is the first example alone.",
            ),
            Mistake(id="sign-of-whole", value=-right, message=_TURNED),
        ),
        steps=(
            Message(
                "p − y is {first} for the first example and {second} for the other.",
                first=shown(each[0]),
                second=shown(each[1]),
            ),
            Message(
                "Their mean: ({first} + ({second}))/2 = {right}.",
                first=shown(each[0]),
                second=shown(each[1]),
                right=shown(right),
            ),
        ),
        idea=Message("Each example brings p − y; the bias is used by all of them."),
    )


def slope_of_probability(s: Source) -> Draft:
    """∂p_i/∂z_j."""
    p = _shuffled(s)
    i, j = s.randrange(3), s.randrange(3)
    same = i == j
    right = p[i] * ((1.0 if same else 0.0) - p[j])
    return Draft(
        kind="value",
        question=Message(
            "Softmax gives p = {p}. What is ∂p_{i}/∂z_{j}, the slope of probability {i} by logit "
            "{j}?",
            p=p,
            i=i + 1,
            j=j + 1,
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="own-slope" if not same else "other-slope",
                value=p[i] * (1 - p[i]) if not same else -p[i] * p[(i + 1) % 3],
                message=Message(
                    "That is the slope by its own logit; by another one it is −p_i·p_j."
                )
                if not same
                else Message("That is the slope by another logit; by its own one it is p(1 − p)."),
            ),
            Mistake(
                id="loss-for-probability",
                value=p[i] - 1.0 if same else p[i],
                message="That is an entry of p − y, the slope of the loss; asked is the slope of a "
                "probability.",
            ),
            Mistake(
                id="sign-of-whole", value=-right, message="The size is right, but not the sign."
            ),
        ),
        steps=(
            Message(
                "By its own logit a probability has the slope p(1 − p), by another one −p_i·p_j."
            ),
            Message("Here that is {right}.", right=shown(right)),
        ),
        idea=Message(
            "The probabilities add up to 1: if one logit rises, its own probability rises and the "
            "others fall."
        ),
    )


def back_to_weight_of_class(s: Source) -> Draft:
    """∂L/∂W_kj = (p_k − y_k) x_j."""
    p = _shuffled(s)
    x = [s.choice((1, 2, 3, -1, -2)), s.choice((4, 5, -3))]
    target, k, j = s.randrange(3), s.randrange(3), s.randrange(2)
    error = p[k] - (k == target)
    right = error * x[j]
    return Draft(
        kind="value",
        question=Message(
            "The logits are z = W x with x = {x}. Softmax gives p = {p}, and the right class is "
            "number {target}. What is the slope of the cross entropy by the weight W_{entry}?",
            x=x,
            p=p,
            target=target + 1,
            entry=f"{k + 1}{j + 1}",
        ),
        truth=right,
        mistakes=(
            Mistake(
                id="input-left-out",
                value=error,
                message="That is the slope by the logit; the weight is multiplied by an input, "
                "which is a factor.",
            ),
            Mistake(
                id="other-input",
                value=error * x[1 - j],
                message="That is the weight beside the other input: the second index says which.",
            ),
            Mistake(id="sign-of-whole", value=-right, message=_TURNED),
        ),
        steps=(
            Message("By the logit the slope is p − y = {error}.", error=shown(error)),
            Message(
                "The weight stands beside x_{place} = {x}: {error}·({x}) = {right}.",
                place=j + 1,
                x=x[j],
                error=shown(error),
                right=shown(right),
            ),
        ),
        idea=Message("First the slope by the logit, p − y; then from the logit to the weight."),
    )


def softmax(s: Source, level: int) -> Draft:
    """An entry of p − y."""
    size = 2 if level == 1 else 3
    z = [s.choice((0.0, 1.0, 2.0, -1.0, 0.5)) for _ in range(size)]
    target, entry = s.randrange(size), s.randrange(size)
    names = [f"z{i + 1}" for i in range(size)]
    total = " + ".join(f"exp({name})" for name in names)
    formula = f"ln({total}) - {names[target]}"
    at = dict(zip(names, z, strict=True))
    right = slope(formula, names[entry], at)
    p = value(f"exp({names[entry]})/({total})", at)
    known = [
        Mistake(
            id="sign-of-whole",
            value=-right,
            message="The sign is turned: the gradient is p − y, not y − p.",
        ),
        Mistake(
            id="own-slope",
            value=p * (1 - p),
            message="That is the slope of a probability by its own logit; of the loss it is p − y.",
        ),
    ]
    if entry == target:
        known.append(
            Mistake(
                id="target-left-out",
                value=p,
                message="This is the class of the target: 1 is subtracted from its probability.",
            )
        )
    return Draft(
        kind="value",
        question=Message(
            "Logits z = {z}, the right class is number {target}, and the loss is softmax with "
            "cross entropy. What is ∂L/∂z_{entry}? Give three digits behind the point.",
            z=z,
            target=target + 1,
            entry=entry + 1,
        ),
        formula=formula,
        wrt=names[entry],
        at=tuple(at.items()),
        truth=right,
        mistakes=tuple(known),
        steps=(
            Message("The softmax of z_{entry} is p = {p}.", entry=entry + 1, p=shown(p)),
            f"p − y = {shown(p)} − {int(entry == target)} = {shown(right)}.",
        ),
    )
