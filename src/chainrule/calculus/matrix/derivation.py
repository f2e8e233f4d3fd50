"""A matrix derivation as data: the values on the way, one step back for each, and the gradient."""

from dataclasses import dataclass

from chainrule.calculus.derivation import Rewrite
from chainrule.calculus.tree import Formula, Node
from chainrule.records.message import Message

from .fit import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A value on the way from the variable to the result.

    Attributes:
        name: What it is called: u₁, or the variable's own name.
        node: The part of the formula.
        local: The same in terms of the quantities before it.
        shape: Its shape.
    """

    name: str
    node: Node
    local: Node
    shape: Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """What one part gets of the cotangent of the whole.

    Attributes:
        quantity: The part's name.
        raw: As the rule makes it.
        term: The same with the shape of the part: summed where the part was stretched.
        stretch: What was summed and why, as a sentence; empty if nothing was.
    """

    quantity: str
    raw: Node
    term: Node
    stretch: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DifferentialStep:
    """One rule applied to one quantity, walking back from the result.

    Attributes:
        rule: The rule's id in `MATRIX_RULES_BY_ID`.
        name: As a person says it, exact for this place.
        quantity: Whose differential is taken.
        cotangent: What stands before its differential in dL.
        differential: The rule as an equation.
        moved: How the cotangent moves to the other side.
        pulls: What the parts get.
    """

    rule: str
    name: str
    quantity: str
    cotangent: Node
    differential: str
    moved: tuple[str, ...]
    pulls: tuple[Pull, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cotangent:
    """All that a quantity gets, added up.

    Attributes:
        quantity: Whose it is.
        name: What it is called from here on; empty if it is short enough to stand for itself.
        terms: What came from each part of the formula that uses the quantity.
        total: Their sum.
        tidying: The algebra from `total` to `tidy`.
        shape: The shape of `tidy`; where it is smaller than that of the quantity, one number
            stands for all entries along that axis.
    """

    quantity: str
    name: str
    terms: tuple[Node, ...]
    total: Node
    tidying: tuple[Rewrite, ...]
    shape: Shape

    @property
    def tidy(self) -> Node:
        """The sum as a person writes it."""
        return self.tidying[-1].after if self.tidying else self.total


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixDerivation:
    """How a formula is differentiated by a number, a vector or a matrix.

    Attributes:
        formula: The formula as typed.
        variable: By what.
        names: The shape of each name.
        shape: The shape of the formula; () for a number.
        seed: The cotangent of the result: 1 for a number; a name for a vector or matrix, of which
            the gradient then is a function: Jᵀ times it.
        quantities: The values on the way, in the order of evaluation; the last is the result.
        steps: One for each quantity but the variable, from the result back.
        cotangents: One for each quantity that gets any, in the order in which they are known.
        collected: The gradient as the steps leave it, in the learner's own parts.
        tidying: The algebra from `collected` to `gradient`.
        jacobian: Of a vector by a vector or number, the Jacobian as a formula; None if there is
            none of two axes, or none is known.
        symmetric: Names that were said to be symmetric matrices.
        normalised: Names of which each row was said to add up to 1.
    """

    formula: Formula
    variable: str
    names: dict[str, Shape]
    shape: Shape
    seed: Node
    quantities: tuple[Quantity, ...]
    steps: tuple[DifferentialStep, ...]
    cotangents: tuple[Cotangent, ...]
    collected: Node
    tidying: tuple[Rewrite, ...]
    jacobian: Node | None = None
    symmetric: tuple[str, ...] = ()
    normalised: tuple[str, ...] = ()

    @property
    def gradient(self) -> Node:
        """∂L/∂X, of the shape of X; of a vector or matrix, Jᵀ times the seed."""
        return self.tidying[-1].after if self.tidying else self.collected

    @property
    def variable_shape(self) -> Shape:
        """The shape of what is differentiated by, and of the gradient."""
        return self.names[self.variable]

    @property
    def result(self) -> str:
        """What the formula's value is called: L, if no name of the formula is."""
        return self.quantities[-1].name

    @property
    def is_number(self) -> bool:
        """Whether the formula is one number, so that it has a gradient."""
        return all(size == 1 for size in self.shape)

    @property
    def jacobian_shape(self) -> Shape:
        """Axes of the result, then those of the variable: the numerator layout."""
        return self.shape + self.variable_shape

    @property
    def layout(self) -> str:
        """Which convention the shapes follow, as a sentence."""
        if self.is_number:
            slope = f"∂{self.result}/∂{self.variable}"
            return Message(
                "Gradient layout: {slope} has the shape of {variable}.",
                slope=slope,
                variable=self.variable,
            )
        return Message(
            "Numerator layout: the Jacobian has the axes of the result first, then those of "
            "{variable}.",
            variable=self.variable,
        )

    def __str__(self) -> str:
        """The answer: ∂L/∂w = 2Xᵀ(X w − y)."""
        from .narrated_shapes import shapes_of
        from .text import mathematics

        shapes = shapes_of(self)
        left = f"∂{self.result}/∂{self.variable}"
        if not self.is_number:
            left = f"Jᵀ{mathematics(self.seed, shapes)}"
        return f"{left} = {mathematics(self.gradient, shapes)}"

    def __repr__(self) -> str:
        return f"<MatrixDerivation of {self.formula.text} by {self.variable}: {self}>"

    def _repr_markdown_(self) -> str:
        """All steps, for a notebook."""
        from .typeset import matrix_markdown

        return matrix_markdown(self)
