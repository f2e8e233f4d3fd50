"""Which thread of the script is followed: the first that steps an optimizer, while it lives."""

import sys
import threading

NOT_FOLLOWED = "What further threads train is not followed."


class FollowedThread:
    """The thread whose passes and steps are recorded.

    Two that begin at once must not both be followed: the gradients of the other one may be freed
    in the middle of being read, which ends the process.

    Attributes:
        ident: That of the thread; 0 before one is known.
    """

    def __init__(self) -> None:
        self.ident = 0
        self._steps = False  # before its first step another may take its place
        self._choosing = threading.Lock()

    def is_present(self) -> bool:
        """True if the present thread is followed."""
        return threading.get_ident() == self.ident

    def becomes_present(self, *, steps: bool = False) -> bool:
        """Follow the present thread, unless another one that trains is followed.

        Args:
            steps: True if it is about to step an optimizer.

        Returns:
            False if another one is.
        """
        thread = threading.get_ident()
        if self._steps and thread == self.ident:
            return True
        with self._choosing:
            if self._steps and thread != self.ident and self.ident in sys._current_frames():
                return False
            self.ident = thread
            self._steps = self._steps or steps
            return True
