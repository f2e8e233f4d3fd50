import os

try:
    os.wait()
except ChildProcessError as error:
    print(error)
import torch

try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError as error:
    print(error)
