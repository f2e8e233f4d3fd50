"""What a rule of matrix differentials is: how a part answers to a small change of its parts.

Walking back from L, each part has a cotangent G of its own shape, with dL = ⟨G, dY⟩, the sum of all
products of entries. Its rule says what dY is, and moves what stands before each dA to the other
side: ⟨G, dA B⟩ = ⟨G Bᵀ, dA⟩. That is the cotangent which A gets.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from chainrule.calculus.build import number, template
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.tree import Call, Node, children

ShapeOf = Callable[[Node], Shape]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a formula at which a rule is applied.

    Attributes:
        node: The part, its own parts by their names.
        result: The name of its value.
        shape_of: The shape of any part.
        moving: Which of its parts vary, by their place.
        text: The whole formula, for messages.
        origin: The part as it stands in the formula.
    """

    node: Node
    result: Node
    shape_of: ShapeOf
    moving: Collection[int]
    text: str
    origin: Node

    @property
    def parts(self) -> tuple[Node, ...]:
        """The parts of the part."""
        return children(self.node)

    def size(self, argument: int = 0) -> int:
        """Number of entries of an argument."""
        count = 1
        for each in self.shape_of(self.parts[argument]):
            count *= each
        return count


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixMutation:
    """A mistake that people make with a rule.

    Attributes:
        id: Unique among those of matrix rules.
        letter: Whose cotangent is wrong.
        after: What they write instead, in the rule's letters.
        message: What to tell them.
    """

    id: str
    letter: str
    after: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A rule as it reads at one place.

    Attributes:
        name: As a person says it.
        differential: As an equation between differentials.
        moved: How G moves to the other side, one equation for each part.
    """

    name: str
    differential: str
    moved: tuple[str, ...] = ()


class MatrixRule(ABC):
    """One rule of differentials.

    Attributes:
        id: Unique; lower case with hyphens.
        name: As a person says it.
        differential: The rule as an equation between differentials.
        moved: How G moves to the other side, one equation for each part.
        why: The reason in a sentence.
        prerequisites: Rules that a learner knows before this one.
        mutations: How people get it wrong.
        full: Whether G has to have all its entries: a single number that stands for all of them
            does not do in a matrix product.
        stretches: Whether parts are stretched to one another; what they get is summed then.
        argument_letters: What the rule calls its parts, in their order.
    """

    id: str
    name: str
    differential: str
    moved: tuple[str, ...] = ()
    why: str
    prerequisites: tuple[str, ...] = ()
    mutations: tuple[MatrixMutation, ...] = ()
    full: bool = False
    stretches: bool = False
    argument_letters: str = "ABC"

    @abstractmethod
    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """Whether the rule is that of a part."""

    @abstractmethod
    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """What each part that varies gets of the cotangent of the whole, by its place.

        What it gets may have the shape of the whole where the part was stretched to that.
        """

    def stated(self, place: Place) -> Statement:
        """The rule as it reads at one place, where that is more exact than the general form."""
        return Statement(name=self.name, differential=self.differential, moved=self.moved)

    def letters(self, place: Place, cotangent: Node) -> Mapping[str, Node]:
        """What stands for the letters of the rule's mutations: the parts, Y, G, and n entries."""
        parts = dict(zip(self.argument_letters, place.parts, strict=False))
        return {**parts, "Y": place.result, "G": cotangent, "n": number(place.size())}

    def can_be_made(self, mutation: MatrixMutation, place: Place) -> bool:
        """Whether what somebody writes by this mistake is wrong at one place."""
        return True

    def mutated(self, mutation: MatrixMutation, place: Place, cotangent: Node) -> dict[int, Node]:
        """What somebody who makes this mistake gives the parts.

        It may have another shape than the part, or none at all: that is how such a mistake is
        found. Parts that do not vary get nothing, right or wrong.
        """
        found = self.pull(place, cotangent)
        argument = self.argument_letters.index(mutation.letter)
        if argument in found:
            found[argument] = template(mutation.after, self.letters(place, cotangent))
        return found


class TemplateRule(MatrixRule):
    """A rule stated in letters: A, B are the parts, Y the whole, G its cotangent, n its entries.

    Args:
        id: Its id.
        name: As a person says it.
        differential: As an equation.
        pulls: What each part gets, a formula in letters, in the order of the parts.
        moved: How G moves to the other side.
        why: The reason in a sentence.
        function: The function that it is for, if it is for one.
        when: What else has to hold of the shapes of the parts.
        full: Whether G has to have all its entries.
        prerequisites: Rules that a learner knows before this one.
        mutations: How people get it wrong.
    """

    def __init__(
        self,
        id: str,
        name: str,
        differential: str,
        *pulls: str,
        moved: tuple[str, ...] = (),
        why: str,
        function: str = "",
        when: Callable[..., bool] = lambda *shapes: True,
        full: bool = False,
        prerequisites: tuple[str, ...] = (),
        mutations: tuple[MatrixMutation, ...] = (),
    ) -> None:
        self.id = id
        self.name = name
        self.differential = differential
        self.pulls = pulls
        self.moved = moved
        self.why = why
        self.function = function
        self.when = when
        self.full = full
        self.prerequisites = prerequisites
        self.mutations = mutations

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """By the function and the shapes of its arguments."""
        if not isinstance(node, Call) or node.function != self.function:
            return False
        return self.when(*map(shape_of, node.arguments))

    def pull(self, place: Place, cotangent: Node) -> dict[int, Node]:
        """The templates filled in."""
        letters = self.letters(place, cotangent)
        return {
            argument: template(self.pulls[argument], letters)
            for argument in place.moving
            if argument < len(self.pulls)
        }
