"""A derivative by a vector or matrix, as the question `derivation` answers it."""

import re
from collections.abc import Iterator

from chainrule import __version__
from chainrule.calculus.matrix import (
    MATRIX_NOTATIONS,
    MatrixDerivation,
    MatrixEvaluation,
    MatrixNarration,
    OneEntry,
    named_result_lines,
    narrate_matrix,
    one_entry_rows,
)
from chainrule.calculus.matrix import narration as told
from chainrule.calculus.matrix.in_letters import quantity_text
from chainrule.calculus.matrix.notations import MatrixPaper, matrix_notation_named
from chainrule.calculus.matrix.unicode_latex import latex_of_text, latex_of_values
from chainrule.faces.matrix_derivation import json_values
from chainrule.records.json_values import Json
from chainrule.records.message import Message, Translate, as_message

from .told_parts import Part, Row, Rule, ToldDocument, part, row
from .told_steps import NotationDocument, Written, symbols


def matrix_derivation(
    found: MatrixDerivation,
    evaluation: MatrixEvaluation | None,
    entries: tuple[OneEntry, ...],
    notation: str,
    say: Translate = str,
) -> ToldDocument:
    """How a formula is differentiated by a vector or matrix.

    Args:
        found: The derivation.
        evaluation: A point, for numbers; None for none.
        entries: Those that are worked out by themselves.
        notation: The id of one of `MATRIX_NOTATIONS`.
        say: Translates the words around formulas.

    Raises:
        DomainError: If a part has no value at the point.
    """
    return _Told(found, evaluation, notation, say).document(entries)


class _Told:
    def __init__(
        self,
        found: MatrixDerivation,
        evaluation: MatrixEvaluation | None,
        notation: str,
        say: Translate,
    ) -> None:
        self._found, self._at, self._say = found, evaluation, say
        self._told = narrate_matrix(found, notation, evaluation=evaluation, say=say)
        self._ids = {each.name: i for i, each in enumerate(found.quantities)}
        self._marks = _marks(found, self._told, self._ids)

    def document(self, entries: tuple[OneEntry, ...]) -> ToldDocument:
        """All of it."""
        found, said = self._found, self._told
        at: dict[str, Json] | None = None
        if self._at is not None:
            at = {name: json_values(value) for name, value in self._at.point.items()}
        way = matrix_notation_named(said.notation)
        return {
            "view": "derivation",
            "kind": "matrices",
            "chainrule": __version__,
            "formula": found.formula.text,
            "names": [*found.names],
            "wrt": found.variable,
            "of": None,
            "shapes": {name: [*shape] for name, shape in found.names.items()},
            "at": at,
            "notation": {
                "id": way.id,
                "name": as_message(way.name),
                "about": said.about,
                "style": way.style,
            },
            "notations": [self._offered(each.id) for each in MATRIX_NOTATIONS],
            "nodes": [*self._nodes()],
            "given": self._formula(said.given.pieces[0].text),
            "definitions": [],
            "said": [said.kinds.text],
            "parts": [*self._parts(entries)],
            "code": said.code,
            "glossary": symbols(said.glossary),
        }

    def _offered(self, notation: str) -> NotationDocument:
        way = matrix_notation_named(notation)
        about = way.explained(MatrixPaper.of(self._found))
        return {
            "id": way.id,
            "name": as_message(way.name),
            "about": as_message(about),
            "style": way.style,
        }

    def _nodes(self) -> Iterator[dict[str, Json]]:
        """The values on the way, and the part of the formula that each stands for."""
        values = {each.name: each.value for each in self._told.values}
        for each in self._found.quantities:
            shown = values.get(each.name, "")
            label = quantity_text(each.name, self._found)
            yield {
                "id": self._ids[each.name],
                "label": label,
                "span": [*each.node.span],
                "shown": shown,
            }

    def _parts(self, entries: tuple[OneEntry, ...]) -> Iterator[Part]:
        said = self._told
        for entry in entries:
            head, *lines = (each.in_language(self._say) for each in one_entry_rows(entry))
            yield part(head.text, rows=[self._of_entry(each) for each in lines])
        if said.values and not said.code:
            yield part(Message("Values on the way"), rows=[*self._values()])
        if said.steps:
            yield part(
                Message("Step by step, from the result back"),
                rules=[*self._rules()],
                rows=[self._row(said.opening)],
            )
        rows = [self._row(said.collected)]
        rows += [row("= ", self._formula(e.after), aside=e.name) for e in said.algebra]
        rows.append(row(self._formula(said.answer)))
        rows += map(self._row, said.closing)
        if said.style == "mathematics":
            rows += [
                self._named(line.strip()) for line in named_result_lines(self._found, self._say)
            ]
        yield part(Message("Together"), rows=rows, remarks=[*said.kinks, *said.legend])

    def _values(self) -> Iterator[Row]:
        for each in self._told.values:
            pieces = [*self._row(each.row)["pieces"]]
            shape = each.shape.removeprefix("a ")
            if each.value:
                latex = latex_of_values(each.value) if each.value.startswith("[") else each.value
                pieces.append({"latex": None, "text": f", {self._say('here')} "})
                pieces.append({"latex": latex, "text": each.value})
            yield {"pieces": pieces, "aside": shape}

    def _rules(self) -> Iterator[Rule]:
        for step, of in zip(self._told.steps, self._found.steps, strict=True):
            rows = [*step.statement, *(each for each in step.rows if each.text != step.why)]
            parts = dict.fromkeys(self._ids[pull.quantity] for pull in of.pulls)
            yield {
                "id": str(step.number),
                "name": step.name,
                "node": self._ids[of.quantity],
                "parts": [*parts],
                "equation": self._formula(step.equation),
                "why": step.why,
                "rows": [self._row(each) for each in rows],
            }

    # ---- formulas --------------------------------------------------------------------

    def _row(self, each: told.Row) -> Row:
        pieces = [
            self._formula(piece.text) if piece.formula else piece.text for piece in each.pieces
        ]
        return row(*pieces, aside=each.aside)

    def _formula(self, text: str) -> Written:
        if self._told.style != "mathematics":
            return {"latex": None, "text": text}
        latex = latex_of_text(text, self._told.names)
        return {"latex": self._marked(latex), "text": text}

    def _marked(self, latex: str) -> str:
        for pattern, node in self._marks:
            latex = pattern.sub(rf"\\htmlData{{node={node}}}{{\g<0>}}", latex)
        return latex

    def _of_entry(self, each: told.Row) -> Row:
        """A row of the entry that is worked out by itself: mathematics in every notation."""
        return row(*(self._set(p.text) if p.formula else p.text for p in each.pieces))

    def _named(self, line: str) -> Row:
        """A line of a long gradient with names for its parts."""
        words, sign, formula = line.partition(": ")
        if not sign:
            words, sign, formula = line.partition(" ")
        return row(f"{words}{sign}", self._set(formula))

    def _set(self, text: str) -> Written:
        return {"latex": latex_of_text(text, self._told.names), "text": text}


def _marks(
    found: MatrixDerivation, said: MatrixNarration, ids: dict[str, int]
) -> list[tuple[re.Pattern[str], int]]:
    """Patterns of what stands for a value on the way, or for its gradient, in LaTeX.

    Only of names that the derivation made, u₁ and G₁: they have an index and a letter that nothing
    else has, so they are found in what is typeset already.
    """
    made = [(each.name, ids[each.name]) for each in found.quantities]
    made += [(each.name, ids[each.quantity]) for each in found.cotangents if each.name]
    marks = []
    for called, node in made:
        latex = latex_of_text(quantity_text(called, found), said.names)
        if re.fullmatch(r"[A-Za-z]_\{\d+\}", latex) and called not in found.names:
            marks.append((re.compile(rf"(?<![A-Za-z\\]){re.escape(latex)}"), node))
    return marks
