"""The answers that a saved report takes along, for there is nobody to ask where it is opened."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from chainrule.faces.views.layers import spread
from chainrule.faces.views.questions import Context, Refusal, answer
from chainrule.records.json_values import Json
from chainrule.store import RunReader

from .sections import run_sections

CHAIN_BYTES = 512 * 1024
"""Compressed bytes of the chains of all runs together, 0.7 MiB in base64. Of the 2 MiB that a
report of an ordinary run may have, the views and their fonts take 0.8, other answers the rest."""

MOST_CHAINS = 40
"""Sampled steps of a run whose chain is kept: on a slider more are hardly told apart."""

Document = Mapping[str, Json]
Key = tuple[str, Mapping[str, Json]]
"""A question with its parameters."""


@dataclass(frozen=True, slots=True)
class NamedRuns(Context):
    """Runs by name, in whatever folders their files are."""

    files: Mapping[str, Path] = field(default_factory=dict)

    def run_files(self) -> dict[str, Path]:
        """Those runs alone."""
        return dict(self.files)


@dataclass(slots=True)
class Answers:
    """Documents, each kept once, by the questions that they answer."""

    places: dict[str, int] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)

    def add(self, document: Document, *keys: Key) -> None:
        """Keep a document as the answer to each of these questions."""
        for question, parameters in keys:
            self.places[key(question, parameters)] = len(self.documents)
        self.documents.append(document)

    def find(self, question: str, parameters: Mapping[str, Json]) -> Document | None:
        """The answer that is kept; None if there is none."""
        place = self.places.get(key(question, parameters))
        return None if place is None else self.documents[place]


def key(question: str, parameters: Mapping[str, Json]) -> str:
    """The name of an answer, as `ui/src/hosts/report.ts` makes it: JSON, parameters in order."""
    parts: list[Json] = [question, *([name, parameters[name]] for name in sorted(parameters))]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def saved_answers(context: NamedRuns) -> Answers:
    """Everything that the sections of these runs ask first, and chains of a choice of steps.

    Raises:
        RunFileError: If a file is damaged.
    """
    names = list(context.files)
    answers = Answers()
    for section in run_sections(names):
        question, parameters = section["question"], section["parameters"]
        if question != "chain":
            answers.add(_answer(question, parameters, context), (question, parameters))
    for name in names:
        _add_chains(answers, name, context, CHAIN_BYTES // len(names))
    return answers


def _answer(question: str, parameters: Mapping[str, Json], context: Context) -> Document:
    """The answer; a refusal is an answer as well, which the reader is to see."""
    try:
        return answer(question, parameters, context)
    except Refusal as refusal:
        return refusal.document()


def _add_chains(answers: Answers, name: str, context: Context, most_bytes: int) -> None:
    """The chains of steps spread over a run, as many as fit; the last one always."""
    latest = _answer("chain", {"run": name}, context)
    if "error" in latest:
        answers.add(latest, ("chain", {"run": name}))
        return
    each = max(compressed_size(latest) * len(_passes(latest)), 1)
    count = max(min(MOST_CHAINS, most_bytes // each), 1)
    sampled = cast(list[int], latest["steps"])
    steps = spread(sampled, count) if count > 1 else [cast(int, latest["step"])]
    chains = list(_chains(name, steps, context))
    kept = sorted({cast(int, chain["step"]) for chain, _ in chains})
    for chain, is_default in chains:
        parameters: dict[str, Json] = {"run": name, "step": chain["step"]}
        keys = [{**parameters, "backward_pass": chain["backward_pass"]}]
        if is_default:
            keys.append(parameters)
        if is_default and chain["step"] == latest["step"]:
            keys.append({"run": name})
        answers.add({**chain, "steps": [*kept]}, *(("chain", each) for each in keys))


def _chains(name: str, steps: Sequence[int], context: Context) -> Iterator[tuple[Document, bool]]:
    """The chain of each pass of each step, and whether it is what a step shows first."""
    for step in steps:
        first = _answer("chain", {"run": name, "step": step}, context)
        if "error" in first:
            continue
        yield first, True
        for index in _passes(first):
            if index != first["backward_pass"]:
                asked: dict[str, Json] = {"run": name, "step": step, "backward_pass": index}
                yield _answer("chain", asked, context), False


def _passes(chain: Document) -> list[int]:
    """Indices of the backward passes of its step."""
    return [each["index"] for each in cast(list[dict[str, int]], chain["passes"])]


def compressed_size(document: Document) -> int:
    """Bytes of a document in the file, but for the third that base64 adds."""
    return len(zlib.compress(json.dumps(document, ensure_ascii=False).encode(), 6))


@contextmanager
def opened(context: NamedRuns) -> Iterator[dict[str, RunReader]]:
    """All runs by name, open together.

    Raises:
        RunFileError: If a file cannot be read.
    """
    with ExitStack() as stack:
        yield {name: stack.enter_context(RunReader(path)) for name, path in context.files.items()}
