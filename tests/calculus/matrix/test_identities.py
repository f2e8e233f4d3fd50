"""The gradients that people look up: as books have them, as PyTorch has them, and how we get there.

Each is checked at random points in five ways: against the book's formula, against autograd, entry
by entry with its indices, by one entry of L written out, and step by step.
"""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from index_sums import index_value
from matrix_data import autograd
from matrix_identities import IDENTITIES, Identity
from syrupy.assertion import SnapshotAssertion

from chainrule.calculus import FormulaError, parse, write
from chainrule.calculus.matrix import (
    MatrixEvaluation,
    derive_matrix,
    index_form,
    infer,
    matrix_lines,
    one_entry,
)
from chainrule.calculus.matrix.index_form import LETTERS

by_id = pytest.mark.parametrize("identity", IDENTITIES, ids=lambda each: each.id)


def close(found: Any, expected: Any, digits: int = 9) -> bool:
    """Whether two arrays are equal up to rounding, of the same shape."""
    found, expected = np.asarray(found), np.asarray(expected)
    scale = max(1.0, float(np.abs(expected).max()))
    return found.shape == expected.shape and bool(
        np.abs(found - expected).max() <= scale * 10.0**-digits
    )


def test_there_are_those_that_people_look_up() -> None:
    groups = Counter(identity.group for identity in IDENTITIES)
    assert len(IDENTITIES) >= 60
    assert len({identity.id for identity in IDENTITIES}) == len(IDENTITIES)
    assert all(count >= 4 for count in groups.values()), groups
    assert set(groups) >= {
        "linear",
        "quadratic",
        "trace",
        "determinant",
        "inverse",
        "norm",
        "activation",
        "softmax",
        "least squares",
        "logistic regression",
        "ridge regression",
    }


@by_id
def test_the_gradient_is_that_of_books_and_of_autograd(identity: Identity) -> None:
    derivation = identity.derivation()
    book = parse(identity.gradient)
    for seed in range(3):
        point = identity.point(seed)
        at = MatrixEvaluation(point)
        found = at(derivation.gradient)
        assert close(found, np.broadcast_to(at(book.root), found.shape))
        assert close(found, autograd(identity.formula, identity.wrt, point))


@by_id
def test_the_gradient_can_be_typed(identity: Identity) -> None:
    """What is written is a formula again, with the shape of the variable and the same value."""
    derivation = identity.derivation()
    text = write(derivation.gradient)
    assert "transpose(" not in text, "it is written as people read it: Aᵀ"
    again = parse(text)
    known = {n: tuple(s) for n, s in identity.shapes.items() if n in again.names}
    assert infer(again, known)[-1] == tuple(identity.shapes[identity.wrt])
    at = MatrixEvaluation(identity.point(5))
    assert close(at(again.root), at(derivation.gradient), 12)


@by_id
def test_with_its_indices_it_is_the_same_number(identity: Identity) -> None:
    derivation = identity.derivation()
    at = MatrixEvaluation(identity.point(6))
    values = at(derivation.gradient)
    tree = index_form(derivation)
    found = np.empty(values.shape)
    for place in np.ndindex(*values.shape):
        found[place] = index_value(tree, dict(zip(LETTERS, place, strict=False)), at)
    assert close(found, values)


@by_id
def test_one_entry_written_out_is_the_same_number(identity: Identity) -> None:
    derivation = identity.derivation()
    point = identity.point(7)
    last = tuple(size - 1 for size in derivation.variable_shape)
    for place in {tuple(0 for _ in last), last}:
        entry = one_entry(derivation, place, point)
        assert entry.agree, (entry.name, entry.value, entry.matrix_value)
        assert entry.value == pytest.approx(entry.matrix_value, rel=1e-9, abs=1e-9)


@by_id
def test_every_step_is_right(identity: Identity) -> None:
    """Each rule passes on what it gets; each step of algebra keeps value and shape."""
    derivation = identity.derivation()
    point = identity.point(8)
    at = MatrixEvaluation(point)
    values = {q.name: at(q.node) for q in derivation.quantities}
    cotangents: dict[str, Any] = {}
    known = MatrixEvaluation({**point, **values})
    random = np.random.default_rng(9)
    by_name = {q.name: q for q in derivation.quantities}
    for cotangent in derivation.cotangents:
        known = MatrixEvaluation({**point, **values, **cotangents})
        total = known(cotangent.total)
        for rewrite in cotangent.tidying:
            assert close(known(rewrite.after), known(rewrite.before)), rewrite.rule
        assert known(cotangent.tidy).shape == cotangent.shape
        if cotangent.name:
            cotangents[cotangent.name] = total
    known = MatrixEvaluation({**point, **values, **cotangents})
    for step in derivation.steps:
        quantity = by_name[step.quantity]
        given = np.broadcast_to(known(step.cotangent), quantity.shape)
        moves = {p.quantity: random.normal(size=by_name[p.quantity].shape) for p in step.pulls}

        def along(h: float, moves: dict[str, Any] = moves, local: Any = quantity.local) -> Any:
            moved = {name: values[name] + h * d for name, d in moves.items()}
            return MatrixEvaluation({**point, **values, **moved})(local)

        h = 1e-6
        change = float(np.sum(given * (along(h) - along(-h)) / (2 * h)))
        passed = 0.0
        for pull in step.pulls:
            shape = by_name[pull.quantity].shape
            passed += float(np.sum(np.broadcast_to(known(pull.term), shape) * moves[pull.quantity]))
        assert passed == pytest.approx(change, rel=1e-5, abs=1e-6), step.rule
    for rewrite in derivation.tidying:
        assert close(at(rewrite.after), at(rewrite.before)), rewrite.rule


def test_a_wrong_gradient_would_be_noticed() -> None:
    identity = next(each for each in IDENTITIES if each.id == "quadratic-form")
    point = identity.point(0)
    at = MatrixEvaluation(point)
    assert not close(at(parse("2A @ x").root), autograd(identity.formula, "x", point))


@pytest.mark.parametrize("group", sorted({identity.group for identity in IDENTITIES}))
def test_what_people_read(group: str, snapshot: SnapshotAssertion) -> None:
    texts = [
        "\n".join([f"[{identity.id}]", *matrix_lines(identity.derivation())])
        for identity in IDENTITIES
        if identity.group == group
    ]
    assert "\n\n\n".join(texts) == snapshot


def test_what_people_read_with_numbers(snapshot: SnapshotAssertion) -> None:
    texts = []
    for name in ("least-squares", "several-outputs", "cross-entropy", "attention-keys"):
        identity = next(each for each in IDENTITIES if each.id == name)
        at = MatrixEvaluation(identity.point(0))
        texts.append("\n".join(matrix_lines(identity.derivation(), at)))
    assert "\n\n\n".join(texts) == snapshot


def test_facts_that_are_none_are_refused() -> None:
    formula = parse("sum(A)")
    with pytest.raises(FormulaError, match="not in the formula"):
        derive_matrix(formula, "A", {"A": (2, 2)}, symmetric=["B"])
    with pytest.raises(FormulaError, match="square matrix"):
        derive_matrix(formula, "A", {"A": (2, 3)}, symmetric=["A"])
