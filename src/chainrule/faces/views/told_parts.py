"""A derivation told in parts, as those of curves and of matrices are: headings, steps, rows.

A row is a line of words and formulas, as it stands on the terminal; a page sets the formulas.
"""

from string import Formatter
from typing import TypedDict, cast

from chainrule.records.json_values import Json
from chainrule.records.message import Message, Translate

from .told_steps import NotationDocument, Step, Symbol, Written


class Row(TypedDict):
    """A line.

    Attributes:
        pieces: Words and formulas from left to right; words have no LaTeX.
        aside: What is said beside it, such as the name of the algebra; may be empty.
    """

    pieces: list[Written]
    aside: str


class Rule(TypedDict):
    """One rule of differentials, applied to one value on the way.

    Attributes:
        id: From 1.
        name: As a person says it here.
        node: The value whose rule it is, by its id in `nodes`.
        parts: The values that get a part of its gradient.
        equation: What the value is.
        why: The reason.
        rows: The rule, and what comes of it here.
    """

    id: str
    name: str
    node: int
    parts: list[int]
    equation: Written
    why: str
    rows: list[Row]


class Part(TypedDict):
    """What stands under one heading; any of it may be empty."""

    heading: str
    steps: list[Step]
    rules: list[Rule]
    rows: list[Row]
    remarks: list[str]


class ToldDocument(TypedDict):
    """What `derivation` answers of an equation, or of vectors and matrices.

    Attributes:
        view: `derivation`.
        kind: `curve` or `matrices`.
        chainrule: The version that made it.
        formula: What was typed; of matrices with its definitions put in.
        names: By which it can be differentiated.
        wrt: By which it is.
        of: Of an equation, whose slope it is; else null.
        shapes: Of vectors and matrices, the shape of each name; else null.
        at: The point, if there is one; of an equation a point of the curve.
        notation: The notation it is told in.
        notations: All that can be asked for.
        nodes: Parts of what was typed by `id`, each with its `span` there; its `value` at the
            point, or, where that is a vector or a matrix, the value as text in `shown`.
        given: What is differentiated.
        definitions: What names stand for.
        said: What is done, in sentences.
        parts: The derivation.
        code: The program, in the notation that is one.
        glossary: The symbols.
    """

    view: str
    kind: str
    chainrule: str
    formula: str
    names: list[str]
    wrt: str
    of: str | None
    shapes: dict[str, list[int]] | None
    at: dict[str, Json] | None
    notation: NotationDocument
    notations: list[NotationDocument]
    nodes: list[dict[str, Json]]
    given: Written
    definitions: list[Written]
    said: list[str]
    parts: list[Part]
    code: str
    glossary: list[Symbol]


def part(
    heading: str,
    *,
    steps: list[Step] | None = None,
    rules: list[Rule] | None = None,
    rows: list[Row] | None = None,
    remarks: list[str] | None = None,
) -> Part:
    """A part; what is not given is empty."""
    return {
        "heading": heading,
        "steps": steps or [],
        "rules": rules or [],
        "rows": rows or [],
        "remarks": [each for each in remarks or [] if each],
    }


def sentence(said: Message, say: Translate) -> Row:
    """A line that is a sentence with formulas in it, wherever they stand in the reader's language.

    Args:
        said: Its fields are `Written`.
        say: Translates its template.
    """
    pieces: list[Written | str] = []
    for words, name, _, _ in Formatter().parse(say(said.template)):
        if words:
            pieces.append(words)
        if name is not None:
            pieces.append(cast(Written, said.fields[name]))
    return row(*pieces)


def row(*pieces: Written | str, aside: str = "") -> Row:
    """A line; plain texts are words."""
    return {
        "pieces": [
            {"latex": None, "text": piece} if isinstance(piece, str) else piece for piece in pieces
        ],
        "aside": aside,
    }
