"""Diagnosis: from a run file to findings. Reads records only, never torch."""

from .engine import diagnose as diagnose
from .engine import findings as findings
