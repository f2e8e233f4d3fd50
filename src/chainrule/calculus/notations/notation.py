"""What a notation is: how derivatives are written that are taken, and such as are still to be."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chainrule.calculus.derivation import PRIME
from chainrule.calculus.marks import Marks
from chainrule.calculus.rules.chain import INSIDES
from chainrule.calculus.script import Script
from chainrule.calculus.tree import Name, Node, distinct
from chainrule.records.message import Translate, told

SignKind = Literal["number", "function", "vector", "matrix", "array", "operator"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a derivation is written on.

    Attributes:
        script: Writes expressions.
        marks: Writes what stands around them.
        variable: By what the whole is differentiated.
        names: The variables of the formula, in the order in which they first stand in it.
        numbered: The same with names that stand for formulas.
        held: Those that are held constant.
        whole: What the whole is called: y or f.
        total: Whether other names move with the variable, so that ∂ would say too little.
        ln: What the natural logarithm is called.
    """

    script: Script
    marks: Marks
    variable: str
    names: tuple[str, ...]
    numbered: tuple[str, ...]
    held: tuple[str, ...]
    whole: str
    total: bool = False
    ln: str = "ln"

    @property
    def plain(self) -> "Paper":
        """The same for a sentence: without LaTeX."""
        return replace(self, marks=Marks(latex=False))

    @property
    def between(self) -> tuple[str, ...]:
        """Names that stand for formulas."""
        return tuple(each for each in self.numbered if each not in self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """A derivative: of what, by what, and whether other variables are held.

    Attributes:
        variable: By what.
        partial: Whether others are held.
        alone: Whether even what moves with the variable is held: a partial derivative on the way
            to a total one.
    """

    variable: str
    partial: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of a chain: the outside as a function of a letter, and the inside.

    Attributes:
        letter: What the inside is called.
        inside: What it is.
        operand: The outside, of that letter and those of the other links.
        derivative: Its derivative by that letter.
        partial: Whether the outside has other variables as well.
    """

    letter: str
    inside: Node
    operand: Node
    derivative: Node
    partial: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A sign of a notation, for the glossary.

    Attributes:
        symbol: As it is written.
        kind: What it is: a number, a function, an operator that makes functions of functions.
        meaning: A sentence.
        shape: Of a vector.
    """

    symbol: str
    kind: SignKind
    meaning: str
    shape: tuple[int, ...] = ()

    def in_language(self, translate: Translate) -> "Sign":
        """The same with its meaning in another language."""
        return replace(self, meaning=told(self.meaning, translate))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """How the chain rule reads at one place.

    Attributes:
        pattern: dy/dx = dy/du · du/dx.
        where: y = sin(u), u = 1 + x².
        outside: dy/du = cos(u).
    """

    pattern: str
    where: tuple[str, ...]
    outside: tuple[str, ...]


class Notation(ABC):
    """A way of writing derivatives.

    Attributes:
        id: Unique; as it is typed.
        name: As a person says it.
        about: What its signs mean, in a sentence or two, with x for the variable; `explained` says
            it with the letters of a problem.
        wholes: What the whole may be called: the first name that the formula does not use.
        insides: What the insides of chains may be called, likewise.
        own_script: What writes its expressions, if not what writes those of the others.
        style: `mathematics` goes between dollar signs in LaTeX; words and code do not.
    """

    id: str
    name: str
    about: str
    wholes: tuple[str, ...] = ("y", "z", "q", "L")
    insides: tuple[str, ...] = INSIDES
    style: str = "mathematics"
    own_script: type[Script] | None = None

    def in_language(self, translate: Translate) -> "Notation":
        """The same for another language: only words compose their formulas of messages."""
        return self

    def writer(self, ln: str) -> Script | None:
        """What writes its expressions; None for what writes those of the others.

        Args:
            ln: What the natural logarithm is called.
        """
        return None if self.own_script is None else self.own_script(ln)

    def write(self, node: Node, paper: Paper, holes: Mapping[str, str] | None = None) -> str:
        """An expression.

        Args:
            node: Of it.
            paper: Where it is written.
            holes: What stands for derivatives still to be taken.
        """
        return paper.script.write(node, _Holes(self, paper, holes or {}))

    @abstractmethod
    def pending(self, operand: Node, slope: Slope, paper: Paper) -> str:
        """The derivative of an expression, still to be taken: d/dx(x²)."""

    @abstractmethod
    def slope(self, letter: str, slope: Slope, paper: Paper) -> str:
        """The derivative of what is called by a letter: du/dx."""

    def entry(self, letter: str, slope: Slope, paper: Paper) -> str:
        """An entry of a gradient or Jacobian, which says by what: ∂u/∂x."""
        return self.slope(letter, slope, paper)

    @abstractmethod
    def second(self, letter: str, first: Slope, second: Slope, paper: Paper) -> str:
        """The derivative by the second of the derivative by the first: ∂²u/∂y∂x."""

    def total(self, derivative: Node, slope: Slope) -> Node:
        """What stands at the right-hand side for a derivative; a differential is one times dx."""
        return derivative

    def direct(self, pending: str, slope: Slope, paper: Paper) -> str:
        """The term of a total derivative for what the variable does directly."""
        return pending

    def explained(self, paper: Paper, slope: Slope) -> str:
        """What its signs mean, in the letters of the problem."""
        return self.about

    @abstractmethod
    def signs(self, paper: Paper, slope: Slope) -> tuple[Sign, ...]:
        """What this notation writes, beside the formula's own symbols."""

    def given(self, paper: Paper, formula: Node) -> str:
        """What is to be differentiated: y = x²."""
        return self.equation((paper.marks.name(paper.whole), self.write(formula, paper)))

    def asked(self, paper: Paper, slope: Slope) -> str:
        """What is looked for: dy/dx."""
        return self.slope(paper.whole, slope, paper)

    def valued(self, paper: Paper, slope: Slope, point: Mapping[str, float]) -> str:
        """What the number at a point is called: dy/dx."""
        return self.slope(paper.whole, slope, paper)

    def equation(self, sides: Sequence[str]) -> str:
        """Things that are equal; one said twice is said once."""
        said: list[str] = []
        for side in sides:
            if not said or said[-1] != side:
                said.append(side)
        return " = ".join(said)

    def statement(self, left: Node, right: Node, slope: Slope, paper: Paper) -> str:
        """A rule: the derivative of the left is the right, in which du is the derivative of u."""
        letters = {part.name for part in distinct(left) if isinstance(part, Name)}
        holes = {f"d{letter}": self.slope(letter, slope, paper) for letter in letters}
        return self.equation((self.pending(left, slope, paper), self.write(right, paper, holes)))

    def equality(self, left: Node, right: Node, paper: Paper) -> str:
        """Two ways of writing the same."""
        return self.equation((self.write(left, paper), self.write(right, paper)))

    def chain(self, whole: str, links: Sequence[Link], slope: Slope, paper: Paper) -> Chain:
        """The chain rule at one place.

        Args:
            whole: What the outside is called.
            links: One for each argument that moves.
            slope: By what the whole is differentiated.
            paper: Where it is written.
        """
        ways = [
            self.slope(whole, Slope(variable=link.letter, partial=link.partial), paper)
            + paper.marks.times
            + self.slope(link.letter, slope, paper)
            for link in links
        ]
        outside = [
            self.equation(
                (
                    self.slope(whole, Slope(variable=link.letter, partial=link.partial), paper),
                    self.write(link.derivative, paper),
                )
            )
            for link in links
        ]
        return Chain(
            pattern=self.equation((self.slope(whole, slope, paper), " + ".join(ways))),
            where=self.where(whole, links, paper),
            outside=tuple(outside),
        )

    def total_derivative(
        self, whole: str, between: Sequence[str], direct: bool, slope: Slope, paper: Paper
    ) -> str:
        """A total derivative along all ways: dz/dt = ∂z/∂t + ∂z/∂x · dx/dt.

        Args:
            whole: What is differentiated.
            between: Names that move with the variable.
            direct: Whether the variable acts directly as well.
            slope: By what, in the end.
            paper: Where it is written.
        """
        terms = []
        if direct:
            own = Slope(variable=slope.variable, partial=True, alone=True)
            terms.append(self.slope(whole, own, paper))
        for each in between:
            outer = self.slope(whole, Slope(variable=each, partial=True, alone=True), paper)
            terms.append(outer + paper.marks.times + self.slope(each, slope, paper))
        return self.equation((self.slope(whole, slope, paper), " + ".join(terms)))

    def where(self, whole: str, links: Sequence[Link], paper: Paper) -> tuple[str, ...]:
        """What the letters of a chain stand for: y = sin(u), u = 1 + x²."""
        called = [self.equation((paper.marks.name(whole), self.write(links[0].operand, paper)))]
        for link in links:
            if isinstance(link.inside, Name):
                continue
            shown = self.write(link.inside, paper)
            called.append(self.equation((paper.marks.name(link.letter), shown)))
        return tuple(called)


class _Holes(Mapping[str, str]):
    """Texts of derivatives still to be taken, y′ of an implicit curve among them."""

    def __init__(self, notation: Notation, paper: Paper, texts: Mapping[str, str]) -> None:
        self._notation = notation
        self._paper = paper
        self._texts = texts

    def __getitem__(self, name: str) -> str:
        if name in self._texts:
            return self._texts[name]
        if name.endswith(PRIME):
            slope = Slope(variable=self._paper.variable)
            return self._notation.slope(name.removesuffix(PRIME), slope, self._paper)
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and (name in self._texts or name.endswith(PRIME))

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)
