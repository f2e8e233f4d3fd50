import os
import resource

print(os.getpgrp() == os.getpgid(0), os.getsid(0) == os.getsid(os.getppid()), os.getpgid(0) == os.getpgid(os.getppid()))
print(resource.getrlimit(resource.RLIMIT_NOFILE))
