"""Where something is: the module, the operation and the line of the user's source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the user's model and program; every part may be unknown.

    Attributes:
        module: Path of the module as PyTorch names it (`encoder.layers.3.fc1`), or the
            variable that holds a bare tensor (`W1`). Empty if unknown.
        operation: Name of the operation without PyTorch's suffix (`Sigmoid`, `Addmm`).
        source: `file.py:12`, the line of the user's program that ran it.
    """

    module: str = ""
    operation: str = ""
    source: str = ""

    def __str__(self) -> str:
        named = " ".join(part for part in (self.module, self.operation) if part)
        return f"{named} ({self.source})" if named and self.source else named or self.source
