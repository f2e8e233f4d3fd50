"""How one line of a derivation is written: what is asked, what the rule makes of it, and why."""

import math

from chainrule.records.message import Message, joined

from .both_sides import is_kinked
from .build import call, multiply, name, substitute
from .derivation import HOLE, Derivation, Step
from .domains import TOO_LARGE
from .drafts import BRIEF, Draft
from .evaluate import DomainError, Evaluation
from .kinks import of_step
from .narration import ChainText, Line, Route
from .notations import Notation, Paper, Slope
from .paper import Letters, all_names
from .rules import ALL_RULES, Rule
from .statements import stated
from .tree import Name, Node

_LOGARITHMIC = frozenset({"logarithmic"})
"""Rules that differentiate the logarithm of a part instead."""

_OF_NAMES = frozenset({"dependent-variable", "implicit-variable"})
"""Rules of names that move in a way of their own."""

_REWRITING = frozenset(
    {
        "power-below",
        "quotient-as-product",
        "root-as-power",
        "repeated-factor",
        "power-as-exponential",
        "definition",
        "logarithm-laws",
        "substitution",
        "dependent-variable",
    }
)
"""Rules that write the part differently and differentiate that."""


class LineWriting:
    """Writes the lines of one derivation.

    Args:
        derivation: It.
        notation: How derivatives are written.
        paper: Where they are written.
        letters: What wholes and insides are called.
        numbers: At a point; None for none.
    """

    def __init__(
        self,
        derivation: Derivation,
        notation: Notation,
        paper: Paper,
        letters: Letters,
        numbers: Evaluation | None,
    ) -> None:
        self._derivation = derivation
        self._notation = notation
        self._paper = paper
        self._letters = letters
        self._numbers = numbers
        formulas = (derivation.formula, *(formula for _, formula in derivation.definitions))
        self._sharp = numbers is not None and any(
            is_kinked(node, numbers) for formula in formulas for node in formula.nodes()
        )
        self._named: dict[int, bool] = {}
        self._several = bool(derivation.held) and not derivation.definitions
        self._taken = frozenset((*all_names(derivation), derivation.variable))

    def slope(self, step: Step) -> Slope:
        """By what a step differentiates, and whether anything is held."""
        return Slope(
            variable=step.variable,
            partial=self._several or step.partial,
            alone=step.partial and bool(self._derivation.definitions),
        )

    def written(self, derivative: Node, step: Step | None = None) -> str:
        """What a step, or the whole, has come to."""
        whole = self._notation.total(derivative, self.slope(step or self._derivation.root))
        return self._notation.write(whole, self._paper)

    def line(self, draft: Draft) -> Line:
        """A draft as a line; those that it needs are lines already."""
        step, notation = draft.step, self._notation
        before = self.pending(step)
        after, filled = self._after(draft)
        result = filled if self._holds_name(step) else self.written(step.result, step)
        value, no_value = self._value(step)
        rule = ALL_RULES[step.rule]
        lines = tuple(part.line for part in draft.parts if part.line is not None)
        return Line(
            id=draft.id,
            depth=draft.depth,
            rule=step.rule,
            rule_name=rule.name,
            node=step.operand.id,
            marked=tuple(part.operand.id for part in step.steps if part.operand.id >= 0),
            variable=step.variable,
            before=before,
            after=after,
            filled=filled,
            result=result,
            equation=notation.equation(
                (before, result) if draft.same_as else (before, after, filled)
            ),
            statement=self._statement(draft),
            why=self._why(rule, step),
            remark=_remark(draft, by_names=self._derivation.by_names),
            rewritten=self._rewritten(step),
            chain=self._chain(draft),
            brief=step.rule in BRIEF and draft.depth > 0,
            same_as=draft.same_as,
            value=value,
            no_value=no_value,
            lines=lines,
            routes=tuple(
                Route(
                    rule=each.rule,
                    name=ALL_RULES[each.rule].name,
                    why=ALL_RULES[each.rule].why,
                    line=None if told is None else told.line,
                )
                for each, told in draft.routes
            ),
        )

    def _holds_name(self, step: Step) -> bool:
        """Whether a step needs the slope of a name that is told by itself."""
        if not self._derivation.by_names:
            return False
        if id(step) not in self._named:
            inside = any(map(self._holds_name, step.steps))
            self._named[id(step)] = inside or step.rule == "dependent-variable"
        return self._named[id(step)]

    def _why(self, rule: Rule, step: Step) -> str:
        """The reason for a rule, in the letters of the problem."""
        if rule.id == "total-derivative":
            return Message(
                "The variable acts directly and through every name that moves with it: along each "
                "way the partial derivative times the derivative of the name, and the ways add."
            )
        if rule.id == "power" and "n" in self._taken:
            return Message(
                "Each of the equal factors moves in turn, which gives so many times the rest."
            )
        if rule.id == "implicit-variable" and isinstance(step.operand, Name):
            of, by = step.operand.name, step.variable
            return Message(
                "{of} depends on {by}, but only the equation says how: its slope is unknown.",
                of=of,
                by=by,
            )
        return rule.why

    def _after(self, draft: Draft) -> tuple[str, str]:
        """What the rule makes, with all derivatives pending, and with the brief ones filled in."""
        step, notation, paper = draft.step, self._notation, self._paper
        if not step.steps:
            written = self.written(step.after, step)
            return written, written
        pending = {f"{HOLE}{i}": self.pending(part) for i, part in enumerate(step.steps)}
        known = {
            f"{HOLE}{i}": notation.total(part.result, self.slope(part))
            for i, part in enumerate(step.steps)
            if part.rule in BRIEF
        }
        if step.rule == "total-derivative" and _direct(step):
            direct = notation.direct(pending[f"{HOLE}0"], self.slope(step), paper)
            pending[f"{HOLE}0"] = direct
            known.pop(f"{HOLE}0", None)
        after = notation.write(step.after, paper, pending)
        return after, notation.write(substitute(step.after, known), paper, pending)

    def pending(self, step: Step) -> str:
        """What is asked for: d/dx(x²), and of a name that stands for something dx/dt."""
        if step.rule in _OF_NAMES and isinstance(step.operand, Name):
            return self._notation.slope(step.operand.name, self.slope(step), self._paper)
        return self._notation.pending(step.operand, self.slope(step), self._paper)

    def _statement(self, draft: Draft) -> str:
        step = draft.step
        if step.rule == "total-derivative":
            return self._total(draft)
        if step.rule in _LOGARITHMIC:
            u = name(next(each for each in ("u", "v", "w", "p", "q") if each not in self._taken))
            inside = self._notation.pending(call("log", u), self.slope(step), self._paper)
            after = self._notation.write(multiply(u, name("v")), self._paper, {"v": inside})
            before = self._notation.pending(u, self.slope(step), self._paper)
            return self._notation.equation((before, after))
        said = stated(step, self._taken)
        if said is None:
            return ""
        left, right = said
        if not step.steps:
            right = self._notation.total(right, self.slope(step))
        statement = self._notation.statement(left, right, self.slope(step), self._paper)
        if not step.steps:
            # the rule for sin(x) says of sin(x) what the line says
            told = self._notation.equation((self.pending(step), self.written(step.after, step)))
            if statement == told:
                return ""
        return statement

    def _total(self, draft: Draft) -> str:
        """dz/dt = ∂z/∂t + ∂z/∂x · dx/dt."""
        step = draft.step
        direct = _direct(step)
        ways = step.steps[1:] if direct else step.steps
        between = tuple(part.variable for part in ways[::2])
        return self._notation.total_derivative(
            draft.whole or self._letters.whole(), between, direct, self.slope(step), self._paper
        )

    def _rewritten(self, step: Step) -> str:
        """The other way of writing a part, for rules that begin with that."""
        if not step.steps:
            return ""
        if step.rule in _LOGARITHMIC:
            logarithm = call("log", step.operand)
            return self._notation.equality(logarithm, step.steps[0].operand, self._paper)
        if step.rule in _REWRITING:
            return self._notation.equality(step.operand, step.steps[0].operand, self._paper)
        return ""

    def _chain(self, draft: Draft) -> ChainText | None:
        if not draft.links:
            return None
        slope = self.slope(draft.step)
        chain = self._notation.chain(draft.whole, draft.links, slope, self._paper)
        letters = [
            (self._paper.marks.name(link.letter), self._notation.write(link.inside, self._paper))
            for link in draft.links
            if not isinstance(link.inside, Name)
        ]
        return ChainText(
            pattern=chain.pattern,
            where=chain.where,
            outside=chain.outside,
            letters=tuple(letters),
        )

    def _value(self, step: Step) -> tuple[float | None, str]:
        """The number of a step's result, or why it has none."""
        if self._numbers is None:
            return None, ""
        try:
            self._numbers(step.operand)  # where a part has no value it has no slope
            kinked, value = "", None
            if self._sharp:
                kinked, value = of_step(self._derivation, step, self._numbers)
            if kinked:
                return None, Message(
                    "{part} has a kink or jump here: this step has no number.", part=kinked
                )
            if value is None:
                value = self._numbers(step.result)
        except DomainError as error:
            return None, placed(error)
        if math.isinf(value):
            return None, Message("This is {too_large}.", too_large=TOO_LARGE)
        return value, ""


def placed(error: DomainError) -> str:
    """A reason with the column that it is about."""
    if error.column is None:
        return error.reason
    return joined([error.reason, Message("See column {column}.", column=error.column)])


def _remark(draft: Draft, *, by_names: bool) -> str:
    """What else there is to know; of many names, what a total derivative is only once."""
    if draft.renamed:
        names = [f"{here} for {there}" for here, there in draft.renamed]
        return Message("With {names}.", names=", ".join(names))
    if draft.told_in:
        return Message("Worked out in {place}.", place=draft.told_in)
    if by_names and draft.step.rule == "total-derivative" and not draft.first:
        return ""
    return draft.step.remark


def _direct(step: Step) -> bool:
    """Whether the variable of a total derivative stands in the formula itself: an odd part."""
    return len(step.steps) % 2 == 1
