import sys

print(__file__, __name__, __spec__, __package__, type(__loader__), __doc__, __builtins__)
print(sorted(globals()), __annotations__)
print(sys.modules["__main__"].__dict__ is globals(), sys.modules["__main__"])
print(sys.path, sys.argv)
