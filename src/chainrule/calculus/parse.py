"""From text to tree, by recursive descent: one method a rule of the grammar.

    sum      := term (("+" | "-") term)*
    term     := ("+" | "-") term | product
    product  := power (("*" | "×" | "·" | "⊙" | "/" | "÷" | "@") factor | power)*
    factor   := ("+" | "-") factor | power
    power    := postfix [("**" | "^") factor]
    postfix  := atom ("ᵀ" | "⁻ᵀ" | superscript)*
    atom     := number | "½" | name | call | brackets
    brackets := "(" sum ")" | "|" sum "|" | "‖" sum "‖" | "[" entries "]"
    call     := function ["^" number | superscript] ("(" entries ")" | argument)
    entries  := sum ("," sum)*
    argument := number | "½" | name | number name | "½" name | "|" sum "|" | "‖" sum "‖"

Nothing is evaluated, simplified or reordered.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, cast

from chainrule.records.message import Message

from .ambiguity import check_argument_ends, check_not_called, check_product
from .cursor import CLOSING, Cursor
from .errors import FormulaError
from .functions import FUNCTIONS, POWER_ON_NAME, RADICALS
from .magnitude import check_magnitudes
from .tokens import Token
from .tree import (
    Array,
    Call,
    CallSpelling,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    PowerSpelling,
    Product,
    ProductOperator,
    Quotient,
    QuotientOperator,
    Span,
    Sum,
    SumOperator,
    Unary,
)

MAX_DEPTH = 200
"""Levels of a tree. Whoever walks a tree may recurse once or twice a level, as Python itself does
when it compares two of them."""

CONSTANTS: dict[str, Literal["pi", "e"]] = {"pi": "pi", "π": "pi", "e": "e"}
"""What is a constant, unless the caller says that it is a variable."""


def parse(text: str, *, variables: Iterable[str] = (), behind_quotients: bool = False) -> Formula:
    """Read a formula.

    Args:
        text: As a person types it; `docs/formulas.md` says what may be typed.
        variables: Names that stand for variables or data even if they are those of constants.
        behind_quotients: Whether a/b c is read, as (a/b)*c: for who knows that c is no number, by
            which nobody divides.

    Raises:
        FormulaError: If it cannot be read, or could be read in two ways, or holds a number that
            is too large for float64; the message points at the column.
    """
    return _Parser(text, frozenset(variables), behind_quotients=behind_quotients).formula()


class _Parser:
    def __init__(self, text: str, variables: frozenset[str], *, behind_quotients: bool) -> None:
        self._cursor = Cursor(text)
        self._variables = variables
        self._behind_quotients = behind_quotients
        self._depths: list[int] = []

    def formula(self) -> Formula:
        root = self._sum()
        if self._cursor.next.kind != "end":
            self._cursor.fail_between()
        formula = Formula(text=self._cursor.text, root=root)
        check_magnitudes(formula)
        return formula

    # ---- operators ----------------------------------------------------------------------------

    def _sum(self) -> Node:
        start = self._column
        terms = [self._signed(self._product)]
        operators: list[SumOperator] = []
        columns: list[int] = []
        while operator := self._cursor.operator("+", "-"):
            columns.append(self._cursor.take().span[0])
            operators.append(cast(SumOperator, operator))
            terms.append(self._signed(self._product))
        if not operators:
            return terms[0]
        return Sum(
            id=self._id(*terms),
            span=self._cursor.since(start),
            terms=tuple(terms),
            operators=tuple(operators),
            columns=tuple(columns),
        )

    def _signed(self, unsigned: Callable[[], Node]) -> Node:
        operator = self._cursor.operator("+", "-")
        if operator is None:
            return unsigned()
        start = self._cursor.enter().span[0]
        operand = self._signed(unsigned)
        self._cursor.leave()
        return Unary(
            id=self._id(operand),
            span=self._cursor.since(start),
            operator=cast(SumOperator, operator),
            operand=operand,
        )

    def _product(self) -> Node:
        start = self._column
        factors = [self._power()]
        operators: list[ProductOperator] = []
        columns: list[int] = []

        def so_far() -> Node:
            if not operators:
                return factors[0]
            return Product(
                id=self._id(*factors),
                span=self._cursor.since(start),
                factors=tuple(factors),
                operators=tuple(operators),
                columns=tuple(columns),
            )

        divided: Token | None = None
        while True:
            column = self._column
            if times := self._cursor.operator("*", "×", "·", "⊙"):
                divided = None
                self._cursor.take()
                factors.append(self._signed(self._power))
                operators.append(cast(ProductOperator, times))
                columns.append(column)
            elif sign := self._cursor.operator("/", "÷", "@"):
                left = so_far()
                divided = self._cursor.take()
                right = self._signed(self._power)
                factors, operators, columns = [self._pair(left, right, sign, column, start)], [], []
            elif self._cursor.starts_factor():
                check_product(factors[-1], self._blocking(divided), self._cursor)
                factors.append(self._power())
                operators.append("")
                columns.append(column)
            else:
                return so_far()

    def _blocking(self, divided: Token | None) -> Token | None:
        """The sign behind which no product may stand without one; 1/2x is never read."""
        apart = self._cursor.next.spaced or self._cursor.next.means == "("
        if divided is None or divided.means == "@" or not (self._behind_quotients and apart):
            return divided
        return None

    def _pair(self, left: Node, right: Node, sign: str, column: int, start: int) -> Node:
        number, span = self._id(left, right), self._cursor.since(start)
        if sign == "@":
            return MatrixProduct(id=number, span=span, left=left, right=right, column=column)
        return Quotient(
            id=number,
            span=span,
            numerator=left,
            denominator=right,
            operator=cast(QuotientOperator, sign),
            column=column,
        )

    def _power(self) -> Node:
        start = self._column
        base = self._postfix()
        spelling = self._cursor.operator("**", "^")
        if spelling is None:
            return base
        if isinstance(base, Power) and not base.parentheses:
            self._cursor.fail(
                Message("A power of a power can be read in two ways: add parentheses.")
            )
        column = self._cursor.enter().span[0]
        exponent = self._signed(self._power)
        self._cursor.leave()
        return self._raised(start, base, exponent, cast(PowerSpelling, spelling), column)

    def _raised(
        self, start: int, base: Node, exponent: Node, spelling: PowerSpelling, column: int
    ) -> Power:
        return Power(
            id=self._id(base, exponent),
            span=self._cursor.since(start),
            base=base,
            exponent=exponent,
            spelling=spelling,
            column=column,
        )

    def _postfix(self) -> Node:
        start = self._column
        node = self._atom()
        while self._cursor.next.kind in ("power", "postfix"):
            token = self._cursor.take()
            if token.kind == "power":
                if isinstance(node, Power) and not node.parentheses:
                    self._cursor.fail(Message("A power of a power needs parentheses."), token)
                exponent = self._superscript(token)
                node = self._raised(start, node, exponent, "superscript", token.span[0])
            else:
                if token.means != "ᵀ":
                    node = self._call(
                        "inverse", "inverse", (node,), "parentheses", self._cursor.since(start)
                    )
                node = self._call("transpose", "", (node,), "ᵀ", self._cursor.since(start))
        return node

    def _superscript(self, token: Token) -> Node:
        digits = token.means.lstrip("+-")
        span = (token.span[1] - len(digits), token.span[1])
        number = Number(id=self._id(), span=span, text=digits)
        if len(digits) == len(token.means):
            return number
        operator = cast(SumOperator, token.means[0])
        return Unary(id=self._id(number), span=token.span, operator=operator, operand=number)

    # ---- what has a value of its own ------------------------------------------------------------

    def _atom(self) -> Node:
        token = self._cursor.next
        if token.kind == "number":
            return self._number()
        if token.kind == "fraction":
            return self._fraction()
        if token.kind == "name":
            return self._name()
        if token.kind == "function":
            return self._function()
        if token.kind == "bracket" and token.means in CLOSING:
            return self._bracketed()
        self._cursor.fail_expected()

    def _number(self) -> Number:
        token = self._cursor.take()
        return Number(id=self._id(), span=token.span, text=token.text)

    def _fraction(self) -> Quotient:
        """½, which is (1/2): its parts stand where it does."""
        token = self._cursor.take()
        parts = [
            Number(id=self._id(), span=token.span, text=each) for each in token.means.split("/")
        ]
        return Quotient(
            id=self._id(*parts),
            span=token.span,
            parentheses=1,
            numerator=parts[0],
            denominator=parts[1],
            column=token.span[0],
        )

    def _name(self) -> Node:
        token = self._cursor.take()
        constant = CONSTANTS.get(token.means)
        if constant is None or token.means in self._variables:
            if self._cursor.next.means == "(":
                check_not_called(token, self._cursor)
            return Name(id=self._id(), span=token.span, name=token.means, text=token.text)
        if self._variables & {name for name, same in CONSTANTS.items() if same == constant}:
            self._cursor.fail(
                Message(
                    "Of pi and π only one was given a value, and both name the same number: write "
                    "one of them."
                ),
                token,
            )
        return Constant(id=self._id(), span=token.span, name=constant, text=token.text)

    def _bracketed(self) -> Node:
        opening = self._cursor.open()
        start = opening.span[0]
        if opening.means == "[":
            entries = self._entries()
            self._cursor.close()
            return Array(id=self._id(*entries), span=self._cursor.since(start), entries=entries)
        inner = self._sum()
        self._cursor.close()
        if opening.means == "(":
            return replace(inner, parentheses=inner.parentheses + 1)
        span = self._cursor.since(start)
        if opening.means == "|":
            return self._call("abs", "", (inner,), "|", span)
        return self._call("norm", "", (inner,), "‖", span)

    def _entries(self) -> tuple[Node, ...]:
        entries = [self._sum()]
        while self._cursor.operator(","):
            self._cursor.take()
            entries.append(self._sum())
        return tuple(entries)

    # ---- functions ------------------------------------------------------------------------------

    def _function(self) -> Node:
        token = self._cursor.take()
        function = FUNCTIONS[token.means]
        raised = self._cursor.next if self._power_on_name(token) else None
        if raised is not None:
            self._cursor.take()
            # the exponent has a number after those of the call: it is evaluated with the power
            digits = raised if raised.kind == "power" else self._cursor.take()
        if self._cursor.next.means == "(":
            self._cursor.open()
            arguments = self._entries()
            self._cursor.close()
            self._check_count(token, len(arguments))
            spelling: CallSpelling = "parentheses"
        elif self._cursor.next.means in ("|", "‖") and self._cursor.starts_factor():
            arguments, spelling = (self._bare_argument(token),), "parentheses"
        else:
            arguments, spelling = (self._bare_argument(token),), "bare"
        span = self._cursor.since(token.span[0])
        call = self._call(function.name, token.text, arguments, spelling, span)
        if raised is None:
            return call
        exponent = Number(id=self._id(), span=digits.span, text=digits.means)
        written: PowerSpelling = "superscript"
        if raised.kind == "operator":
            written = cast(PowerSpelling, raised.means)
        power = self._raised(token.span[0], call, exponent, written, raised.span[0])
        return replace(power, on_name=True)

    def _power_on_name(self, token: Token) -> bool:
        """Whether an exponent stands at the function's name, as in sin²(x) and sin^2(x)."""
        at, after = self._cursor.next, self._cursor.after_next
        if at.kind != "power" and not self._cursor.operator("**", "^"):
            return False
        exponent = at.means if at.kind == "power" else after.means
        if FUNCTIONS[token.means].name not in POWER_ON_NAME or not exponent.isdecimal():
            self._cursor.fail(
                Message(
                    "{name} has no argument before this exponent: write {name}(x)^2 for a power; "
                    "for the inverse of sin write asin(x), for its reciprocal 1/sin(x).",
                    name=token.text,
                )
            )
        return True

    def _bare_argument(self, token: Token) -> Node:
        """The x of sin x, 2x of sin 2x, |x| of ln |x|: one, and nothing after it may belong."""
        function, first = FUNCTIONS[token.means], self._cursor.next
        barred = first.means in ("|", "‖") and self._cursor.starts_factor()
        plain = barred or first.kind in ("number", "fraction", "name")
        if not plain or function.least > 1:
            self._cursor.fail(
                Message(
                    "{name} is a function: write {usage}.", name=token.text, usage=function.usage
                ),
                token,
            )
        argument = self._atom()
        second = self._cursor.next
        glued = second.kind == "name" and not second.spaced
        if first.kind in ("number", "fraction") and glued and token.means not in RADICALS:
            factors = (argument, self._name())
            argument = Product(
                id=self._id(*factors),
                span=self._cursor.since(first.span[0]),
                factors=factors,
                operators=("",),
                columns=(second.span[0],),
            )
        check_argument_ends(token, self._cursor)
        return argument

    def _check_count(self, token: Token, count: int) -> None:
        function = FUNCTIONS[token.means]
        least, most = function.least, function.most
        if count >= least and (most is None or count <= most):
            return
        needs = (
            f"{least}" if most == least else Message("{least} to {most}", least=least, most=most)
        )
        said: dict[str, object] = {
            "name": token.text,
            "count": count,
            "usage": function.usage,
        }
        told = (
            Message("{name} takes 1 argument, found {count}: write {usage}.", **said)
            if needs == "1"
            else Message(
                "{name} takes {needs} arguments, found {count}: write {usage}.", needs=needs, **said
            )
        )
        self._cursor.fail(told, token)

    def _call(
        self,
        function: str,
        text: str,
        arguments: tuple[Node, ...],
        spelling: CallSpelling,
        span: Span,
    ) -> Call:
        return Call(
            id=self._id(*arguments),
            span=span,
            function=function,
            text=text,
            arguments=arguments,
            spelling=spelling,
        )

    # ---- places ---------------------------------------------------------------------------------

    @property
    def _column(self) -> int:
        return self._cursor.next.span[0]

    def _id(self, *parts: Node) -> int:
        """The number of a new node with these parts; parts are made before the whole."""
        depth = 1 + max((self._depths[part.id] for part in parts), default=0)
        if depth > MAX_DEPTH:
            raise FormulaError(
                Message(
                    "The formula is more than {most} operations deep: give a name to a part of it.",
                    most=MAX_DEPTH,
                ),
                self._cursor.text,
                self._cursor.last.span[0],
            )
        self._depths.append(depth)
        return len(self._depths) - 1
