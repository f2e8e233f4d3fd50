"""Random trees and texts of formulas, and what a tree means however it is written."""

from typing import Any

from hypothesis import strategies as st

from chainrule.calculus import FUNCTIONS, Node
from chainrule.calculus.tree import (
    Array,
    Call,
    Constant,
    MatrixProduct,
    Name,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
)

_numbers = st.sampled_from(["0", "1", "2", "10", "1.5", ".5", "2e-3", "1E2", "3."])
_names = st.sampled_from(["x", "y", "x_1", "w1", "θ", "loss", "f", "e5", "x₁", "λ", "Δt"])


def _node(kind: type[Any], **parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Node]:
    return st.builds(kind, parentheses=st.sampled_from([0, 0, 0, 1, 2]), **parts)


leaves: st.SearchStrategy[Node] = st.one_of(
    _node(Number, text=_numbers),
    _names.flatmap(
        lambda name: _node(Name, name=st.just(name.replace("₁", "1")), text=st.just(name))
    ),
    st.sampled_from([("pi", "pi"), ("pi", "π"), ("e", "e")]).flatmap(
        lambda c: _node(Constant, name=st.just(c[0]), text=st.just(c[1]))
    ),
)


def _several(kind: type[Any], parts: str, inner: st.SearchStrategy[Node], signs: list[str]) -> Any:
    def build(count: int) -> st.SearchStrategy[Node]:
        return _node(
            kind,
            **{parts: st.tuples(*[inner] * count)},
            operators=st.tuples(*[st.sampled_from(signs)] * (count - 1)),
        )

    return st.integers(2, 4).flatmap(build)


def _call(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    def of(text: str) -> st.SearchStrategy[Node]:
        function = FUNCTIONS[text]
        count = st.integers(function.least, function.most or 3)
        spellings = ["parentheses", "parentheses"] + ["bare"] * (function.least == 1)
        return count.flatmap(
            lambda n: _node(
                Call,
                function=st.just(function.name),
                text=st.just(text),
                arguments=st.tuples(*[inner] * n),
                spelling=st.sampled_from(spellings if n == 1 else ["parentheses"]),
            )
        )

    names = ["sin", "cos", "ln", "tanh", "max", "√", "softmax", "mse", "log", "transpose"]
    marks = {"|": "abs", "‖": "norm", "ᵀ": "transpose"}
    marked = st.sampled_from([*marks]).flatmap(
        lambda mark: _node(
            Call,
            function=st.just(marks[mark]),
            text=st.just(""),
            arguments=st.tuples(inner),
            spelling=st.just(mark),
        )
    )
    return st.sampled_from(names).flatmap(of) | marked


def _wider(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        _node(Unary, operator=st.sampled_from(["-", "+"]), operand=inner),
        _several(Sum, "terms", inner, ["+", "-"]),
        _several(Product, "factors", inner, ["*", "×", "·", "", ""]),
        _node(Quotient, numerator=inner, denominator=inner, operator=st.sampled_from(["/", "÷"])),
        _node(MatrixProduct, left=inner, right=inner),
        _node(
            Power,
            base=inner,
            exponent=inner | leaves,
            spelling=st.sampled_from(["**", "^", "superscript"]),
            on_name=st.booleans(),
        ),
        _call(inner),
        _node(Array, entries=st.lists(inner, min_size=1, max_size=3).map(tuple)),
    )


trees: st.SearchStrategy[Node] = st.recursive(leaves, _wider, max_leaves=10)
"""Trees of every kind of node, also such as no text has: with too few parentheses, a number beside
a number, sin x of a sum."""

_PIECES = (
    "x y e π 2 1.5 x_1 sin cos² log √ max foo + - * / ^ ** @ ( ) ( ) [ ] , | ‖ ² ᵀ × ÷ · − . ="
)
_pieces = st.sampled_from([*_PIECES.split(), " ", "\t"])
soups: st.SearchStrategy[str] = st.lists(_pieces, min_size=1, max_size=14).map("".join)
"""Pieces of formulas in any order; few are formulas."""


def meaning(node: Node) -> Any:
    """What is computed of what, without the way in which it was written."""
    match node:
        case Number():
            return float(node.text)
        case Name() | Constant():
            return type(node).__name__, node.name
        case Unary():
            return "sign", node.operator, meaning(node.operand)
        case Sum():
            return "sum", node.operators, tuple(meaning(term) for term in node.terms)
        case Product():
            return "product", tuple(meaning(factor) for factor in node.factors)
        case Quotient():
            return "quotient", meaning(node.numerator), meaning(node.denominator)
        case MatrixProduct():
            return "matrix product", meaning(node.left), meaning(node.right)
        case Power():
            return "power", meaning(node.base), meaning(node.exponent)
        case Call():
            return node.function, tuple(meaning(argument) for argument in node.arguments)
        case Array():
            return "array", tuple(meaning(entry) for entry in node.entries)
