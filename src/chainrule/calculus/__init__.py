"""Formulas on paper: what a learner typed, as a tree that keeps their order and grouping.

Importing this loads neither torch nor SymPy.
"""

from .derivation import Derivation as Derivation
from .derive import derive as derive
from .errors import FormulaError as FormulaError
from .evaluate import DomainError as DomainError
from .evaluate import Evaluation as Evaluation
from .functions import ALL_FUNCTIONS as ALL_FUNCTIONS
from .functions import FUNCTIONS as FUNCTIONS
from .functions import Function as Function
from .parse import parse as parse
from .symbolic import to_sympy as to_sympy
from .tree import Formula as Formula
from .tree import Node as Node
from .tree import children as children
from .tree import to_json as to_json
from .tree import walk as walk
from .writing import write as write
