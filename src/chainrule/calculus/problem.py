"""What a learner types beyond one formula: named results, definitions, and equations.

L = (sigmoid(w*x + b) - t)²                  a result with a name
z = x² y; x = cos t; y = sin t               a composition
x² + y² = 25                                 an implicit curve
"""

from dataclasses import dataclass, replace

from chainrule.records.message import Message

from .build import substitute
from .errors import FormulaError
from .parse import parse
from .tree import Formula, Name, Node, Sum, children, walk, with_children
from .writing import write


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """left = right: a curve in the plane of two of its names.

    Attributes:
        text: As typed.
        left: The formula on the left; its places are those in the whole text.
        right: That on the right.
    """

    text: str
    left: Formula
    right: Formula

    @property
    def names(self) -> tuple[str, ...]:
        """Names on both sides, in the order in which they first stand there."""
        return tuple(dict.fromkeys((*self.left.names, *self.right.names)))

    @property
    def difference(self) -> Formula:
        """F = left − right, which is 0 on the curve."""
        right = write(self.right)
        if right == "0":
            return self.left
        root = Sum(
            terms=(self.left.root, self.right.root),
            operators=("-",),
            span=(self.left.root.span[0], self.right.root.span[1]),
        )
        return replace(self.left, root=numbered(root))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What was typed.

    The ids of all parts together are unique: those of the formula, or of both sides of an equation,
    come first.

    Attributes:
        text: As typed; the places in all formulas are places in it.
        name: Of the result, as `L`; empty if it has none.
        formula: The result; of an equation, left − right.
        definitions: Names that stand for formulas of their own, in the order in which they were
            typed.
        equation: The curve, if an equation was typed.
        inner: Those of the definitions that nobody typed: names for inner parts.
    """

    text: str
    name: str = ""
    formula: Formula
    definitions: tuple[tuple[str, Formula], ...] = ()
    equation: Equation | None = None
    inner: tuple[str, ...] = ()

    @property
    def defined(self) -> dict[str, Formula]:
        """The definitions by name."""
        return dict(self.definitions)

    @property
    def curve(self) -> Equation | None:
        """The equation; `x = y³`, which was read as a definition, is one too.

        None for a formula without a name.
        """
        if self.equation is not None or not self.name:
            return self.equation
        left = Formula(text=self.text, root=Name(id=0, name=self.name, text=self.name))
        return Equation(text=self.text, left=left, right=self.formula)

    @property
    def names(self) -> tuple[str, ...]:
        """Names without a definition: those that need a value, and may be differentiated by."""
        known = self.defined
        formulas = (self.formula, *known.values())
        return tuple(
            dict.fromkeys(n for formula in formulas for n in formula.names if n not in known)
        )

    def written_out(self) -> Formula:
        """The result with its definitions put in: a formula of the names that have none.

        Its text and its places are its own.
        """
        known = {name: formula.root for name, formula in self.definitions}
        root = self.formula.root
        for _ in known:  # definitions may need one another, but not themselves
            root = substitute(root, known)
        return parse(write(root))

    def only_name(self) -> str:
        """The one name that may be differentiated by.

        Raises:
            FormulaError: If there are several, or none.
        """
        names = self.names
        if not names:
            raise FormulaError(
                Message(
                    "Expected a formula with a variable, found only numbers: their value does not "
                    "change, so its derivative by anything is 0."
                )
            )
        if len(names) > 1:
            raise FormulaError(
                Message(
                    "Expected a formula of one variable, found {count} ({names}): say by which, "
                    "for example {first}.",
                    count=len(names),
                    names=", ".join(names),
                    first=names[0],
                )
            )
        return names[0]


def numbered(root: Node, first: int = 0) -> Node:
    """A tree whose nodes are numbered anew, children before parents and left before right."""
    made: dict[int, Node] = {}
    for number, node in enumerate(walk(root), first):
        parts = [made[id(child)] for child in children(node)]
        made[id(node)] = replace(with_children(node, parts), id=number)
    return made[id(root)]


def numbered_through(problem: Problem) -> Problem:
    """The problem with ids that go on from the formula, or its sides, to its definitions.

    Args:
        problem: With ids that may be those of several parts.
    """
    following = 0

    def onward(formula: Formula) -> Formula:
        nonlocal following
        found = replace(formula, root=numbered(formula.root, following))
        following += len(formula.nodes())
        return found

    if problem.equation is None:
        problem = replace(problem, formula=onward(problem.formula))
    else:
        left, right = problem.equation.left, problem.equation.right
        sides = replace(problem.equation, left=onward(left), right=onward(right))
        problem = replace(problem, equation=sides)
    return replace(
        problem, definitions=tuple((name, onward(each)) for name, each in problem.definitions)
    )
