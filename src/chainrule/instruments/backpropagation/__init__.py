"""Backpropagation from PyTorch back to paper: a loss's own graph as equations with its numbers.

walk        the operations between a loss and a tensor, in the order in which they were computed
measure     one run of autograd that leaves no trace: what each operation received and sent
saved       what PyTorch kept of the forward pass, or why it cannot be read
naming      what the caller calls the tensors
operations  how each operation is written and differentiated
entries     the gradient of one entry as a chain of sums
explain     all of it as one record
"""

from .errors import ExplanationError as ExplanationError
from .explain import explain_loss as explain_loss
