"""Torch is imported in a forked child only: nothing is recorded."""

import os
import sys

if os.fork() == 0:
    import torch

    sys.exit(0)
os.wait()
