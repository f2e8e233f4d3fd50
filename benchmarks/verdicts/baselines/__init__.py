"""Published rules of other tools, re-stated over the numbers that chainrule records.

They are given the same run files, so that what is compared is the rules and not the measuring. The
figures are the authors' own; where a rule needs a number that a run file does not hold, the file of
the baseline says what stands for it, or that the rule is left out.
"""

from collections.abc import Callable

from chainrule.store import RunReader

from . import autotrainer, deepdiagnosis, sagemaker_debugger
from .symptom import Verdict as Verdict

Judge = Callable[[RunReader, float | None], Verdict]

BASELINES: dict[str, Judge] = {
    "AutoTrainer": autotrainer.judge,
    "DeepDiagnosis": deepdiagnosis.judge,
    "SageMaker Debugger": sagemaker_debugger.judge,
}
"""Each takes a run file and the final accuracy that the script printed (None: it printed none)."""
