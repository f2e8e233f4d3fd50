import atexit
import os
import sys

import torch

atexit.register(lambda: print("at exit", flush=True))
child = os.fork()
if child == 0:
    sys.exit(4)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
