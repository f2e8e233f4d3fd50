"""`chainrule explain`: what a fault is, how it is found and what helps."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated

import typer

from .failure import CommandFailed
from .formats import Format


def command(
    fault: Annotated[
        str | None, typer.Argument(metavar="[FAULT]", help="Such as vanishing-gradient.")
    ] = None,
    format: Annotated[Format, typer.Option(help="Of the explanation.")] = Format.text,
) -> None:
    """Explain a fault; without one, list all faults."""
    from chainrule.diagnosis.faults import FAULTS
    from chainrule.faces.document import to_json
    from chainrule.faces.fault_page import (
        fault_document,
        fault_markdown,
        fault_page,
        write_fault,
        write_faults,
    )
    from chainrule.faces.page import page_for_stdout

    known = {module.NAME: module for module in FAULTS}
    page = page_for_stdout()
    if fault is None:
        pages = [fault_page(module) for module in FAULTS]
        if format is Format.json:
            page.verbatim(to_json([fault_document(each) for each in pages]) + "\n")
        elif format is Format.markdown:
            page.verbatim("\n".join(fault_markdown(each) for each in pages))
        else:
            write_faults(page, pages)
        return
    if fault not in known:
        close = _nearest(fault.lower().replace("_", "-"), list(known))
        hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}."
        raise CommandFailed(f"There is no fault {fault}; {hint}")
    shown = fault_page(known[fault])
    if format is Format.json:
        page.verbatim(to_json(fault_document(shown)) + "\n")
    elif format is Format.markdown:
        page.verbatim(fault_markdown(shown))
    else:
        write_fault(page, shown)


def _nearest(fault: str, known: Sequence[str]) -> list[str]:
    begun = [name for name in known if fault and name.startswith(fault)]
    return begun or get_close_matches(fault, known, n=2, cutoff=0.5)
