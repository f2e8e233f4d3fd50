"""A sum in float16 that overflowed, where PyTorch kept no tensor that shows it.

The post-mortem of a loss looks at what each operation saved for its backward pass. Additions,
sums, means, casts and products with a constant save nothing of their result, so it can but name the
last of a row of them. Of the row a sum is the one that makes numbers many times as large.
"""

from dataclasses import dataclass

from chainrule.instruments import Chain
from chainrule.records import Parameter, Place, operation

from .case import Case
from .reach import parameters_below, targets

LARGEST = 65504.0
"""The largest number of float16 (IEEE 754 binary16)."""

FEWEST = 8
"""Terms from which the sum, and not what follows it, is taken: an addition makes of two numbers one
twice as large at most; what adds eight, eight times."""

_SAVES_NOTHING = frozenset({"Add", "Sub", "Neg", "Sum", "Mean", "ToCopy", "Mul", "Div", "Squeeze"})
"""A product or quotient of two results saves both of them, one with a constant neither."""


@dataclass(frozen=True, slots=True)
class HalfPrecisionSum:
    """Where it is.

    Attributes:
        place: The sum.
        terms: How many numbers make one of its results.
        after: Operations from there to the one that was named, in the order in which they ran.
    """

    place: Place
    terms: int
    after: tuple[str, ...]


def half_precision_sum(case: Case, named: Place) -> HalfPrecisionSum | None:
    """The first sum in float16 in the row that ends in an operation; None if there is none."""
    for _, chain in reversed(case.chains):
        nodes = chain.graph.nodes
        ends = [i for i, node in enumerate(nodes) if node.place == named]
        if ends:
            return _in_row(chain, ends[0], case.parameters)
    return None


def _in_row(chain: Chain, end: int, parameters: dict[int, Parameter]) -> HalfPrecisionSum | None:
    following = targets(chain.graph)
    names = [operation(node.name) for node in chain.graph.nodes]
    sizes, below = chain.backward_pass.numels, parameters_below(chain.graph)
    ways: dict[int, tuple[int, ...]] = {end: ()}  # what follows each node, up to the end
    found: list[HalfPrecisionSum] = []
    row = [end]
    for node in row:  # grows while it is walked
        behind, after = following[node], ways[node]
        if names[node] not in _SAVES_NOTHING or (names[node] in ("Mul", "Div") and behind[1:]):
            continue
        if names[node] == "Sum" and len(behind) == 1 and sizes[node]:
            terms = round(sizes[behind[0]] / sizes[node])
            half = below[node] and all(parameters[p].dtype == "float16" for p in below[node])
            if terms >= FEWEST and half:
                place = chain.graph.nodes[node].place
                found.append(HalfPrecisionSum(place, terms, tuple(names[i] for i in after)))
        new = [target for target in behind if target not in ways]
        ways |= dict.fromkeys(new, (node, *after))
        row += new
    return max(found, key=lambda each: len(each.after), default=None)
