"""Watching for the first number that is not finite, once in a run."""

import math
from collections.abc import Sequence
from typing import Any

from .backward import BackwardRecorder
from .graph_labels import GraphLabels
from .outlines import Outlines
from .post_mortem import backward_origin, forward_origin
from .structure import walk


class FirstNonFinite:
    """Looks where the first NaN or infinity came from, and has it recorded.

    Args:
        outlines: Where it is written down.
        labels: Whether saved tensors may be read.
    """

    def __init__(self, outlines: Outlines, labels: GraphLabels) -> None:
        self._outlines = outlines
        self._labels = labels
        self._found = False

    def in_forward(self, step: int, roots: Sequence[Any]) -> None:
        """The loss is not finite and its graph is still here: find the operation."""
        if self._found:
            return
        self._found = True
        graph_roots = [root for root in roots if root is not None]
        if not graph_roots:
            return
        if not self._labels.may_read_saved():
            self._outlines.nonfinite(
                step,
                None,
                "forward",
                "The loss is not finite; the operation cannot be told, "
                "since the script's tensors are saved through hooks (checkpointing or offloading).",
            )
            return
        order, structure = walk(graph_roots)
        origin = forward_origin(order, structure.names)
        self._outlines.origin(step, order, structure.names, origin)

    def in_backward(self, step: int, recorder: BackwardRecorder) -> None:
        """A pass was measured: if a gradient in it is not finite, find the node."""
        if self._found or recorder.scale != 1.0:  # a scaled loss may overflow, and skips
            return
        if math.isfinite(sum(recorder.node_norms) + sum(recorder.edge_norms)):
            return
        origin = backward_origin(recorder)
        if origin is not None:
            self._found = True
            self._outlines.backward_origin(step, recorder, origin)
