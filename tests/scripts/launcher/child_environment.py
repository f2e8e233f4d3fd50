import os
import subprocess
import sys

import torch

show = "import os, sys; print(list(os.environ.items()), sys.path[1:], sorted(sys.modules), sys.meta_path[1:])"
subprocess.run([sys.executable, "-c", show], check=True)
print(list(os.environ.items()), list(os.environb.items()), flush=True)
subprocess.run(["env"], check=True)
os.system("env | sort | grep -v '^_='")
