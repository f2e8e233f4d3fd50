import time

import torch

time.sleep(1)
