import atexit


def fail():
    raise ValueError("at exit")


atexit.register(print, "reached")
atexit.register(fail)
