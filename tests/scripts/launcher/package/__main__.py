import sys

from . import other

print(sys.argv, __name__, __package__, __spec__.name, __file__, sys.path[0], other.x)
print(sorted(globals()))
if sys.argv[1:] == ["fail"]:
    other.fail()
