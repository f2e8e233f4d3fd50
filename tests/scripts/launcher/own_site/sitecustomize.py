import sys

if not sys.argv[0].endswith("drive.py"):  # Python runs it there too
    print("own sitecustomize", __name__, __file__, __spec__.name, sys.argv)
mark = 1
