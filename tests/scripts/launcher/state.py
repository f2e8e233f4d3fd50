"""Everything of the interpreter's state that a script can look at."""

import sys

modules = sorted(sys.modules)
finders = [f for f in sys.meta_path if type(f).__name__ != "TorchFinder"]
print(len(sys.meta_path) - len(finders) <= 1, finders[1:])
import os

print(modules)
print(list(os.environ.items()))
print(sys.path, sys.argv, sys.orig_argv[1:], sys.executable, sys.prefix)
print(sys.flags, sys.warnoptions, sys._xoptions)
print(sorted(sys.path_importer_cache), sys.path_hooks)
print(sys.excepthook is sys.__excepthook__, sys.displayhook is sys.__displayhook__)
print(sys.gettrace(), sys.getprofile(), threading_count := sys._current_frames().__len__())
print(sys.stdin.fileno(), sys.stdout.line_buffering, sys.stdout.write_through, sys.stdout.encoding)
print(hasattr(sys, "last_value"), sys.dont_write_bytecode, sys.getrecursionlimit())
print(os.getcwd(), os.umask(0o22), sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc") else "")
import torch

print([name for name in sys.modules if "chainrule" in name or "launcher" in name], len(sys.meta_path))
