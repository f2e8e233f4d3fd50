import importlib.util
import sys

spec = importlib.util.find_spec("torch")
print(spec, type(spec.loader), "torch" in sys.modules)
import torch

print(sys.meta_path[1:], [f for f in sys.meta_path if "Torch" in type(f).__name__])
print(torch.__spec__, type(torch.__spec__), type(torch.__spec__).__module__)
print(vars(torch.__spec__), sorted(vars(torch)), vars(torch.__loader__))
