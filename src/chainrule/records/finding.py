"""What was concluded: findings with their evidence, their remedies and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .place import Place

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A named number that was measured.

    Attributes:
        value: The number; NaN and infinities are allowed.
        unit: Its unit; empty for a dimensionless number.
        threshold: What it was compared with; None if it only informs.
        threshold_source: Why that threshold: a paper, or the reason in a sentence.
        rows: Where it comes from in the run file, e.g. `steps 0-63`, for the reader.
    """

    value: float
    unit: str = ""
    threshold: float | None = None
    threshold_source: str = ""
    rows: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change to try.

    Attributes:
        change: What to do, in the imperative: "replace Sigmoid with ReLU".
        rationale: Why it should help here, with this run's numbers where there are any.
        source: Paper or documentation.
    """

    change: str
    rationale: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One bar of the drawn chain: consecutive factors of one kind at one place, multiplied.

    Attributes:
        place: Where it is.
        kind: `activation`, `weight`, `normalization`, `loss`, `merge`, `structure` or `other`.
        gain: Width-normalised gain RMS(gradient out) / RMS(gradient in), over the samples the
            finding rests on (median).
        gradient_rms: RMS of the gradient after this link, with RMS 1 at the loss end's first link.
        culprit: True for the links to look at.
    """

    place: Place
    kind: str
    gain: float
    gradient_rms: float
    culprit: bool = False


@dataclass(frozen=True, slots=True)
class Consequence:
    """A finding that another one explains, at its place in the chain of what followed from what.

    Attributes:
        fault: Its fault.
        severity: As it would have on its own.
        title: Its title.
        where: Its place.
        steps: First and last step for which it held.
        because: One sentence with the numbers of this run that justify the link.
        depth: 0 if it follows from the finding itself; else from the nearest consequence above it
            whose depth is one less.
    """

    fault: str
    severity: Severity
    title: str
    where: Place
    steps: tuple[int, int]
    because: str
    depth: int = 0

    @property
    def sentence(self) -> str:
        """As one of the finding's `consequences`."""
        return f"{self.fault}: {self.title}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or a clean bill, with where, how sure and what to do.

    Attributes:
        fault: One of the vocabulary, e.g. `vanishing-gradient`, `healthy`, `cannot-tell`.
        severity: `error`, `warning` or `note`.
        title: One line for an expert, with the decisive number.
        where: The place to look at.
        steps: First and last step for which it held.
        evidence: Named numbers, each traceable to rows of the run file.
        explanation: Plain words with the run's own numbers; paragraphs parted by blank lines.
        remedies: Best first.
        consequences: What follows from it in this run, one sentence each.
        chain: The chain from the loss to the place, if the fault is about one.
        links: The consequences that are findings of their own, each after what it follows from.
    """

    fault: str
    severity: Severity
    title: str
    where: Place
    steps: tuple[int, int]
    evidence: Mapping[str, Evidence]
    explanation: str
    remedies: tuple[Remedy, ...] = ()
    consequences: tuple[str, ...] = ()
    chain: tuple[ChainLink, ...] = field(default=())
    links: tuple[Consequence, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """The consequences that are no findings of their own."""
        told = {link.sentence for link in self.links}
        return tuple(sentence for sentence in self.consequences if sentence not in told)
