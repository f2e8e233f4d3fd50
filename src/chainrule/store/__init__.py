"""The run file: one SQLite file a run, written while training, read at any time; no torch."""

from .claim import can_name_a_file as can_name_a_file
from .errors import RunFileError as RunFileError
from .reader import RunReader as RunReader
from .runs import find_run as find_run
from .runs import open_run as open_run
from .runs import run_paths as run_paths
from .stamp import write_stamp as write_stamp
from .verdict import write_findings as write_findings
from .writer import RunWriter as RunWriter
