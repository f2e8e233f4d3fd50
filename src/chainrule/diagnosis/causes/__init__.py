"""One cause, not several alarms: what followed from what in a run, and why one may say so."""

from .forest import one_cause as one_cause
