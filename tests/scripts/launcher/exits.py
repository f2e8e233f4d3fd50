import atexit
import logging
import sys
import threading
import time


class Last:
    def __del__(self):
        print("deleted")


last = Last()
atexit.register(print, "first registered")
import torch

atexit.register(print, "second registered")
threading.Thread(target=lambda: (time.sleep(0.1), print("thread done"))).start()
threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
print(threading.active_count(), "end")
