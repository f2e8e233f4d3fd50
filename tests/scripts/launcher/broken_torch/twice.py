import os
import sys
import tempfile
import traceback

before = len(sys.meta_path)
try:
    import torch
except OSError:
    traceback.print_exc()
print("torch" in sys.modules)
with tempfile.NamedTemporaryFile() as file:
    os.environ["TORCH_WORKS"] = file.name
    import torch
print(torch.__spec__, type(torch.__spec__), type(torch.__loader__), torch.__spec__.loader is torch.__loader__)
