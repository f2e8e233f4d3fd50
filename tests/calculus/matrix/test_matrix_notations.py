"""One matrix derivation in all notations: what each says is true in numbers."""

import contextlib
import io
from typing import Any

import numpy as np
import pytest
from index_sums import index_value
from matrix_identities import IDENTITIES, Identity
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import FormulaError, parse
from chainrule.calculus.matrix import (
    MATRIX_NOTATIONS,
    MATRIX_RULES,
    MatrixDerivation,
    MatrixEvaluation,
    derive_matrix,
    matrix_lines,
    narrate_matrix,
)
from chainrule.calculus.matrix.entry_slopes import entry_slope
from chainrule.calculus.matrix.in_letters import COTANGENT, rule_in_letters
from chainrule.calculus.matrix.index_form import LETTERS
from chainrule.calculus.matrix.notations import lagrange, operator
from chainrule.calculus.matrix.torch_program import matrix_program
from chainrule.calculus.notations import NOTATIONS
from chainrule.calculus.symbols import symbol_rows
from chainrule.calculus.torch_code import python_name
from chainrule.calculus.tree import Name, children

by_id = pytest.mark.parametrize("identity", IDENTITIES, ids=lambda each: each.id)
by_notation = pytest.mark.parametrize("notation", [each.id for each in MATRIX_NOTATIONS])

SHAPES: dict[str, tuple[int, ...]] = {"X": (3, 2), "w": (2,), "y": (3,)}


def least_squares() -> MatrixDerivation:
    return derive_matrix(parse("sum((X @ w - y)^2)"), "w", SHAPES)


def attention() -> MatrixDerivation:
    shapes = {"Q": (3, 2), "K": (3, 2), "V": (3, 2)}
    return derive_matrix(parse("softmax(Q @ Kᵀ / sqrt(2)) @ V"), "K", shapes)


def test_there_is_one_for_each_notation_of_numbers() -> None:
    assert [each.id for each in MATRIX_NOTATIONS] == [each.id for each in NOTATIONS]
    assert [each.name for each in MATRIX_NOTATIONS] == [each.name for each in NOTATIONS]
    with pytest.raises(FormulaError, match="Expected a notation"):
        narrate_matrix(least_squares(), "leibnitz")


@by_notation
def test_what_people_read(notation: str, snapshot: SnapshotAssertion) -> None:
    lines: list[str] = []
    for derivation in (least_squares(), attention()):
        lines += [*matrix_lines(derivation, notation=notation), ""]
        lines += [
            "  ".join(each) for each in symbol_rows(narrate_matrix(derivation, notation).glossary)
        ]
    assert "\n".join(lines) == snapshot


def run(program: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(program, names)
    assert printed.getvalue().count("tensor(") == 2
    return names


@by_id
def test_the_program_runs_and_agrees_with_autograd(identity: Identity) -> None:
    """With the numbers of a point, and with those that it draws itself."""
    import torch

    derivation = identity.derivation()
    default = torch.get_default_dtype()
    at = MatrixEvaluation(identity.point(3))
    try:
        for evaluation in (at, None):
            names = run(matrix_program(derivation, evaluation))
            variable = python_name(identity.wrt)
            by_hand, by_autograd = names[f"d_{variable}"], names[variable].grad
            torch.testing.assert_close(by_hand.detach(), by_autograd, rtol=1e-9, atol=1e-9)
            if evaluation is at:
                assert np.allclose(by_hand.detach(), at(derivation.gradient), atol=1e-9)
    finally:
        torch.set_default_dtype(default)


@pytest.mark.parametrize(
    ("text", "wrt"),
    [
        ("cofactor(A) @ B", "A"),
        ("[a, b, sum(A)]", "a"),
        ("max(A, B, a)", "A"),
        ("hinge(A, B) + huber(A, B, 0.5)", "A"),
        ("max(A) + min(B)", "A"),
        ("diag(diag(A)) @ row_mean(A)", "A"),
        ("column_mean(A) - A @ column_sum(B)", "A"),
        ("ones_like(A) + 0 * A", "A"),
        ("A @ lambda", "A"),
    ],
)
def test_functions_that_pytorch_has_not_are_in_the_program(text: str, wrt: str) -> None:
    import torch

    formula = parse(text)
    shapes = {"A": (3, 3), "B": (3, 3), "lambda": (3,)}
    known = {name: shape for name, shape in shapes.items() if name in formula.names}
    derivation = derive_matrix(formula, wrt, known)
    default = torch.get_default_dtype()
    try:
        names = run(matrix_program(derivation))
        torch.testing.assert_close(names[f"d_{wrt}"].detach(), names[wrt].grad)
    finally:
        torch.set_default_dtype(default)


@by_id
def test_the_slopes_of_entries_are_those_of_the_rule(identity: Identity) -> None:
    """∂(A b)ₖ/∂bᵢ = Aₖᵢ: of the cotangent that is 1 in place k, the part gets that at i."""
    derivation = identity.derivation()
    point = identity.point(4)
    at = MatrixEvaluation(point)
    known = {**point, **{each.name: at(each.node) for each in derivation.quantities}}
    at = MatrixEvaluation(known)
    random = np.random.default_rng(1)
    for step in derivation.steps:
        rule = rule_in_letters(derivation, step, own_names=True)
        assert rule is not None
        shape = rule.shapes.names[step.quantity]
        for letter, pull in rule.pulls:
            own = rule.shapes.names[letter]
            part, whole = LETTERS[: len(own)], LETTERS[len(own) : len(own) + len(shape)]
            tree = entry_slope(pull, rule.shapes, whole, part)
            places = [*np.ndindex(*shape)]
            for place in (places[i] for i in random.choice(len(places), min(3, len(places)))):
                unit = np.zeros(shape)
                unit[place] = 1.0
                expected = MatrixEvaluation({**known, COTANGENT: unit})(pull)
                for entry in np.ndindex(*own):
                    index = dict(zip((*part, *whole), (*entry, *place), strict=True))
                    assert index_value(tree, index, at) == pytest.approx(expected[entry], abs=1e-9)


@by_id
def test_a_rule_in_letters_is_true(identity: Identity) -> None:
    """What it says that the parts get is how the whole answers, by the difference quotient."""
    derivation = identity.derivation()
    point = identity.point(2)
    at = MatrixEvaluation(point)
    values = {each.name: at(each.node) for each in derivation.quantities}
    random = np.random.default_rng(5)
    for step in derivation.steps:
        told = rule_in_letters(derivation, step)
        here = rule_in_letters(derivation, step, own_names=True)
        if told is None or here is None:
            continue
        quantity = next(each for each in derivation.quantities if each.name == step.quantity)
        # the letters stand for what the parts are here: away from the kinks of the rule
        own = MatrixEvaluation({**point, **values})
        numbers: dict[str, Any] = {}
        for mine, theirs in zip(children(told.node), children(quantity.local), strict=True):
            if isinstance(mine, Name):
                numbers[mine.name] = own(theirs)
        weights = random.normal(size=quantity.shape)
        whole = MatrixEvaluation(numbers)(told.node)
        known = MatrixEvaluation({**numbers, told.whole: whole, COTANGENT: weights})
        for letter, pull in told.pulls:
            size = 1e-6
            direction = random.normal(size=numbers[letter].shape)
            ahead, behind = (
                MatrixEvaluation({**numbers, letter: numbers[letter] + sign * size * direction})(
                    told.node
                )
                for sign in (1, -1)
            )
            slope = float(np.sum(weights * (ahead - behind)) / (2 * size))
            said = float(np.sum(known(pull) * direction))
            assert said == pytest.approx(slope, rel=1e-5, abs=1e-6), (step.rule, letter)


def test_every_rule_is_said_with_primes_and_with_operators(snapshot: SnapshotAssertion) -> None:
    rows = []
    for rule in MATRIX_RULES:
        rows.append(f"{rule.id}: {rule.differential}")
        for way in (lagrange.NOTATION, operator.NOTATION):
            rows.append(f"    {way.rule(rule.differential)}")
            rows += [f"        {way.change(each)}" for each in rule.moved]
    assert "\n".join(rows) == snapshot


@by_id
def test_it_is_told_in_every_notation(identity: Identity) -> None:
    derivation = identity.derivation()
    for notation in MATRIX_NOTATIONS:
        told = narrate_matrix(derivation, notation)
        assert told.answer and told.glossary
        assert bool(told.code) == (notation.id == "pytorch")
        assert len(told.steps) == (0 if told.code else len(derivation.steps))


@by_notation
def test_the_glossary_types_vectors_and_matrices(notation: str) -> None:
    entries = {each.symbol: each for each in narrate_matrix(least_squares(), notation).glossary}
    typed = {symbol: (each.kind, each.shape) for symbol, each in entries.items()}
    assert typed["X"] == ("matrix", (3, 2))
    assert typed["w"] == ("vector", (2,))
    assert typed["L"] == ("number", ())
    assert typed["u1" if notation == "pytorch" else "u₁"] == ("vector", (3,))
    if notation != "index":  # which has no sign for all entries at once, and Σ for their sum
        assert entries["sum(x)"].kind == "function"
        assert any(shape == (2,) for symbol, (_, shape) in typed.items() if symbol != "w")


def test_the_newer_functions_are_in_the_glossary() -> None:
    text = "logdet(A) + trace(inverse(A)) + norm(softmax(A)) + cross_entropy(A, T)"
    found = derive_matrix(parse(text), "A", {"A": (3, 3), "T": (3, 3)})
    entries = {each.symbol: each for each in narrate_matrix(found).glossary}
    assert {"logdet(A)", "tr(A)", "A⁻¹", "softmax(x)", "cross_entropy(z, t)"} <= set(entries)
    assert entries["logdet(A)"].meaning == "log(det(A)). Here of a matrix; it gives a number."
