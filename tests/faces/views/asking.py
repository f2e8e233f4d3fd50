"""Asking the questions of the views, as server and notebook ask them."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from chainrule.faces.views import questions
from chainrule.faces.views.question import Context, Refusal

NOWHERE = Context(Path("no-runs"))


def ask(question: str, **parameters: Any) -> Any:
    """The document that answers a question of no run."""
    return questions.answer(question, parameters, NOWHERE)


def refusal(question: str, **parameters: Any) -> Refusal:
    """Why a question is not answered."""
    try:
        document = ask(question, **parameters)
    except Refusal as refused:
        return refused
    raise AssertionError(f"{question} was answered: {str(document)[:200]}")


def modules_after(code: str) -> set[str]:
    """The modules that a fresh Python has loaded after running some code."""
    script = f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    return set(run.stdout.split())
