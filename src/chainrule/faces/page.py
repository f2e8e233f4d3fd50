"""The page that text is written on: the one place where a Rich console is made.

A page knows what its stream can print. Where that is not UTF-8, mathematics and bars are written
in ASCII; control characters in names that come from a run file are never passed on.
"""

import os
import unicodedata
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.text import Text

WIDEST_TEXT = 96
"""Columns of running text on a wide terminal: longer lines are hard to read."""

_ASCII = {
    **{c: f"^{d}" for c, d in zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)},
    **{c: f"_{d}" for c, d in zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True)},
    **dict(zip("·×÷−–—…∂∇′″‖≈", ("*", "x", "/", "-", "-", "-", "...", "d", "grad ", *"'\"|~"))),
    **dict(zip("≤≥≠→←∞√Σ∑Π∏∈°", ("<=", ">=", "!=", "->", "<-", "inf", "sqrt", "sum", "sum"))),
    **dict(zip("αβγδεηθκλμπρστφω", "a b gamma delta eps eta theta kappa lambda mu pi rho".split())),
}
