"""The laws of logarithms, used before differentiating: ln makes terms of factors."""

from dataclasses import dataclass, replace
from fractions import Fraction

from chainrule.calculus.build import call, exact, is_number, multiply, negative, number
from chainrule.calculus.fraction import FactorList, factor_list, sum_of
from chainrule.calculus.never_negative import never_negative
from chainrule.calculus.tree import Call, Constant, Node, Power, Sum, Unary, distinct
from chainrule.calculus.writing import write
from chainrule.records.message import Message, listed

from .rule import Application, Mutation, Part, Rule, Task


@dataclass(frozen=True, slots=True)
class _Logarithm:
    """The logarithm that was typed, of other parts."""

    typed: Call

    @property
    def natural(self) -> bool:
        """Whether its base is e."""
        return self.typed.function == "log" and len(self.typed.arguments) == 1

    def __call__(self, inside: Node) -> Node:
        """The logarithm of something else."""
        if self.natural:
            return call("log", _bare(inside))
        return Call(
            function=self.typed.function,
            text=self.typed.text,
            arguments=(_bare(inside), *self.typed.arguments[1:]),
        )


def _bare(node: Node) -> Node:
    """A part without the parentheses that stood around it."""
    return replace(node, parentheses=0) if node.parentheses else node


@dataclass(frozen=True, slots=True)
class _Leaf:
    """coefficient · log(base); without a logarithm where the law has taken it away, as of eᵘ."""

    coefficient: Node | None
    base: Node | None


class LogarithmLaws(Rule):
    """ln of a product, quotient, power or root, written as a sum first.

    What is not positive by its form stands between bars in the sum, so that the sum has a value
    wherever the logarithm has one.

    Args:
        first: Whether it is the way that is shown, or one that is kept beside the chain rule.
    """

    id = "logarithm-laws"
    name = "logarithm laws first"
    statement = ("log(u v)", "log(u) + log(v)")
    why = (
        "A logarithm turns products into sums, quotients into differences and powers into factors; "
        "what is left is one simple logarithm a term."
    )
    prerequisites = ("log", "sum", "constant-multiple")
    mutations = (
        Mutation(
            id="log-of-product-as-product",
            after="log(u) log(v)",
            message="The logarithm of a product is the sum of the logarithms, not their product: "
            "ln(uv) = ln u + ln v.",
        ),
        Mutation(
            id="log-of-quotient-as-quotient",
            after="log(u)/log(v)",
            message="The logarithm of a quotient is the difference of the logarithms, not their "
            "quotient: ln(u/v) = ln u − ln v.",
        ),
        Mutation(
            id="log-of-quotient-as-sum",
            after="log(u) + log(v)",
            message="What stands below the fraction line is subtracted: ln(u/v) = ln u − ln v.",
        ),
        Mutation(
            id="log-of-power-kept",
            after="log(u)^n",
            message="The exponent becomes a factor in front, not a power of the logarithm: "
            "ln(uⁿ) = n ln u.",
        ),
        Mutation(
            id="log-of-power-lost",
            after="log(u)",
            message="The exponent was dropped; it becomes a factor in front: ln(uⁿ) = n ln u.",
        ),
        Mutation(
            id="log-of-sum-as-sum",
            after="log(u) + log(v)",
            message="There is no law for the logarithm of a sum: only products become sums.",
        ),
    )

    def __init__(self, *, first: bool) -> None:
        self._first = first

    def match(self, node: Node, task: Task) -> dict[str, Node] | None:
        """The logarithm taken apart, as u."""
        read = _read(node, task)
        if read is None or not _is_way(read[1], task, first=self._first):
            return None
        log, inside = read
        return {"u": _laws(inside, log, task)}

    def apply(self, node: Node, task: Task) -> Application | None:
        """The derivative of the sum."""
        found = self.match(node, task)
        if found is None:
            return None
        return replace(_derivative_of(found["u"]), remark=_where(found["u"]))

    def mutated(self, mutation: Mutation, node: Node, task: Task) -> Application | None:
        """The derivative of what somebody writes who takes another law for one of these."""
        read = _read(node, task)
        written = None if read is None else _mistaken(mutation.id, read[1], read[0])
        return None if written is None else _derivative_of(written)


FIRST = LogarithmLaws(first=True)
"""The way that is shown."""

BESIDE = LogarithmLaws(first=False)
"""The way that is kept beside the chain rule."""


def _derivative_of(written: Node) -> Application:
    return Application(parts=(Part(operand=written),), make=lambda made: made[0])


def _read(node: Node, task: Task) -> tuple[_Logarithm, Node] | None:
    """The logarithm and what it is taken of, if that is what moves."""
    if not isinstance(node, Call) or node.function not in ("log", "log2", "log10"):
        return None
    inside, *base = node.arguments
    if not task.varies(inside) or any(map(task.varies, base)):
        return None
    return _Logarithm(node), inside


# ---- the laws ------------------------------------------------------------------------------------


def _laws(inside: Node, log: _Logarithm, task: Task, positive: bool = True) -> Node:
    """The logarithm as a sum of simpler ones.

    Args:
        inside: What it is taken of.
        log: Which one.
        task: What moves.
        positive: Whether that has to be positive; else it is its size that is taken.
    """
    found = _signed_factors(inside)
    factors = [*found.above, *found.below]
    # where the whole is positive, and all others are, the last one is too
    unsure = sum(not never_negative(factor) for factor in factors)
    sure = positive and unsure <= 1
    above = [(1, _term(factor, log, task, sure)) for factor in found.above]
    below = [(-1, _term(factor, log, task, sure)) for factor in found.below]
    return sum_of([*above, *below])


def _signed_factors(inside: Node) -> FactorList:
    """Factors without a factor 1; a minus sign goes to the first one that is no number."""
    found = factor_list(inside)
    above = [factor for factor in found.above if not is_number(factor, 1)]
    below = [factor for factor in found.below if not is_number(factor, 1)]
    if found.sign < 0 and not above and not below:
        above = [number(-1)]
    elif found.sign < 0:
        side = above or below
        at = next((i for i, factor in enumerate(side) if exact(factor) is None), 0)
        side[at] = negative(side[at])
    return FactorList(1, above, below)


def _term(factor: Node, log: _Logarithm, task: Task, positive: bool) -> Node:
    """The exponent of a factor in front of the logarithm of its base."""
    leaf = _leaf(factor, log)
    if leaf.base is None:
        return leaf.coefficient or number(1)
    if leaf.coefficient is None:
        return log(factor if positive or never_negative(factor) else _size(factor))
    inner = _laws(leaf.base, log, task, _positive_base(leaf.coefficient, task, positive))
    return multiply(leaf.coefficient, inner)


def _size(factor: Node) -> Node:
    return call("abs", _bare(factor.operand if isinstance(factor, Unary) else factor))


def _positive_base(exponent: Node, task: Task, positive: bool) -> bool:
    """Whether a base has to be positive where its power is."""
    value = exact(exponent)
    if value is None:
        return task.varies(exponent)  # uᵛ with a moving v has a slope only for positive u
    if value.denominator % 2 == 0:
        return True  # an even root has a value only of what is not negative
    return positive and value.numerator % 2 == 1


def _leaf(factor: Node, log: _Logarithm) -> _Leaf:
    exponent = _exponent(factor)
    if exponent is None:
        return _Leaf(None, factor)
    power, base = exponent
    if base is None or (isinstance(base, Constant) and base.name == "e"):
        return _Leaf(power, None if log.natural else Constant(name="e", text="e"))
    # (x²)³ is x⁶
    while isinstance(base, Power) and exact(base.exponent) is not None:
        outer, inner = exact(power), exact(base.exponent)
        if outer is None or inner is None:
            break
        power, base = number(outer * inner), base.base
    return _Leaf(power, base)


def _exponent(factor: Node) -> tuple[Node, Node | None] | None:
    """Of a power, its exponent and base; of eᵘ no base; None for what is no power."""
    match factor:
        case Power():
            return factor.exponent, factor.base
        case Call() if factor.function == "exp":
            return factor.arguments[0], None
        case Call() if factor.function in _ROOTS:
            return number(_ROOTS[factor.function]), factor.arguments[0]
        case _:
            return None


_ROOTS = {"sqrt": Fraction(1, 2), "cbrt": Fraction(1, 3)}


# ---- where it is a way ---------------------------------------------------------------------------


def _is_way(inside: Node, task: Task, *, first: bool) -> bool:
    """Whether there is something to take apart.

    For ln(2x) it is a way, but not the one that people take first.
    """
    found = _signed_factors(inside)
    factors = [*found.above, *found.below]
    moving = [factor for factor in factors if task.varies(factor)]
    powers = any(_exponent(factor) is not None for factor in moving)
    below = any(task.varies(factor) for factor in found.below)
    return powers or below or len(moving) > 1 or (not first and len(factors) > 1)


def _where(written: Node) -> str:
    """Why there are bars, if there are."""
    sizes = (
        part.arguments[0]
        for part in distinct(written)
        if isinstance(part, Call) and part.function == "abs" and part.id < 0
    )
    shown = list(dict.fromkeys(write(each) for each in sizes))
    if not shown:
        return ""
    if len(shown) == 1:
        return Message(
            "Where {part} is positive the bars change nothing; with them the sum stands for the "
            "logarithm wherever that has a value.",
            part=shown[0],
        )
    return Message(
        "Where {parts} are positive the bars change nothing; with them the sum stands for the "
        "logarithm wherever that has a value.",
        parts=listed(shown),
    )


# ---- mistakes ------------------------------------------------------------------------------------


def _mistaken(mutation: str, inside: Node, log: _Logarithm) -> Node | None:
    found = _signed_factors(inside)
    above, below = [log(each) for each in found.above], [log(each) for each in found.below]
    exponent = _exponent(inside)
    match mutation:
        case "log-of-product-as-product" if len(above) > 1 and not below:
            return multiply(*above)
        case "log-of-quotient-as-quotient" if above and below:
            return FactorList(1, above, below).built()
        case "log-of-quotient-as-sum" if above and below:
            return sum_of([(1, each) for each in (*above, *below)])
        case "log-of-power-kept" if exponent is not None and exponent[1] is not None:
            return Power(base=log(exponent[1]), exponent=exponent[0], spelling="^")
        case "log-of-power-lost" if exponent is not None and exponent[1] is not None:
            return log(exponent[1])
        case "log-of-sum-as-sum" if isinstance(inside, Sum):
            return _split(inside, log)
        case _:
            return None


def _split(inside: Sum, log: _Logarithm) -> Node:
    signs = (1, *(1 if operator == "+" else -1 for operator in inside.operators))
    return sum_of([(sign, log(term)) for sign, term in zip(signs, inside.terms, strict=True)])
