"""CUDA graphs: work of a GPU that is recorded once and played back without Python.

While a graph is recorded the GPU computes nothing: to read a number would break the recording, and
what is measured would be measured again at each playback. So nothing is done there.
"""

import torch
from torch import Tensor

PLAYED_BACK = (
    "What a CUDA graph plays back is not followed: Python is not asked then, and while the graph "
    "is recorded there are no numbers yet."
)


def is_recorded(tensor: Tensor) -> bool:
    """True while the work on this tensor is recorded into a CUDA graph and not done."""
    return tensor.is_cuda and torch.cuda.is_current_stream_capturing()
