"""Long expressions with names for their parts: the same value, shorter, and within 80 columns."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from matrix_identities import IDENTITIES, Identity
from scalar_formulas import points, scalar_texts, well_conditioned

from chainrule.calculus import Evaluation, derive, parse
from chainrule.calculus.matrix import (
    MatrixEvaluation,
    derive_matrix,
    first_entry,
    named_result_lines,
    one_entry,
    one_entry_lines,
)
from chainrule.calculus.named_parts import flat, named_parts
from chainrule.calculus.pretty import pretty
from chainrule.faces.matrix_derivation import write_matrix_derivation
from chainrule.faces.page import Page

BATCH_NORM = "sum((g*(X - mean(X))/sqrt(mean((X - mean(X))^2) + 1e-5) - Y)^2)"
SMALL = {"X": (2, 2), "Y": (2, 2)}
CLASSES = "cross_entropy(X @ W + b, y)"
LAYER = {"X": (3, 2), "W": (2, 3), "b": (3,), "y": (3,)}


@settings(max_examples=120, deadline=None, derandomize=True)
@given(text=scalar_texts, point=points)
def test_names_keep_the_value(text: str, point: dict[str, float]) -> None:
    formula = parse(text)
    if not formula.names or not well_conditioned(formula, point):
        return
    root = flat(derive(formula, formula.names[0], routes=False).tidy)
    found = named_parts([root], pretty, 20, formula.names)
    numbers = dict(point)
    for name, part in found.parts:  # each after those that it needs
        numbers[name.name] = Evaluation(numbers)(part)
    expected = Evaluation(point)(root)
    assert Evaluation(numbers)(found.roots[0]) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert len(pretty(found.roots[0])) <= len(pretty(root))


def test_entries_of_a_cross_entropy_are_named_and_not_cut() -> None:
    point = {
        "X": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
        "W": [[1.0, 0.0, 1.0], [0.5, 1.0, 0.0]],
        "b": [0.0, 1.0, 2.0],
        "y": [0.0, 2.0, 1.0],
    }
    found = derive_matrix(parse(CLASSES), "W", LAYER)
    lines = one_entry_lines(one_entry(found, (1, 1), point))
    assert not [line for line in lines if "characters)" in line]
    assert "  where Z = X W + b, so Z₁₁ = X₁₁ · W₁₁ + X₁₂ · W₂₁ + b₁" in lines
    assert "− Z₁₁" in lines[1]
    assert "exp(Z₁₂)" in lines[2]
    assert lines[-1].endswith("the same")


def test_classes_that_are_not_known_are_brackets() -> None:
    found = derive_matrix(parse(CLASSES), "W", LAYER)
    lines = one_entry_lines(one_entry(found, (1, 1)))
    assert "[y₁ = 0]" in lines[1]
    assert lines[-1] == "  where [y₁ = 0] is 1 if y₁ is 0, and 0 if not"
    assert not [line for line in lines if "characters)" in line]


def test_batch_norm_is_told_with_a_mean_and_a_deviation() -> None:
    lines = named_result_lines(derive_matrix(parse(BATCH_NORM), "X", {**SMALL, "g": ()}))
    assert lines[0].startswith("With names for its parts: ∂L/∂X = ")
    assert len(lines[0]) < 100
    assert "  where μ = mean(X)" in lines
    assert "  where σ = √(mean((X − μ)²) + 1e-5)" in lines


def test_what_is_short_needs_no_names() -> None:
    found = derive_matrix(parse("sum((X @ w - y)^2)"), "w", {"X": (3, 2), "w": (2,), "y": (3,)})
    assert named_result_lines(found) == []
    assert [line for line in one_entry_lines(one_entry(found, (0,))) if "where" in line] == []


@pytest.mark.parametrize(
    ("text", "variable", "shapes", "shown"),
    [
        (CLASSES, "W", LAYER, True),
        ("sum(X)", "X", {"X": (2, 3)}, True),
        ("sum(X)", "X", {"X": (30, 30)}, False),
        ("det(A)", "A", {"A": (4, 4)}, False),
        ("X @ w", "w", {"X": (2, 2), "w": (2,)}, False),
    ],
)
def test_one_entry_comes_first_where_it_is_small(
    text: str, variable: str, shapes: dict[str, tuple[int, ...]], shown: bool
) -> None:
    entry = first_entry(derive_matrix(parse(text), variable, shapes))
    assert (entry is not None) == shown
    assert entry is None or set(entry.place) == {0}


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda each: each.id)
def test_every_line_fits_eighty_columns(identity: Identity) -> None:
    found = identity.derivation()
    stream = io.StringIO()
    first = first_entry(found)
    entries = () if first is None else (first,)
    write_matrix_derivation(Page(stream, width=80, color=False), found, entries=entries)
    wide = [line for line in stream.getvalue().split("\n") if len(line) > 80]
    assert not wide


def test_a_point_gives_the_number_of_the_entry_too() -> None:
    generator = np.random.default_rng(3)
    point = {name: generator.normal(size=shape) for name, shape in {**SMALL, "g": ()}.items()}
    found = derive_matrix(parse(BATCH_NORM), "X", {**SMALL, "g": ()})
    entry = first_entry(found, point)
    assert entry is not None
    assert entry.agree
    assert float(MatrixEvaluation(point)(found.gradient)[0, 0]) == pytest.approx(entry.value)
