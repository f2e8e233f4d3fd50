"""The quantities of a computation with vectors and matrices, and the linear maps between them.

Each operation is a quantity with a name; on each edge stands what comes back of a gradient there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from chainrule.calculus.build import name, occurs
from chainrule.calculus.derivation import HOLE
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import Formula, Name, Node, children, with_children

from .derive import QUANTITIES, free_letter, subscripted
from .fit import Shape
from .pulling import pulled, rule_of
from .rules import MatrixRule, Place
from .shapes import Shapes
from .stretching import filled

COTANGENT = f"{HOLE}G"
"""What the gradient of the target of an edge is called in its `term`; no name that is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """What stands at a node.

    Attributes:
        label: What it is called.
        node: Its part of the formula.
        local: The operation alone, of the labels of its parts.
        shape: Its shape.
        rule: Of the operation; None for an input.
        varies: Whether it holds a name that is differentiated by.
    """

    label: str
    node: Node
    local: Node
    shape: Shape
    rule: MatrixRule | None = None
    varies: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An edge: which argument of its target the source is, and what comes back of `COTANGENT`."""

    source: int
    target: int
    argument: int
    term: Node


class LinearMaps:
    """The quantities of a formula, children before parents, and the edges between them.

    Args:
        formula: As it was read; its value is one number.
        wrt: Names to differentiate by.
        given: The shape of each name.

    Attributes:
        found: The quantities, the result last.
        links: The edges in the order in which backpropagation takes them.
        by_name: Places in `found` by label.
        shapes: Of names and labels.

    Raises:
        FormulaError: If shapes do not fit.
    """

    def __init__(self, formula: Formula, wrt: Sequence[str], given: Mapping[str, Shape]) -> None:
        self._formula, self._wrt = formula, wrt
        self.shapes = Shapes(given, formula.text)
        self._keys = Keys()
        self._letter = free_letter(QUANTITIES, formula)
        self._places: dict[Key, int] = {}
        self.found: list[Quantity] = []
        self.by_name: dict[str, int] = {}
        self._forward()
        self.links = tuple(self._links())

    def _forward(self) -> None:
        formula = self._formula
        for each in formula.nodes():
            varies = occurs(each, self._wrt)
            key = self._keys(each)
            if key in self._places or not (varies or isinstance(each, Name)):
                continue
            parts = [
                name(self.found[place].label)
                if (place := self._places.get(self._keys(child))) is not None
                and not isinstance(child, Name)
                else child
                for child in children(each)
            ]
            parts = [
                subscripted(p.name, formula.names) if isinstance(p, Name) else p for p in parts
            ]
            local = with_children(each, parts)
            rule = None
            label = each.name if isinstance(each, Name) else self._called(each)
            if not isinstance(each, Name):
                rule = rule_of(local, self.shapes)
            shape = self.shapes(each)
            self.shapes.names[label] = shape
            self._places[key] = self.by_name[label] = len(self.found)
            self.found.append(
                Quantity(label=label, node=each, local=local, shape=shape, rule=rule, varies=varies)
            )

    def _called(self, node: Node) -> str:
        if node is self._formula.root:
            return free_letter(("L", "J", "F"), self._formula, alone=True)
        made = sum(each.rule is not None for each in self.found)
        return f"{self._letter}{made + 1}"

    def _links(self) -> Iterator[Link]:
        """In the order in which backpropagation takes them: what was computed last goes first."""
        for target in reversed(range(len(self.found))):
            quantity = self.found[target]
            if quantity.rule is None or not quantity.varies:
                continue
            self.shapes.names[COTANGENT] = quantity.shape
            for argument, term in self.terms(quantity, name(COTANGENT)).items():
                yield Link(
                    source=self._source(quantity, argument),
                    target=target,
                    argument=argument,
                    term=term,
                )

    def place(self, quantity: Quantity, moving: tuple[int, ...]) -> Place:
        """An operation as a rule sees it, some of whose parts move."""
        return Place(
            node=quantity.local,
            result=subscripted(quantity.label, self._formula.names),
            shape_of=Shapes(self.shapes.names),
            moving=moving,
            text=self._formula.text,
            origin=quantity.node,
        )

    def terms(self, quantity: Quantity, cotangent: Node) -> dict[int, Node]:
        """What the parts of an operation get of its cotangent, in their own shapes."""
        assert quantity.rule is not None
        parts = children(quantity.local)
        moving = tuple(
            i
            for i, part in enumerate(parts)
            if isinstance(part, Name) and self.found[self.by_name[part.name]].varies
        )
        place = self.place(quantity, moving)
        shapes = Shapes(self.shapes.names)
        return {
            argument: filled(
                got.term, shapes(got.term), shapes(place.parts[argument]), place.parts[argument]
            )
            for argument, got in pulled(quantity.rule, place, cotangent, shapes).items()
        }

    def _source(self, quantity: Quantity, argument: int) -> int:
        part = children(quantity.local)[argument]
        assert isinstance(part, Name)
        return self.by_name[part.name]
