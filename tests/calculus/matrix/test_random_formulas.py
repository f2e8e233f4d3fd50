"""Random formulas of numbers, vectors and matrices: our gradients against autograd's."""

from random import Random
from typing import Any

import numpy as np
import pytest
from matrix_data import autograd
from shaped_formulas import SHAPES, matrix, number, vector

from chainrule.calculus import DomainError, Evaluation, FormulaError, parse, write
from chainrule.calculus.matrix import (
    MatrixEvaluation,
    derive_matrix,
    expand,
    infer,
    jacobian_values,
    matrix_lines,
    matrix_record,
)
from chainrule.calculus.matrix.entries import MOST_NODES, Entries
from chainrule.objective import ObjectiveError


def formula_of(seed: int) -> str:
    """A formula that is a number in half of all cases, else a vector or matrix."""
    random = Random(seed)
    kind = random.choice(["number", "number", "vector", "matrix"])
    if kind == "number":
        return number(random, 3)
    if kind == "vector":
        return vector(random, random.choice([2, 3]), 2)
    return matrix(random, random.choice([(3, 2), (2, 3)]), 2)


def close(found: Any, expected: Any) -> bool:
    scale = max(1.0, float(np.abs(expected).max()))
    return found.shape == expected.shape and bool(np.abs(found - expected).max() <= 1e-7 * scale)


def check(seeds: range) -> int:
    """How many of these random formulas were compared."""
    compared = 0
    for seed in seeds:
        text = formula_of(seed)
        formula = parse(text)
        if not formula.names:
            continue
        random = np.random.default_rng(seed)
        wrt = Random(seed).choice(formula.names)
        point = {name: random.normal(size=SHAPES[name]) for name in formula.names}
        derivation = derive_matrix(formula, wrt, {n: SHAPES[n] for n in formula.names})
        cotangent = None
        known = dict(point)
        if not derivation.is_number:
            cotangent = random.normal(size=derivation.shape)
            known[write(derivation.seed)] = cotangent
        at = MatrixEvaluation(known)
        try:
            expected = autograd(text, wrt, point, cotangent)
            found = at(derivation.gradient)
        except (ObjectiveError, DomainError):
            continue  # infinite at this point, or a singular matrix
        if not np.isfinite(expected).all() or np.abs(expected).max() > 1e6:
            continue
        assert close(found, expected), f"{seed}: ∂/∂{wrt} of {text}"
        again = parse(write(derivation.gradient))
        assert close(at(again.root), found), f"{seed}: {text} typed again"
        if derivation.jacobian is not None:
            seed_name = write(derivation.seed)
            numbers = jacobian_values(derivation.gradient, seed_name, derivation.shape, at)
            assert close(at(derivation.jacobian), numbers), f"{seed}: the Jacobian of {text}"
        compared += 1
    return compared


def test_gradients_are_those_of_autograd() -> None:
    assert check(range(250)) > 200


@pytest.mark.parametrize(
    "text",
    [
        "min([column_sum(A), column_sum(outer(x, y)), A @ y])",  # a stretched vector in a sum
        "row_mean(row_mean(x) * diag(A) - 1)",  # two equal numbers below one line
        "column_sum(c * A) @ y",  # a column and a row, both stretched
    ],
)
def test_gradients_that_once_were_wrong(text: str) -> None:
    formula = parse(text)
    random = np.random.default_rng(0)
    shapes = {name: SHAPES[name] for name in formula.names}
    for _ in range(3):
        point = {name: random.normal(size=shape) for name, shape in shapes.items()}
        for name in formula.names:
            found = MatrixEvaluation(point)(derive_matrix(formula, name, shapes).gradient)
            assert close(found, autograd(text, name, point)), name


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_gradients_are_those_of_autograd_for_thousands() -> None:
    assert check(range(250, 6000)) > 4500


def test_shapes_are_those_of_the_values() -> None:
    for seed in range(300):
        formula = parse(formula_of(seed))
        random = np.random.default_rng(seed)
        at = MatrixEvaluation({name: random.normal(size=SHAPES[name]) for name in formula.names})
        shapes = infer(formula, {name: SHAPES[name] for name in formula.names})
        try:
            assert at(formula.root).shape == shapes[-1]
        except DomainError:
            continue
        assert [at(node).shape for node in formula.nodes()] == list(shapes)


def test_written_out_in_entries_a_formula_has_the_same_value() -> None:
    compared = 0
    for seed in range(300):
        text = formula_of(seed)
        formula = parse(text)
        random = np.random.default_rng(seed)
        point = {name: random.normal(size=SHAPES[name]) for name in formula.names}
        shapes = {name: SHAPES[name] for name in formula.names}
        try:
            trees = np.array(expand(formula, shapes), dtype=object)
            expected = MatrixEvaluation(point)(formula.root)
        except DomainError:
            continue
        except FormulaError as error:
            assert str(MOST_NODES) in str(error), text
            continue
        entries = Entries(shapes)
        flat = {
            entries.name(name, place).name: float(value[place])
            for name, value in point.items()
            for place in np.ndindex(*value.shape)
        }
        at = Evaluation(flat)
        found = np.array([at(tree) for tree in trees.flat]).reshape(trees.shape)
        assert close(found, expected), f"{seed}: {text}"
        compared += 1
    assert compared > 150


def test_every_random_formula_can_be_told_and_recorded() -> None:
    for seed in range(60):
        formula = parse(formula_of(seed))
        if formula.names:
            derivation = derive_matrix(
                formula, formula.names[0], {n: SHAPES[n] for n in formula.names}
            )
            assert len(matrix_lines(derivation)) > 5
            assert matrix_record(derivation)["gradient"]["formula"]
