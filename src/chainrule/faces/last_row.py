"""The last row of a terminal, kept for us while others write above it.

The rows above become the terminal's scroll region, as apt does for its progress bar. Everything is
sent in one write, which the terminal's driver does not mix with what other processes write.
"""

import os
from dataclasses import dataclass

_SAVE, _RESTORE = "\x1b7", "\x1b8"
_FEWEST_ROWS = 4


@dataclass(slots=True)
class LastRow:
    """The last row of the terminal behind a file descriptor.

    Attributes:
        descriptor: Of the terminal.
        rows: Rows of the terminal when the row was claimed; 0 while it is not ours.
    """

    descriptor: int
    rows: int = 0

    def claim(self) -> bool:
        """Take the row; False if the terminal is too small or gone. Call again after a resize."""
        rows = self._size()[0]
        if rows < _FEWEST_ROWS:
            self.release()
            return False
        # Down and up again makes room if the cursor is on the last row, and keeps its column.
        if self._send(f"\x1bD\x1b[1A{_SAVE}\x1b[1;{rows - 1}r{_RESTORE}"):
            self.rows = rows
        return self.rows > 0

    def draw(self, text: str, encoding: str = "utf-8") -> None:
        """Put text on the row; it must fit in `columns`."""
        if self.rows:
            self._send(
                f"{_SAVE}\x1b[{self.rows};1H\x1b[0;7m{text}\x1b[0m\x1b[K{_RESTORE}", encoding
            )

    def release(self) -> None:
        """Give the row back, empty, and the whole terminal its scrolling."""
        if self.rows:
            self._send(f"{_SAVE}\x1b[r\x1b[{self.rows};1H\x1b[2K{_RESTORE}")
            self.rows = 0

    @property
    def columns(self) -> int:
        """Columns that text may fill; the last one stays free, so that no terminal wraps."""
        return max(self._size()[1] - 1, 0)

    @property
    def is_resized(self) -> bool:
        """Whether the terminal has another number of rows than when the row was claimed."""
        return self.rows > 0 and self._size()[0] != self.rows

    def _size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self.descriptor)
        except OSError:
            return 0, 0
        return size.lines, size.columns

    def _send(self, text: str, encoding: str = "utf-8") -> bool:
        try:
            os.write(self.descriptor, text.encode(encoding, "replace"))
        except OSError:
            return False
        return True
