"""See the calculus by which a model learns, and what is wrong when it does not.

The public names load lazily: `import chainrule` imports neither torch nor anything heavy.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .diagnosis import diagnose as diagnose
    from .faces.explain import explain as explain
    from .faces.lesson import lesson as lesson
    from .faces.notebook import widget as widget
    from .faces.plot import plot as plot
    from .faces.report import report as report
    from .objective import Objective as Objective
    from .observer.saved_captures import captured as captured
    from .observer.watch import watch as watch
    from .store import open_run as open_run

__version__ = "0.1.0"

_HOMES = {
    "Objective": "objective",
    "captured": "observer.saved_captures",
    "diagnose": "diagnosis",
    "explain": "faces.explain",
    "lesson": "faces.lesson",
    "open_run": "store",
    "plot": "faces.plot",
    "report": "faces.report",
    "watch": "observer",
    "widget": "faces.notebook",
}

__all__ = [
    "Objective",
    "__version__",
    "captured",
    "diagnose",
    "explain",
    "lesson",
    "open_run",
    "plot",
    "report",
    "watch",
    "widget",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its home the first time it is used (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    return getattr(import_module(f"chainrule.{home}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
