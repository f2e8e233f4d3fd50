"""How an object shows itself in a notebook, whatever layer it is of.

What it looks like is for the faces to say, and no layer imports those. So they are found by name
when a notebook asks, as `chainrule` itself finds its public names when they are used.
"""

from collections.abc import Collection
from importlib import import_module
from typing import Any


class ShownInNotebook:
    """Something that a notebook draws when it is the value of a cell."""

    __slots__ = ()

    def _ipython_display_(self) -> None:
        """For a run that is still being made; IPython takes the next method for all else."""
        if not import_module("chainrule.faces.notebook").show_live(self):
            raise NotImplementedError

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> Any:
        """For Jupyter, VS Code and Colab; in the form that IPython asks for."""
        return import_module("chainrule.faces.notebook").mimebundle(self)

    def _display_(self) -> Any:
        """For marimo, which shows what this returns in place of the object."""
        return import_module("chainrule.faces.notebook").displayed(self)
