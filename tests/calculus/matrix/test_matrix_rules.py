"""The rules of differentials: one for each part, all registered, and mistakes that are mistakes."""

import itertools
from pathlib import Path

import numpy as np
import pytest
from shaped_formulas import SHAPES, matrix, number, vector

from chainrule.calculus import ALL_FUNCTIONS, FormulaError, Function, parse, walk
from chainrule.calculus.matrix import MATRIX_RULES, MatrixEvaluation, derive_matrix, rules
from chainrule.calculus.matrix.fit import Shape, misfit
from chainrule.calculus.matrix.rules import Place, TemplateRule
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import Constant, Name, Number


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
    """Every mistake that can be made with square matrices makes a difference there."""
    random = np.random.default_rng(0)
    tried = 0
    for rule in MATRIX_RULES:
        if not isinstance(rule, TemplateRule):
            continue
        for mutation in rule.mutations:
            place, at, cotangent = _square_place(rule, random)
            argument = "ABC".index(mutation.letter)
            right = at(rule.pull(place, cotangent)[argument])
            wrong = at(rule.mutated(mutation, place, cotangent)[argument])
            assert right.shape != wrong.shape or not np.allclose(right, wrong), mutation.id
            tried += 1
    assert tried >= 12


def _square_place(
    rule: TemplateRule, random: np.random.Generator
) -> tuple[Place, MatrixEvaluation, Name]:
    texts = {
        "matrix-product": "P @ Q",
        "matrix-vector": "P @ u",
        "vector-matrix": "u @ P",
        "dot": "u @ v",
        "trace": "trace(P)",
        "determinant": "det(P)",
        "inverse": "inverse(P)",
        "mean-of-entries": "mean(P)",
        "softmax": "softmax(P)",
    }
    node = parse(texts[rule.id]).root
    shapes = Shapes({"P": (3, 3), "Q": (3, 3), "u": (3,), "v": (3,)})
    point = {name: random.normal(size=shape) for name, shape in shapes.names.items()}
    result = MatrixEvaluation(point)(node)
    shapes.names |= {"result": result.shape, "G": result.shape}
    point |= {"result": result, "G": random.normal(size=result.shape)}
    place = Place(
        node=node,
        result=Name(name="result", text="result"),
        shape_of=shapes,
        moving=(0, 1) if " @ " in texts[rule.id] else (0,),
        text="",
        origin=node,
    )
    return place, MatrixEvaluation(point), Name(name="G", text="G")
