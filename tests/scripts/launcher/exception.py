import torch


def inner():
    return 1 / 0


try:
    inner()
except ZeroDivisionError as error:
    raise RuntimeError("chained") from error
