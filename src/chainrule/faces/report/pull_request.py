"""A run as Markdown for a pull request: the verdict and a table at a glance, the rest folded."""

import html
import math
from collections.abc import Sequence

from chainrule.faces.labels import place_label
from chainrule.faces.markdown import code, inline, verdict_markdown
from chainrule.faces.numerals import count, number
from chainrule.faces.terminal import describe_ending, severity_word
from chainrule.faces.views.compare import compare_view
from chainrule.faces.views.run import is_loss, verdict
from chainrule.records import Finding, Run
from chainrule.records.json_values import Json
from chainrule.store import RunReader

MOST_DIFFERENCES = 20
"""Rows of what runs differ in; a reviewer reads no longer table."""

LAST_SHARE = 0.05
"""Share of the losses at the end that are averaged: a single batch says little."""


def pull_request(readers: Sequence[RunReader]) -> str:
    """Runs as Markdown, in the order given.

    Raises:
        RunFileError: If a file is damaged.
    """
    judged = [(reader.run(), verdict(reader, reader.run())[1]) for reader in readers]
    names = ", ".join(code(run.name) for run, _ in judged)
    parts = [f"## Training: {names}", _table(readers, judged)]
    if len(readers) > 1:
        parts += _differences(readers)
    parts += [_first(run, findings, len(readers) > 1) for run, findings in judged if findings]
    for run, findings in judged:
        whole = verdict_markdown(run, findings)
        parts.append(
            f"<details><summary>Everything measured: {html.escape(run.name)}</summary>\n\n"
            f"{whole.rstrip()}\n\n</details>"
        )
    return "\n\n".join(parts) + "\n"


def _table(readers: Sequence[RunReader], judged: Sequence[tuple[Run, Sequence[Finding]]]) -> str:
    lines = [
        "| run | verdict | steps | loss, first → last | optimizer | ended |",
        "|---|---|---:|---:|---|---|",
    ]
    for reader, (run, findings) in zip(readers, judged, strict=True):
        found = f"{severity_word(findings[0])} **{findings[0].fault}**" if findings else "none yet"
        if len(findings) > 1:
            found += f" and {len(findings) - 1} more"
        optimizers = ", ".join(dict.fromkeys(each.kind for each in reader.optimizers()))
        cells = [
            code(run.name),
            found,
            count(run.steps),
            _losses(reader),
            inline(optimizers or "none"),
            inline(describe_ending(run).removeprefix(f"{run.name}: ")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _losses(reader: RunReader) -> str:
    """The first loss, and the mean of the last ones; of the first loss, if there are several."""
    name = next(filter(is_loss, reader.series_names()), None)
    if name is None:
        return "not seen"
    window = reader.window(name, 0, None, 400)
    if not window.buckets:
        return "not seen"
    tail = window.buckets[-max(round(LAST_SHARE * len(window.buckets)), 1) :]
    weight = sum(bucket.count for bucket in tail)
    last = math.fsum(b.mean * b.count for b in tail) / weight if weight else math.nan
    first = reader.window(name, 0, window.buckets[0].last_step, 400).buckets[0].mean
    return f"{number(first)} → {number(last)}"


def _differences(readers: Sequence[RunReader]) -> list[str]:
    found = compare_view(readers, points=2)["differences"]
    if not found:
        return ["The runs do not differ in anything that was recorded of how they were started."]
    heads = ["differs", *(code(reader.path.stem) for reader in readers)]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for each in found[:MOST_DIFFERENCES]:
        values = [_value(value) for value in each["values"]]
        lines.append(f"| {inline(each['name'])} | {' | '.join(values)} |")
    if len(found) > MOST_DIFFERENCES:
        lines += ["", f"{len(found) - MOST_DIFFERENCES} more differences are left out."]
    return ["\n".join(lines)]


def _value(value: Json) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return number(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = str(value) if not isinstance(value, list) else " ".join(map(str, value))
    return code(text if len(text) <= 80 else f"{text[:79]}…")


def _first(run: Run, findings: Sequence[Finding], several: bool) -> str:
    """The most important finding in the open."""
    finding = findings[0]
    before = f"{code(run.name)}: " if several else ""
    place = place_label(finding.where)
    where = f" at {code(place)}" if place else ""
    text = f"{before}**{finding.fault}**{where}: {inline(finding.title).rstrip('.')}."
    if finding.remedies:
        text += f" To change: {inline(finding.remedies[0].change).rstrip('.')}."
    return text
