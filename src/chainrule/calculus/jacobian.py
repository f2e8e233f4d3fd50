"""The Jacobian: how each of several results answers to each of several variables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chainrule.records.message import Message

from .checks import completed
from .derivation import Derivation
from .derive import derive
from .errors import FormulaError
from .evaluate import Evaluation
from .kinks import derivative_value, kinks, sentences
from .parse import parse
from .tree import Array, Formula


@dataclass(frozen=True, slots=True, kw_only=True)
class Jacobian:
    """J, in the numerator layout: row i belongs to result i, column j to variable j.

    Attributes:
        formula: The vector of results, as it was typed.
        results: One formula a row.
        variables: One name a column.
        cells: ∂(result i)/∂(variable j), each with its derivation; None where the result does not
            hold the variable, so that the entry is 0.
    """

    formula: Formula
    results: tuple[Formula, ...]
    variables: tuple[str, ...]
    cells: tuple[tuple[Derivation | None, ...], ...]

    def at(self, evaluation: Evaluation) -> tuple[tuple[float | None, ...], ...]:
        """Its numbers at a point, row by row; None where a kink leaves no derivative.

        Raises:
            DomainError: If a result or an entry has no value there.
        """
        rows: list[tuple[float | None, ...]] = []
        for result, row in zip(self.results, self.cells, strict=True):
            known = next((cell for cell in row if cell is not None), None)
            # a result has to exist where its derivative is 0 because it does not move
            (evaluation if known is None else completed(known, evaluation))(result.root)
            rows.append(
                tuple(
                    0.0 if cell is None else derivative_value(cell, completed(cell, evaluation))
                    for cell in row
                )
            )
        return tuple(rows)

    def notices(self, evaluation: Evaluation) -> tuple[str, ...]:
        """A sentence for each kink or jump exactly at a point.

        Raises:
            DomainError: If a result has no value there.
        """
        cells = (cell for row in self.cells for cell in row if cell is not None)
        return sentences(
            kink for cell in cells for kink in kinks(cell, completed(cell, evaluation))
        )


def jacobian(
    formula: Formula,
    variables: Sequence[str] | None = None,
    *,
    definitions: Mapping[str, Formula] | None = None,
) -> Jacobian:
    """Differentiate every entry of a vector by every variable.

    Args:
        formula: A vector of numbers such as `[x^2 y, 5x + sin y]`; one number is a vector of one.
        variables: By which, in which order; all names of the formula if not given.
        definitions: As for `derive`.

    Raises:
        FormulaError: If an entry is no number, or there is no variable.
    """
    root = formula.root
    entries = root.entries if isinstance(root, Array) else (root,)
    names = tuple(variables) if variables is not None else formula.names
    if not names:
        raise FormulaError(
            Message("Expected a formula with a variable, found only numbers."), formula.text
        )
    for name in names:
        if name not in formula.names and name not in (definitions or {}):
            raise FormulaError(
                Message(
                    "Expected variables of the formula, found {found!r}; it has {names}.",
                    found=name,
                    names=", ".join(formula.names),
                ),
                formula.text,
            )
    rows, results = [], []
    for entry in entries:
        if isinstance(entry, Array):
            raise FormulaError(
                Message(
                    "Expected a vector of numbers, found a matrix: its derivative has three "
                    "indices; ask for one row."
                ),
                formula.text,
                entry.span[0],
            )
        result = Formula(text=formula.text, root=entry)
        known = _reachable(result, definitions or {})
        results.append(result)
        rows.append(
            tuple(
                derive(result, name, definitions=definitions) if name in known else None
                for name in names
            )
        )
    return Jacobian(formula=formula, results=tuple(results), variables=names, cells=tuple(rows))


def read_vector(text: str) -> Formula:
    """A vector of results; `a, b` without brackets is one, too."""
    try:
        return parse(text)
    except FormulaError:
        try:
            return parse(f"[{text}]")
        except FormulaError:
            pass
        raise


def _reachable(formula: Formula, definitions: Mapping[str, Formula]) -> set[str]:
    """Names in a formula and in what its names stand for."""
    found: set[str] = set()
    left = [*formula.names]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left.extend(definitions[name].names if name in definitions else ())
    return found
