"""Writes a run as a training would: `write_run.py FOLDER NAME SECONDS`, a step every 20 ms.

SIGTERM lets it finish earlier.
"""

import os
import signal
import sys
import time
from pathlib import Path

from chainrule.store import RunWriter

folder, name, seconds = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
writer = RunWriter.create(
    folder,
    name,
    command=("train.py",),
    cwd=str(folder),
    versions={"torch": "2.6.0"},
    options={"budget": 0.01, "every": None},
    pid=os.getpid(),
    started_at=time.time(),
)
finish: list[int] = []
signal.signal(signal.SIGTERM, lambda number, _: finish.append(number))
print(writer.path, flush=True)
until, step = time.time() + seconds, 0
while time.time() < until and not finish:
    writer.point("loss", step, 1 / (1 + step))
    step += 1
    if step % 10 == 0:
        writer.totals(
            steps=step, backward_passes=step, sampled_steps=0, observed_s=0.0, training_s=1.0
        )
        writer.flush()
    time.sleep(0.02)
writer.totals(steps=step, backward_passes=step, sampled_steps=0, observed_s=0.0, training_s=1.0)
writer.close(status="finished", exit_code=0, exception=None, ended_at=time.time())
