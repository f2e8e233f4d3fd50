"""A formula's tree as a list of instructions for PyTorch.

The tree is walked once. What is made of numbers and data only is computed then; what occurs twice
is computed once. Shapes do not depend on θ, so they are checked then as well, and an evaluation is
only the list: nothing in it looks at a value.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial

import torch
from torch import Tensor

from chainrule.calculus import Formula, FormulaError, Node, children
from chainrule.calculus.matrix.fit import (
    bars_misfit,
    entries_misfit,
    misfit,
    product_misfit,
    shape_text,
    stretch_misfit,
    two_readings,
)
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

from .torch_functions import TORCH_FUNCTIONS

Compute = Callable[..., Tensor]
Key = tuple[object, ...]


class Instructions:
    """A formula for PyTorch; call it with θ by name.

    Args:
        formula: What to compute.
        start: Tensors of one type by name: where shapes come from.
        data: Tensors of the same type by name.
        assumed: Names in `start` that nobody gave a value, for error messages.

    Attributes:
        value: The formula at `start`.

    Raises:
        FormulaError: If shapes do not fit; the message points at the operator or function.
    """

    def __init__(
        self,
        formula: Formula,
        start: Mapping[str, Tensor],
        data: Mapping[str, Tensor],
        assumed: Collection[str] = (),
    ) -> None:
        self._text = formula.text
        self.has_data = bool(data)
        self._assumed = assumed
        self._trial: list[Tensor] = []  # each register at `start`
        self._fixed: list[Tensor | None] = []  # each register that does not depend on θ
        self._places: dict[Key, int] = {}  # what has been computed, and in which register
        self._list: list[tuple[Compute, tuple[int, ...], int]] = []
        self._variables = [(name, self._register(tensor, None)) for name, tensor in start.items()]
        self._named = dict(self._variables)
        self._named |= {name: self._register(tensor, tensor) for name, tensor in data.items()}
        places: dict[int, int] = {}
        with torch.no_grad():
            for node in formula.nodes():
                parts = tuple(places[child.id] for child in children(node))
                places[node.id] = self._node(node, parts)
        self._result = places[formula.root.id]
        self.value = self._trial[self._result]

    @property
    def text(self) -> str:
        """The formula as it was typed."""
        return self._text

    def __call__(self, point: Mapping[str, Tensor]) -> Tensor:
        """The formula at θ."""
        registers: list[Tensor | None] = self._fixed.copy()
        for name, place in self._variables:
            registers[place] = point[name]
        get = registers.__getitem__
        for compute, arguments, place in self._list:
            registers[place] = compute(*map(get, arguments))
        result = registers[self._result]
        assert result is not None
        return result

    # ---- one node -----------------------------------------------------------------------------

    def _node(self, node: Node, parts: tuple[int, ...]) -> int:
        match node:
            case Number() | Constant():
                return self._constant(node.value)
            case Name():
                return self._named[node.name]
            case Unary():
                return self._add(torch.neg, parts, node) if node.operator == "-" else parts[0]
            case Sum():
                return self._sum(node, parts)
            case Product():
                return self._product(node, parts)
            case Quotient():
                self._check_stretch(node, node.column, *parts)
                return self._add(torch.div, parts, node)
            case MatrixProduct():
                reason = product_misfit(self._shape(parts[0]), self._shape(parts[1]))
                self._refuse(reason, node.column, node)
                return self._add(torch.matmul, parts, node)
            case Power():
                return self._power(node, *parts)
            case Call():
                return self._call(node, parts)
            case Array():
                return self._array(node, parts)

    def _sum(self, node: Sum, parts: tuple[int, ...]) -> int:
        total = parts[0]
        for operator, column, part in zip(node.operators, node.columns, parts[1:], strict=True):
            self._check_stretch(node, column, total, part)
            total = self._add(torch.sub if operator == "-" else torch.add, (total, part), node)
        return total

    def _product(self, node: Product, parts: tuple[int, ...]) -> int:
        total = parts[0]
        for operator, column, part in zip(node.operators, node.columns, parts[1:], strict=True):
            reason = two_readings(operator, self._shape(total), self._shape(part))
            self._refuse(reason, column, node)
            self._check_stretch(node, column, total, part)
            total = self._add(torch.mul, (total, part), node)
        return total

    def _power(self, node: Power, base: int, exponent: int) -> int:
        self._check_transposed(node, base)
        self._check_stretch(node, node.column, base, exponent)
        fixed = self._fixed[exponent]
        if isinstance(node.base, Constant) and node.base.name == "e":
            return self._add(torch.exp, (exponent,), node)
        if fixed is None or fixed.ndim:
            return self._add(torch.pow, (base, exponent), node)
        # a plain number has no derivative of its own, which would be NaN where the base is < 0
        number = fixed.item()
        if number == 2:
            return self._add(torch.mul, (base, base), node)
        return self._add(_raise, (base,), node, exponent=number)

    def _check_transposed(self, node: Power, base: int) -> None:
        exponent = node.exponent
        if isinstance(exponent, Name) and exponent.name in self._assumed and self._shape(base):
            raise FormulaError(
                f"{exponent.text} was given no value, and the base of this power is "
                f"{shape_text(self._shape(base))}: for the transpose write transpose(A) or Aᵀ.",
                self._text,
                node.column,
            )

    def _call(self, node: Call, parts: tuple[int, ...]) -> int:
        name = node.function
        shapes = [self._shape(part) for part in parts]
        if node.spelling == "|":
            self._refuse(bars_misfit(shapes[0]), node.span[0], node)
        self._refuse(misfit(name, shapes), node.span[0], node)
        if name == "norm":
            return self._norm(node, parts)
        if name == "cross_entropy" and shapes[0] != shapes[1]:
            parts = (parts[0], self._classes(node, 1, parts[1], shapes[0][-1]))
        if name == "one_hot":
            parts = (self._classes(node, 0, parts[0], shapes[1][-1]), parts[1])
        return self._add(TORCH_FUNCTIONS[name], parts, node)

    def _norm(self, node: Call, parts: tuple[int, ...]) -> int:
        order = 2.0
        if len(parts) == 2:
            fixed = self._fixed[parts[1]]
            if fixed is None or not fixed > 0:
                self._refuse("The p of norm(x, p) is a positive number.", node.span[0], node)
            else:
                order = fixed.item()
        return self._add(_norm, parts[:1], node, order=order)

    def _classes(self, node: Call, argument: int, target: int, count: int) -> int:
        """Class numbers as integers, in a register of their own."""
        column = node.arguments[argument].span[0]
        fixed = self._fixed[target]
        if fixed is None:
            self._refuse(
                "Classes are data, and this depends on a variable: give it as a constant.",
                column,
                node,
            )
        assert fixed is not None
        wrong = (fixed != fixed.round()) | (fixed < 0) | (fixed >= count)
        if wrong.any():
            self._refuse(
                f"Expected class numbers from 0 to {count - 1}, found "
                f"{fixed[wrong].flatten()[0].item():g}.",
                column,
                node,
            )
        classes = fixed.long()
        return self._register(classes, classes)

    def _array(self, node: Array, parts: tuple[int, ...]) -> int:
        first = self._shape(parts[0])
        for entry, part in zip(node.entries, parts, strict=True):
            self._refuse(entries_misfit(first, self._shape(part)), entry.span[0], node)
        return self._add(_stack, parts, node)

    # ---- registers ----------------------------------------------------------------------------

    def _register(self, trial: Tensor, fixed: Tensor | None) -> int:
        self._trial.append(trial)
        self._fixed.append(fixed)
        return len(self._trial) - 1

    def _constant(self, value: float) -> int:
        key = ("constant", value)
        if key not in self._places:
            tensor = torch.tensor(value, dtype=torch.float64)
            self._places[key] = self._register(tensor, tensor)
        return self._places[key]

    def _add(self, compute: Compute, parts: tuple[int, ...], node: Node, **options: float) -> int:
        """The register of a result; computed now if it does not depend on θ."""
        key = (compute, parts, *options.items())
        place = self._places.get(key)
        if place is not None:
            return place
        run = partial(compute, **options) if options else compute
        try:
            value = run(*(self._trial[part] for part in parts))
        except RuntimeError as error:
            raise FormulaError(
                f"PyTorch refuses this: {error}.", self._text, node.span[0]
            ) from error
        fixed = all(self._fixed[part] is not None for part in parts)
        place = self._places[key] = self._register(value, value if fixed else None)
        if not fixed:
            self._list.append((run, parts, place))
        return place

    def _shape(self, place: int) -> tuple[int, ...]:
        return tuple(self._trial[place].shape)

    def _check_stretch(self, node: Node, column: int, left: int, right: int) -> None:
        reason = stretch_misfit(self._shape(left), self._shape(right))
        if reason:
            self._refuse(reason[0].upper() + reason[1:], column, node)

    def _refuse(self, reason: str | None, column: int, node: Node) -> None:
        if reason is None:
            return
        for part in children(node):
            if isinstance(part, Name) and part.name in self._assumed:
                reason += f" {part.text} was given no value, so it is a number that starts at 0."
        raise FormulaError(reason, self._text, column)


def _raise(base: Tensor, *, exponent: float) -> Tensor:
    return torch.pow(base, exponent)


def _norm(x: Tensor, *, order: float) -> Tensor:
    norm: Tensor = torch.linalg.vector_norm(x, order)
    return norm


def _stack(*entries: Tensor) -> Tensor:
    return torch.stack(entries)
