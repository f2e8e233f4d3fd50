"""A derivation told in one notation, as records: what each line says, before any page shows it."""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainText:
    """The chain rule at one place.

    Attributes:
        pattern: The rule in letters: dy/dx = dy/du · du/dx.
        where: What the letters stand for: y = sin(u), u = x².
        outside: The derivative of the outside by each letter: dy/du = cos(u).
        letters: Each letter and what it stands for: u, x².
    """

    pattern: str
    where: tuple[str, ...]
    outside: tuple[str, ...]
    letters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Another way to the same derivative.

    Attributes:
        rule: The id of the rule that it begins with.
        name: Of that rule.
        why: Its reason.
        line: The way in full; None if that was not asked for.
    """

    rule: str
    name: str
    why: str
    line: "Line | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One rule applied to one part.

    Attributes:
        id: 1 for the whole, 1.2 for its second part, 1.2.1 for the first of that.
        depth: 0 for the whole.
        rule: The rule's id.
        rule_name: As a person says it.
        node: The part's id in the formula; −1 if a rule made the part.
        marked: Ids of those parts of it whose derivatives are still to be taken.
        variable: By what.
        before: The derivative that is asked for: d/dx(1 + x²).
        after: What the rule makes of it: d/dx(1) + d/dx(x²).
        filled: The same with what is told in brief in its place: 0 + d/dx(x²).
        result: With everything in its place: 0 + 2x. Slopes of names that are told by themselves
            stay: dx/dt.
        equation: before = after = filled, as the notation says it.
        statement: The rule in letters; empty where its name says all.
        why: The rule's reason, a sentence.
        remark: What else there is to know at this place; may be empty.
        rewritten: The other way of writing the part, for rules that begin with that.
        chain: Of a chain: its links.
        brief: True for what needs no line of its own: constants, and the variable itself.
        same_as: The id of the line where the same derivative was told already; else empty.
        value: `result` as a number; None without a point, or where it has none.
        no_value: Why it has none at the point: a sentence.
        lines: The derivatives that it needs.
        routes: Other ways.
    """

    id: str
    depth: int
    rule: str
    rule_name: str
    node: int
    marked: tuple[int, ...]
    variable: str
    before: str
    after: str
    filled: str
    result: str
    equation: str
    statement: str
    why: str
    remark: str
    rewritten: str
    chain: ChainText | None
    brief: bool
    same_as: str
    value: float | None
    no_value: str
    lines: tuple["Line", ...]
    routes: tuple[Route, ...]

    @property
    def is_of_name(self) -> bool:
        """Of a line that another needs: whether it tells a name by itself, apart from that one."""
        return self.depth == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgebraLine:
    """One step of algebra.

    Attributes:
        rule: Its id.
        name: As a person says it.
        before: The whole expression.
        after: The whole expression afterwards.
    """

    rule: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Two numbers that have to be equal.

    Attributes:
        name: What is compared, in a few words.
        left: The derivative.
        right: What it is compared with.
        agrees: Whether they are equal, up to rounding.
    """

    name: str
    left: float
    right: float
    agrees: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Narration:
    """A derivation in one notation.

    Attributes:
        notation: Its id.
        notation_name: As a person says it.
        about: What its signs mean.
        style: `mathematics`, `words` or `code`.
        script: `unicode` or `latex`.
        variable: By what.
        held: Names held constant.
        given: The formula: y = sin(x).
        definitions: What names stand for: x = cos(t).
        asked: What is looked for: dy/dx.
        line: The derivation.
        algebra: From the raw result to the tidy one.
        factoring: From the tidy result to the factored one.
        putting_back: From the tidy result to the one without names that stand for formulas; empty
            where there are none.
        slopes: Where names are told by themselves, the derivative of each in terms of those of the
            names that it needs: dx/dt = 2u · du/dt. The last is that of the whole.
        raw: The derivative as the rules leave it.
        tidy: As a person writes it.
        factored: With common factors taken out.
        written_out: Without names that stand for formulas; the factored one if there are none.
        answer: asked = tidy.
        valued: What the number at the point is called; empty without a point.
        at: The point, if there is one.
        value: The derivative there; None without a point, or where it has none.
        no_value: Why it has none: a sentence.
        kinks: What is said of kinks and jumps exactly at the point, also of such as cancel.
        checks: What was compared at the point.
        code: The program, in the notation that is one; else empty.
    """

    notation: str
    notation_name: str
    about: str
    style: str
    script: str
    variable: str
    held: tuple[str, ...]
    given: str
    definitions: tuple[str, ...]
    asked: str
    line: Line
    algebra: tuple[AlgebraLine, ...]
    factoring: tuple[AlgebraLine, ...]
    putting_back: tuple[AlgebraLine, ...]
    slopes: tuple[str, ...]
    raw: str
    tidy: str
    factored: str
    written_out: str
    answer: str
    valued: str
    at: tuple[tuple[str, float], ...]
    value: float | None
    no_value: str
    kinks: tuple[str, ...]
    checks: tuple[Check, ...]
    code: str


def told(line: Line) -> list[Line]:
    """A line and those below it that have a place of their own, each before what it needs.

    Lines of names that are told by themselves come after all that need them.
    """
    found: list[Line] = []
    left = deque([line])
    while left:
        line = left.pop()
        found.append(line)
        shown = [each for each in line.lines if not each.brief]
        left.extendleft(each for each in shown if each.is_of_name)
        left.extend(each for each in reversed(shown) if not each.is_of_name)
    return found
