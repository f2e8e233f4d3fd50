"""Explanations of a wrong answer, weighed: which are told, together or as alternatives.

A mistake and a slip are models of the same answer; so are two mistakes that give it. What is
clearly likelier is told alone, what is close is told beside it, and a mistake that only says what
was done stands for the slip. Formulas of numbers, curves and matrices are weighed alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from chainrule.records.exercise import Diagnosis
from chainrule.records.message import Message, as_message, joined

from .cause import Cause, Causes, weight
from .slips import SLIPS, Slip
from .whole_mistakes import OF_WHOLE

MOST_EXPLANATIONS = 3
"""That one answer is said to be consistent with."""

CLEARLY = 6.0
"""How many times likelier a single explanation must be to be told alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Mistakes that together give an answer.

    Attributes:
        causes: One or two.
        weight: How likely they are, relative to others.
    """

    causes: Causes
    weight: float


def with_slip(found: list[Explanation], slip: Slip, as_likely: float) -> list[Explanation]:
    """The explanations and a slip; a mistake that only says what was done stands for the slip."""
    same = [
        i
        for i, each in enumerate(found)
        if slip.kinds.intersection(_SAID_BY.get(each.causes[0].mutation.id, ()))
        or each.causes[0].mutation.id in OF_WHOLE
    ]
    if not same:
        causes = (Cause(slip.mutation, "", -1),)
        return [*found, Explanation(causes=causes, weight=as_likely)]
    likeliest = max(same, key=lambda i: found[i].weight)
    stronger = replace(found[likeliest], weight=found[likeliest].weight + as_likely)
    return [*found[:likeliest], stronger, *found[likeliest + 1 :]]


def together(causes: Causes) -> bool:
    """Whether somebody may have made both: no mistake undoes or repeats the other."""
    first, second = causes
    if first.mutation.id == second.mutation.id and first.node == second.node:
        return False
    return weight(causes) >= LEAST_OF_PAIRS


LEAST_OF_PAIRS = 0.35
"""Likelihood of two mistakes below which their agreement with an answer is taken for chance."""


def distinct(found: list[Explanation]) -> list[Explanation]:
    """Each mistake once, the likeliest first, without those that another says as well."""
    best: dict[frozenset[tuple[str, str]], Explanation] = {}
    for each in sorted(found, key=lambda e: -e.weight):
        key = frozenset((cause.mutation.id, cause.rule) for cause in each.causes)
        best.setdefault(key, each)
    every = [*best.values()]
    return [one for one in every if not any(_says_the_same(other, one) for other in every)] or every


def ranked(found: list[Explanation], *, accusing: float = CLEARLY) -> tuple[Explanation, ...]:
    """The likeliest first; far less likely ones are left out.

    Args:
        found: All of them.
        accusing: How many times likelier than a slip a mistake must be to be told without it.
    """
    ranked = sorted(distinct(found), key=lambda each: -each.weight)

    def reach(each: Explanation) -> float:
        return accusing if each.causes[0].mutation in SLIPS else CLEARLY

    kept = [each for each in ranked if each.weight * reach(each) > ranked[0].weight]
    # a slip last: what is asked back is about the mistakes
    told = kept[:MOST_EXPLANATIONS]
    return tuple(sorted(told, key=lambda each: each.causes[0].mutation in SLIPS))


def _says_the_same(more: Explanation, less: Explanation) -> bool:
    """Whether one explanation says what another says, where they differ."""
    mine = {cause.mutation.id for cause in more.causes}
    yours = {cause.mutation.id for cause in less.causes}
    said = {other for name in mine - yours for other in _SAID_BY.get(name, ())}
    clearly_rarer = more.weight * CLEARLY < less.weight
    return bool(yours - mine) and yours - mine <= said and not clearly_rarer


_SAID_BY: dict[str, tuple[str, ...]] = {
    "chain-inner-lost": (
        "multiple-lost",
        "minus-lost",
        "power-of-derivative",
        "variable-kept",
        "power-factor-lost",
        "constant-kept",
        "sum-term-lost",
        "chain-inside-differentiated",
    ),
    "reciprocal-inner": ("chain-inner-lost", "multiple-lost", "minus-lost", "power-of-derivative"),
    "reciprocal-sign": (
        "sign-of-whole",
        "power-below-sign-lost",
        "power-sign-lost",
        "power-factor-lost",
        "quotient-order",
        "quotient-plus",
    ),
    "reciprocal-of-derivative": ("power-of-derivative",),
    "reciprocal-square-lost": ("power-not-lowered", "quotient-square-lost"),
    "sqrt-of-derivative": ("power-of-derivative",),
    "sqrt-half-lost": ("power-factor-lost", "constant-kept", "two-too-many"),
    "softplus-inner-lost": ("chain-inner-lost",),
    "integrated": ("power-integrated", "chain-inner-divided", "exponential-log-below"),
    "not-differentiated": (
        "product-first-lost",
        "chain-outer-lost",
        "sin-kept",
        "sum-term-lost",
        "sigmoid-second-factor-lost",
    ),
    "multiple-lost": ("slip-factor", "slip-number", "variable-kept", "definition-of-softplus-kept"),
    "power-factor-lost": ("multiple-lost",),
    "power-sign-lost": ("sign-of-whole", "minus-lost"),
    "exponential-as-power": ("chain-inner-lost",),
    "quotient-order": ("sign-of-whole",),
    "quotient-denominator-lost": ("quotient-square-of-derivative",),
    "quotient-numerator-held": ("variable-zero",),
    "quotient-denominator-held": ("product-second-lost", "sum-term-lost"),
    "cos-sign": ("sign-of-whole", "minus-lost", "sum-sign"),
    "sin-sign": ("sign-of-whole",),
    "sec-sign": ("cos-sign",),
    "csc-sign": ("sin-sign",),
    "cot-sign": ("quotient-order",),
    "minus-lost": ("sign-of-whole", "slip-sign"),
    "log-turned": ("reciprocal-of-whole",),
    "sum-term-lost": ("slip-term", "multiple-differentiated", "variable-zero"),
    "product-of-derivatives": ("product-second-lost", "product-first-lost"),
    "product-second-lost": ("variable-zero", "multiple-differentiated", "log-of-derivative"),
    "product-first-lost": ("variable-zero",),
    "general-power-as-power": ("product-first-lost",),
    "general-power-as-exponential": ("product-second-lost", "log-of-derivative"),
    "total-inner-lost": ("dependent-one",),
    "sum-sign": ("slip-sign", "sign-of-whole"),
    "difference-sign-lost": ("slip-sign", "sign-of-whole"),
    "product-term-lost": ("slip-term",),
    "total-direct-lost": ("slip-term",),
    "implicit-not-divided": ("slip-factor",),
    "symmetric-assumed": (
        "one-place-twice",
        "vector-transpose-forgotten",
        "left-transpose-forgotten",
        "right-transpose-forgotten",
    ),
    "inverse-transposes-forgotten": ("transpose-missing", "symmetric-assumed"),
    "determinant-transpose-forgotten": ("transpose-missing", "gradient-transposed"),
    "log-determinant-transpose-forgotten": ("transpose-missing", "gradient-transposed"),
    "vector-transpose-forgotten": ("transpose-missing",),
    "left-transpose-forgotten": ("transpose-missing",),
    "right-transpose-forgotten": ("transpose-missing",),
    "outer-order": ("order-of-factors",),
    "row-outer-order": ("order-of-factors",),
    "left-order": ("order-of-factors",),
    "right-order": ("order-of-factors",),
    "inverse-right-factor-lost": ("slip-factor", "inverse-left-factor-lost"),
    "inverse-left-factor-lost": ("slip-factor",),
    "determinant-as-log-determinant": ("slip-factor",),
    "norm-not-divided": ("slip-factor",),
    "slope-lost": ("slip-factor",),
    "matrix-stopped-early": (
        "held-factor-lost",
        "vector-factor-lost",
        "slope-lost",
        "other-variable",  # that by W x + b is that by b
    ),
    "two-lost": ("slip-number", "product-first-lost", "product-second-lost"),
    "two-too-many": ("slip-number", "gradient-multiple-lost"),
    "gradient-transposed": ("transpose-missing", "transpose-too-many", "symmetric-assumed"),
    "total-path-lost": (
        "slip-term",
        "dependent-held",
        "multiple-differentiated",
        "product-second-lost",
        "product-first-lost",
    ),
}
"""Of two mistakes that give one answer, the one that says the same of less: where the derivative of
the inside is missing, its own factor is missing as well."""


def slips_said_by(mutation: str) -> tuple[str, ...]:
    """Ids of the slips that a mistake stands for, since it only says what was done."""
    return tuple(each.id for each in SLIPS if each.id in _SAID_BY.get(mutation, ()))


FACTS = frozenset({"matrix-misfit", "gradient-shape", "matrix-stopped-early"})
"""What is true of an answer in itself: of what shape it is, or of which part it is the gradient."""

ACCUSES_NOBODY = (
    OF_WHOLE
    | FACTS
    | {each.id for each in SLIPS}
    | {more for more, less in _SAID_BY.items() if any(each.id in less for each in SLIPS)}
)
"""What only says how an answer differs: true of it, whatever the learner believes."""


def diagnoses_of(found: Sequence[Explanation], *, ambiguous: bool) -> tuple[Diagnosis, ...]:
    """One for each mistake: the alternatives, or both mistakes of the only explanation."""
    if not ambiguous:
        return tuple(
            Diagnosis(
                mutation=cause.mutation.id,
                rule=cause.rule,
                node=cause.node,
                message=joined([cause.mutation.message, _EVERYWHERE])
                if cause.everywhere
                else cause.mutation.message,
            )
            for each in found
            for cause in each.causes
        )
    return tuple(
        Diagnosis(
            mutation=each.causes[0].mutation.id,
            rule=each.causes[0].rule,
            node=each.causes[0].node,
            message=_consistent_with([cause.mutation.message for cause in each.causes]),
        )
        for each in found
    )


_EVERYWHERE = Message("So it is at every place of this kind.")


def _consistent_with(mistakes: Sequence[str]) -> Message:
    first, *second = (as_message(each) for each in mistakes)
    if not second:
        return Message("Your answer is consistent with this: {mistake}", mistake=first)
    return Message(
        "Your answer is consistent with this: {first} And: {second}",
        first=first,
        second=joined(second),
    )
