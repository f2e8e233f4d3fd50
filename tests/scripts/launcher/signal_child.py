import signal
import sys

if sys.argv[1] == "handle":
    signal.signal(signal.SIGCHLD, lambda number, frame: print("a child ended"))
else:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
