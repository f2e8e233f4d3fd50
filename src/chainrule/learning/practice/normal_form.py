"""Whether two expressions are equal, proved by algebra, in bounded time.

An expression becomes a fraction of two sums of monomials with exact coefficients. What is no sum,
product or power is a generator: x, sin(x²), e^x; roots are powers with exponents between 0 and 1.
tan, sec and the like become sines and cosines, hyperbolic functions and the sigmoid powers of e;
sin² becomes 1 − cos². What is equal in this form is equal wherever both exist. What is not may be
equal all the same: this proves equality only.
"""

from collections.abc import Hashable
from fractions import Fraction

from chainrule.calculus.build import exact
from chainrule.calculus.tree import (
    Call,
    Constant,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    distinct,
)

MOST_TERMS = 300
"""Of a sum on the way: where it would have more, nothing is proved."""

MOST_STEPS = 40_000
"""Products of two monomials in one proof: some 60 ms."""

Monomial = tuple[tuple[int, Fraction], ...]
Polynomial = dict[Monomial, Fraction]
Ratio = tuple[Polynomial, Polynomial]

_ONE: Polynomial = {(): Fraction(1)}


class TooLarge(Exception):
    """A sum has become too long for a quick proof."""


def proved_equal(left: Node, right: Node) -> bool:
    """Whether algebra shows in bounded time that two expressions are equal where both exist."""
    form = _Form()
    try:
        a, b = form.of(left), form.of(right)
        difference = form.sum(form.product(a[0], b[1]), form.scaled(form.product(b[0], a[1]), -1))
        return not form.reduced(difference)
    except (TooLarge, ZeroDivisionError, OverflowError, ValueError):
        return False


class _Form:
    def __init__(self) -> None:
        self._ids: dict[Hashable, int] = {}
        self._keys: list[Hashable] = []
        self._bases: dict[int, Polynomial] = {}
        self._steps = 0

    def of(self, root: Node) -> Ratio:
        known: dict[int, Ratio] = {}
        for node in distinct(root):
            known[id(node)] = self._one(node, known)
        return known[id(root)]

    def _one(self, node: Node, known: dict[int, Ratio]) -> Ratio:
        match node:
            case Number():
                value = exact(node)
                if value is None:
                    raise TooLarge
                return self._number(value), _ONE
            case Constant():
                return self._exponential((Fraction(1), ())) if node.name == "e" else self._gen("π")
            case Name():
                return self._gen(("name", node.name))
            case Unary():
                top, bottom = known[id(node.operand)]
                return (self.scaled(top, -1) if node.operator == "-" else top), bottom
            case Sum():
                total = known[id(node.terms[0])]
                for operator, term in zip(node.operators, node.terms[1:], strict=True):
                    total = self._added(total, known[id(term)], -1 if operator == "-" else 1)
                return total
            case Product():
                result: Ratio = (_ONE, _ONE)
                for factor in node.factors:
                    result = self._times(result, known[id(factor)])
                return result
            case Quotient():
                return self._divided(known[id(node.numerator)], known[id(node.denominator)])
            case Power():
                return self._power(node, known)
            case Call():
                return self._call(node, [known[id(each)] for each in node.arguments])
            case _:
                raise TooLarge

    # ---- sums of monomials ------------------------------------------------------------------

    def _gen(self, key: Hashable) -> Ratio:
        return {((self._id(key), Fraction(1)),): Fraction(1)}, _ONE

    def _id(self, key: Hashable) -> int:
        if key not in self._ids:
            self._ids[key] = len(self._keys)
            self._keys.append(key)
        return self._ids[key]

    @staticmethod
    def _number(value: Fraction) -> Polynomial:
        return {(): value} if value else {}

    @staticmethod
    def scaled(a: Polynomial, by: int | Fraction) -> Polynomial:
        return {monomial: c * by for monomial, c in a.items()} if by else {}

    @staticmethod
    def sum(a: Polynomial, b: Polynomial) -> Polynomial:
        total = dict(a)
        for monomial, c in b.items():
            new = total.get(monomial, Fraction(0)) + c
            if new:
                total[monomial] = new
            else:
                total.pop(monomial, None)
        if len(total) > MOST_TERMS:
            raise TooLarge
        return total

    def product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        self._steps += len(a) * len(b)
        if self._steps > MOST_STEPS:
            raise TooLarge
        total: Polynomial = {}
        later: list[Polynomial] = []
        for left, c in a.items():
            for right, d in b.items():
                monomial, whole = self._joined(left, right)
                if whole:
                    later.append(self._with_bases(monomial, whole, c * d))
                    continue
                new = total.get(monomial, Fraction(0)) + c * d
                if new:
                    total[monomial] = new
                else:
                    total.pop(monomial, None)
        if len(total) > MOST_TERMS:
            raise TooLarge
        for each in later:
            total = self.sum(total, each)
        return total

    def _joined(self, left: Monomial, right: Monomial) -> tuple[Monomial, list[tuple[int, int]]]:
        """The product of two monomials, and bases whose roots have come to whole powers."""
        powers = dict(left)
        for generator, exponent in right:
            powers[generator] = powers.get(generator, Fraction(0)) + exponent
        whole: list[tuple[int, int]] = []
        for generator, exponent in [*powers.items()]:
            if generator in self._bases and (exponent >= 1 or exponent < 0):
                floor = exponent.numerator // exponent.denominator
                if floor < 0:
                    raise TooLarge  # roots below a fraction line stay there
                powers[generator] = exponent - floor
                whole.append((generator, floor))
        return tuple(sorted((g, e) for g, e in powers.items() if e)), whole

    def _with_bases(
        self, monomial: Monomial, whole: list[tuple[int, int]], c: Fraction
    ) -> Polynomial:
        result: Polynomial = {monomial: c}
        for generator, times in whole:
            for _ in range(times):
                result = self.product(result, self._bases[generator])
        return result

    # ---- fractions --------------------------------------------------------------------------

    def _times(self, a: Ratio, b: Ratio) -> Ratio:
        return self._lowest((self.product(a[0], b[0]), self.product(a[1], b[1])))

    def _divided(self, a: Ratio, b: Ratio) -> Ratio:
        if not b[0]:
            raise ZeroDivisionError
        return self._times(a, (b[1], b[0]))

    def _added(self, a: Ratio, b: Ratio, sign: int) -> Ratio:
        if a[1] == b[1]:
            return self._lowest((self.sum(a[0], self.scaled(b[0], sign)), a[1]))
        top = self.sum(self.product(a[0], b[1]), self.scaled(self.product(b[0], a[1]), sign))
        return self._lowest((top, self.product(a[1], b[1])))

    def _lowest(self, ratio: Ratio) -> Ratio:
        """A denominator that is one monomial goes up, with negative exponents."""
        top, bottom = ratio
        if bottom == _ONE:
            return ratio
        if top == bottom:
            return _ONE, _ONE
        if len(bottom) == 1:
            ((monomial, c),) = bottom.items()
            if not any(generator in self._bases for generator, _ in monomial):
                inverse: Polynomial = {tuple((generator, -e) for generator, e in monomial): 1 / c}
                return self.product(top, inverse), _ONE
        return ratio

    # ---- powers -----------------------------------------------------------------------------

    def _power(self, node: Power, known: dict[int, Ratio]) -> Ratio:
        base, exponent = known[id(node.base)], known[id(node.exponent)]
        if isinstance(node.base, Constant) and node.base.name == "e":
            return self._to_the(exponent)
        value = self._value(exponent)
        if value is not None:
            return self._raised(base, value)
        if self._value(base) is not None:
            return self._gen(("power", self._key(base), self._key(exponent)))
        return self._gen(("power", self._key(base), self._key(exponent)))

    @staticmethod
    def _value(ratio: Ratio) -> Fraction | None:
        top, bottom = ratio
        if bottom != _ONE or any(monomial for monomial in top):
            return None
        return top.get((), Fraction(0))

    def _raised(self, base: Ratio, exponent: Fraction) -> Ratio:
        if exponent < 0:
            top, bottom = self._raised(base, -exponent)
            return self._divided((_ONE, _ONE), (top, bottom))
        floor = exponent.numerator // exponent.denominator
        if floor > 30:
            raise TooLarge
        result: Ratio = (_ONE, _ONE)
        for _ in range(floor):
            result = self._times(result, base)
        rest = exponent - floor
        return result if not rest else self._times(result, self._root(base, rest))

    def _root(self, base: Ratio, exponent: Fraction) -> Ratio:
        top, bottom = base
        if bottom == _ONE and len(top) == 1:
            ((monomial, c),) = top.items()
            if c == 1 and len(monomial) == 1 and monomial[0][1] == 1:
                return {((monomial[0][0], exponent),): Fraction(1)}, _ONE
        if bottom != _ONE:
            # wherever the root of a fraction and both roots exist, they agree
            below = self._root((bottom, _ONE), exponent)
            return self._divided(self._root((top, _ONE), exponent), below)
        generator = self._id(("root", self._key((top, _ONE))))
        self._bases.setdefault(generator, top)
        return {((generator, exponent),): Fraction(1)}, _ONE

    def _to_the(self, exponent: Ratio) -> Ratio:
        """E to a sum: a product of e to each monomial."""
        top, bottom = exponent
        if bottom != _ONE:
            return self._gen(("e", self._key(exponent)))
        result: Monomial = ()
        for monomial, c in top.items():
            result = tuple(sorted((*result, (self._id(("e", monomial)), c))))
        return {result: Fraction(1)}, _ONE

    def _exponential(self, term: tuple[Fraction, Monomial]) -> Ratio:
        return self._to_the(({term[1]: term[0]}, _ONE))

    # ---- functions --------------------------------------------------------------------------

    def _call(self, node: Call, arguments: list[Ratio]) -> Ratio:
        one: Ratio = (_ONE, _ONE)
        u = arguments[0]
        if len(arguments) == 1:
            match node.function:
                case "sqrt":
                    return self._raised(u, Fraction(1, 2))
                case "exp":
                    return self._to_the(u)
                case "sin" | "cos":
                    return self._even_or_odd(node.function, u)
                case "tan":
                    return self._divided(self._even_or_odd("sin", u), self._even_or_odd("cos", u))
                case "cot":
                    return self._divided(self._even_or_odd("cos", u), self._even_or_odd("sin", u))
                case "sec":
                    return self._divided(one, self._even_or_odd("cos", u))
                case "csc":
                    return self._divided(one, self._even_or_odd("sin", u))
                case "sigmoid":
                    minus = (self.scaled(u[0], -1), u[1])
                    return self._divided(one, self._added(one, self._to_the(minus), 1))
                case "sinh" | "cosh" | "tanh" | "sech" | "csch" | "coth":
                    return self._hyperbolic(node.function, u)
                case "silu":
                    minus = (self.scaled(u[0], -1), u[1])
                    return self._divided(u, self._added(one, self._to_the(minus), 1))
        return self._gen((node.function, *(self._key(each) for each in arguments)))

    def _even_or_odd(self, function: str, u: Ratio) -> Ratio:
        """sin(−u) as −sin(u), cos(−u) as cos(u)."""
        top, bottom = u
        if not top:
            return ({} if function == "sin" else _ONE), _ONE
        negative = top[min(top)] < 0
        key = (function, self._key((self.scaled(top, -1), bottom) if negative else u))
        made = self._gen(key)
        if negative and function == "sin":
            return self.scaled(made[0], -1), _ONE
        return made

    def _hyperbolic(self, function: str, u: Ratio) -> Ratio:
        grow, fall = self._to_the(u), self._to_the((self.scaled(u[0], -1), u[1]))
        half: Ratio = (self._number(Fraction(1, 2)), _ONE)
        sinh = self._times(half, self._added(grow, fall, -1))
        cosh = self._times(half, self._added(grow, fall, 1))
        one: Ratio = (_ONE, _ONE)
        match function:
            case "sinh":
                return sinh
            case "cosh":
                return cosh
            case "tanh":
                return self._divided(sinh, cosh)
            case "coth":
                return self._divided(cosh, sinh)
            case "sech":
                return self._divided(one, cosh)
            case _:
                return self._divided(one, sinh)

    @staticmethod
    def _key(ratio: Ratio) -> Hashable:
        return frozenset(ratio[0].items()), frozenset(ratio[1].items())

    def reduced(self, polynomial: Polynomial) -> Polynomial:
        """With sin² as 1 − cos², until none is left."""
        for _ in range(12):
            changed: Polynomial = {}
            again = False
            for monomial, c in polynomial.items():
                done = self._without_square(monomial, c)
                again = again or done is not None
                changed = self.sum(changed, {monomial: c} if done is None else done)
            polynomial = changed
            if not again:
                break
        return polynomial

    def _without_square(self, monomial: Monomial, c: Fraction) -> Polynomial | None:
        for i, (generator, exponent) in enumerate(monomial):
            key = self._keys[generator]
            if not (isinstance(key, tuple) and key[0] == "sin" and exponent >= 2):
                continue
            cosine = self._id(("cos", *key[1:]))
            left = (generator, exponent - 2)
            rest = (*monomial[:i], *([left] if left[1] else []), *monomial[i + 1 :])
            square: Polynomial = {
                (): Fraction(1),
                ((cosine, Fraction(2)),): Fraction(-1),
            }
            return self.product({tuple(sorted(rest)): c}, square)
        return None
