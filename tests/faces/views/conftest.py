"""One process of Node.js for all tests of formulas in the browser."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from node_formulas import Node

sys.path.insert(0, str(Path(__file__).parents[2] / "oracles"))


@pytest.fixture(scope="session")
def browser_formulas() -> Iterator[Node]:
    """Answers what `formula_in_node.mjs` can be asked."""
    process = Node()
    yield process
    process.close()
