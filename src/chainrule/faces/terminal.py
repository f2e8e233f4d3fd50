"""The verdict in the terminal: findings, the chain, why, what to change, what it cost."""

from collections.abc import Sequence

from chainrule.learning.course.course import lesson_of_fault
from chainrule.records import Finding, Run

from .chain_drawing import draw_chain
from .labels import path_label, place_label, run_argument, shorten
from .numerals import count, duration, number, percent, plural
from .page import Page

_CLEAN = frozenset({"healthy", "cannot-tell"})

_DEEPEST = 6  # consequences of consequences that are indented further; a narrow window has no room


def write_verdict(page: Page, run: Run, findings: Sequence[Finding], *, full: bool = False) -> None:
    """Write a run's verdict.

    Args:
        page: Where to.
        run: The run.
        findings: Most important first.
        full: Explain every finding, with its evidence, not the most important one alone.
    """
    page.line()
    _write_summary(page, run, findings)
    drawn = next((f for f in findings if f.chain), None)
    for i, finding in enumerate(findings):
        if full or i == 0:
            _write_finding(page, finding, heading=len(findings) > 1, evidence=full)
        elif finding is drawn:
            _write_chain(page, finding)
    _write_footer(page, run, more=len(findings) > 1 and not full)
    page.line()


def write_nothing_wrong(page: Page, run: Run) -> None:
    """Write that the first steps of a run show nothing wrong.

    Args:
        page: Where to.
        run: The run.
    """
    page.line()
    page.item(("chainrule  ", "bold"), (describe_ending(run), "dim"))
    page.line()
    page.line((f"{page.glyphs.healthy} ", "bold green"), f"Nothing wrong in {_first(run)}.")
    page.paragraph("How well it learns shows in a whole run: chainrule run.", indent=2)
    _write_footer(page, run, more=False)
    page.line()


def _first(run: Run) -> str:
    return "the first step" if run.steps == 1 else f"the first {count(run.steps)} steps"


def _write_summary(page: Page, run: Run, findings: Sequence[Finding]) -> None:
    page.item(("chainrule  ", "bold"), (describe_ending(run), "dim"))
    page.line()
    if not findings:
        page.paragraph("Nothing was concluded: the run holds no measured steps.")
        return
    severities = [severity_word(f) for f in findings]
    severity_width = max(len(word) for word in severities)
    fault_width = max(len(f.fault) for f in findings)
    title_width = max(len(f.title) for f in findings)
    place_width = max(len(place_label(f.where)) for f in findings)
    indent = 2 + severity_width + 2
    wide = indent + fault_width + 2 + title_width + 2 + place_width <= page.width
    for finding, severity in zip(findings, severities, strict=True):
        sign, style = sign_of(page, finding)
        head = (
            (f"{sign} {severity:<{severity_width}}  ", style),
            (f"{finding.fault:<{fault_width}}  ", "bold"),
        )
        place = place_label(finding.where)
        if wide:
            page.line(*head, f"{finding.title:<{title_width}}", (f"  {place}".rstrip(), "dim"))
            continue
        room = page.width - indent - fault_width - 2
        page.line(*head, (shorten(page.safe(place), room, page.glyphs.ellipsis), "dim"))
        page.paragraph(finding.title, indent=indent)


def _write_finding(page: Page, finding: Finding, *, heading: bool, evidence: bool) -> None:
    page.line()
    if heading:
        sign, style = sign_of(page, finding)
        page.line((f"{sign} {finding.fault}", f"{style} underline"))
        page.line()
    if finding.chain:
        _write_chain(page, finding, first=True)
        page.line()
    if finding.explanation:
        if finding.fault not in _CLEAN:
            page.line(("Why", "bold"))
        page.prose(finding.explanation)
    if finding.remedies:
        page.line()
        page.line(("What to change", "bold"))
        for i, remedy in enumerate(finding.remedies, 1):
            page.item((f"{i}. ", "bold"), (remedy.change, "bold"), indent=2)
            page.paragraph(remedy.rationale, indent=5)
            if " " in remedy.source:
                page.paragraph((remedy.source, "dim"), indent=5)
            elif remedy.source:  # an address: wrapped, it could not be opened
                page.line((f"     {remedy.source}", "dim"))
    if finding.consequences:
        page.line()
        page.line(("What follows from it", "bold"))
        for remark in finding.remarks:
            page.item(f"{page.glyphs.note} ", remark, indent=2)
        for link in finding.links:
            indent = 2 + 2 * min(link.depth, _DEEPEST)
            page.item(
                f"{page.glyphs.note} ", (link.fault, "bold"), f": {link.title}", indent=indent
            )
            page.paragraph((link.because, "dim"), indent=indent + 2)
    if evidence and finding.evidence:
        _write_evidence(page, finding)
    command = lesson_command(finding)
    if command:
        page.line()
        page.line(("Lesson: ", "dim"), (command, "bold"))


def _write_chain(page: Page, finding: Finding, *, first: bool = False) -> None:
    if not first:
        page.line()
    page.line((shorten(chain_heading(finding), page.width, page.glyphs.ellipsis), "bold"))
    page.line()
    draw_chain(page, finding.chain, "yellow" if finding.severity == "warning" else "red")


def lesson_command(finding: Finding) -> str:
    """The command that opens the lesson on a finding; empty if there is none."""
    id = lesson_of_fault(finding.fault)
    return f"chainrule learn {id}" if id else ""


def chain_heading(finding: Finding) -> str:
    """What the drawn chain shows."""
    last = finding.chain[-1]
    end = finding.where.module or last.place.module
    if last.kind == "compiled":
        return (
            f"The gradient on its way from the loss through the compiled code{end and f' of {end}'}"
        )
    return f"The gradient on its way from the loss to {end or 'the first layer'}"


def _write_evidence(page: Page, finding: Finding) -> None:
    page.line()
    page.line(("Measured", "bold"))
    widest = max(len(name) for name in finding.evidence)
    for name, evidence in finding.evidence.items():
        said = number(evidence.value) + (f" {evidence.unit}" if evidence.unit else "")
        if evidence.threshold is not None:
            said += f", compared with {number(evidence.threshold)}"
        if evidence.threshold_source:
            said += f" ({evidence.threshold_source})"
        rows = f"  [{evidence.rows}]" if evidence.rows else ""
        page.item(f"{name:<{widest}}  ", said, (rows, "dim"), indent=2)


def _write_footer(page: Page, run: Run, *, more: bool) -> None:
    page.line()
    if run.steps:
        measured = f"{plural(run.steps, 'step')}, {count(run.sampled_steps)} measured in full."
        page.line((measured, "dim"))
        page.line((f"Watching took {watching_cost(run)}.", "dim"))
    page.line((f"Run file {path_label(run.path)}", "dim"))
    again = "to read every finding in full" if more else "to see this again"
    page.line((f"chainrule diagnose {run_argument(run.path)}", "bold"), (f"  {again}", "dim"))


def watching_cost(run: Run) -> str:
    """`0.71 % of the training time (0.21 s of 30 s), and 0.9 s after it`."""
    share = percent(run.observed_s, run.training_s)
    seconds = f"{duration(run.observed_s)} of {duration(run.training_s)}"
    asked = f", and {duration(run.questions_s)} after it" if run.questions_s >= 0.05 else ""
    return f"{share} of the training time ({seconds}){asked}"


def describe_ending(run: Run) -> str:
    """`mnist: finished after 640 steps on cpu`."""
    where = f" on {run.device}" if run.device else ""
    after = f"after {plural(run.steps, 'step')}{where}"
    told = {
        "running": f"still running, {plural(run.steps, 'step')} so far{where}",
        "finished": f"finished {after}",
        "failed": f"ended {after} with {run.exception or _exit_text(run.exit_code)}",
        "lost": f"lost {after}: {run.exception or 'its process was gone before it could say why'}",
    }
    return f"{run.name}: {told[run.status]}"


def _exit_text(exit_code: int | None) -> str:
    return "a failure" if exit_code is None else f"exit code {exit_code}"


def severity_word(finding: Finding) -> str:
    """The severity as a reader sees it: a clean bill is no note."""
    if finding.fault == "healthy":
        return "ok"
    return "unsure" if finding.fault == "cannot-tell" else finding.severity


def sign_of(page: Page, finding: Finding) -> tuple[str, str]:
    """The sign of a finding and its style."""
    glyphs = page.glyphs
    if finding.fault == "healthy":
        return glyphs.healthy, "bold green"
    if finding.fault == "cannot-tell":
        return glyphs.unsure, "bold yellow"
    return {
        "error": (glyphs.error, "bold red"),
        "warning": (glyphs.warning, "bold yellow"),
        "note": (glyphs.note, "bold cyan"),
    }[finding.severity]
