"""What the numbers were measured on."""

import importlib.metadata
import os
import platform
from pathlib import Path

import torch

import chainrule


def processor() -> str:
    """Name of the processor, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def load() -> float:
    """Processes that wanted a core in the last minute; before a run, those of others."""
    return os.getloadavg()[0]


def versions(packages: list[str]) -> str:
    """Versions of chainrule, Python, PyTorch and the packages given."""
    known = [
        f"chainrule {chainrule.__version__}",
        f"Python {platform.python_version()}",
        f"torch {torch.__version__}",
    ]
    return ", ".join(known + [f"{name} {importlib.metadata.version(name)}" for name in packages])
