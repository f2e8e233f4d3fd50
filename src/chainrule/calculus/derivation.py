"""A derivation as data: a tree of steps, each one rule applied to one part.

Folding the steps gives the result: a step's `result` is its `after` with the results of its
`steps` in the places of its holes.
"""

from dataclasses import dataclass

from .tree import Formula, Node

HOLE = "□"
"""First character of the names that stand, in `after`, for derivatives still to be taken: □0 for
that of `steps[0]`. No formula that is typed has such a name."""

PRIME = "′"
"""Last character of the names of derivatives that an equation has to give: y′ is dy/dx of an
implicit curve. No formula that is typed has such a name."""

MOST_TOLD_AS_ONE = 12
"""Names with formulas that one story can hold. Of more, each is told by itself and the others refer
to it: told inside one another, every name would make the lines of all that it needs longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """The outer function of a chain, differentiated by what stands inside.

    Attributes:
        rule: The rule of that function.
        letter: What the inside is called while the outside is differentiated.
        inside: The part that it stands for.
        operand: The function of that letter.
        derivative: Its derivative by that letter.
    """

    rule: str
    letter: str
    inside: Node
    operand: Node
    derivative: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rule applied to one part of a formula.

    Attributes:
        rule: The rule's id.
        operand: What is differentiated; its `id` is that of the part in the formula, −1 if a rule
            made it.
        variable: By what.
        after: What the rule makes of it; derivatives still to be taken are names that begin with
            `HOLE`.
        steps: How those are taken, in the order of the holes.
        result: `after` with them in their places.
        outer: Of a chain: the outer function, by each of its arguments that varies.
        alternatives: Other rules that people use here, each with its own steps; the best is this
            one.
        remark: What else the reader should know about this place; may be empty.
        partial: Whether names with definitions are held here: a partial derivative on the way to a
            total one.
    """

    rule: str
    operand: Node
    variable: str
    after: Node
    steps: tuple["Step", ...]
    result: Node
    outer: tuple[Outer, ...] = ()
    alternatives: tuple["Step", ...] = ()
    remark: str = ""
    partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """One named step of algebra: `before` and `after` have the same value wherever both exist.

    Attributes:
        rule: Its id in `REWRITES`.
        before: The whole expression.
        after: The whole expression afterwards.
    """

    rule: str
    before: Node
    after: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How a formula is differentiated by one variable.

    Attributes:
        formula: The formula as typed.
        variable: By what.
        held: Names that are held constant.
        definitions: Names that stand for formulas of their own, if there are any.
        name: What the result is called, if it was typed with a name.
        by_names: Whether each name with a formula is told by itself: there are more than
            `MOST_TOLD_AS_ONE` of them, or some are names for inner parts, or the derivative would
            be too long in one piece.
        inner: Those of the definitions that nobody typed: names for inner parts.
        root: The steps.
        tidying: The algebra after the calculus; it leads from `raw` to `tidy`.
        factoring: It leads from `tidy` to `factored`.
        putting_back: It leads from `tidy` to `written_out`: what the names stand for is put back
            in, and tidied. Empty where no such name is left, or too much would be written.
    """

    formula: Formula
    variable: str
    held: tuple[str, ...]
    definitions: tuple[tuple[str, Formula], ...] = ()
    name: str = ""
    by_names: bool = False
    inner: tuple[str, ...] = ()
    root: Step
    tidying: tuple[Rewrite, ...]
    factoring: tuple[Rewrite, ...]
    putting_back: tuple[Rewrite, ...] = ()

    @property
    def raw(self) -> Node:
        """The derivative as the rules leave it."""
        return self.root.result

    @property
    def tidy(self) -> Node:
        """The derivative without what a person would not write: 1·, + 0, numbers apart."""
        return self.tidying[-1].after if self.tidying else self.raw

    @property
    def factored(self) -> Node:
        """The derivative with common factors taken out."""
        return self.factoring[-1].after if self.factoring else self.tidy

    @property
    def written_out(self) -> Node:
        """The derivative without names that stand for formulas, where that can be written."""
        return self.putting_back[-1].after if self.putting_back else self.factored

    def __str__(self) -> str:
        """The answer: dy/dx = 2x."""
        from .narrate import narrate

        return narrate(self).answer

    def __repr__(self) -> str:
        return f"<Derivation of {self.formula.text} by {self.variable}: {self}>"

    def _repr_markdown_(self) -> str:
        """All steps, for a notebook."""
        from .narrate import narrate
        from .typeset import to_markdown

        return to_markdown(narrate(self, script="latex"))

    def _repr_latex_(self) -> str:
        """The result, where a notebook shows no Markdown."""
        from .narrate import narrate

        return f"$${narrate(self, script='latex').answer}$$"


def walk_steps(step: Step) -> list[Step]:
    """A step and all below it, each before those that it needs; alternatives are left out."""
    found: list[Step] = []
    left = [step]
    while left:
        step = left.pop()
        found.append(step)
        left.extend(reversed(step.steps))
    return found
