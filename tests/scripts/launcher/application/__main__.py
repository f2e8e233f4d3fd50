import sys

import beside

print(sys.argv, sys.path, __file__, __name__, __package__, __spec__, beside.x, sorted(globals()))
if "fail" in sys.argv:
    raise ValueError("in the application")
