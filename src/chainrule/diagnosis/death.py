"""The exception that ended a training, as the observer described it, and the family it is of."""

import re
from dataclasses import dataclass, replace

from chainrule.diagnosis.case import Case
from chainrule.records import Place

KIND = "died"
"""Of the event; see `observer/death.py`."""

_FAMILIES: tuple[tuple[str, str], ...] = (
    ("normalization", r"Expected more than 1 value per channel"),
    ("grad", r"does not require grad|appears to not have been used in the graph"),
    ("schedule", r"Tried to step \d+ times"),
    ("again", r"backward through the graph a second time"),
    ("inplace", r"in-?place operation"),
    ("memory", r"out of memory|can't allocate memory"),
    ("linalg", r"singular|linalg\.|not positive.definite|ill-conditioned|failed to converge"),
    ("range", r"should be between 0 and 1|between zero and one|to satisfy the constraint"),
    ("nonfinite", r"\bnan\b|\binf\b|infinit|not finite|non-?finite|diverged"),
    ("device", r"same device|device type .* expected"),
    (
        "dtype",
        r"expected scalar type|[Ff]ound dtype|same dtype|dtype .* expected|not implemented for '"
        r"|must have the same dtype|can't be cast to|only .* floating point .* can require",
    ),
    (
        "classes",
        r"[Tt]arget -?\d+ is out of bounds|index out of range|is out of bounds|assert_index",
    ),
    (
        "shapes",
        r"shapes cannot be multiplied|size of tensor|shape '.*' is invalid|batch_size|target size"
        r"|[Ss]izes? (?:mismatch|must|of)|must match|shape mismatch|[Ee]xpected \d+D|channels"
        r"|[Dd]imension|input\.size|normalized_shape|broadcast",
    ),
)
"""Family → what its messages say, as PyTorch words them; the first that fits."""


@dataclass(frozen=True, slots=True)
class Met:
    """A tensor of the frames in which the exception was raised.

    Attributes:
        name: The variable.
        dtype: `float32`, ...
        shape: Its shape.
        nonfinite: Elements that are not finite; -1 if they were not counted.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    nonfinite: int

    def __str__(self) -> str:
        return f"{self.name}: {self.dtype} {list(self.shape)}"


@dataclass(frozen=True, slots=True)
class Held:
    """A module that a variable of the script held when the exception was raised.

    Attributes:
        name: The variable.
        parameters: Its parameters, those of its parts included.
        frozen: How many of them have `requires_grad=False`.
    """

    name: str
    parameters: int
    frozen: int


@dataclass(frozen=True, slots=True)
class Death:
    """An exception that came out of the training step.

    Attributes:
        step: Steps made until then.
        kind: Class name of the exception.
        message: What it says.
        place: The user's line, the call, the module.
        family: One of `_FAMILIES`, `raised` by the script itself, or `other`.
        tensors: What the frames held.
        spoiled: Indices of the parameters with numbers that are not finite.
        modules: The modules at hand.
        gradients_on: False if gradients were switched off for good.
    """

    step: int
    kind: str
    message: str
    place: Place
    family: str
    tensors: tuple[Met, ...]
    spoiled: tuple[int, ...]
    modules: tuple[Held, ...] = ()
    gradients_on: bool = True

    @property
    def is_nonfinite(self) -> bool:
        """True if anything that was looked at held a number that is not finite."""
        return bool(self.spoiled) or any(t.nonfinite > 0 for t in self.tensors)


def death_of(case: Case) -> Death | None:
    """How the training died; None if no exception came out of its step."""
    event = next((e for e in reversed(case.events) if e.kind == KIND), None)
    if event is None:
        return None
    data = event.data
    listed, spoiled = data.get("tensors"), data.get("nonfinite_parameters")
    tensors = (
        tuple(_met(t) for t in listed if isinstance(t, (list, tuple)) and len(t) == 4)
        if (isinstance(listed, (list, tuple)))
        else ()
    )
    found = Death(
        step=event.step,
        kind=str(data.get("type", "")),
        message=str(data.get("message", "")),
        place=Place(
            str(data.get("module", "")), str(data.get("function", "")), str(data.get("source", ""))
        ),
        family="other",
        tensors=tensors,
        spoiled=tuple(i for i in spoiled if isinstance(i, int))
        if isinstance(spoiled, (list, tuple))
        else (),
        modules=_held(data.get("modules")),
        gradients_on=data.get("gradients_on") is not False,
    )
    return replace(found, family=_family(found, raised=bool(data.get("raised")), case=case))


def _held(listed: object) -> tuple[Held, ...]:
    entries = listed if isinstance(listed, (list, tuple)) else ()
    return tuple(
        Held(str(entry[0]), entry[1], entry[2])
        for entry in entries
        if isinstance(entry, (list, tuple))
        and len(entry) == 3
        and isinstance(entry[1], int)
        and isinstance(entry[2], int)
    )


def _met(entry: list[object] | tuple[object, ...]) -> Met:
    name, dtype, shape, nonfinite = entry
    sizes = tuple(int(n) for n in shape) if isinstance(shape, (list, tuple)) else ()
    return Met(str(name), str(dtype), sizes, nonfinite if isinstance(nonfinite, int) else -1)


def _family(found: Death, *, raised: bool, case: Case) -> str:
    text = f"{found.kind}: {found.message}"
    family = next((name for name, said in _FAMILIES if re.search(said, text)), "")
    if family in ("range", "linalg") and (found.is_nonfinite or case.broke_at is not None):
        return "nonfinite"  # NaN is not between 0 and 1 either
    if raised and family in ("", "shapes"):
        return "raised"
    return family or "other"
