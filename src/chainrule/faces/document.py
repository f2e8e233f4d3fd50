"""The verdict as a JSON document, for programs; its schema is `docs/verdict.schema.json`."""

import json
from collections.abc import Mapping, Sequence

from chainrule import __version__
from chainrule.learning.course.course import lesson_of_fault
from chainrule.records import ChainLink, Consequence, Evidence, Finding, Place, Remedy, Run
from chainrule.records.json_values import Json as Json
from chainrule.records.json_values import json_number as json_number


def verdict_document(run: Run, findings: Sequence[Finding]) -> dict[str, Json]:
    """The document of a run and its findings, most important first."""
    return {
        "chainrule": __version__,
        "run": run_document(run),
        "findings": [finding_document(finding) for finding in findings],
    }


def to_json(document: Json) -> str:
    """Text of a document: indented, UTF-8 characters as they are, no NaN."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def run_document(run: Run) -> dict[str, Json]:
    """A run's header and ending."""
    return {
        "name": run.name,
        "path": run.path,
        "schema_version": run.schema_version,
        "command": list(run.command),
        "cwd": run.cwd,
        "started_at": json_number(run.started_at),
        "ended_at": _optional(run.ended_at),
        "status": run.status,
        "exit_code": run.exit_code,
        "exception": run.exception,
        "versions": dict(run.versions),
        "device": run.device,
        "world_size": run.world_size,
        "pid": run.pid,
        "options": _scalars(run.options),
        "steps": run.steps,
        "backward_passes": run.backward_passes,
        "sampled_steps": run.sampled_steps,
        "observed_s": json_number(run.observed_s),
        "training_s": json_number(run.training_s),
        "questions_s": json_number(run.questions_s),
    }


def finding_document(finding: Finding) -> dict[str, Json]:
    """One finding."""
    return {
        "fault": finding.fault,
        "severity": finding.severity,
        "title": finding.title,
        "where": _place(finding.where),
        "steps": list(finding.steps),
        "evidence": {name: _evidence(item) for name, item in finding.evidence.items()},
        "explanation": finding.explanation,
        "remedies": [_remedy(remedy) for remedy in finding.remedies],
        "consequences": list(finding.consequences),
        "chain": [_link(link) for link in finding.chain],
        "links": [_consequence(link) for link in finding.links],
        "lesson": lesson_of_fault(finding.fault),
    }


def _optional(value: float | None) -> float | str | None:
    return None if value is None else json_number(value)


def _scalars(values: Mapping[str, str | float | int | None]) -> dict[str, Json]:
    return {
        name: json_number(value) if isinstance(value, float) else value
        for name, value in values.items()
    }


def _place(place: Place) -> dict[str, Json]:
    return {"module": place.module, "operation": place.operation, "source": place.source}


def _evidence(evidence: Evidence) -> dict[str, Json]:
    return {
        "value": json_number(evidence.value),
        "unit": evidence.unit,
        "threshold": _optional(evidence.threshold),
        "threshold_source": evidence.threshold_source,
        "rows": evidence.rows,
    }


def _remedy(remedy: Remedy) -> dict[str, Json]:
    return {"change": remedy.change, "rationale": remedy.rationale, "source": remedy.source}


def _link(link: ChainLink) -> dict[str, Json]:
    return {
        "where": _place(link.place),
        "kind": link.kind,
        "gain": json_number(link.gain),
        "gradient_rms": json_number(link.gradient_rms),
        "culprit": link.culprit,
    }


def _consequence(link: Consequence) -> dict[str, Json]:
    return {
        "fault": link.fault,
        "severity": link.severity,
        "title": link.title,
        "where": _place(link.where),
        "steps": list(link.steps),
        "because": link.because,
        "depth": link.depth,
    }
