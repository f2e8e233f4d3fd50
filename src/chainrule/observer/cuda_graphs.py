"""CUDA graphs: work of a GPU that is recorded once and played back without Python.

While a graph is recorded the GPU computes nothing: to read a number would break the recording, and
what is measured would be measured again at each playback. So nothing is done there.
"""

import torch

PLAYED_BACK = (
    "What a CUDA graph plays back is not followed: Python is not asked then, and while the graph "
    "is recorded there are no numbers yet."
)


def is_recording() -> bool:
    """True while what this thread gives a GPU is recorded into a CUDA graph and not done.

    To be asked only where a GPU is in use. One that answers with an error, because an operation
    before has failed, is left alone as well: the script meets that error by itself.
    """
    try:
        return torch.cuda.is_current_stream_capturing()
    except RuntimeError:
        return True
