"""What two people would read differently is not read at all: both readings are shown instead."""

import re

from chainrule.records.message import Message, as_message

from .cursor import Cursor
from .functions import FUNCTIONS
from .tokens import Token, suggestion
from .tree import Constant, Name, Node, Number, Power, Quotient, Unary

CALLED = frozenset("fghFGH")
"""Letters that people use for functions: in f(x) nobody means f times x."""

ONE_LETTER = re.compile(r"[^\W\d_](?:_\w+|\d+)?\Z")
_ENDS_ARGUMENT = frozenset("+-*×·⊙/÷@,")


def check_product(left: Node, divided: Token | None, cursor: Cursor) -> None:
    """Two things side by side, without a sign between them.

    Args:
        left: The first.
        divided: The sign / ÷ or @ that stands before it, if one does.
        cursor: At the second.

    Raises:
        FormulaError: If it may mean something else than a product.
    """
    token = cursor.next
    if token.kind == "fraction" and isinstance(left, Number):
        cursor.fail(
            Message(
                "{number}{fraction} can be read as a sum, {number} + {fraction}, or as a product: "
                "write the sign that is meant.",
                number=left.text,
                fraction=token.text,
            )
        )
    if token.kind in ("number", "fraction"):
        cursor.fail(
            Message(
                "Expected an operator before this number: write * for a product, ^ for a power, "
                "x_2 or x2 for a name with an index."
            )
        )
    if token.means == "[":
        cursor.fail(
            Message(
                "Entries of a vector are not picked by [ ]: give them names of their own, such as "
                "x_1; to multiply, write *."
            )
        )
    if isinstance(left, Quotient) and _differentiates(left):
        cursor.fail(
            Message(
                "{typed} asks for a derivative, which is what is done anyway: type only the "
                "formula that follows it, and say by which name with --wrt (wrt=… in Python).",
                typed=cursor.text[left.span[0] : left.span[1]],
            )
        )
    if divided is not None:
        sign = divided.text
        cursor.fail(
            Message(
                "After {sign} a product needs its sign or parentheses: a{sign}b c can be read as "
                "(a{sign}b)*c or as a{sign}(b*c).",
                sign=sign,
            )
        )
    glued = token.kind == "name" and not token.spaced
    if glued and isinstance(left, Power) and not left.parentheses:
        numbers = isinstance(left.base, Number | Constant) and _is_number(left.exponent)
        if numbers and left.spelling != "superscript":
            cursor.fail(
                Message(
                    "Where does the exponent end? e^2x can be read as e^(2x) or as e^2 * x: add "
                    "parentheses or *."
                )
            )


def _differentiates(left: Quotient) -> bool:
    """Whether somebody typed d/dx, and meant no quotient."""
    top, bottom = left.numerator, left.denominator
    if not isinstance(top, Name) or not isinstance(bottom, Name):
        return False
    return top.name == "d" and bottom.name[0] == "d" and len(bottom.name) > 1


def _is_number(node: Node) -> bool:
    inner = node.operand if isinstance(node, Unary) else node
    if isinstance(inner, Quotient):  # the parts of ½ stand where it does
        return inner.numerator.span == inner.denominator.span
    return isinstance(inner, Number) and not node.parentheses


def check_not_called(token: Token, cursor: Cursor) -> None:
    """A name before a parenthesis: x(y + 1) is a product, f(y + 1) a call of what nobody defined.

    Raises:
        FormulaError: If it looks like a call.
    """
    called = token.means in CALLED and not cursor.next.spaced
    if ONE_LETTER.match(token.means) and not called:
        return
    meant = suggestion(token.means, FUNCTIONS)
    cursor.fail(
        Message(
            "There is no function {name!r}.{suggestion} If it is a variable, write {name} * (...).",
            name=token.text,
            suggestion=as_message(meant),
        ),
        token,
    )


def check_argument_ends(token: Token, cursor: Cursor) -> None:
    """After `sin x` or `sin 2x`.

    Args:
        token: The function.
        cursor: After its argument.

    Raises:
        FormulaError: If what follows might belong to the argument.
    """
    after = cursor.next
    if after.kind in ("end", "function") or after.means in _ENDS_ARGUMENT:
        return
    if after.means in (")", "]") or cursor.closes():
        return
    cursor.fail(
        Message(
            "It is not clear how much of this belongs to {name}: write {name}(...) with "
            "parentheses.",
            name=token.text,
        )
    )
