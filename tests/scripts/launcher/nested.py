import subprocess
import sys

import torch

sys.exit(subprocess.run([sys.executable, *sys.argv[1:]]).returncode)
