"""Products along a chain of layers: what is left of a gradient, and what keeps it."""

import math
import random

from chainrule.records.message import Message

from .drafts import Draft, Mistake
from .numbers_at_points import shown, slope
from .path_exercises import ADDED

Source = random.Random


def power_of_quarter(s: Source) -> Draft:
    """The most that sigmoids leave of a gradient."""
    depth = s.choice((2, 3, 4))
    right = 0.25**depth
    return Draft(
        kind="value",
        question=Message(
            "The slope of a sigmoid is 0.25 at most. By which number at most is a gradient "
            "multiplied on its way back through {depth} sigmoids, if all weights are 1? A power "
            "may stand in your answer.",
            depth=depth,
        ),
        truth=right,
        mistakes=(
            Mistake(id="factors-added", value=0.25 * depth, message=ADDED),
            Mistake(
                id="value-for-slope",
                value=0.5**depth,
                message="0.5 is the value of the sigmoid at 0; its slope there is 0.25.",
            ),
            Mistake(id="one-layer", value=0.25, message="That is one layer; there are several."),
            Mistake(
                id="factor-divided",
                value=0.25 / depth,
                message="Each layer multiplies by 0.25 once more; nothing is divided.",
            ),
        ),
        steps=(
            Message("Each sigmoid brings a factor of 0.25 at most, and the factors multiply."),
            Message("0.25^{depth} = {right}.", depth=depth, right=shown(right)),
        ),
        idea=Message("A gradient on its way back is multiplied by one slope in each layer."),
    )


def product_of_slopes(s: Source) -> Draft:
    """A chain of given local derivatives."""
    factors = [s.choice((0.5, 2.0, -0.5, 3.0, 0.2, -2.0, 4.0)) for _ in range(s.choice((3, 4)))]
    right = math.prod(factors)
    listed = ", ".join(map(shown, factors))
    return Draft(
        kind="value",
        question=Message(
            "A chain of {count} functions has these slopes, one behind the other: {factors}. What "
            "is the slope of the whole chain?",
            count=len(factors),
            factors=listed,
        ),
        truth=right,
        mistakes=(
            Mistake(id="factors-added", value=sum(factors), message=ADDED),
            Mistake(
                id="factor-last-lost",
                value=right / factors[-1],
                message="The last factor is missing.",
            ),
            Mistake(
                id="factor-first-lost",
                value=right / factors[0],
                message="The first factor is missing.",
            ),
            Mistake(
                id="sign-of-product", value=-right, message="The size is right, but not the sign."
            ),
        ),
        steps=(
            Message(
                "The slopes of a chain multiply: {product}.",
                product="·".join(
                    f"({shown(each)})" if each < 0 else shown(each) for each in factors
                ),
            ),
            Message("That is {right}.", right=shown(right)),
        ),
        idea=Message(
            "If one function doubles a change and the next one triples it, both make it sixfold."
        ),
    )


def layers_until_small(s: Source) -> Draft:
    """After how many layers little is left."""
    factor, right = s.choice(((0.5, 10), (0.25, 5), (0.2, 5), (0.3, 6), (0.4, 8), (0.6, 14)))
    return Draft(
        kind="value",
        question=Message(
            "Each layer multiplies a gradient by {factor:g}. After how many layers is it for the "
            "first time below a thousandth of what it was?",
            factor=factor,
        ),
        truth=float(right),
        mistakes=(
            Mistake(
                id="one-layer-too-few",
                value=float(right - 1),
                message="After that many it is still a little above a thousandth.",
            ),
            Mistake(
                id="one-layer-too-many",
                value=float(right + 1),
                message="One layer less is enough already.",
            ),
            Mistake(
                id="shrinking-as-subtraction",
                value=float(round(0.999 / (1 - factor) + 0.5)),
                message="A layer does not take the same amount away each time, it leaves the same "
                "share: the factors multiply.",
            ),
        ),
        steps=(
            Message(
                "After n layers {factor:g}^n is left: multiply until that is below 0.001.",
                factor=factor,
            ),
            Message(
                "{factor:g}^{before} = {above:.3g} is above, {factor:g}^{right} = {below:.3g} is "
                "below: {right} layers.",
                factor=factor,
                before=right - 1,
                above=factor ** (right - 1),
                right=right,
                below=factor**right,
            ),
        ),
        idea=Message("What is left shrinks by the same factor in every layer."),
    )


def weight_that_keeps(s: Source) -> Draft:
    """The weight at which a layer neither shrinks nor stretches a gradient."""
    name, z = s.choice((("sigmoid", 0.0), ("sigmoid", 1.0), ("tanh", 0.5), ("tanh", 1.0)))
    own = slope(f"{name}(z)", "z", {"z": z})
    right = 1 / own
    return Draft(
        kind="value",
        question=Message(
            "A layer has one {name} unit, at z = {z}. With which positive weight does a gradient "
            "pass through it with its size unchanged? Give three significant digits.",
            name=name,
            z=shown(z),
        ),
        formula=f"{name}(z)",
        wrt="z",
        at=(("z", z),),
        truth=right,
        mistakes=(
            Mistake(
                id="weight-of-one",
                value=1.0,
                message="With the weight 1 the slope of the activation still shrinks it: the "
                "product of both has to be 1.",
            ),
            Mistake(
                id="slope-for-weight",
                value=own,
                message="That is the slope itself; the weight has to make up for it.",
            ),
        ),
        steps=(
            Message("The slope of {name} at {z} is {own}.", name=name, z=shown(z), own=shown(own)),
            Message("w·{own} = 1 for w = 1/{own} = {right}.", own=shown(own), right=shown(right)),
        ),
        idea=Message("The factor of a layer is its weight times the slope of its activation."),
    )


def products_vanish(s: Source, level: int) -> Draft:
    """A product along a chain of layers."""
    depth = level + 1
    weight, z = s.choice((0.5, 0.8, 1.5, 2.0)), s.choice((0.0, 0.5, 1.0, -1.0))
    name = s.choice(("sigmoid", "tanh"))
    own = slope(f"{name}(z)", "z", {"z": z})
    factor = weight * own
    total = factor**depth
    return Draft(
        kind="value",
        question=Message(
            "{depth} layers of one {name} unit each; every weight is {weight:g} and every unit "
            "gets z = {z}. By which number is a gradient multiplied on its way back through all of "
            "them? Give three significant digits.",
            depth=depth,
            name=name,
            weight=weight,
            z=shown(z),
        ),
        formula=f"{name}(z)",
        wrt="z",
        at=(("z", z),),
        truth=total,
        mistakes=(
            Mistake(
                id="weights-left-out",
                value=own**depth,
                message="The weights are factors as well: each layer brings w·σ′(z).",
            ),
            Mistake(
                id="slopes-left-out",
                value=weight**depth,
                message="The slopes of the activations are factors as well: w·σ′(z) a layer.",
            ),
            Mistake(
                id="factors-added",
                value=depth * factor,
                message="Along a path the factors multiply, they do not add.",
            ),
            Mistake(id="one-layer", value=factor, message="That is one layer; there are several."),
        ),
        steps=(
            Message(
                "The slope of {name} at {z} is {slope}; with the weight a layer brings "
                "{weight:g}·{slope} = {factor}.",
                name=name,
                z=shown(z),
                slope=shown(own),
                weight=weight,
                factor=shown(factor),
            ),
            Message(
                "{depth} layers: {factor}^{depth} = {total}.",
                depth=depth,
                factor=shown(factor),
                total=shown(total),
            ),
        ),
    )
