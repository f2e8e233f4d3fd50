"""Captured steps in files, to be asked after the run: safetensors, and a copy of the script.

Beside the run file `NAME.db` lies the folder `NAME.captures` with a file a step. A file holds
tensors and, as JSON, the names of PyTorch's functions that are called on them: nothing in it is
unpickled or evaluated, and no line of the script runs when it is opened. The script's copy is
there to be read.
"""

import hashlib
import json
import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from chainrule.instruments.preconditioner import Preconditioner
from chainrule.objective import Objective, ObjectiveError
from chainrule.objective.program_document import document_of, program_of
from chainrule.objective.step import real_view

from .captured import Capture

FORMAT = 1
_METADATA = "chainrule"
_TOLERANCE = 1e-4
"""Relative difference of the loss from the one that was saved, on another machine: its kernels add
in another order, which moves float32 by some 1e-6 and bfloat16 sums of a loss by 1e-5."""


def captures_folder(run: Path) -> Path:
    """Where the captures of a run file are."""
    return run.with_suffix(".captures")


def save_capture(capture: Capture, run: Path) -> Path:
    """Write a verified capture beside its run file.

    Returns:
        The file.

    Raises:
        ObjectiveError: If the capture did not verify, or cannot be told in PyTorch's own functions.
        OSError: If the file cannot be written.
    """
    from safetensors.torch import save_file

    capture.objective()  # raises unless it is verified
    assert capture.program is not None
    tensors: dict[str, Tensor] = {}
    document = {
        "format": FORMAT,
        "step": capture.step,
        "optimizer": capture.optimizer_index,
        "learning_rate": _text(capture.learning_rate),
        "loss": _text(capture.loss),
        "notes": list(capture.notes),
        "parameters": list(capture.parameters),
        "program": document_of(capture.program, tensors),
        "preconditioner": _preconditioner(capture.preconditioner, tensors),
    }
    for kind, group in (("theta", capture.parameters), ("update", capture.update)):
        for name, t in group.items():
            # a copy of its own: tensors of a file may not share memory
            tensors[f"{kind}.{name}"] = (
                t.detach().cpu().clone(memory_format=torch.contiguous_format)
            )
    document["checksum"] = _checksum(tensors)
    folder = captures_folder(run)
    folder.mkdir(exist_ok=True)
    file = folder / f"step-{capture.step}.safetensors"
    part = file.with_suffix(".part")
    try:
        save_file(tensors, part, metadata={_METADATA: json.dumps(document)})
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return file


def save_script(script: str, run: Path) -> None:
    """Copy the script into the folder of captures, if it is a file."""
    source = Path(script)
    if source.is_file():
        shutil.copyfile(source, captures_folder(run) / f"{source.stem}.py")


def saved_steps(run: Path) -> dict[int, Path]:
    """The captures that a run has on disk, by step."""
    found = captures_folder(run).glob("step-*.safetensors")
    numbered = [(p.stem.removeprefix("step-"), p) for p in found]
    return {int(n): p for n, p in sorted((x for x in numbered if x[0].isdigit()), key=_by_number)}


def open_capture(file: Path) -> Capture:
    """Read a saved capture; it proves itself once more.

    Raises:
        ObjectiveError: If the file is no saved capture, or its loss is another one now.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            metadata = opened.metadata() or {}
            # copied into memory that is aligned as PyTorch aligns it: kernels differ otherwise
            names = list(opened.keys())
            tensors = {name: opened.get_tensor(name).clone() for name in names}
        document = json.loads(metadata[_METADATA])
        if document["format"] != FORMAT:
            raise ObjectiveError(
                f"Expected a capture of format {FORMAT}, found format {document['format']} in "
                f"{file}: read it with the chainrule that wrote it."
            )
        capture = _capture(document, tensors)
        whole = document.get("checksum") in (None, _checksum(tensors))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError) as error:
        if isinstance(error, ObjectiveError):
            raise
        raise ObjectiveError(
            f"Expected a captured step in {file}, found something else "
            f"({type(error).__name__}: {error}): run with --save-captures again."
        ) from error
    if not whole:
        raise ObjectiveError(
            f"Expected the numbers that were saved in {file}, found others: the file was changed "
            "or damaged. Run with --save-captures again."
        )
    _prove(capture, file)
    return capture


def captured(run: str | Path, step: int | None = None) -> Objective:
    """The loss of a step that a run has saved (`chainrule run --save-captures`).

    Args:
        run: A run's file, or its name in the default folder.
        step: Which step; the latest that is saved if not given.

    Raises:
        ObjectiveError: If no such step was saved, or its file does not give its loss.
        RunFileError: If there is no such run.
    """
    return saved_capture(run, step).objective()


def saved_capture(run: str | Path, step: int | None = None) -> Capture:
    """A saved capture of a run; arguments and errors as of `captured`."""
    from chainrule.store import open_run

    with open_run(run) as reader:
        path = Path(reader.run().path)
    steps = saved_steps(path)
    if not steps:
        raise ObjectiveError(
            f"Expected saved steps of the run {path.stem}, found none: captures end with the "
            "process unless they are saved. Run again with chainrule run --save-captures."
        )
    wanted = max(steps) if step is None else step
    if wanted not in steps:
        there = ", ".join(map(str, steps))
        raise ObjectiveError(f"Expected a step that was saved, found {wanted}; there are: {there}.")
    return open_capture(steps[wanted])


def _by_number(item: tuple[str, Path]) -> int:
    return int(item[0])


def _checksum(tensors: Mapping[str, Tensor]) -> str:
    """Of all numbers: the loss alone does not tell, it may not depend on a weight that was changed.

    A bias before a batch norm is such a weight.
    """
    found = hashlib.blake2b(digest_size=16)
    for name, t in sorted(tensors.items()):
        found.update(f"{name} {t.dtype} {tuple(t.shape)}".encode())
        if t.numel():
            found.update(
                t.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().tobytes()
            )
    return found.hexdigest()


def _text(value: float) -> str:
    return float(value).hex()


def _preconditioner(found: Preconditioner | None, tensors: dict[str, Tensor]) -> Any:
    if found is None:
        return None
    tensors["preconditioner.vector"] = found.vector.detach().cpu().clone()
    tensors["preconditioner.shift"] = found.shift.detach().cpu().clone()
    return {
        "name": found.name,
        "formula": found.formula,
        "limit": _text(found.limit),
        "learning_rate": _text(found.learning_rate),
    }


def _capture(document: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> Capture:
    p = document["preconditioner"]
    names = [str(name) for name in document["parameters"]]
    return Capture(
        step=int(document["step"]),
        optimizer_index=int(document["optimizer"]),
        learning_rate=float.fromhex(document["learning_rate"]),
        loss=float.fromhex(document["loss"]),
        parameters={name: tensors[f"theta.{name}"] for name in names},
        update={n: tensors[f"update.{n}"] for n in names if f"update.{n}" in tensors},
        notes=tuple(str(note) for note in document["notes"]),
        program=program_of(document["program"], tensors),
        preconditioner=None
        if p is None
        else Preconditioner(
            vector=tensors["preconditioner.vector"],
            shift=tensors["preconditioner.shift"],
            learning_rate=float.fromhex(p["learning_rate"]),
            limit=float.fromhex(p["limit"]),
            name=str(p["name"]),
            formula=str(p["formula"]),
        ),
    )


def _prove(capture: Capture, file: Path) -> None:
    assert capture.program is not None
    try:
        with torch.no_grad():
            parameters = {name: real_view(t) for name, t in capture.parameters.items()}
            value = float(capture.program.loss(parameters))
    except Exception as error:  # whatever PyTorch says of calls that do not fit
        raise ObjectiveError(
            f"Expected the step saved in {file} to run, but {type(error).__name__}: {error}. Open "
            "it with the PyTorch, and on the kind of device, that it was saved with."
        ) from error
    if not math.isclose(value, capture.loss, rel_tol=_TOLERANCE):
        raise ObjectiveError(
            f"Expected the loss {capture.loss!r} of the step saved in {file}, found {value!r} at "
            "the same weights: the file was changed, or this PyTorch computes something else."
        )
