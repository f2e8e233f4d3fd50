"""The slope of an implicit curve, in the terminal and as JSON."""

import io

from chainrule import __version__
from chainrule.calculus import Derivation, write
from chainrule.calculus.curve import CurvePoint
from chainrule.calculus.curve_narration import CurveNarration, SecondNarration, narrate_curve
from chainrule.calculus.document import algebra_document, sign_document, step_document
from chainrule.calculus.implicit import (
    EQUATION_STEPS,
    ImplicitDerivation,
    SecondImplicitDerivation,
)
from chainrule.calculus.narration import AlgebraLine, Line, Narration, told
from chainrule.records.message import Message, Translate, as_message
from chainrule.records.message import told as in_language

from .derivation import write_symbols
from .document import Json, json_number
from .numerals import number
from .page import Page


def write_implicit(
    page: Page,
    told: CurveNarration,
    at: CurvePoint | None = None,
    say: Translate = str,
    *,
    symbols: bool = True,
) -> None:
    """Write how the slope of a curve is found: both sides, the solving, the slope, its change.

    Args:
        page: Where to.
        told: The slope, told with the script `unicode`.
        at: Its numbers at a point, if one was given.
        say: Translates the words around the formulas; English without it.
        symbols: Whether the symbols are listed at the end.
    """
    _Board(page, told, at, say).write()
    if symbols:
        write_symbols(page, told.glossary)


def implicit_text(told: CurveNarration, at: CurvePoint | None = None, width: int = 100) -> str:
    """The same as plain text."""
    stream = io.StringIO()
    write_implicit(Page(stream, width=width, color=False), told, at)
    return stream.getvalue()


class _Board:
    def __init__(
        self, page: Page, told: CurveNarration, at: CurvePoint | None, say: Translate
    ) -> None:
        self._page, self._told, self._at, self._say = page, told, at, say

    def write(self) -> None:
        told, page, say = self._told, self._page, self._say
        page.line()
        page.item(("chainrule  ", "bold"), (told.given, "bold cyan"))
        said = Message(
            "Both sides are differentiated by {by}. {of} moves with {by} along the curve, so its "
            "derivative is a name of its own, {slope}, until the end.",
            by=told.by,
            of=told.of,
            slope=told.slope,
        )
        page.item(" " * 11, (in_language(said, say), "dim"))
        if self._at is not None and self._at.slope is not None:
            page.item(" " * 11, (f"Numbers after → are at {_point(self._at)}.", "dim"))
        page.line()
        for what, side in (
            (self._say("The left side"), told.left),
            (self._say("The right side"), told.right),
        ):
            page.line((what, "bold"))
            self._steps(side)
            page.line()
        page.line((in_language(Message("Solved for {slope}", slope=told.slope), say), "bold"))
        for step in told.steps:
            self._formula(step.after, 2)
            page.paragraph((in_language(step.name, say), "dim"), indent=6)
        page.line()
        page.line((self._say("The slope"), "bold"))
        self._algebra(told.slope, told.raw, (*told.algebra, *told.factoring))
        if told.putting_back:
            first, *rest = told.putting_back
            written_out = Message("Written out: {how}.", how=as_message(first.name))
            page.paragraph((in_language(written_out, say), "dim"), indent=2)
            self._algebra(told.slope, first.after, tuple(rest))
        if told.style != "words":
            (by, by_value), (of, of_value) = told.partials
            same = Message(
                "The same by −({by}) / ({of}), with F the left side less the right: {by} = "
                "{by_value}, {of} = {of_value}.",
                by=by,
                by_value=by_value,
                of=of,
                of_value=of_value,
            )
            page.paragraph((in_language(same, say), "dim"), indent=2)
        page.line()
        if told.second is not None:
            self._second(told.second)
            page.line()
        if self._at is not None:
            self._numbers(self._at)
            page.line()

    def _second(self, second: SecondNarration) -> None:
        page = self._page
        page.line(("How the slope changes", "bold"), (f"  {second.name}", "bold"))
        self._steps(second.told)
        put_in = second.put_in.removesuffix(".")
        page.paragraph(
            (
                f"Put in that {put_in[0].lower()}{put_in[1:]}:"
                if self._words
                else f"with {put_in}",
                "dim",
            ),
            indent=2,
        )
        self._algebra(second.name, second.substituted, second.algebra)
        if second.shortened:
            page.paragraph(("and on the curve, by its equation,", "dim"), indent=2)
            self._formula(self._equal(second.name, second.shortened), 2)

    @property
    def _words(self) -> bool:
        return self._told.style == "words"

    def _steps(self, side: Narration) -> None:
        for line in told(side.line):
            self._line(line)

    def _line(self, line: Line) -> None:
        indent = 2 * (1 + line.id.count("."))
        inner = indent + len(line.id) + 2
        pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
        shown = pattern and not self._words
        self._page.line(
            " " * indent + f"{line.id}  ",
            (self._say(line.rule_name), "bold"),
            (f"   {pattern}" if shown else "", "dim"),
        )
        if line.chain and not self._words:
            where = ", ".join((*line.chain.where, *line.chain.outside))
            self._page.paragraph((f"{self._say('where')} {where}", "dim"), indent=inner)
        arrow = "" if line.value is None else f"  → {number(line.value)}"
        if self._words or line.same_as or line.after == line.filled:
            self._formula(line.equation, inner, arrow)
        else:
            self._formula(f"{line.before} = {line.after}", inner)
            self._formula(f"= {line.filled}", inner + len(line.before) + 1, arrow)
        if line.same_as:
            same = in_language(Message("as in {line}", line=line.same_as), self._say)
            self._page.paragraph((same, "dim"), indent=inner)
        if line.no_value:
            self._page.paragraph((line.no_value, "yellow"), indent=inner)

    def _algebra(self, name: str, raw: str, steps: tuple[AlgebraLine, ...]) -> None:
        self._formula(self._equal(name, raw), 2)
        for step in steps:
            self._formula(self._equal("", step.after), 2 if self._words else 2 + len(name))
            self._page.paragraph((in_language(step.name, self._say), "dim"), indent=6)

    def _equal(self, left: str, right: str) -> str:
        if self._words:
            return f"{left[:1].upper()}{left[1:]} is {right}." if left else f"That is, {right}."
        return f"{left} = {right}"

    def _formula(self, text: str, indent: int, arrow: str = "") -> None:
        if self._words:
            self._page.paragraph((text, "cyan"), (arrow, "dim"), indent=indent)
        else:
            self._page.formula(" " * indent + text + arrow)

    def _numbers(self, at: CurvePoint) -> None:
        page, found = self._page, self._told
        if at.moved:
            page.paragraph((at.moved, "yellow"))
        page.line((f"At {_point(at)}", "bold"), ("  a point of the curve", "dim"))
        if at.slope is not None:
            checked = ""
            if at.quotient is not None:
                said = "✓ the same" if at.agrees else "not the same"
                checked = f"  {said} from the difference quotient along the curve"
            page.line(f"  {found.slope} = {number(at.slope, 6)}", (checked, "dim"))
        if at.second is not None:
            name = found.second.name if found.second is not None else f"{found.of}″"
            page.line(f"  {name} = {number(at.second, 6)}")
        if at.remark:
            page.paragraph(at.remark, indent=2)


def _point(at: CurvePoint) -> str:
    return ", ".join(f"{name} = {number(value, 6)}" for name, value in at.point.items())


def implicit_document(
    found: ImplicitDerivation,
    second: SecondImplicitDerivation | None = None,
    at: CurvePoint | None = None,
    notation: str = "leibniz",
) -> dict[str, Json]:
    """The document of an implicit derivative.

    Args:
        found: The slope.
        second: How it changes along the curve, if that was asked for.
        at: Its numbers at a point, if one was given.
        notation: In which the steps on both sides are told.
    """
    told = narrate_curve(found, notation, second=second, at=at)
    return {
        "chainrule": __version__,
        "formula": found.equation.text,
        "wrt": found.by,
        "of": found.of,
        "notation": told.notation,
        "at": None if at is None else {n: json_number(v) for n, v in at.point.items()},
        "sides": [_side(found.left, told.left), _side(found.right, told.right)],
        "steps": [
            {
                "rule": step.rule,
                "why": EQUATION_STEPS[step.rule],
                "before": f"{write(before.left)} = {write(before.right)}" if before else "",
                "after": f"{write(step.left)} = {write(step.right)}",
            }
            for before, step in zip((None, *found.steps), found.steps, strict=False)
        ],
        "result": {
            "raw": write(found.raw),
            "tidy": write(found.tidy),
            "factored": write(found.factored),
        },
        "written_out": write(found.written_out),
        "second": None if second is None else write(second.factored),
        "second_on_curve": None if second is None else write(second.on_curve),
        "second_steps": []
        if told.second is None
        else [
            step_document(told.second.told.line),
            *(algebra_document(line) for line in told.second.algebra),
        ],
        "value": None if at is None or at.slope is None else json_number(at.slope),
        "second_value": None if at is None or at.second is None else json_number(at.second),
        "tangent": None if at is None else at.tangent,
        "glossary": [sign_document(each) for each in told.glossary],
        "remark": "" if at is None else " ".join(filter(None, (at.moved, at.remark))),
    }


def _side(side: Derivation, told: Narration) -> dict[str, Json]:
    return {
        "raw": write(side.raw),
        "tidy": write(side.tidy),
        "factored": write(side.factored),
        "steps": [step_document(told.line)],
    }
