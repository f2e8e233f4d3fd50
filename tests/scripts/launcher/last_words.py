"""Its verdict comes after all that it prints, but what a finalizer prints."""

import atexit

import torch

atexit.register(lambda: print("at exit"))
print("end")
