"""What a learner did: one SQLite file of their own on this machine; nothing leaves it.

`place.py` says where it lies, `file.py` keeps and reads it, `schedule.py` says when something is to
be repeated.
"""

from .file import Kept as Kept
from .file import Progress as Progress
from .file import ProgressError as ProgressError
from .place import progress_path as progress_path
from .schedule import Due as Due
from .schedule import Rating as Rating
