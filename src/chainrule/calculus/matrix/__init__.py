"""Matrices on paper: gradients by differentials, with every shape checked.

    formula = parse("sum((X @ w - y)^2)")
    found = derive_matrix(formula, "w", {"X": (3, 2), "w": (2,), "y": (3,)})
    write(found.gradient)                       # 2(Xᵀ @ (X @ w - y))
    matrix_lines(found)                         # as people write it down
    matrix_record(found)                        # for JSON
    at = MatrixEvaluation({"X": …, "w": …, "y": …})
    at(found.gradient)                          # an array of the shape of w
    one_entry(found, (0,), at.point)            # ∂L/∂w₁ from L written out in entries

Importing this loads neither torch nor NumPy.
"""

from .algebra import MATRIX_REWRITES as MATRIX_REWRITES
from .class_numbers import class_numbers as class_numbers
from .derivation import Cotangent as Cotangent
from .derivation import DifferentialStep as DifferentialStep
from .derivation import MatrixDerivation as MatrixDerivation
from .derivation import Pull as Pull
from .derivation import Quantity as Quantity
from .derive import derive_matrix as derive_matrix
from .entries import expand as expand
from .evaluate import MatrixEvaluation as MatrixEvaluation
from .evaluate import jacobian_values as jacobian_values
from .fit import Shape as Shape
from .fit import shape_text as shape_text
from .index_form import index_form as index_form
from .index_form import index_text as index_text
from .lines import matrix_lines as matrix_lines
from .lines import named_result_lines as named_result_lines
from .lines import narration_lines as narration_lines
from .lines import one_entry_lines as one_entry_lines
from .lines import one_entry_rows as one_entry_rows
from .narrate import narrate_matrix as narrate_matrix
from .narration import MatrixNarration as MatrixNarration
from .needed import needs_matrices as needs_matrices
from .notations import DEFAULT_NOTATION as DEFAULT_NOTATION
from .notations import MATRIX_NOTATIONS as MATRIX_NOTATIONS
from .notations import matrix_notation_named as matrix_notation_named
from .of_each import matrix_gradients as matrix_gradients
from .of_each import matrix_jacobians as matrix_jacobians
from .one_entry import OneEntry as OneEntry
from .one_entry import first_entry as first_entry
from .one_entry import one_entry as one_entry
from .record import matrix_record as matrix_record
from .rules import MATRIX_RULES as MATRIX_RULES
from .second_derivatives import EntryHessian as EntryHessian
from .second_derivatives import entry_hessian as entry_hessian
from .second_derivatives import entry_values as entry_values
from .shapes import Shapes as Shapes
from .shapes import infer as infer
from .text import mathematics as mathematics
