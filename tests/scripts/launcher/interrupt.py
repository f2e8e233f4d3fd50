import atexit
import os
import signal
import time

import torch

atexit.register(print, "at exit")


def wait():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(5)


wait()
