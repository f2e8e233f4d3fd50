"""The objective: one differentiable scalar L(θ) from four sources, and its Hessian.

Importing this loads torch; `chainrule.Objective` loads it lazily.
"""

from .errors import ObjectiveError as ObjectiveError
from .hessian import Hessian as Hessian
from .objective import Objective as Objective
