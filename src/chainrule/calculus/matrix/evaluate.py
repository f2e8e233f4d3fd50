"""Numbers on every part of a formula of vectors and matrices, in float64 by NumPy."""

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

from chainrule.calculus.domains import SETTINGS
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import DomainError
from chainrule.calculus.tree import (
    Array,
    Call,
    Constant,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
)
from chainrule.records.message import Message, listed

from .numpy_functions import numpy_functions
from .text import mathematics

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import ArrayLike, NDArray

    Values = NDArray[float64]


class MatrixEvaluation:
    """The values of parts at one point; parts that are shared are computed once.

    Args:
        point: For each name a number, a nested list or an array.
        text: The formula that was typed, for messages.

    Raises:
        FormulaError: If a value is no number, vector or matrix of finite numbers.
    """

    def __init__(self, point: "Mapping[str, ArrayLike]", text: str = "") -> None:
        self.point = {name: _values(name, value) for name, value in point.items()}
        self._text = text
        self._known: dict[int, tuple[Node, Values]] = {}

    def __call__(self, root: Node) -> "Values":
        """The value of a part.

        Raises:
            DomainError: If it, or a part of it, has none here; the message points at the place.
            FormulaError: If a name has no value.
        """
        known = self._known.get(id(root))
        if known is None:
            known = self._new(root)
        return known[1]

    def _new(self, root: Node) -> "tuple[Node, Values]":
        import numpy as np

        with np.errstate(divide="raise", invalid="raise", over="ignore", under="ignore"):
            for node in distinct(root, self._known):
                # the node is kept, so that no other object gets its identity
                self._known[id(node)] = (node, self._value(node))
        return self._known[id(root)]

    def with_part(self, part: Node, value: "Values", above: Sequence[Node]) -> "Values":
        """The value of an expression if one of its parts had another.

        Args:
            part: It.
            value: Of the same shape as its own.
            above: All that holds it, children before parents; the last is the expression.

        Raises:
            DomainError: If the expression has no value then.
        """
        import numpy as np

        made = {id(part): value}
        with np.errstate(divide="raise", invalid="raise", over="ignore", under="ignore"):
            for node in above:
                parts = [
                    made[id(child)] if id(child) in made else self(child)
                    for child in children(node)
                ]
                made[id(node)] = self._of_parts(node, parts)
        return made[id(above[-1])] if above else value

    def _value(self, node: Node) -> "Values":
        return self._of_parts(node, [self._known[id(child)][1] for child in children(node)])

    def _of_parts(self, node: Node, parts: "list[Values]") -> "Values":
        import numpy as np

        try:
            value = np.asarray(self._computed(node, parts), dtype=np.float64)
        except (FloatingPointError, np.linalg.LinAlgError):
            raise self._outside(node, parts) from None
        if has_nan(value) and not any(map(has_nan, parts)):
            raise self._outside(node, parts)
        return value

    def _computed(self, node: Node, parts: "list[Values]") -> Any:
        import numpy as np

        match node:
            case Number() | Constant():
                return node.value
            case Name():
                return self._named(node)
            case Unary():
                return -parts[0] if node.operator == "-" else parts[0]
            case Sum():
                total = parts[0]
                for operator, part in zip(node.operators, parts[1:], strict=True):
                    total = total - part if operator == "-" else total + part
                return total
            case Product():
                product = parts[0]
                for part in parts[1:]:
                    product = product * part
                return product
            case Quotient():
                return parts[0] / parts[1]
            case MatrixProduct():
                return parts[0] @ parts[1]
            case Power():
                return np.power(parts[0], parts[1])
            case Call():
                self._check(node, parts)
                return numpy_functions()[node.function](*parts)
            case Array():
                return np.stack(parts)

    def _named(self, node: Name) -> "Values":
        value = self.point.get(node.name)
        if value is None:
            raise FormulaError(
                Message("{name} has no value: give it one.", name=node.text),
                self._text,
                node.span[0] if node.id >= 0 else None,
            )
        return value

    def _check(self, node: Call, parts: "list[Values]") -> None:
        """What shapes alone do not say: class numbers, and which function is meant."""
        import numpy as np

        setting = SETTINGS.get(node.function)
        given = parts[setting.place].flat if setting and len(parts) > setting.place else ()
        unfit = [float(each) for each in given if setting and not setting.fits(float(each))]
        if setting and unfit:
            message = Message(
                "{name} needs {needs}, found {given}.",
                name=node.function,
                needs=setting.needs,
                given=f"{unfit[0]:g}".replace("-", "−"),
            )
            at_fault = node.arguments[setting.place]
            raise DomainError(message, self._text, at_fault.span[0] if node.id >= 0 else None)
        if node.function == "one_hot":
            classes, count = parts[0], parts[1].shape[-1]
        elif node.function == "cross_entropy" and parts[0].shape != parts[1].shape:
            classes, count = parts[1], parts[0].shape[-1]
        else:
            return
        wrong = (classes != np.round(classes)) | (classes < 0) | (classes >= count)
        if wrong.any():
            raise FormulaError(
                Message(
                    "Expected class numbers from 0 to {last}, found {found:g}.",
                    last=count - 1,
                    found=float(classes[wrong].flat[0] if classes.ndim else classes),
                ),
                self._text,
                node.span[0] if node.id >= 0 else None,
            )

    def _outside(self, node: Node, parts: "list[Values]") -> DomainError:
        shown = mathematics(node)
        if node.id < 0:
            shown = Message("{part}, a part of the derivative,", part=shown)
        fields = {"part": shown, "given": listed([short(part) for part in parts])}
        if isinstance(node, Call) and node.function == "inverse":
            what = Message(
                "{part} does not exist: {given} has the determinant 0. Choose another point.",
                **fields,
            )
        elif isinstance(node, Call) and node.function == "logdet":
            what = Message(
                "{part} has no value: it is made of {given}; it needs a determinant above 0. "
                "Choose another point.",
                **fields,
            )
        else:
            what = Message(
                "{part} has no value: it is made of {given}. Choose another point.", **fields
            )
        return DomainError(
            what,
            self._text,
            node.span[0] if node.id >= 0 else None,
        )


def has_nan(value: "Values") -> bool:
    """Whether an entry is no number: only then the sum of their squares is none."""
    import numpy as np

    return isnan(np.vdot(value, value))


def short(value: "Values", digits: int = 4) -> str:
    """A number, vector or matrix on one line; a large one by its shape and norm.

    Example:
        >>> import numpy as np
        >>> short(np.array([[1.0, 2.5], [3.0, 4.0]]))
        '[[1, 2.5], [3, 4]]'
    """
    import numpy as np

    if value.size > MOST_SHOWN:
        shape = " × ".join(map(str, value.shape))
        return f"({shape}, norm {np.linalg.norm(np.ravel(value)):.{digits}g})"
    if value.ndim == 0:
        return f"{float(value) + 0.0:.{digits}g}"  # −0 is 0
    return "[" + ", ".join(short(part, digits) for part in value) + "]"


MOST_SHOWN = 12
"""Entries of a vector or matrix that is written out on one line."""


def _values(name: str, value: "ArrayLike") -> "Values":
    import numpy as np

    try:
        found = np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise FormulaError(
            Message(
                "Expected a number, a list or a matrix of numbers for {name}, found {kind} "
                "({error}).",
                name=name,
                kind=type(value).__name__,
                error=error,
            )
        ) from error
    if found.ndim > 2 or found.size == 0:
        raise FormulaError(
            Message(
                "Expected a number, a vector or a matrix for {name}, found shape {shape}.",
                name=name,
                shape=found.shape,
            )
        )
    if not np.isfinite(found).all():
        wrong = found[~np.isfinite(found)].flat[0]
        raise FormulaError(
            Message("Expected finite numbers for {name}, found {found:g}.", name=name, found=wrong)
        )
    return found


def jacobian_values(
    gradient: Node, seed: str, result: tuple[int, ...], at: MatrixEvaluation
) -> Any:
    """The Jacobian in numbers: the gradient at each unit cotangent in turn.

    Args:
        gradient: Jᵀ g as a tree.
        seed: The name of g.
        result: The shape of g, that of what is differentiated.
        at: The point.

    Returns:
        An array with the axes of the result first, then those of the variable.
    """
    import numpy as np

    rows = []
    for place in range(int(np.prod(result))):
        unit = np.zeros(result)
        unit.flat[place] = 1.0
        rows.append(MatrixEvaluation({**at.point, seed: unit})(gradient))
    return np.array(rows).reshape(*result, *rows[0].shape)
