import sys

if not sys.argv[0].endswith("drive.py"):
    sys.path.insert(0, __file__.rsplit("/", 2)[0])
    import torch
