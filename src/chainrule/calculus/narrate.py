"""From steps to what a good teacher writes on the board, in one notation.

Constants and the variable itself get no ceremony: they are filled in on the line that needs them. A
derivative that was told once is referred to.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .build import call, multiply, name, substitute
from .checks import checks_at, completed
from .derivation import HOLE, Derivation, Rewrite, Step
from .domains import TOO_LARGE
from .evaluate import DomainError, Evaluation
from .kinks import derivative_value, is_kinked, kink_of_step, kinks, sentences
from .narration import AlgebraLine, ChainText, Line, Narration, Route
from .notations import Link, Notation, Paper, Slope, notation_named
from .paper import Letters, ScriptName, all_names, paper_for
from .pretty import pretty
from .put_back import PUT_BACK, names_put_back
from .rules import ALL_RULES, Rule
from .same import Keys
from .statements import stated
from .tidy import reason
from .torch_program import torch_program
from .tree import Formula, Name, Node

BRIEF = frozenset({"constant", "held-constant", "variable", "implicit-variable"})
"""Rules that are told on the line of what needs them."""

_LOGARITHMIC = frozenset({"logarithmic"})
"""Rules that differentiate the logarithm of a part instead."""

_BRACKETED = re.compile(r" \([a-z, ]+\)")
"""Letters of a statement that is not shown, in the reason for it."""

_OF_NAMES = frozenset({"dependent-variable", "implicit-variable"})
_SAME_FUNCTION = frozenset({"substitution"})


def narrate(
    derivation: Derivation,
    notation: str | Notation = "leibniz",
    *,
    evaluation: Evaluation | None = None,
    script: ScriptName = "unicode",
    routes: bool = False,
    ids: bool = False,
    unseen: bool = False,
    along: bool = False,
) -> Narration:
    """Tell a derivation.

    Args:
        derivation: What to tell.
        notation: One of `NOTATIONS`, or its id.
        evaluation: Numbers at a point, for each line; None for none.
        script: How expressions are written.
        routes: Whether other ways are told in full; they are named anyway.
        ids: Whether expressions in LaTeX carry the ids of the formula's parts; as for `Latex`.
        unseen: Whether steps of algebra that change nothing in this script are there too, so that
            those of two scripts stand side by side.
        along: Whether it is a side of an equation, along whose curve another name moves.

    Raises:
        FormulaError: If there is no such notation, or a name has no value at the point.
    """
    way = notation_named(notation) if isinstance(notation, str) else notation
    return _Narrator(derivation, way, evaluation, script, routes, ids, unseen, along).narration()


@dataclass(slots=True)
class _Draft:
    """A line that is being made."""

    step: Step
    id: str
    depth: int
    whole: str
    same_as: str = ""
    links: tuple[Link, ...] = ()
    parts: list["_Draft"] = field(default_factory=list)
    routes: list[tuple[Step, "_Draft | None"]] = field(default_factory=list)
    line: Line | None = None

    @property
    def is_route(self) -> bool:
        """Whether it is another way itself."""
        return self.id[-1].isalpha()

    @property
    def in_route(self) -> bool:
        """Whether it is another way or part of one."""
        return not self.id.replace(".", "").isdecimal()


class _Narrator:
    def __init__(
        self,
        derivation: Derivation,
        notation: Notation,
        evaluation: Evaluation | None,
        script: ScriptName,
        routes: bool,
        ids: bool,
        unseen: bool,
        along: bool,
    ) -> None:
        self._derivation = derivation
        self._notation = notation
        self._at = () if evaluation is None else tuple(evaluation.point.items())
        self._numbers = None if evaluation is None else completed(derivation, evaluation)
        formulas = (derivation.formula, *(formula for _, formula in derivation.definitions))
        self._sharp = self._numbers is not None and any(
            is_kinked(node, self._numbers) for formula in formulas for node in formula.nodes()
        )
        self._script = script
        self._routes = routes
        self._unseen = unseen
        self._paper = paper_for(derivation, notation, script, ids=ids, along=along)
        self._several = bool(derivation.held) and not derivation.definitions
        self._letters = Letters(derivation, notation, self._paper)
        self._taken = frozenset((*all_names(derivation), derivation.variable))
        self._keys = Keys()
        self._told: dict[tuple[int, str, bool], str] = {}

    def narration(self) -> Narration:
        derivation, notation, paper = self._derivation, self._notation, self._paper
        slope = self._slope(derivation.root)
        value, no_value, kinks = self._whole_value()
        tidy = self._written(derivation.tidy)
        asked = notation.asked(paper, slope)
        return Narration(
            notation=notation.id,
            notation_name=notation.name,
            about=notation.explained(paper, slope),
            style=notation.style,
            script=self._script,
            variable=derivation.variable,
            held=derivation.held,
            given=notation.given(paper, derivation.formula.root),
            definitions=tuple(
                notation.equality(name(each), formula.root, paper)
                for each, formula in derivation.definitions
            ),
            asked=asked,
            line=self._line(derivation.root),
            algebra=self._algebra(derivation.tidying),
            factoring=self._algebra(derivation.factoring),
            putting_back=self._algebra(derivation.putting_back),
            raw=self._written(derivation.raw),
            tidy=tidy,
            factored=self._written(derivation.factored),
            written_out=self._written(derivation.written_out),
            answer=notation.equation((asked, tidy)),
            valued=self._valued(slope),
            at=self._at,
            value=value,
            no_value=no_value,
            kinks=kinks,
            checks=()
            if self._numbers is None or value is None or kinks
            else checks_at(derivation, self._numbers),
            code=torch_program(derivation, self._numbers, paper.whole)
            if notation.style == "code"
            else "",
        )

    # ---- lines ----------------------------------------------------------------------

    def _line(self, root: Step) -> Line:
        drafts = list(self._drafts(_Draft(root, "1", 0, self._paper.whole), self._routes))
        for draft in reversed(drafts):
            draft.line = self._finished(draft)
        assert drafts[0].line is not None
        return drafts[0].line

    def _drafts(self, root: _Draft, routes: bool) -> Iterator[_Draft]:
        """Drafts of all lines, each before its parts."""
        left = [(root, routes)]
        while left:
            draft, routes = left.pop()
            step = draft.step
            key = (self._keys(step.operand), step.variable, step.partial)
            known = self._told.get(key)
            again = known and any(part.rule not in BRIEF for part in step.steps)
            if known and again and not draft.is_route:
                draft.same_as = known
            else:
                if not draft.in_route:
                    self._told.setdefault(key, draft.id)
                self._take_apart(draft)
                if routes:
                    self._add_routes(draft)
                else:
                    draft.routes = [(each, None) for each in step.alternatives]
            yield draft
            below = [*draft.parts, *(each for _, each in draft.routes if each is not None)]
            left.extend((each, routes and not each.in_route) for each in reversed(below))

    def _take_apart(self, draft: _Draft) -> None:
        step = draft.step
        if step.outer:
            draft.whole = draft.whole or self._letters.whole()
            draft.links = self._letters.links(step)
        for i, part in enumerate(step.steps):
            number = f"{draft.id}.{i + 1}"
            draft.parts.append(_Draft(part, number, draft.depth + 1, self._called(draft, i)))

    def _called(self, draft: _Draft, i: int) -> str:
        """What a part is called, if it has a letter."""
        step = draft.step
        if i < len(draft.links):
            return draft.links[i].letter
        if step.rule == "dependent-variable" and isinstance(step.operand, Name):
            return step.operand.name
        return draft.whole if step.rule in _SAME_FUNCTION else ""

    def _add_routes(self, draft: _Draft) -> None:
        for i, step in enumerate(draft.step.alternatives):
            number = f"{draft.id}{chr(ord('a') + i)}"
            draft.routes.append((step, _Draft(step, number, draft.depth, draft.whole)))

    def _finished(self, draft: _Draft) -> Line:
        step, notation = draft.step, self._notation
        before = self._pending(step)
        after, filled = self._after(draft)
        result = self._written(step.result, step)
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
            remark=step.remark,
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

    def _why(self, rule: Rule, step: Step) -> str:
        """The reason for a rule, in the letters of the problem."""
        if rule.id == "total-derivative":
            return _BRACKETED.sub("", rule.why)
        if rule.id == "power" and "n" in self._taken:
            return "Each of the equal factors moves in turn, which gives so many times the rest."
        if rule.id == "implicit-variable" and isinstance(step.operand, Name):
            of, by = step.operand.name, step.variable
            return f"{of} depends on {by}, but only the equation says how: its slope is unknown."
        return rule.why

    def _after(self, draft: _Draft) -> tuple[str, str]:
        """What the rule makes, with all derivatives pending, and with the brief ones filled in."""
        step, notation, paper = draft.step, self._notation, self._paper
        if not step.steps:
            written = self._written(step.after, step)
            return written, written
        pending = {f"{HOLE}{i}": self._pending(part) for i, part in enumerate(step.steps)}
        known = {
            f"{HOLE}{i}": notation.total(part.result, self._slope(part))
            for i, part in enumerate(step.steps)
            if part.rule in BRIEF
        }
        if step.rule == "total-derivative" and _direct(step):
            direct = notation.direct(pending[f"{HOLE}0"], self._slope(step), paper)
            pending[f"{HOLE}0"] = direct
            known.pop(f"{HOLE}0", None)
        after = notation.write(step.after, paper, pending)
        return after, notation.write(substitute(step.after, known), paper, pending)

    def _pending(self, step: Step) -> str:
        """What is asked for: d/dx(x²), and of a name that stands for something dx/dt."""
        if step.rule in _OF_NAMES and isinstance(step.operand, Name):
            return self._notation.slope(step.operand.name, self._slope(step), self._paper)
        return self._notation.pending(step.operand, self._slope(step), self._paper)

    def _statement(self, draft: _Draft) -> str:
        step = draft.step
        if step.rule == "total-derivative":
            return self._total(draft)
        if step.rule in _LOGARITHMIC:
            u = name(next(each for each in ("u", "v", "w", "p", "q") if each not in self._taken))
            inside = self._notation.pending(call("log", u), self._slope(step), self._paper)
            after = self._notation.write(multiply(u, name("v")), self._paper, {"v": inside})
            before = self._notation.pending(u, self._slope(step), self._paper)
            return self._notation.equation((before, after))
        said = stated(step, self._taken)
        if said is None:
            return ""
        left, right = said
        if not step.steps:
            right = self._notation.total(right, self._slope(step))
        statement = self._notation.statement(left, right, self._slope(step), self._paper)
        if not step.steps:
            # the rule for sin(x) says of sin(x) what the line says
            told = self._notation.equation((self._pending(step), self._written(step.after, step)))
            if statement == told:
                return ""
        return statement

    def _total(self, draft: _Draft) -> str:
        """dz/dt = ∂z/∂t + ∂z/∂x · dx/dt."""
        step = draft.step
        direct = _direct(step)
        ways = step.steps[1:] if direct else step.steps
        between = tuple(part.variable for part in ways[::2])
        return self._notation.total_derivative(
            draft.whole or self._letters.whole(), between, direct, self._slope(step), self._paper
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

    def _chain(self, draft: _Draft) -> ChainText | None:
        if not draft.links:
            return None
        slope = self._slope(draft.step)
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

    # ---- the rest ----------------------------------------------------------------------

    def _slope(self, step: Step) -> Slope:
        return Slope(
            variable=step.variable,
            partial=self._several or step.partial,
            alone=step.partial and bool(self._derivation.definitions),
        )

    def _written(self, derivative: Node, step: Step | None = None) -> str:
        whole = self._notation.total(derivative, self._slope(step or self._derivation.root))
        return self._notation.write(whole, self._paper)

    def _whole_value(self) -> tuple[float | None, str, tuple[str, ...]]:
        """The derivative at the point, why it has none, and what kinks are there."""
        if self._numbers is None:
            return None, "", ()
        try:
            value = derivative_value(self._derivation, self._numbers)
            found = kinks(self._derivation, self._numbers)
        except DomainError as error:
            return None, _placed(error), ()
        messages = sentences(found)
        return value, " ".join(messages) if value is None else "", messages

    def _value(self, step: Step) -> tuple[float | None, str]:
        """The number of a step's result, or why it has none."""
        if self._numbers is None:
            return None, ""
        try:
            self._numbers(step.operand)  # where a part has no value it has no slope
            kinked = self._sharp and kink_of_step(self._derivation, step, self._numbers)
            if kinked:
                return None, f"{kinked} has a kink or jump here: this step has no number."
            value = self._numbers(step.result)
        except DomainError as error:
            return None, _placed(error)
        if math.isinf(value):
            return None, f"This is {TOO_LARGE}."
        return value, ""

    def _valued(self, slope: Slope) -> str:
        if self._numbers is None:
            return ""
        return self._notation.valued(self._paper, slope, self._numbers.point)

    def _algebra(self, steps: tuple[Rewrite, ...]) -> tuple[AlgebraLine, ...]:
        """Steps that change what is seen: a script leaves out grouping that says nothing."""
        known = dict(self._derivation.definitions)
        lines = [
            AlgebraLine(
                rule=each.rule,
                name=algebra_name(each, known, self._notation, self._paper),
                before=self._written(each.before),
                after=self._written(each.after),
            )
            for each in steps
        ]
        return tuple(line for line in lines if self._unseen or line.before != line.after)


def algebra_name(
    step: Rewrite, definitions: Mapping[str, Formula], notation: Notation, paper: Paper
) -> str:
    """What a step of algebra is called; of one that puts names back in, with what they stand for.

    Args:
        step: It.
        definitions: What names stand for.
        notation: Words say it in words.
        paper: Where it is written.
    """
    if step.rule != PUT_BACK:
        return reason(step)
    names = names_put_back(step.before, definitions)
    if notation.style == "words":
        said = [f"{notation.write(definitions[each].root, paper)} for {each}" for each in names]
    else:
        said = [f"{each} = {pretty(definitions[each])}" for each in names]
    return f"put {_listed(said)} back in"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _placed(error: DomainError) -> str:
    """A reason with the column that it is about."""
    if error.column is None:
        return error.reason
    return f"{error.reason.removesuffix('.')} (column {error.column})."


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


def _direct(step: Step) -> bool:
    """Whether the variable of a total derivative stands in the formula itself: an odd part."""
    return len(step.steps) % 2 == 1
