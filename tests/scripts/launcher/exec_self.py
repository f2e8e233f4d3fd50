import os
import sys

import torch

print(len(sys.argv), flush=True)
if len(sys.argv) < 3:
    os.execv(sys.executable, [sys.executable, __file__, *sys.argv[1:], "again"])
