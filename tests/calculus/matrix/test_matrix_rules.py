"""The rules of differentials: one for each part, all registered, and mistakes that are mistakes."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from shaped_formulas import SHAPES, matrix, number, vector

from chainrule.calculus import ALL_FUNCTIONS, FormulaError, Function, parse, walk
from chainrule.calculus.matrix import MATRIX_RULES, MatrixEvaluation, derive_matrix, rules
from chainrule.calculus.matrix.fit import Shape, misfit
from chainrule.calculus.matrix.rules import Place
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Constant, Name, Number, children


def test_every_file_of_rules_is_registered() -> None:
    folder = Path(rules.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__", "rule"}
    homes = {type(rule).__module__ for rule in MATRIX_RULES}
    registered = {getattr(rules, name) for name in files}
    assert all(home.RULES for home in registered)
    assert {rule.id for home in registered for rule in home.RULES} == {r.id for r in MATRIX_RULES}
    assert all(home.startswith(rules.__name__) for home in homes)


def test_rules_and_mutations_have_names_of_their_own() -> None:
    ids = [rule.id for rule in MATRIX_RULES]
    assert len(ids) == len(set(ids))
    mutations = [mutation.id for rule in MATRIX_RULES for mutation in rule.mutations]
    assert len(mutations) == len(set(mutations)) >= 15
    for rule in MATRIX_RULES:
        assert rule.name and rule.differential and rule.why.endswith(".")
        assert set(rule.prerequisites) <= set(ids), rule.id


def test_every_part_has_one_rule() -> None:
    import random

    shapes = Shapes(SHAPES)
    for seed in range(200):
        source = random.Random(seed)
        maker = source.choice(["number", "vector", "matrix"])
        text = {
            "number": lambda s=source: number(s, 3),
            "vector": lambda s=source: vector(s, 3, 2),
            "matrix": lambda s=source: matrix(s, (3, 2), 2),
        }[maker]()
        for node in walk(parse(text).root):
            if not isinstance(node, Name | Number | Constant):
                found = [rule.id for rule in MATRIX_RULES if rule.matches(node, shapes)]
                assert len(found) == 1, (text, found)


@pytest.mark.parametrize("function", ALL_FUNCTIONS, ids=lambda each: each.name)
def test_every_function_has_a_rule(function: Function) -> None:
    """With all shapes of arguments that it takes, and by each of them: nothing is not known."""
    derived = 0
    choices: list[Shape] = [(), (3,), (3, 3), (3, 2)]
    counts = range(function.least, (function.most or 3) + 1)
    for count in counts:
        for given in itertools.product(choices, repeat=count):
            if misfit(function.name, given):
                continue
            names = ["x", "y", "z"][:count]
            formula = parse(f"{function.name}({', '.join(names)})")
            for name, shape in zip(names, given, strict=True):
                try:
                    found = derive_matrix(formula, name, dict(zip(names, given, strict=True)))
                except FormulaError as error:
                    assert "The p of norm" in str(error) or "Classes are data" in str(error)
                    continue
                assert found.variable_shape == shape
                derived += 1
    assert derived


def test_a_mutation_gives_another_result() -> None:
    """Every mistake of every rule makes a difference, in numbers or in the shape."""
    random = np.random.default_rng(0)
    for rule in MATRIX_RULES:
        for mutation in rule.mutations:
            place, at, cotangent = _place(rule.id, random)
            assert rule.matches(place.node, place.shape_of)
            argument = rule.argument_letters.index(mutation.letter)
            right = at(rule.pull(place, cotangent)[argument])
            made = rule.mutated(mutation, place, cotangent)
            assert set(made) == set(place.moving)
            wrong = at(made[argument])
            own = np.shape(at(place.parts[argument]))
            if mutation.id == "sum-not-over-rows":
                assert wrong.shape != own
                continue
            right = np.broadcast_to(right, own)
            assert wrong.shape != own or not np.allclose(right, wrong), mutation.id


def test_the_mistakes_that_people_make_are_there() -> None:
    found = {mutation.id for rule in MATRIX_RULES for mutation in rule.mutations}
    assert len(found) >= 25
    assert {
        "transpose-forgotten",
        "left-transpose-forgotten",
        "left-order",
        "row-vector-side",
        "log-determinant-transpose-forgotten",
        "inverse-transposes-forgotten",
    } <= found


def _place(rule_id: str, random: np.random.Generator) -> tuple[Place, MatrixEvaluation, Name]:
    """Where a rule applies to square matrices and to vectors, with a positive determinant."""
    texts = {
        "matrix-product": "P @ Q",
        "matrix-vector": "P @ u",
        "vector-matrix": "u @ P",
        "dot": "u @ v",
        "outer": "outer(u, v)",
        "transpose": "Pᵀ",
        "trace": "trace(P)",
        "determinant": "det(P)",
        "log-determinant": "logdet(P)",
        "inverse": "inverse(P)",
        "mean-of-entries": "mean(P)",
        "softmax": "softmax(P)",
        "logsumexp": "logsumexp(u)",
        "norm": "norm(P)",
        "cross-entropy": "cross_entropy(P, Q)",
        "sum": "P + u",
        "entrywise-product": "P * Q",
        "entrywise-quotient": "P / Q",
        "entrywise": "sin(P)",
    }
    node = parse(texts[rule_id]).root
    shapes = Shapes({"P": (3, 3), "Q": (3, 3), "u": (3,), "v": (3,)})
    point = {name: random.normal(size=shape) for name, shape in shapes.names.items()}
    point["P"] = point["P"] @ point["P"].T + np.triu(np.ones((3, 3)))
    result = MatrixEvaluation(point)(node)
    shapes.names |= {"result": result.shape, "G": result.shape}
    point |= {"result": result, "G": random.normal(size=result.shape)}
    place = Place(
        node=node,
        result=Name(name="result", text="result"),
        shape_of=shapes,
        moving=tuple(range(len(children(node)))),
        text="",
        origin=node,
    )
    return place, MatrixEvaluation(point), Name(name="G", text="G")
