"""The corpus of identities, and their points."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from matrix_data import drawn

from chainrule.calculus import parse
from chainrule.calculus.matrix import MatrixDerivation, derive_matrix

CORPUS = Path(__file__).parents[1] / "calculus" / "corpus" / "matrix_identities.toml"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One row of the corpus; see its head."""

    id: str
    group: str
    formula: str
    wrt: str
    gradient: str
    shapes: dict[str, list[int]]
    symmetric: tuple[str, ...] = ()
    normalised: tuple[str, ...] = ()
    data: dict[str, str] = field(default_factory=dict)

    def derivation(self) -> MatrixDerivation:
        """What the engine makes of it."""
        return derive_matrix(
            parse(self.formula),
            self.wrt,
            {name: tuple(shape) for name, shape in self.shapes.items()},
            symmetric=self.symmetric,
            normalised=self.normalised,
        )

    def point(self, seed: int) -> dict[str, Any]:
        """Numbers for all names."""
        random = np.random.default_rng(seed)
        kinds = {**dict.fromkeys(self.symmetric, "symmetric"), **self.data}
        return {
            name: drawn(kinds.get(name, "any"), tuple(shape), random)
            for name, shape in self.shapes.items()
        }


IDENTITIES = tuple(Identity(**row) for row in tomllib.loads(CORPUS.read_text("utf-8"))["identity"])
