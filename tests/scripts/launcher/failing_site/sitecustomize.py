import sys

if not sys.argv[0].endswith("drive.py"):  # Python runs it there too
    raise ValueError("own sitecustomize fails")
