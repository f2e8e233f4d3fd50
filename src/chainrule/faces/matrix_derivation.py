"""Derivatives by vectors and matrices, in the terminal and as JSON."""

from collections.abc import Sequence
from typing import Any

from chainrule import __version__
from chainrule.calculus.matrix import (
    DEFAULT_NOTATION,
    MatrixDerivation,
    MatrixEvaluation,
    OneEntry,
    matrix_record,
    named_result_lines,
    narrate_matrix,
    narration_lines,
    one_entry_lines,
)
from chainrule.records.message import Message, Translate, as_message

from .derivation import write_symbols
from .document import Json, json_number
from .page import Page


def write_matrix_derivation(
    page: Page,
    found: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: Sequence[OneEntry] = (),
    notation: str = DEFAULT_NOTATION,
    say: Translate = str,
) -> None:
    """Write a derivation by vectors or matrices, and entries of it written out.

    Args:
        page: Where to.
        found: The derivation.
        evaluation: A point, for numbers.
        entries: Entries worked out by themselves.
        notation: The id of one of `MATRIX_NOTATIONS`.
        say: Translates the words around formulas; English without it.
    """
    told = narrate_matrix(found, notation, evaluation=evaluation, say=say)
    page.line()
    page.item(("chainrule  ", "bold"), (found.formula.text, "bold cyan"))
    how = Message(
        "Differentiated by {variable}, in {notation}.",
        variable=found.variable,
        notation=as_message(told.manner),
    )
    page.item(" " * 11, (f"{say(how)} {told.about}", "dim"))
    page.line()
    for entry in entries:
        for line in one_entry_lines(entry, say):
            _write(page, line)
        page.line()
    code = {f"  {line}" for line in told.code.split("\n") if line}
    for line in narration_lines(told, say):
        if line in code:
            page.line(line)  # a line of Python that is broken in two is another program
        else:
            _write(page, line)
    if told.style == "mathematics":
        for line in named_result_lines(found, say):
            _write(page, line)
    page.line()
    write_symbols(page, told.glossary, say)


def matrix_document(
    found: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: Sequence[OneEntry] = (),
    notation: str = DEFAULT_NOTATION,
) -> dict[str, Json]:
    """The document of a derivation by vectors or matrices."""
    record: dict[str, Any] = matrix_record(found, evaluation, notation)
    point = None
    if evaluation is not None:
        point = {name: json_values(value) for name, value in evaluation.point.items()}
    return {
        "chainrule": __version__,
        **record,
        "at": point,
        "entries": [
            {
                "place": list(entry.place),
                "name": entry.name,
                "value": None if entry.value is None else json_number(entry.value),
                "matrix_value": None
                if entry.matrix_value is None
                else json_number(entry.matrix_value),
                "agree": entry.agree,
                "lines": list(one_entry_lines(entry)),
            }
            for entry in entries
        ],
    }


def _write(page: Page, line: str) -> None:
    formula, sign, remark = line.rpartition("   (")
    if sign and len(line) > page.width and line.startswith("  "):
        _write(page, formula)
        indent = len(line) - len(line.lstrip()) + 2
        page.paragraph((f"({remark}", "dim"), indent=indent)
    elif ", which is " in line and len(line) > page.width and line.startswith("  "):
        formula, _, remark = line.partition(", which is ")
        _write(page, f"{formula},")
        page.paragraph(f"which is {remark}", indent=len(line) - len(line.lstrip()) + 2)
    elif (values := line.rpartition("  = "))[0].strip() and len(line) > page.width:
        _write(page, values[0])
        page.paragraph(f"= {values[2]}", indent=6)
    elif line.startswith("  ") and len(line) > page.width and " = " not in line:
        page.paragraph(line.strip(), indent=len(line) - len(line.lstrip()))
    elif line.startswith("  "):
        page.formula(line)
    elif line:
        page.paragraph((line, "bold"))
    else:
        page.line()


def json_values(value: Any) -> Json:
    """A number, vector or matrix as JSON has it: nested lists."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    if isinstance(listed, list):
        return [json_values(each) for each in listed]
    return json_number(float(listed))
