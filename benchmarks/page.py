"""The page `docs/benchmarks.md`: one section a benchmark, each replaced by its own run."""

import datetime
import os
import platform
import re
from pathlib import Path

import torch

PAGE = Path("docs/benchmarks.md")
INTRODUCTION = """# Benchmarks

Made by `make bench`, and on a GPU by `python -m benchmarks --device cuda`. Every number on this
page was measured, and each section says where and when.
"""
ORDER = (
    "Watching a run",
    "Watching a run on another processor",  # kept by hand when `make bench` ran elsewhere
    "Watching a run on a GPU",
    "Exactness",
    "Sharpness",
    "Hessian products",
    "Landscapes",
    "Derivations",
    "Views of a long run",
)


def processor() -> str:
    """Name of the processor, as the system tells it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def machine(device: str = "cpu") -> str:
    """What it was measured on, in a sentence."""
    gpu = "" if device == "cpu" else f"{torch.cuda.get_device_name(device)}, "
    return (
        f"Machine: {gpu}{processor()}, {os.cpu_count()} cores, torch {torch.__version__}, Python "
        f"{platform.python_version()}, {torch.get_num_threads()} threads, "
        f"{datetime.date.today().isoformat()}."
    )


def put_section(title: str, lines: list[str], page: Path = PAGE) -> None:
    """Put a section on the page, in the place of the one with this title.

    Args:
        title: One of `ORDER`.
        lines: Markdown below its heading.
        page: The file.
    """
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    bodies = (f"\n{body.strip()}\n" for body in parts[1::2])
    sections = dict(zip(parts[::2], bodies, strict=True))
    sections[title] = "\n" + "\n".join(lines).strip() + "\n"
    kept = [(name, sections[name]) for name in ORDER if name in sections]
    page.write_text(
        INTRODUCTION + "".join(f"\n## {name}\n{body}" for name, body in kept), encoding="utf-8"
    )
