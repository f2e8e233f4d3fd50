"""Does the run stand still while its loss is high? Asked by the faults about flat places."""

import math

from .case import Case

STILL_HIGH = 0.5
"""Loss at the end over loss at the first step: a run that has halved its loss is learning."""

FALLEN = 0.01
"""Share of the loss by which it must fall over the later part of the run to count as falling."""


def stands_still(case: Case) -> bool:
    """True if the loss is high and its slope, with its uncertainty, is about 0 or upwards."""
    final, start, end = case.final_place, case.loss_start, case.loss_end
    if final is None or len(case.optimizers) != 1 or not start > 0 or case.broke_at is not None:
        return False
    if not end > STILL_HIGH * start or math.isnan(final.loss_slope):
        return False
    steps = max(1, case.run.steps // 2)
    return final.loss_slope * steps > -FALLEN * end
