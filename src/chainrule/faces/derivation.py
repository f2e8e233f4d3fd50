"""A derivation on the terminal: step by step, as on a board."""

import re
from collections import deque
from collections.abc import Iterator, Sequence

from chainrule.calculus.narration import AlgebraLine, Line, Narration
from chainrule.calculus.notations import Sign
from chainrule.calculus.symbols import symbol_rows
from chainrule.records.message import Message, Translate, as_message, listed, told

from .numerals import number
from .page import Page, Part

MOST_INDENTED = 8
"""Levels that move to the right; deeper ones stay there, so that a line keeps its room."""

_BREAKS = re.compile(r" [+−·*/-] ")


def write_derivation(
    page: Page, narration: Narration, symbols: Sequence[Sign] = (), say: Translate = str
) -> None:
    """Write all of a narration.

    Args:
        page: Where to; formulas longer than it is wide go on below.
        narration: Told with the script `unicode`; one in LaTeX is written as its source.
        symbols: Its glossary, to be listed at the end.
        say: Translates the words around the formulas; English without it.
    """
    _Board(page, narration, say).write()
    write_symbols(page, symbols, say)


def write_symbols(page: Page, symbols: Sequence[Sign], say: Translate = str) -> None:
    """Write what each symbol is; nothing of none."""
    if not symbols:
        return
    page.line((say("Symbols"), "bold"))
    for typed, meaning in symbol_rows(symbols, say):
        page.item((f"  {typed}  ", "cyan"), meaning)
    page.line()


class _Board:
    def __init__(self, page: Page, narration: Narration, say: Translate) -> None:
        self._page = page
        self._told = narration
        self._translate = say
        self._explained: set[str] = set()

    def write(self) -> None:
        told, page = self._told, self._page
        page.line()
        self._head()
        page.line()
        if told.code:
            self._program()
        else:
            self._steps(told.line)
        page.line()
        self._results()
        if told.at:
            page.line()
            self._numbers()
        page.line()

    def _head(self) -> None:
        told, page = self._told, self._page
        page.item(("chainrule  ", "bold"), (told.given, "bold cyan"))
        if told.definitions:
            names = self._say(listed(_unended(told.definitions)))
            leads = self._say("where" if told.style == "words" else "with")
            page.item(" " * 11, f"{leads} ", (names, "cyan"))
        notation = as_message(_in_notation(told))
        how = (
            Message("Differentiated in {notation}.", notation=notation)
            if told.style == "words"
            else Message(
                "Differentiated by {variable}, in {notation}.",
                variable=told.variable,
                notation=notation,
            )
        )
        page.item(" " * 11, (f"{self._say(how)} {self._say(told.about)}", "dim"))
        if told.held and told.style != "words":
            held = (
                Message("{names} is held constant.", names=told.held[0])
                if len(told.held) == 1
                else Message("{names} are held constant.", names=listed(told.held))
            )
            page.item(" " * 11, (self._say(held), "dim"))
        if told.at and not told.code:
            numbers = Message("Numbers after → are at {point}.", point=self._point())
            page.item(" " * 11, (self._say(numbers), "dim"))

    # ---- steps ----------------------------------------------------------------------

    def _steps(self, root: Line) -> None:
        left = deque([(root, "")])
        first = True
        while left:
            line, heading = left.pop()
            if not first:
                self._page.line()
            first = False
            self._step(line, heading)
            needed = [each for each in line.lines if not each.brief]
            left.extendleft((each, "") for each in needed if each.is_of_name)
            shown = [(each, "") for each in needed if not each.is_of_name]
            shown += [
                (route.line, self._say("another way:") + " ")
                for route in line.routes
                if route.line is not None
            ]
            left.extend(reversed(shown))

    def _step(self, line: Line, heading: str) -> None:
        page = self._page
        indent = 2 + 2 * min(line.depth, MOST_INDENTED)
        lead = f"{line.id}  "
        inner = indent + len(lead)
        pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
        rule_name = self._say(line.rule_name)
        head: list[Part] = [(heading, ""), (rule_name, "bold")]
        taken = inner + len(heading) + len(rule_name) + 3
        beside = bool(pattern) and taken + len(page.safe(pattern)) <= page.width
        if beside and not line.same_as:
            head.append((f"   {pattern}", "dim"))
        page.item((" " * indent + lead, "bold cyan"), *head)
        if pattern and not beside and not line.same_as:
            page.paragraph((pattern, "dim"), indent=inner)
        if line.same_as:
            self._equation(line, inner)
            with_names = line.remark[:1].lower() + line.remark[1:].removesuffix(".")
            same = self._say(Message("as in {line}", line=line.same_as))
            said = same + (f", {self._say(with_names)}" if with_names else "")
            page.paragraph((said, "dim"), indent=inner)
            return
        if line.chain:
            self._where(line, inner)
        elif line.statement and line.rewritten:
            words = self._told.style == "words"
            rewritten = line.rewritten[0].lower() + line.rewritten[1:]
            said = f"Here {rewritten}" if words else f"{self._say('with')} {line.rewritten}"
            page.paragraph(said, indent=inner)
        self._equation(line, inner)
        self._notes(line, inner)

    def _where(self, line: Line, indent: int) -> None:
        assert line.chain is not None
        where = self._say(listed(line.chain.where))
        if self._told.style == "words":
            outside = "".join(f" {each[0].upper()}{each[1:]}." for each in line.chain.outside)
            self._page.paragraph(f"Here {where}.{outside}", indent=indent)
            return
        together = "; ".join((f"{self._say('where')} {where}", *line.chain.outside))
        self._page.paragraph(together, indent=indent)

    def _equation(self, line: Line, indent: int) -> None:
        arrow = f"  → {number(line.value)}" if line.value is not None else ""
        if self._told.style == "words":
            self._page.paragraph((line.equation, "cyan"), (arrow, "dim"), indent=indent)
            return
        sides = [line.after] if line.after == line.filled else [line.after, line.filled]
        if line.same_as:
            sides = [line.result]
        self._sides(line.before, sides, indent, arrow)

    def _sides(self, left: str, sides: list[str], indent: int, arrow: str = "") -> None:
        """An equation: each further side below the first, the equals signs in one column."""
        page = self._page
        left = page.safe(left)
        column = indent + len(left)
        rows = [f"{' ' * indent}{left} = ", *[" " * (column + 1) + "= " for _ in sides[1:]]]
        wide = max(len(row) + len(page.safe(side)) for row, side in zip(rows, sides, strict=True))
        if wide > page.width and len(left) > 12:
            column = indent + 1
            self._pieces(" " * indent, left, "")
            rows = [" " * (column + 1) + "= " for _ in sides]
        for i, (row, side) in enumerate(zip(rows, sides, strict=True)):
            self._pieces(row, page.safe(side), arrow if i == len(sides) - 1 else "")

    def _pieces(self, lead: str, text: str, arrow: str) -> None:
        """One side after its lead, broken at operators where the page ends."""
        pieces = list(_broken(text, max(self._page.width - len(lead), 20)))
        for i, piece in enumerate(pieces):
            last = i == len(pieces) - 1
            fits = len(lead) + len(piece) + len(arrow) <= self._page.width
            self._page.line(
                (lead if i == 0 else " " * len(lead), "cyan"),
                (piece, "cyan"),
                (arrow if last and fits else "", "dim"),
            )
            if last and arrow and not fits:
                self._page.line((" " * len(lead) + arrow.strip(), "dim"))

    def _notes(self, line: Line, indent: int) -> None:
        page = self._page
        if line.no_value and line.no_value not in self._explained:
            self._explained.add(line.no_value)
            page.paragraph((self._say(line.no_value), "yellow"), indent=indent)
        if self._told.style != "words":
            brief = [
                f"{each.equation} ({self._say(each.rule_name)})"
                for each in line.lines
                if each.brief and each.rule not in ("variable", "implicit-variable")
            ]
            brief += [
                self._say(
                    Message(
                        "{result} is not known yet ({rule})",
                        result=each.result,
                        rule=self._say(each.rule_name),
                    )
                )
                for each in line.lines
                if each.rule == "implicit-variable"
            ]
            if brief:
                page.paragraph((", ".join(dict.fromkeys(brief)), "dim"), indent=indent)
        if line.rule not in self._explained:
            self._explained.add(line.rule)
            page.paragraph((self._say(line.why), "dim"), indent=indent)
        if line.remark:
            page.paragraph((self._say(line.remark), "yellow"), indent=indent)
        names = [as_message(route.name) for route in line.routes if route.line is None]
        if names:
            ways = (
                Message("Another way: {name}.", name=names[0])
                if len(names) == 1
                else Message("Other ways: {names}.", names=listed(names))
            )
            page.paragraph((self._say(ways), "dim"), indent=indent)

    def _program(self) -> None:
        for row in self._say(self._told.code).split("\n"):
            code, sign, remark = row.partition("#")
            lead = "  " if row else ""
            self._page.line((lead + code, "cyan"), (sign + remark, "dim"))

    # ---- results ----------------------------------------------------------------------

    def _results(self) -> None:
        told, page = self._told, self._page
        page.line((self._say("Together"), "bold"))
        if told.slopes:
            self._slopes()
            return
        if told.style == "words":
            self._in_sentences()
            return
        left = page.safe(told.asked)
        self._sides(left, [told.raw], 2)
        column = len(left) + 3 if len(left) <= 30 else 4
        for step in told.algebra:
            self._algebra(step, column)
        if told.factoring:
            page.line((self._say("Factored"), "bold"))
            for step in told.factoring:
                self._algebra(step, column)
        if told.putting_back:
            page.line((self._say("Written out"), "bold"))
            for step in told.putting_back:
                self._algebra(step, column)
        if told.style == "mathematics" and "where(" in told.raw:
            cases = self._say("where(c, a, b) is a where c > 0, and b elsewhere.")
            page.paragraph((cases, "dim"), indent=2)

    def _slopes(self) -> None:
        """The derivative of each name; one formula of them all would be longer than one reads."""
        for each in self._told.slopes:
            if self._told.style == "words":
                self._page.item("  • ", (each, "cyan"))
                continue
            left, _, right = self._page.safe(each).partition(" = ")
            self._sides(left, [right], 2)

    def _algebra(self, step: AlgebraLine, column: int) -> None:
        lead, text = " " * column + "= ", self._page.safe(step.after)
        name = self._say(step.name)
        reason = f"   {name}"
        if len(lead) + len(text) + len(reason) <= self._page.width:
            self._page.line((lead + text, "cyan"), (reason, "dim"))
            return
        self._pieces(lead, text, "")
        self._page.paragraph((name, "dim"), indent=len(lead))

    def _in_sentences(self) -> None:
        told, page = self._told, self._page
        page.paragraph(f"As the rules leave it: {told.raw}.", indent=2)
        for step in told.algebra:
            page.item("  • ", f"{step.name}: ", (step.after, "cyan"))
        page.paragraph((told.answer, "bold"), indent=2)
        for step in (*told.factoring, *told.putting_back):
            page.item("  • ", f"{step.name}: ", (step.after, "cyan"))

    def _numbers(self) -> None:
        told, page = self._told, self._page
        page.line((self._say(Message("At {point}", point=self._point())), "bold"))
        if told.value is None:
            page.paragraph((self._say(told.no_value), "yellow"), indent=2)
            return
        name = told.valued[:1].upper() + told.valued[1:] if told.style == "words" else told.valued
        says = " is " if told.style == "words" else " = "
        page.line(f"  {name}{says}", (number(told.value, 6), "bold cyan"))
        for kink in told.kinks:
            page.paragraph((self._say(kink), "yellow"), indent=2)
        agreeing = [self._say(check.name) for check in told.checks if check.agrees]
        if agreeing:
            page.item(
                (f"  {page.glyphs.healthy} ", "green"),
                (self._say(Message("the same from {names}", names=listed(agreeing))), "dim"),
            )
        for check in told.checks:
            if not check.agrees:
                page.item(
                    (f"  {page.glyphs.warning} ", "yellow"),
                    self._say(
                        Message(
                            "{name} gives {value} here: a kink or a jump is near, or the numbers "
                            "are too large or too small for float64.",
                            name=self._say(check.name),
                            value=number(check.right, 6),
                        )
                    ),
                )

    def _say(self, text: str) -> str:
        return told(text, self._translate)

    def _point(self) -> str:
        return ", ".join(f"{name} = {number(value, 6)}" for name, value in self._told.at)


def _in_notation(told: Narration) -> str:
    name = told.notation_name
    if told.style != "mathematics":
        return name
    if name in ("Leibniz", "Lagrange"):
        return Message("{name}'s notation", name=name)
    return Message("{name} notation", name=as_message(name))


def _unended(sentences: tuple[str, ...]) -> list[str]:
    return [each.removesuffix(".") for each in sentences]


def _broken(text: str, width: int) -> Iterator[str]:
    """A formula in pieces that fit, each but the first beginning with an operator.

    Where it can be, the operator is one that stands in no parentheses, or in few.
    """
    while len(text) > width:
        places = [
            match.start() for match in _BREAKS.finditer(text) if width // 3 < match.start() <= width
        ]
        if places:
            at = min(places, key=lambda place: (_depth(text[:place]), -place))
            yield text[:at]
            text = text[at + 1 :]
        else:
            space = text.rfind(" ", 1, width)
            cut = space if space > 0 else width
            yield text[:cut]
            text = text[cut:].lstrip()
    yield text


def _depth(text: str) -> int:
    """Brackets that are open at the end of a text."""
    return sum(text.count(sign) for sign in "([") - sum(text.count(sign) for sign in ")]")
