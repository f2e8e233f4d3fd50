"""A flat place in words."""

from chainrule.records.flatness import Escape, FlatPlace

from .numerals import number
from .page import Page
from .theta import Parameters, vector_label

NAMES = {
    "minimum": "a minimum",
    "maximum": "a maximum",
    "saddle": "a saddle",
    "plateau": "a plateau",
    "kink": "a kink",
    "bouncing": "no flat place: the steps bounce",
    "slope": "a slope, no flat place",
    "undecided": "undecided",
}

PLATEAUS = {
    "vanished-chain": "with a vanished chain",
    "dead-units": "of switched-off units",
    "zero-learning-rate": "of a learning rate of 0",
    "noise-floor": "at the noise floor",
    "unknown": "of unknown cause",
}


SAID_ELSEWHERE = frozenset({"loss", "learning rate"})
"""Facts that stand above a place wherever one is written."""


def place_heading(place: FlatPlace) -> str:
    """`a saddle (certain)`, `a plateau with a vanished chain (likely)`."""
    name = NAMES[place.kind]
    if place.plateau:
        name += f" {PLATEAUS[place.plateau]}"
    return name if place.certainty == "undecided" else f"{name} ({place.certainty})"


def write_place(page: Page, place: FlatPlace, parameters: Parameters, indent: int = 2) -> None:
    """Write the kind, the reason, the numbers and the way down."""
    page.paragraph((place_heading(place), "bold"), f": {place.reason}.", indent=indent)
    if place.escape is not None:
        page.paragraph(escape_sentence(place.escape, parameters), indent=indent)
    for fact in place.facts:
        if fact.quantity in SAID_ELSEWHERE:
            continue
        said = number(fact.value)
        if fact.bound:
            said += f" ± {number(fact.bound)}"
        if fact.comparison:
            said += f", compared with {fact.comparison}"
        page.item((f"{fact.quantity}  ", "dim"), (said, "dim"), indent=indent + 2)


def escape_sentence(escape: Escape, parameters: Parameters) -> str:
    """The way down from a saddle or a maximum."""
    where = vector_label(parameters, escape.direction)
    along = f"along ({where})" if where else "along the most downward direction"
    if escape.fall <= 0:
        return f"The way down is {along}, but no lower loss was met on it."
    ending = "and it falls on from there" if escape.goes_on else "and it rises again after that"
    return (
        f"The way down is {along}: at a distance of {number(escape.distance)} the loss is lower by "
        f"{number(escape.fall)}, {ending}."
    )
