"""Observing a training run: hooks, graph, sampling. Writes the run file and nothing else."""

from .boot import boot as boot
from .boot import finish as finish
from .watch import Watch as Watch
from .watch import watch as watch
