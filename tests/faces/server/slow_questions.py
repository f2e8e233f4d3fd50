"""`chainrule view`, and its worker, with questions for these tests: `slow` and `says`."""

import os
import signal
import sys
import time

from chainrule.faces.cli import status_of
from chainrule.faces.server import jobs, worker
from chainrule.faces.views import questions
from chainrule.faces.views.questions import Context, Parameters, Question, Refusal
from chainrule.records.json_values import Json


def slow(parameters: Parameters, context: Context) -> dict[str, Json]:
    """Takes `steps` times 50 ms; may end in other ways."""
    steps = parameters.whole("steps")
    for step in range(steps):
        context.progress(step, steps, f"step {step}")
        time.sleep(0.05)
    match parameters.text("end", "well"):
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exit":
            os._exit(3)
        case "refusal":
            raise Refusal("No.", field="end", column=1, text="refusal")
        case "fault":
            raise ZeroDivisionError("division by zero")
        case "print":
            print('{"answer": "what a library prints"}', flush=True)
        case "long":
            return {"text": "x" * 5_000_000}
        case "nan":
            return {"number": float("nan")}
    return {"pid": os.getpid(), "steps": steps}


questions.QUESTIONS += (Question("slow", slow, long=True),)
if sys.argv[1:] == ["worker"]:
    worker.main()
if "IMPATIENT" in os.environ:
    jobs.ABANDONED_S, jobs.KEPT_S = 2.0, 1.0
jobs.WORKER = (sys.executable, __file__, "worker")
sys.exit(status_of(sys.argv[1:]))
