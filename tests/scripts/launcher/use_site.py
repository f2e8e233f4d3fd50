import sys

module = sys.modules.get("sitecustomize")
print(module, getattr(module, "mark", None))
try:
    import sitecustomize

    print(sitecustomize.__file__)
except (ImportError, ValueError) as error:
    print(repr(error))
