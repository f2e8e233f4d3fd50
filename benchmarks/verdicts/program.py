"""The programs: scripts beside which a TOML file says what is wrong with them, and what is not."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .condition import Condition

PROGRAMS = Path(__file__).with_name("programs")
UNSEEN = Path(__file__).with_name("unseen")
"""Written by somebody who did not know the rules, when these were thought to be done."""

HEALTHY = "healthy"

Half = Literal["tuning", "held out"]
Variant = Literal["faulty", "fixed", "healthy"]

_KEYS = {"fault", "accept", "place", "severity", "why", "metric", "fix"}


class ProgramError(Exception):
    """A program's description does not fit its script; the message says where and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A training script whose verdict is known.

    Attributes:
        name: `fault/file`, without `.py`.
        script: The text of the script as it is.
        fault: The fault that must be named first; `healthy` if nothing may be said.
        accept: Other faults that are just as right in its place.
        place: Part of what the first finding's place must say; empty if that is not asked.
        severity: Least severity with which the fault must be reported.
        why: What is wrong, or what a naive rule would take to be wrong.
        metric: The condition on the printed metric, of each variant.
        fixes: Replacements `(old, new)` that make the fixed twin.
    """

    name: str
    script: str
    fault: str
    accept: tuple[str, ...] = ()
    place: str = ""
    severity: str = "warning"
    why: str = ""
    metric: Mapping[Variant, Condition]
    fixes: tuple[tuple[str, str], ...] = ()

    @property
    def half(self) -> Half:
        """Which half it belongs to: thresholds may be chosen by looking at one only."""
        return "tuning" if hashlib.sha256(self.name.encode()).digest()[0] < 128 else "held out"

    def arguments(self, seed: int) -> tuple[str, ...]:
        """How its script is told the seed."""
        return ("--seed", str(seed)) if "--seed" in self.script else (str(seed),)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The scripts that it stands for."""
        return ("healthy",) if self.fault == HEALTHY else ("faulty", "fixed")

    def text(self, variant: Variant) -> str:
        """The script of a variant."""
        text = self.script
        if variant == "fixed":
            for old, new in self.fixes:
                text = text.replace(old, new)
        return text


def read_program(script: Path) -> Program:
    """The program of a script and the `.toml` beside it.

    Raises:
        ProgramError: If its description is missing or does not fit.
    """
    name = f"{script.parent.name}/{script.stem}"
    described = script.with_suffix(".toml")
    if not described.exists():
        raise ProgramError(f"{name}: there is no {described.name} beside the script.")
    try:
        table = tomllib.loads(described.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProgramError(f"{name}: {described.name} is no TOML: {error}.") from None
    unknown = table.keys() - _KEYS
    if unknown:
        raise ProgramError(f"{name}: unknown keys {sorted(unknown)}; known are {sorted(_KEYS)}.")
    fault = HEALTHY if script.parent.name == HEALTHY else table.get("fault")
    if not fault or not table.get("why"):
        raise ProgramError(f"{name}: `fault` and `why` are needed.")
    text = script.read_text("utf-8")
    program = Program(
        name=name,
        script=text,
        fault=fault,
        accept=tuple(table.get("accept", ())),
        place=table.get("place", ""),
        severity=table.get("severity", "warning"),
        why=table["why"],
        metric=_conditions(name, table.get("metric", {})),
        fixes=_fixes(name, text, table.get("fix", ())),
    )
    missing = set(program.variants) - set(program.metric)
    if missing:
        raise ProgramError(f"{name}: no condition on the metric when {', '.join(sorted(missing))}.")
    if fault != HEALTHY and program.text("fixed") == text:
        raise ProgramError(f"{name}: its [[fix]] changes nothing.")
    return program


def read_programs(only: str = "", folder: Path = PROGRAMS) -> tuple[Program, ...]:
    """All programs by name; with `only`, those of a fault (`plateau`) or one (`plateau/name`)."""
    scripts = sorted(folder.glob("*/*.py"))
    if only:
        wanted = only.replace("_", "-")
        scripts = [s for s in scripts if wanted in (s.parent.name.replace("_", "-"), _hyphened(s))]
        if not scripts:
            raise ProgramError(f"There is no fault or program {only!r} in {folder.name}.")
    return tuple(read_program(script) for script in scripts)


def _hyphened(script: Path) -> str:
    return f"{script.parent.name}/{script.stem}".replace("_", "-")


def _conditions(name: str, table: Mapping[str, str]) -> dict[Variant, Condition]:
    known: tuple[Variant, ...] = ("faulty", "fixed", "healthy")
    try:
        return {variant: Condition(table[variant]) for variant in known if variant in table}
    except ValueError as error:
        raise ProgramError(f"{name}: {error}") from None


def _fixes(name: str, text: str, tables: Any) -> tuple[tuple[str, str], ...]:
    for fix in tables:
        if fix["old"] not in text:
            raise ProgramError(f"{name}: its script does not hold {fix['old']!r}, to be fixed.")
    return tuple((fix["old"], fix["new"]) for fix in tables)
