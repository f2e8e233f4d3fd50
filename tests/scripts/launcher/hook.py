import sys


def hook(kind, value, trace):
    print("hook", kind, value, trace.tb_frame.f_code.co_name, trace.tb_next)
    if "fail" in sys.argv:
        raise KeyError("in the hook")


sys.excepthook = hook
raise ValueError("out")
