"""Steps of a derivation as a page draws them: LaTeX, text and words of each, side by side."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypedDict

from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.narration import AlgebraLine, ChainText, Line
from chainrule.calculus.notations import Sign
from chainrule.calculus.tree import Formula, Node, to_json
from chainrule.records.json_values import Json, json_number
from chainrule.records.message import as_message


class Offered(Protocol):
    """A notation, of numbers or of matrices."""

    @property
    def id(self) -> str:
        """As it is asked for."""

    @property
    def name(self) -> str:
        """As a person says it."""

    @property
    def about(self) -> str:
        """What it is for."""

    @property
    def style(self) -> str:
        """`mathematics`, `words` or `code`."""


class Written(TypedDict):
    r"""An expression or an equation.

    Attributes:
        latex: For KaTeX, with `\htmlData{node=7}{…}` around parts of the typed formula; null in
            notations that are words or code.
        text: In Unicode.
    """

    latex: str | None
    text: str


class ChainDocument(TypedDict):
    """The chain rule at one place: its pattern, what the letters stand for, the outside's slope."""

    pattern: Written
    where: list[Written]
    outside: list[Written]


class Alternative(TypedDict):
    """Another rule that could begin here."""

    rule: str
    name: str
    why: str


class NotationDocument(TypedDict):
    """A notation that can be asked for; its style is `mathematics`, `words` or `code`."""

    id: str
    name: str
    about: str
    style: str


class Symbol(TypedDict):
    """A symbol with what it means."""

    symbol: str
    type: str
    meaning: str


class Step(TypedDict):
    """One rule applied to one part; most are those of `Line`.

    Attributes:
        id: 1 for the whole, 1.2 for its second part.
        rule: The rule's id.
        name: As a person says it.
        node: The part's id in the formula; −1 if a rule made the part.
        parts: Ids of those parts of it whose derivatives are still to be taken: `steps` has them.
        variable: By what.
        statement: The rule in letters; null where its name says all.
        before: The derivative that is asked for.
        after: What the rule makes of it.
        filled: The same with what is brief in its place.
        result: With everything in its place.
        why: The rule's reason.
        remark: What else there is to know here; may be empty.
        rewritten: The other way of writing the part, for rules that begin with that.
        chain: Of a chain: its links.
        spoken: The equation as a sentence.
        brief: True for constants and the variable itself, which need no line.
        same_as: The id of the step where this was told already; else empty.
        value: `result` at the point; null without one, or where it has none.
        no_value: Why it has none.
        steps: The derivatives that it needs, in the order of `parts`.
        alternatives: Other rules that people use here.
    """

    id: str
    rule: str
    name: str
    node: int
    parts: list[int]
    variable: str
    statement: Written | None
    before: Written
    after: Written
    filled: Written
    result: Written
    why: str
    remark: str
    rewritten: Written | None
    chain: ChainDocument | None
    spoken: str
    brief: bool
    same_as: str
    value: float | str | None
    no_value: str
    steps: list["Step"]
    alternatives: list[Alternative]


class AlgebraStep(TypedDict):
    """A step of algebra on the whole expression."""

    rule: str
    name: str
    before: Written
    after: Written
    spoken: str


class Telling:
    """Puts side by side what the scripts say of one derivation.

    Args:
        mathematics: Whether what the LaTeX script says is LaTeX.
    """

    def __init__(self, *, mathematics: bool) -> None:
        self._mathematics = mathematics

    def written(self, latex: str, text: str) -> Written:
        """One expression."""
        return {"latex": latex if self._mathematics else None, "text": text}

    def all_written(self, latex: Sequence[str], text: Sequence[str]) -> list[Written]:
        """Several, side by side."""
        return [self.written(*pair) for pair in zip(latex, text, strict=True)]

    def steps(self, latex: Line, text: Line, words: Line) -> list[Step]:
        """A step, and behind it those of names that are told by themselves."""
        found: list[Step] = []
        left = deque([(latex, text, words)])
        while left:
            three = left.popleft()
            found.append(self.step(*three))
            left.extend(_of_names(*three))
        return found

    def step(self, latex: Line, text: Line, words: Line) -> Step:
        """A step with those that it needs; names that are told by themselves are left out."""
        return {
            "id": text.id,
            "rule": text.rule,
            "name": as_message(text.rule_name),
            "node": text.node,
            "parts": [*text.marked],
            "variable": text.variable,
            "statement": self._some(latex.statement, text.statement),
            "before": self.written(latex.before, text.before),
            "after": self.written(latex.after, text.after),
            "filled": self.written(latex.filled, text.filled),
            "result": self.written(latex.result, text.result),
            "why": as_message(text.why),
            "remark": as_message(text.remark),
            "rewritten": self._some(latex.rewritten, text.rewritten),
            "chain": self._chain(latex.chain, text.chain),
            "spoken": words.equation,
            "brief": text.brief,
            "same_as": text.same_as,
            "value": None if text.value is None else json_number(text.value),
            "no_value": as_message(text.no_value),
            "steps": [
                self.step(*three)
                for three in zip(latex.lines, text.lines, words.lines, strict=True)
                if not three[1].is_of_name
            ],
            "alternatives": [
                {
                    "rule": each.rule,
                    "name": as_message(each.name),
                    "why": as_message(each.why),
                }
                for each in text.routes
            ],
        }

    def algebra(
        self,
        latex: Sequence[AlgebraLine],
        text: Sequence[AlgebraLine],
        words: Sequence[AlgebraLine],
    ) -> list[AlgebraStep]:
        """Steps that change what is seen; grouping that says nothing is left out."""
        return [
            {
                "rule": in_text.rule,
                "name": as_message(in_text.name),
                "before": self.written(in_latex.before, in_text.before),
                "after": self.written(in_latex.after, in_text.after),
                "spoken": in_words.after,
            }
            for in_latex, in_text, in_words in zip(latex, text, words, strict=True)
            if in_text.before != in_text.after
        ]

    def _some(self, latex: str, text: str) -> Written | None:
        return self.written(latex, text) if text else None

    def _chain(self, latex: ChainText | None, text: ChainText | None) -> ChainDocument | None:
        if latex is None or text is None:
            return None
        return {
            "pattern": self.written(latex.pattern, text.pattern),
            "where": self.all_written(latex.where, text.where),
            "outside": self.all_written(latex.outside, text.outside),
        }


def notation_document(notation: Offered) -> NotationDocument:
    """A notation, as it is offered."""
    return {
        "id": notation.id,
        "name": as_message(notation.name),
        "about": as_message(notation.about),
        "style": notation.style,
    }


def symbols(signs: Iterable[Sign]) -> list[Symbol]:
    """A glossary."""
    return [
        {"symbol": e.symbol, "type": as_message(e.kind), "meaning": as_message(e.meaning)}
        for e in signs
    ]


def _of_names(latex: Line, text: Line, words: Line) -> Iterator[tuple[Line, Line, Line]]:
    """The lines below one that tell names by themselves."""
    left = [(latex, text, words)]
    while left:
        three = left.pop()
        below = [*zip(*(each.lines for each in three), strict=True)]
        yield from (each for each in below if each[1].is_of_name)
        left.extend(each for each in reversed(below) if not each[1].is_of_name)


def parts_with_values(
    formulas: Iterable[Formula], numbers: Evaluation | None
) -> list[dict[str, Json]]:
    """The parts of formulas in the order of their ids, with values; null where there is none.

    Args:
        formulas: In the order in which their ids go on.
        numbers: At the point, those of definitions among them; None without a point.
    """
    return [
        {**row, "value": _value(part, numbers)}
        for each in formulas
        for row, part in zip(to_json(each)["nodes"], each.nodes(), strict=True)
    ]


def _value(part: Node, numbers: Evaluation | None) -> Json:
    if numbers is None:
        return None
    try:
        return json_number(numbers(part))
    except FormulaError:
        return None
