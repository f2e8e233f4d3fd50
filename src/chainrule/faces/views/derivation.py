"""The question `derivation`: a derivative step by step, for a page that opens and closes steps."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from chainrule import __version__
from chainrule.calculus.checks import completed
from chainrule.calculus.derivation import Derivation
from chainrule.calculus.derive import derive
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import DomainError, Evaluation
from chainrule.calculus.glossary import glossary
from chainrule.calculus.narrate import narrate
from chainrule.calculus.narration import AlgebraLine, ChainText, Line, Narration
from chainrule.calculus.notations import NOTATIONS, Notation, notation_named
from chainrule.calculus.tree import Node, to_json, written_size
from chainrule.records.json_values import Json, json_number

from .question import Context, Parameters, Question, Refusal
from .typed_formula import formula_refusals, typed_formula

MOST_TOLD = 5_000
"""Parts of a derivative, written out, that is told: up to 2 s, and some twenty pages."""


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


class Result(TypedDict):
    """The derivative as the rules leave it, tidied, and with common factors taken out."""

    raw: Written
    tidy: Written
    factored: Written
    spoken: str


class NotationDocument(TypedDict):
    """A notation that can be asked for; its style is `mathematics`, `words` or `code`."""

    id: str
    name: str
    about: str
    style: str


class CheckDocument(TypedDict):
    """Two numbers that have to be equal."""

    name: str
    derivative: float | str
    compared: float | str
    agrees: bool


class Symbol(TypedDict):
    """A symbol with what it means."""

    symbol: str
    type: str
    meaning: str


class DerivationDocument(TypedDict):
    """What `derivation` answers.

    Attributes:
        view: `derivation`.
        chainrule: The version that made it.
        formula: What was typed.
        names: Variables of the formula.
        wrt: By which it is differentiated.
        held: Those that are held constant.
        at: The point, if one was given.
        notation: The notation it is told in.
        notations: All that can be asked for, in the order in which they are offered.
        nodes: The parts of the formula, then those of its definitions, as in `tree.to_json`; node i
            has the id i, and its `value` at the point.
        given: y = …
        definitions: What names stand for.
        asked: dy/dx.
        steps: One step, the whole, with those that it needs.
        algebra: From the raw result to the tidy one.
        factoring: From the tidy result to the factored one.
        result: The derivative.
        value: At the point.
        no_value: Why it has none there.
        kinks: What is to be said of kinks and jumps exactly there.
        checks: What was compared there.
        code: The program, in the notation that is one.
        glossary: The symbols.
    """

    view: str
    chainrule: str
    formula: str
    names: list[str]
    wrt: str
    held: list[str]
    at: dict[str, float] | None
    notation: NotationDocument
    notations: list[NotationDocument]
    nodes: list[dict[str, Json]]
    given: Written
    definitions: list[Written]
    asked: Written
    steps: list[Step]
    algebra: list[AlgebraStep]
    factoring: list[AlgebraStep]
    result: Result
    value: float | str | None
    no_value: str
    kinks: list[str]
    checks: list[CheckDocument]
    code: str
    glossary: list[Symbol]


def derivation(parameters: Parameters, context: Context) -> DerivationDocument:
    """The derivative of `formula` by `wrt`, with numbers `at` a point, told in a `notation`."""
    typed = typed_formula(parameters)
    problem = typed.problem
    notation = _notation(parameters)
    wrt = _variable(parameters, problem.names, problem.text)
    with formula_refusals(problem.text):
        found = derive(
            problem.formula, wrt, definitions=problem.defined, name=problem.name, algebra=False
        )
        parts = written_size(found.raw)
        if parts > MOST_TOLD:
            raise Refusal(
                f"Written out, the derivative by {wrt} has {parts:,} parts, and at most "
                f"{MOST_TOLD:,} are told: take the part of the formula that matters.",
                field="formula",
                text=problem.text,
            )
        found = derive(problem.formula, wrt, definitions=problem.defined, name=problem.name)
        evaluation = None
        if typed.point:
            _check_complete(typed.point, problem.names)
            evaluation = Evaluation(typed.point, problem.text)
        return derivation_document(found, notation, evaluation, problem.names)


def derivation_document(
    found: Derivation,
    notation: Notation,
    evaluation: Evaluation | None = None,
    names: Sequence[str] | None = None,
) -> DerivationDocument:
    """The document of a derivation.

    Args:
        found: The derivation.
        notation: Which to tell it in.
        evaluation: Numbers at a point; None for none.
        names: Variables of the formula; those it holds if not given.

    Raises:
        FormulaError: If a name has no value at the point.
    """
    latex = narrate(found, notation, evaluation=evaluation, script="latex", ids=True, unseen=True)
    text = narrate(found, notation, evaluation=evaluation, unseen=True)
    words = narrate(found, "words", evaluation=evaluation, unseen=True)
    telling = _Telling(mathematics=notation.style == "mathematics")
    return {
        "view": "derivation",
        "chainrule": __version__,
        "formula": found.formula.text,
        "names": [*(found.formula.names if names is None else names)],
        "wrt": found.variable,
        "held": [*found.held],
        "at": dict(text.at) if text.at else None,
        "notation": _about(notation),
        "notations": [_about(each) for each in NOTATIONS],
        "nodes": _nodes(found, evaluation),
        "given": telling.written(latex.given, text.given),
        "definitions": telling.all_written(latex.definitions, text.definitions),
        "asked": telling.written(latex.asked, text.asked),
        "steps": [telling.step(latex.line, text.line, words.line)],
        "algebra": telling.algebra(latex.algebra, text.algebra, words.algebra),
        "factoring": telling.algebra(latex.factoring, text.factoring, words.factoring),
        "result": {
            "raw": telling.written(latex.raw, text.raw),
            "tidy": telling.written(latex.tidy, text.tidy),
            "factored": telling.written(latex.factored, text.factored),
            "spoken": words.answer,
        },
        "value": None if text.value is None else json_number(text.value),
        "no_value": text.no_value,
        "kinks": [*text.kinks],
        "checks": _checks(text),
        "code": text.code,
        "glossary": [
            {"symbol": each.symbol, "type": each.kind, "meaning": each.meaning}
            for each in glossary(found, notation, narration=text)
        ],
    }


class _Telling:
    """Puts side by side what the scripts say of one derivation.

    Args:
        mathematics: Whether what the LaTeX script says is LaTeX.
    """

    def __init__(self, *, mathematics: bool) -> None:
        self._mathematics = mathematics

    def written(self, latex: str, text: str) -> Written:
        return {"latex": latex if self._mathematics else None, "text": text}

    def all_written(self, latex: Sequence[str], text: Sequence[str]) -> list[Written]:
        return [self.written(*pair) for pair in zip(latex, text, strict=True)]

    def step(self, latex: Line, text: Line, words: Line) -> Step:
        return {
            "id": text.id,
            "rule": text.rule,
            "name": text.rule_name,
            "node": text.node,
            "parts": [*text.marked],
            "variable": text.variable,
            "statement": self._some(latex.statement, text.statement),
            "before": self.written(latex.before, text.before),
            "after": self.written(latex.after, text.after),
            "filled": self.written(latex.filled, text.filled),
            "result": self.written(latex.result, text.result),
            "why": text.why,
            "remark": text.remark,
            "rewritten": self._some(latex.rewritten, text.rewritten),
            "chain": self._chain(latex.chain, text.chain),
            "spoken": words.equation,
            "brief": text.brief,
            "same_as": text.same_as,
            "value": None if text.value is None else json_number(text.value),
            "no_value": text.no_value,
            "steps": [
                self.step(*three)
                for three in zip(latex.lines, text.lines, words.lines, strict=True)
            ],
            "alternatives": [
                {"rule": each.rule, "name": each.name, "why": each.why} for each in text.routes
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
                "name": in_text.name,
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


def _notation(parameters: Parameters) -> Notation:
    try:
        return notation_named(parameters.text("notation", NOTATIONS[0].id))
    except FormulaError as error:
        raise Refusal(error.reason, field="notation") from error


def _variable(parameters: Parameters, names: Sequence[str], text: str) -> str:
    if not names:
        raise Refusal(
            "Expected a formula with a variable to differentiate by, found only numbers.",
            field="formula",
            text=text,
        )
    wrt = parameters.text("wrt", names[0])
    if wrt not in names:
        raise Refusal(
            f"Expected one of the variables {', '.join(names)} to differentiate by, found {wrt!r}.",
            field="wrt",
        )
    return wrt


def _check_complete(point: Mapping[str, float], names: Sequence[str]) -> None:
    missing = [name for name in names if name not in point]
    if missing:
        raise Refusal(
            f"Expected a number for each of {', '.join(names)}, found none for "
            f"{', '.join(missing)}.",
            field="at",
        )


def _about(notation: Notation) -> NotationDocument:
    return {
        "id": notation.id,
        "name": notation.name,
        "about": notation.about,
        "style": notation.style,
    }


def _nodes(found: Derivation, evaluation: Evaluation | None) -> list[dict[str, Json]]:
    """The parts of the formula and of its definitions in the order of their ids, with values."""
    numbers = None
    if evaluation is not None:
        try:
            numbers = completed(found, evaluation)
        except DomainError:  # a definition has no value there; neither has what it stands in
            numbers = evaluation
    formulas = (found.formula, *(each for _, each in found.definitions))
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


def _checks(told: Narration) -> list[CheckDocument]:
    return [
        {
            "name": check.name,
            "derivative": json_number(check.left),
            "compared": json_number(check.right),
            "agrees": check.agrees,
        }
        for check in told.checks
    ]


QUESTIONS = (Question("derivation", derivation),)
