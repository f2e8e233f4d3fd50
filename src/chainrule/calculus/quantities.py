"""The quantities of a computation: every part of a formula once, with a label of its own.

What stands in several places is one quantity, also where one of them has a name of its own: with
a = t², sin(a) and sin(t²) are the same. Numbers are no quantities: they stay in the expressions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .build import name as named
from .definitions import evaluation_order
from .errors import FormulaError
from .float_functions import FLOAT_FUNCTIONS
from .same import Key, Keys
from .tree import (
    Array,
    Call,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    walk,
    with_children,
)

LETTERS = ("u", "v", "h", "s", "q", "p", "r", "m")
"""What intermediate results are called, if no name of the formula begins so."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """One quantity.

    Attributes:
        label: What it is called.
        operation: What computes it; empty for what is given.
        expression: What it is, in the labels of its inputs; None for what is given.
        arguments: The inputs that are quantities, as places in the list, in reading order; one that
            is used twice stands there twice.
        part: The part of the formula that it was first met as.
        formula: The formula of that part.
        formula_node: The part's id in the main formula; −1 if it stands only in definitions.
    """

    label: str
    operation: str
    expression: Node | None
    arguments: tuple[int, ...]
    part: Node
    formula: Formula
    formula_node: int


def quantities(
    formula: Formula, definitions: Mapping[str, Formula], name: str
) -> tuple[Quantity, ...]:
    """The quantities of a formula in an order of evaluation; the last one is the result.

    What is given comes first, in the order in which it is met.

    Args:
        formula: The result.
        definitions: Names that stand for formulas of their own; those that are not needed are left
            out.
        name: Of the result; empty if it has none.

    Raises:
        FormulaError: If something is not made of numbers, or definitions go round in a circle.
    """
    collector = _Collector(definitions)
    for each in evaluation_order(_needed(formula, definitions)):
        collector.define(each, definitions[each])
    return collector.finish(formula, name)


def _needed(formula: Formula, definitions: Mapping[str, Formula]) -> dict[str, Formula]:
    """The definitions that the formula needs, in the order in which they were typed."""
    found: set[str] = set()
    left = [*formula.names]
    while left:
        each = left.pop()
        if each in definitions and each not in found:
            found.add(each)
            left += definitions[each].names
    return {name: known for name, known in definitions.items() if name in found}


@dataclass(slots=True)
class _Met:
    """A quantity that was met; its label may come later."""

    label: str
    part: Node
    formula: Formula
    inputs: tuple[Key | None, ...] | None  # None for what is given; a number among them is None
    renames: bool = False  # another name for its only input
    formula_node: int = -1


class _Collector:
    def __init__(self, definitions: Mapping[str, Formula]) -> None:
        self._definitions = definitions
        self._keys = Keys()
        self._met: dict[Key, _Met] = {}
        self._stands_for: dict[str, Node] = {}  # a name with a definition: what it is, written out
        self._names: set[str] = set(definitions)

    def define(self, name: str, formula: Formula) -> None:
        root = self._read(formula, main=False)
        known = self._met.get(self._keys(root))
        if known is not None and not known.label:
            known.label = name
            self._stands_for[name] = root
            return
        # a number, or what has a label already: the name is a quantity beside it
        own = named(name)
        inputs = None if known is None else (self._keys(root),)
        renames = known is not None
        self._met[self._keys(own)] = _Met(name, formula.root, formula, inputs, renames)
        self._stands_for[name] = own

    def finish(self, formula: Formula, name: str) -> tuple[Quantity, ...]:
        root = self._read(formula, main=True)
        result = self._keys(root)
        if result not in self._met:
            raise FormulaError(
                "Expected a formula with a variable in it, found a number alone.", formula.text
            )
        if name and self._met[result].label:
            own = self._keys(named(f"{name} ="))  # no part of a formula has such a name
            self._met[own] = _Met(name, formula.root, formula, (result,), True, formula.root.id)
            result = own
        self._label(result, name)
        given = [key for key, met in self._met.items() if met.inputs is None]
        made = [key for key, met in self._met.items() if met.inputs is not None]
        places = {key: i for i, key in enumerate((*given, *made))}
        return tuple(self._quantity(self._met[key], places) for key in places)

    def _read(self, formula: Formula, main: bool) -> Node:
        """The formula with its names written out; its parts are met on the way."""
        written: dict[int, Node] = {}
        for node in walk(formula.root):
            written[id(node)] = self._part(node, written, formula, main)
        return written[id(formula.root)]

    def _part(self, node: Node, written: dict[int, Node], formula: Formula, main: bool) -> Node:
        parts = [written[id(child)] for child in children(node)]
        out: Node
        if isinstance(node, Name):
            self._names.add(node.name)
            out = self._stands_for.get(node.name) or named(node.name)
        elif isinstance(node, Unary) and node.operator == "+":
            return parts[0]
        else:
            out = with_children(node, parts)
        _check_number(node, formula)
        key = self._keys(out)
        inputs = tuple(k if (k := self._keys(part)) in self._met else None for part in parts)
        if isinstance(node, Name):
            met = self._met.setdefault(key, _Met(node.name, node, formula, None))
        elif any(each is not None for each in inputs):
            met = self._met.setdefault(key, _Met("", node, formula, inputs))
        else:
            return out  # a number
        if main and met.formula_node < 0:
            met.formula_node = node.id
        return out

    def _label(self, result: Key, name: str) -> None:
        letter = next((each for each in LETTERS if not self._begins(each)), "step")
        if not self._met[result].label:
            free = next((each for each in ("f", "L", "z") if each not in self._names), "")
            self._met[result].label = name or free
        count = 0
        for met in self._met.values():
            if not met.label:
                count += 1
                met.label = letter + str(count).translate(_SUBSCRIPTS)

    def _begins(self, letter: str) -> bool:
        return any(
            each == letter or (each[:1] == letter and each[1:].isdigit()) for each in self._names
        )

    def _quantity(self, met: _Met, places: Mapping[Key, int]) -> Quantity:
        arguments: tuple[int, ...] = ()
        expression: Node | None = None
        operation = ""
        if met.inputs is not None:
            arguments = tuple(places[key] for key in met.inputs if key is not None)
            labels = [None if key is None else named(self._met[key].label) for key in met.inputs]
            if met.renames:
                operation, expression = "=", labels[0]
            else:
                operation = _operation(met.part)
                pairs = zip(children(met.part), labels, strict=True)
                parts = [old if new is None else new for old, new in pairs]
                expression = replace(with_children(met.part, parts), parentheses=0)
        return Quantity(
            label=met.label,
            operation=operation,
            expression=expression,
            arguments=arguments,
            part=met.part,
            formula=met.formula,
            formula_node=met.formula_node,
        )


def _check_number(node: Node, formula: Formula) -> None:
    match node:
        case MatrixProduct():
            reason, position = "@ multiplies matrices", node.column
        case Array():
            reason, position = "this is none", node.span[0]
        case Call() if node.function not in FLOAT_FUNCTIONS:
            reason, position = f"{node.function} is not made for numbers", node.span[0]
        case _:
            return
    raise FormulaError(
        f"The dependency graph is that of a formula of numbers, and {reason}.",
        formula.text,
        position,
    )


def _operation(node: Node) -> str:
    match node:
        case Unary():
            return "−"
        case Sum():
            return "−" if set(node.operators) == {"-"} else "+"
        case Product():
            return "×"
        case Quotient():
            return "÷"
        case Power():
            return "^"
        case Call():
            return node.function
        case _:
            return ""
