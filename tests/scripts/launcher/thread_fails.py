import sys
import threading


def fail():
    raise ValueError("in thread")


thread = threading.Thread(target=fail, name="T")
thread.start()
thread.join()
print(hasattr(sys, "last_value"))
