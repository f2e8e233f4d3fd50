"""The verdict as Markdown: for an issue, a notebook or a pull request."""

import re
from collections.abc import Sequence

from chainrule.records import Finding, Run

from .chain_rows import rows
from .labels import path_label, place_label, run_argument
from .numerals import count, number, plural
from .terminal import chain_heading, describe_ending, lesson_command, severity_word, watching_cost

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#])")
_LINE_ENDS = re.compile(r"[\r\n\x00-\x1f\x7f]+")


def verdict_markdown(run: Run, findings: Sequence[Finding]) -> str:
    """The verdict on a run, every finding in full."""
    parts = [f"# {inline(describe_ending(run))}"]
    parts.append(_summary(findings) if findings else "Nothing was concluded: no step was measured.")
    parts += [part for finding in findings for part in _finding(finding)]
    watched = ""
    if run.steps:
        watched = f"{plural(run.steps, 'step')}, {count(run.sampled_steps)} measured in full. "
        watched += f"Watching took {watching_cost(run)}. "
    parts.append(
        f"---\n\n{watched}Run file {code(path_label(run.path))}, "
        f"to be read with {code('chainrule diagnose ' + run_argument(run.path))}."
    )
    return "\n\n".join(parts) + "\n"


def _summary(findings: Sequence[Finding]) -> str:
    lines = ["| | Fault | Finding | Where |", "|---|---|---|---|"]
    for finding in findings:
        where = place_label(finding.where)
        cells = [
            severity_word(finding),
            f"**{finding.fault}**",
            inline(finding.title),
            code(where) if where else "",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _finding(finding: Finding) -> list[str]:
    parts = [f"## {finding.fault}: {inline(finding.title)}"]
    if finding.chain:
        parts += [f"### {inline(chain_heading(finding))}", _chain(finding)]
    if finding.fault not in ("healthy", "cannot-tell"):
        parts.append("### Why")
    parts.append(explanation_markdown(finding.explanation))
    if finding.remedies:
        remedies = []
        for i, remedy in enumerate(finding.remedies, 1):
            source = f" ({remedy.source})" if remedy.source else ""
            remedies.append(f"{i}. **{inline(remedy.change)}.** {inline(remedy.rationale)}{source}")
        parts += ["### What to change", "\n".join(remedies)]
    if finding.consequences:
        lines = [f"- {inline(remark)}" for remark in finding.remarks]
        lines += [
            f"{'  ' * link.depth}- **{link.fault}**: {inline(link.title)}. {inline(link.because)}"
            for link in finding.links
        ]
        parts += ["### What follows from it", "\n".join(lines)]
    if finding.evidence:
        parts += ["### Measured", _evidence(finding)]
    command = lesson_command(finding)
    if command:
        parts.append(f"Lesson: {code(command)}")
    return parts


def explanation_markdown(explanation: str) -> str:
    """Paragraphs as they are; lines that start with four spaces as a code block."""
    blocks: list[str] = []
    for paragraph in re.split(r"\n\s*\n", explanation.strip("\n")):
        lines = paragraph.split("\n")
        while lines:
            formula = lines[0].startswith("    ")
            end = next(
                (i for i, line in enumerate(lines) if line.startswith("    ") != formula),
                len(lines),
            )
            taken, lines = lines[:end], lines[end:]
            if formula:
                body = "\n".join(line[4:].rstrip() for line in taken)
                blocks.append(f"```text\n{body}\n```")
            else:
                blocks.append(" ".join(inline(line.strip()) for line in taken))
    return "\n\n".join(blocks)


def _chain(finding: Finding) -> str:
    lines = ["| | Module | Operation | Factor | Gradient left |", "|---|---|---|---:|---:|"]
    lines.append("| | loss | | | 1 |")
    for row in rows(finding.chain):
        mark = "▶" if row.culprits else ""
        gain, left = f"× {number(row.gain)}", number(row.gradient_rms)
        if row.culprits:
            gain, left = f"**{gain}**", f"**{left}**"
        module = code(row.module) if row.module else ""
        lines.append(f"| {mark} | {module} | {inline(row.operation)} | {gain} | {left} |")
    shown = len(lines) - 3
    if shown < len(finding.chain):
        lines += [
            "",
            f"{len(finding.chain):,} factors are shown as {shown} rows: neighbours are "
            "multiplied together.",
        ]
    return "\n".join(lines)


def _evidence(finding: Finding) -> str:
    lines = ["| Quantity | Value | Compared with | From |", "|---|---:|---|---|"]
    for name, evidence in finding.evidence.items():
        value = f"{number(evidence.value)} {evidence.unit}".strip()
        compared = "" if evidence.threshold is None else number(evidence.threshold)
        if evidence.threshold_source:
            compared += f" ({evidence.threshold_source})"
        cells = (inline(name), inline(value), inline(compared.strip()), inline(evidence.rows))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def inline(text: str) -> str:
    """Text on one line in which nothing is markup, but for `code`."""
    parts = _LINE_ENDS.sub(" ", text).split("`")
    if len(parts) % 2 == 0:  # a stray backtick
        return _SPECIAL.sub(r"\\\1", "`".join(parts))
    return "`".join(
        part.replace("|", "\\|") if i % 2 else _SPECIAL.sub(r"\\\1", part)
        for i, part in enumerate(parts)
    )


def code(text: str) -> str:
    """Text on one line as code, whatever is in it."""
    plain = _LINE_ENDS.sub(" ", text).replace("`", "'").replace("|", "\\|")
    return f"`{plain}`"
