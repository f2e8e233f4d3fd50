"""A rule at one place, told of any parts: y = A b, and what A and b get of the cotangent of y."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count

from chainrule.calculus.build import name
from chainrule.calculus.derivation import HOLE
from chainrule.calculus.tree import Name, Node, children, distinct, with_children

from .algebra import MATRIX_IDEAS, Facts
from .algebra.idea import applied
from .derivation import DifferentialStep, MatrixDerivation
from .fit import Shape
from .narrated_shapes import shapes_of
from .rules import MATRIX_RULES_BY_ID, Place
from .shapes import Shapes
from .stretching import filled, summed_back

MOST_LETTERS = 4
"""Parts up to which a rule is told in letters; of a longer sum or vector it would say no more."""

_NUMBERS_FRONT = tuple(each for each in MATRIX_IDEAS if each.id in ("numbers-front", "numbers"))
"""All the algebra that a rule in letters needs: it is short, and is to look like the rule."""

COTANGENT = f"{HOLE}G"
"""The name of the cotangent of the whole in the trees of a `RuleInLetters`; none that is typed."""

_LETTERS = "ABCEFMNPQRSUVW"
_WHOLES = "YZQTRK"
_SMALL = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInLetters:
    """A rule as it is for all parts of such shapes.

    Attributes:
        whole: What the whole is called: Y, or y if it is no matrix.
        node: The operation, its parts by letters.
        pulls: For each part that varies, by its letter, what it gets; in terms of the letters, of
            the whole, and of its cotangent `COTANGENT`.
        shapes: Of all of these.
    """

    whole: str
    node: Node
    pulls: tuple[tuple[str, Node], ...]
    shapes: Shapes


def rule_in_letters(
    derivation: MatrixDerivation, step: DifferentialStep, *, own_names: bool = False
) -> RuleInLetters | None:
    """The rule of a step in letters; None if there are too many parts for that.

    Args:
        derivation: All of it.
        step: One of its steps.
        own_names: Whether the parts and the whole keep the names that they have there.
    """
    quantity = next(each for each in derivation.quantities if each.name == step.quantity)
    known = shapes_of(derivation)
    parts = children(quantity.local)
    moving = [i for i, part in enumerate(parts) if _varies(part, derivation)]
    named = [i for i, part in enumerate(parts) if _has_names(part)]
    if not moving or (len(named) > MOST_LETTERS and not own_names):
        return None
    if own_names:
        letters = {i: part.name for i, part in enumerate(parts) if isinstance(part, Name)}
        whole, node, shapes = quantity.name, quantity.local, known
    else:
        free = _free_letters(_LETTERS, derivation)
        letters = {
            i: _cased(letter, known(parts[i])) for i, letter in zip(named, free, strict=False)
        }
        whole = _cased(next(_free_letters(_WHOLES, derivation)), quantity.shape)
        shapes = Shapes({letter: known(parts[i]) for i, letter in letters.items()})
        node = with_children(
            quantity.local,
            [name(letters[i]) if i in letters else part for i, part in enumerate(parts)],
        )
    shapes.names |= {whole: quantity.shape, COTANGENT: quantity.shape}
    place = Place(
        node=node,
        result=Name(name=whole, text=quantity_text(whole, derivation) if own_names else whole),
        shape_of=shapes,
        moving=tuple(moving),
        text=derivation.formula.text,
        origin=quantity.node,
    )
    rule = MATRIX_RULES_BY_ID[step.rule]
    raw = rule.pull(place, name(COTANGENT))
    pulls = []
    for i in sorted(raw):
        own, part = shapes(raw[i]), shapes(place.parts[i])
        whole_shape = quantity.shape if rule.stretches else part
        term, _ = summed_back(raw[i], own, whole_shape, part)
        term = filled(term, shapes(term), part, place.parts[i])
        tidied = () if own_names else applied(term, _NUMBERS_FRONT, Facts(shapes=shapes))
        pulls.append((letters[i], tidied[-1].after if tidied else term))
    return RuleInLetters(whole=whole, node=node, pulls=tuple(pulls), shapes=shapes)


def quantity_text(called: str, derivation: MatrixDerivation) -> str:
    """U3 as u₃, if the derivation made the name."""
    return called if called in derivation.names else called.translate(_SMALL)


def _free_letters(letters: str, derivation: MatrixDerivation) -> Iterator[str]:
    """Letters that are no names of the formula, neither capital nor small, as long as there are."""
    taken = {*derivation.names, derivation.result}
    free = [each for each in letters if not {each, each.lower()} & taken]
    yield from dict.fromkeys([*free, *letters])


def _varies(part: Node, derivation: MatrixDerivation) -> bool:
    """Whether a part of a quantity is one of the values on the way."""
    named = {each.name for each in derivation.quantities}
    return isinstance(part, Name) and part.name in named


def _has_names(part: Node) -> bool:
    return any(isinstance(each, Name) for each in distinct(part))


def _cased(letter: str, shape: Shape) -> str:
    """Matrices have capital letters, vectors and numbers have small ones."""
    return letter if len(shape) == 2 else letter.lower()


def free_name(candidates: tuple[str, ...], taken: set[str]) -> str:
    """The first of some names that is not taken; with a number if all are."""
    tries = (f"{candidates[0]}{i}" for i in count(1))
    return next(each for each in chain(candidates, tries) if each not in taken)
