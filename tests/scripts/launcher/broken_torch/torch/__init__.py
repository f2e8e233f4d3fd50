import os

__version__ = "0"


def load():
    if not os.path.exists(os.environ.get("TORCH_WORKS", "/nonexistent")):
        raise OSError("libtorch_cpu.so: cannot open shared object file")


load()
