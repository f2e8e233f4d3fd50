"""What can be wrong with a loss that is to be explained, or with the tensor it is asked about."""

from chainrule.objective.errors import ObjectiveError


class ExplanationError(ObjectiveError):
    """A loss could not be explained; the message is for the user as it is."""


class UnreadableError(Exception):
    """Something of the forward pass is not there to be read; the message says why."""


UNWRITABLE = (UnreadableError, RuntimeError, ArithmeticError, LookupError, TypeError, ValueError)
"""What writing an operation down can meet: values that are gone, or a variant of it in another
version of PyTorch that keeps other things. Its gradient is autograd's and stays right."""
