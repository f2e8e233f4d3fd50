"""One entry first: ∂L/∂Wᵢⱼ from L written out in entries, beside entry (i, j) of the gradient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from chainrule.calculus.build import number
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.derive import derive
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.tree import Formula, Name, Node, children, distinct, with_children
from chainrule.calculus.writing import write

from .derivation import MatrixDerivation
from .entries import MOST_NODES, Entries, entry_name
from .evaluate import MatrixEvaluation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

CLOSE = 1e-6
"""Relative to the larger of the two and of 1: what two ways of computing one number may differ by.
Sums written out lose some digits that matrix routines keep."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEntries:
    """Entries of a value on the way, which have names in long expressions.

    Attributes:
        letter: What the value is called: Z.
        whole: What it is: X @ W + b.
        entries: What each entry is called, and what it is written out.
    """

    letter: str
    whole: Node
    entries: tuple[tuple[Name, Node], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneEntry:
    """The same derivative in two ways.

    Attributes:
        place: Indices of the entry of the variable, counted from 0.
        result_place: Those of the entry of the result; empty for a number.
        name: What the entry is called: W₁₂.
        written_out: The result in entries.
        derivation: How it is differentiated by that entry, with the rules for numbers.
        value: What comes of that at the point; None without a point.
        matrix_value: Entry `place` of the matrix result at the point.
        names: What the entries of values on the way may be called, the last value first.
    """

    place: tuple[int, ...]
    result_place: tuple[int, ...]
    name: str
    written_out: Node
    derivation: Derivation | None
    value: float | None = None
    matrix_value: float | None = None
    names: tuple[NamedEntries, ...] = ()

    @property
    def agree(self) -> bool | None:
        """Whether both are the same number, up to `CLOSE`; None without a point."""
        if self.value is None or self.matrix_value is None:
            return None
        scale = max(1.0, abs(self.value), abs(self.matrix_value))
        return abs(self.value - self.matrix_value) <= CLOSE * scale


def one_entry(
    derivation: MatrixDerivation,
    place: Sequence[int],
    point: "Mapping[str, ArrayLike] | None" = None,
    *,
    result_place: Sequence[int] = (),
) -> OneEntry:
    """Write the result out in entries and differentiate it by one of them.

    Args:
        derivation: By a vector or matrix.
        place: Indices of the entry of the variable, counted from 0; empty for a number.
        point: Numbers for all names, for the comparison.
        result_place: Of a vector or matrix, indices of the entry that is differentiated.

    Raises:
        FormulaError: If there is no such entry, or too much to write out.
    """
    formula, shape = derivation.formula, derivation.variable_shape
    _check_place(place, shape, derivation.variable)
    result = derivation.shape if not derivation.is_number else ()
    _check_place(result_place, result, "the result")
    entries = Entries(derivation.names, formula.text, point)
    trees = entries(formula.root)
    tree = trees.item() if derivation.is_number else trees[tuple(result_place)]
    count = sum(1 for _ in distinct(tree))
    if count > MOST_NODES:
        raise FormulaError(
            f"Written out in entries this has {count} parts, more than {MOST_NODES}: choose "
            "smaller shapes.",
            formula.text,
        )
    name = entries.name(derivation.variable, place)
    written = numbered(tree)
    found = OneEntry(
        place=tuple(place),
        result_place=tuple(result_place),
        name=name.text,
        written_out=written,
        derivation=_by_numbers(written, name.name),
        names=_names(derivation, entries),
    )
    return found if point is None else _compared(found, derivation, entries, point)


_LETTERS = ("Z", "A", "H", "B", "C", "D")
"""What values on the way are called, the last one first."""


def _names(derivation: MatrixDerivation, entries: Entries) -> tuple[NamedEntries, ...]:
    """Names for the entries of the vectors and matrices on the way."""
    import numpy as np

    letters = [each for each in _LETTERS if each not in derivation.names]
    found: list[NamedEntries] = []
    values = [q for q in derivation.quantities[:-1] if q.shape and not isinstance(q.node, Name)]
    for letter, quantity in zip(letters, reversed(values), strict=False):
        trees = entries(quantity.node)
        named = tuple(
            (entry_name(letter, place, tuple(derivation.names)), trees[place])
            for place in np.ndindex(*trees.shape)
        )
        found.append(NamedEntries(letter=letter, whole=quantity.node, entries=named))
    return tuple(found)


MOST_ENTRIES = 40
"""Entries of all names together up to which one is shown without being asked for."""


def first_entry(
    derivation: MatrixDerivation, point: "Mapping[str, ArrayLike] | None" = None
) -> OneEntry | None:
    """The first entry of a small gradient, worked out by itself; None where that is no help.

    Args:
        derivation: Of a number by a vector or matrix.
        point: Numbers for all names, for the comparison.
    """
    sizes = [prod(shape) for shape in derivation.names.values()]
    if not derivation.is_number or not derivation.variable_shape or sum(sizes) > MOST_ENTRIES:
        return None
    try:
        return one_entry(derivation, (0,) * len(derivation.variable_shape), point)
    except FormulaError:
        return None  # a determinant of four rows is nothing to write out


def _check_place(place: Sequence[int], shape: tuple[int, ...], what: str) -> None:
    inside = all(0 <= index < size for index, size in zip(place, shape, strict=False))
    if len(place) != len(shape) or not inside:
        raise FormulaError(
            f"Expected the place of one entry of {what}, which has shape {shape}, found "
            f"{tuple(place)}: indices are counted from 0."
        )


def numbered(tree: Node) -> Node:
    """The tree without the places in the text that its parts came from."""
    from dataclasses import replace

    made: dict[int, Node] = {}
    for node in distinct(tree):
        parts = [made[id(child)] for child in children(node)]
        made[id(node)] = replace(with_children(node, parts), id=-1, span=(0, 0))
    return made[id(tree)]


def _by_numbers(tree: Node, name: str) -> Derivation | None:
    """The derivation by an entry; None if it does not occur, and the derivative is 0."""
    formula = Formula(text=write(tree), root=tree)
    return derive(formula, name, routes=False) if name in formula.names else None


def _compared(
    found: OneEntry,
    derivation: MatrixDerivation,
    entries: Entries,
    point: "Mapping[str, ArrayLike]",
) -> OneEntry:
    from dataclasses import replace

    import numpy as np

    at = MatrixEvaluation(point, derivation.formula.text)
    flat: dict[str, float] = {}
    for name, values in at.point.items():
        if name in derivation.names:
            for place in np.ndindex(*values.shape):
                flat[entries.name(name, place).name] = float(values[place])
    slope = number(0) if found.derivation is None else found.derivation.tidy
    if derivation.is_number:
        gradient = at(derivation.gradient)
    else:
        seed = np.zeros(derivation.shape)
        seed[found.result_place] = 1.0
        assert hasattr(derivation.seed, "name")
        gradient = MatrixEvaluation({**at.point, derivation.seed.name: seed})(derivation.gradient)
    return replace(
        found,
        value=Evaluation(flat, derivation.formula.text)(slope),
        matrix_value=float(gradient[found.place]),
    )
