"""What can go wrong with a run file.

RunFileError   what was expected, what was found, where, and what to do, in one sentence
└─ Damaged     inside the store only: a value that no writer of ours writes; the reader adds where
"""


class RunFileError(Exception):
    """A run file could not be made, written or read; the message is for the user as it is."""


class Damaged(RunFileError):
    """A stored value that cannot be one of ours; never leaves the store without the file's name."""
