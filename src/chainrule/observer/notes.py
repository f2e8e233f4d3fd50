"""What the run file says once about what could not be seen, and why."""

from chainrule.records import Event

from .present import Present
from .sink import Sink


class Notes:
    """Records each note once.

    Args:
        sink: Where they go.
        present: The step at which one is made.
    """

    def __init__(self, sink: Sink, present: Present) -> None:
        self._sink = sink
        self._present = present
        self._said: set[str] = set()

    def say(self, text: str) -> None:
        """Record a note, unless it was recorded before."""
        if text not in self._said:
            self._said.add(text)
            self._sink.event(Event(self._present.step, "note", text))
