"""The four records that make up a `Run`, each written when it becomes known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Ending = Literal["finished", "failed"]


@dataclass(frozen=True, slots=True)
class Header:
    """What is known when the file is made.

    Attributes:
        host: Name of the machine, for the reader.
        machine: Tells apart machines, boots and containers: within one, a pid means one process.
        process_start: Tells apart processes that had the same pid, one after the other.
    """

    command: tuple[str, ...]
    cwd: str
    started_at: float
    pid: int
    host: str
    machine: str
    process_start: str
    versions: Mapping[str, str]
    options: Mapping[str, str | float | int | None]


@dataclass(frozen=True, slots=True)
class Description:
    """What is known once the model was seen."""

    device: str = ""
    world_size: int = 1


@dataclass(frozen=True, slots=True)
class Totals:
    """How far the run has come, and when that was written."""

    steps: int = 0
    backward_passes: int = 0
    sampled_steps: int = 0
    observed_s: float = 0.0
    training_s: float = 0.0
    written_at: float = 0.0
    questions_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Closing:
    """How the run ended."""

    status: Ending
    exit_code: int | None
    exception: str | None
    ended_at: float
