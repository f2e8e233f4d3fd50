import sys

from . import __name__ as parent

x = 3


def fail():
    raise ValueError(parent)


if __name__ == "__main__":
    print(sys.argv, __package__, __spec__, parent, sys.orig_argv[1:] if "orig" in sys.argv else "")
