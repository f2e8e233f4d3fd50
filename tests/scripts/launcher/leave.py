import os

import torch

print("before", flush=True)
os._exit(7)
