"""What `chainrule explain` prints of faults."""

from collections.abc import Sequence
from difflib import get_close_matches

from .failure import CommandFailed
from .formats import ExplainFormat


def known_faults() -> tuple[str, ...]:
    """The names of all faults."""
    from chainrule.diagnosis.faults import FAULTS

    return tuple(module.NAME for module in FAULTS)


def print_faults(fault: str | None, format: ExplainFormat) -> None:
    """Print the page of a fault; without one, a list of all.

    Raises:
        CommandFailed: If there is no such fault.
    """
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

    if format is ExplainFormat.latex:
        raise CommandFailed("Faults are not written in LaTeX: take text, json or markdown.")
    known = {module.NAME: module for module in FAULTS}
    page = page_for_stdout()
    if fault is None:
        pages = [fault_page(module) for module in FAULTS]
        if format is ExplainFormat.json:
            page.verbatim(to_json([fault_document(each) for each in pages]) + "\n")
        elif format is ExplainFormat.markdown:
            page.verbatim("\n".join(fault_markdown(each) for each in pages))
        else:
            write_faults(page, pages)
        return
    if fault not in known:
        close = _nearest(fault.lower().replace("_", "-"), list(known))
        hint = f"did you mean {' or '.join(close)}?" if close else f"known: {', '.join(known)}."
        raise CommandFailed(f"There is no fault {fault}; {hint}")
    shown = fault_page(known[fault])
    if format is ExplainFormat.json:
        page.verbatim(to_json(fault_document(shown)) + "\n")
    elif format is ExplainFormat.markdown:
        page.verbatim(fault_markdown(shown))
    else:
        write_fault(page, shown)


def _nearest(fault: str, known: Sequence[str]) -> list[str]:
    begun = [name for name in known if fault and name.startswith(fault)]
    return begun or get_close_matches(fault, known, n=2, cutoff=0.5)
