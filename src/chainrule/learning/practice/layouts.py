"""What is said of an answer in the other layout.

Books write a gradient as a row or as a column, and a Jacobian or its transpose. Here a gradient has
the shape of what it is taken by (gradient layout), and a Jacobian a row for each result (numerator
layout), as PyTorch and `chainrule explain` have it.
"""

from chainrule.records.message import Message


def as_row(variable: str) -> Message:
    """Of a gradient that is right, and written as a row.

    Args:
        variable: What it is taken by: a vector, or all the names of a gradient.
    """
    return Message(
        "You wrote it as a row, as books in the numerator layout do. Here the gradient layout is "
        "used: a gradient has the shape of {variable}, a column.",
        variable=variable,
    )


def transposed_gradient(variable: str) -> Message:
    """Of the transpose of a derivative by a matrix."""
    return Message(
        "That is the transpose. A book in the numerator layout writes it so; here the gradient "
        "layout is used: the derivative by {variable} has the shape of {variable}.",
        variable=variable,
    )


TRANSPOSED_JACOBIAN = Message(
    "That is the transpose. A book in the denominator layout writes it so; here the numerator "
    "layout is used: a row belongs to a result, a column to a variable."
)
"""Of the transpose of a Jacobian."""
