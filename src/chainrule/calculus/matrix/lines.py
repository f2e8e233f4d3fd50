"""A matrix derivation as lines of text for the terminal."""

from collections.abc import Iterator

from chainrule.calculus.notations import Sign

from .derivation import MatrixDerivation
from .evaluate import MatrixEvaluation
from .narrate import narrate_matrix
from .narration import MatrixNarration, ToldStep
from .notations import DEFAULT_NOTATION
from .one_entry import OneEntry
from .text import mathematics

LONGEST = 400
"""Characters of an expression that is written out in entries; a longer one is cut."""


def matrix_lines(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    notation: str = DEFAULT_NOTATION,
) -> list[str]:
    """A derivation as people write it down, in Unicode.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        notation: The id of one of `MATRIX_NOTATIONS`.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    return [*narration_lines(narrate_matrix(derivation, notation, evaluation=evaluation))]


def narration_lines(told: MatrixNarration) -> Iterator[str]:
    """A narration as lines: headings begin at the margin, what stands below them is indented."""
    yield told.given.text
    yield f"  {told.kinds.text}"
    yield ""
    if told.code:
        yield from (f"  {line}" if line else "" for line in told.code.split("\n"))
    else:
        yield "Values on the way"
        yield from _values(told)
        yield ""
        yield told.opening.text
        for step in told.steps:
            yield from _step(step, words=told.style == "words")
    yield ""
    yield told.collected.text
    yield from (f"  {each.name}: {each.after}" for each in told.algebra)
    yield told.answer
    yield from (f"  {each.text}" for each in told.closing)
    yield from (f"  {each}" for each in (*told.kinks, *told.legend))


def _values(told: MatrixNarration) -> Iterator[str]:
    for each in told.values:
        if told.style == "words":
            value = f"; here {each.value}" if each.value else ""
            yield f"  {each.row.text}: {each.shape}{value}."
            continue
        value = f"  = {each.value}" if each.value else ""
        yield f"{f'  {each.row.text}':<38}  {each.shape}{value}"


def _step(step: ToldStep, *, words: bool) -> Iterator[str]:
    yield f"  {step.number}. {step.equation}: {step.name}"
    if words:
        yield f"       {step.why}"
    for each in (*step.statement, *step.rows):
        yield f"       {each.text}"


def one_entry_lines(found: OneEntry) -> list[str]:
    """The comparison with one entry, written out, as lines of text."""
    lines = [
        f"One entry first: L written out, and differentiated by {found.name} alone"
        f"{_counted(found)}",
        f"  L = {_cut(mathematics(found.written_out))}",
    ]
    slope = "0" if found.derivation is None else _cut(mathematics(found.derivation.tidy))
    lines.append(f"  ∂L/∂{found.name} = {slope}")
    if found.value is not None and found.matrix_value is not None:
        said = "the same" if found.agree else "not the same"
        lines.append(f"  = {found.value:.6g} here; the matrix result has {found.matrix_value:.6g}")
        lines[-1] += f" in this place: {said}"
    return lines


def _counted(found: OneEntry) -> str:
    """The place as code counts it: indices on paper begin at 1, in code at 0."""
    place = ", ".join(map(str, found.place))
    return f" ([{place}] in code, which counts from 0)" if place else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text)} characters)"


def glossary_rows(told: MatrixNarration) -> list[tuple[str, str]]:
    """What each symbol is, in two columns: symbol and type below one another, and the meaning."""
    typed = [(each.symbol, typed_as(each), each.meaning) for each in told.glossary]
    symbols = max(len(symbol) for symbol, _, _ in typed)
    kinds = max(len(kind) for _, kind, _ in typed)
    return [(f"{symbol:<{symbols}}  {kind:<{kinds}}", meaning) for symbol, kind, meaning in typed]


def typed_as(sign: Sign) -> str:
    """What a symbol is: a number, a vector of 3, a 3 × 2 matrix, a function."""
    if sign.kind in ("function", "operator") or not sign.shape:
        return sign.kind
    if len(sign.shape) == 1:
        return f"{sign.kind} of {sign.shape[0]}"
    return f"{' × '.join(map(str, sign.shape))} {sign.kind}"
