"""Implicit differentiation: the slope of a curve that an equation gives, solved for as on paper.

Both sides are differentiated with y as a function of x, which leaves an equation that is linear in
y′; its terms with y′ are collected, and what multiplies y′ goes below the line.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from chainrule.records.message import Message, as_message

from .build import call, divide, is_number, multiply, name, occurs, substitute
from .derivation import PRIME, Derivation, Rewrite
from .derive import derive
from .errors import FormulaError
from .fraction import sum_of, term_list
from .problem import Equation, numbered
from .put_back import put_back
from .tidy import factor, tidy
from .tokens import suggestion
from .tree import (
    Call,
    Formula,
    Name,
    Node,
    Product,
    Quotient,
    Sum,
    Unary,
)

EQUATION_STEPS: dict[str, str] = {
    "differentiate-both-sides": "differentiate both sides: equal things have equal slopes",
    "tidy-both-sides": "tidy both sides",
    "multiply-out": "multiply out the brackets with the unknown slope in them",
    "collect": "bring the terms with the unknown slope to the left, the others to the right",
    "take-out": "take the unknown slope out of its terms",
    "divide": "divide by what multiplies it",
}
"""What each step of solving is called, by its rule; in the order in which they are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EquationStep:
    """One step from the equation of the curve to that of its slope.

    Attributes:
        rule: Its id in `EQUATION_STEPS`.
        left: What is on the left of the = afterwards.
        right: What is on the right.
    """

    rule: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ImplicitDerivation:
    """How the slope of an implicit curve is found.

    Attributes:
        equation: The curve.
        of: The name that depends on the other, y.
        by: The name that it is differentiated by, x.
        slope: What the unknown is called, y′.
        left: The left side differentiated, y being a function of x.
        right: The right side.
        steps: From both to y′ alone on the left.
        raw: The slope as it was solved for.
        tidying: From `raw` to `tidy`.
        factoring: From `tidy` to `factored`.
        putting_back: From `tidy` to `written_out`: what the names stand for is put back in.
        partial_by: F = left − right differentiated by x with y held, ∂F/∂x.
        partial_of: Likewise ∂F/∂y; another way to the slope is −(∂F/∂x) / (∂F/∂y).
    """

    equation: Equation
    of: str
    by: str
    slope: Name
    left: Derivation
    right: Derivation
    steps: tuple[EquationStep, ...]
    raw: Node
    tidying: tuple[Rewrite, ...]
    factoring: tuple[Rewrite, ...]
    putting_back: tuple[Rewrite, ...]
    partial_by: Derivation
    partial_of: Derivation

    @property
    def tidy(self) -> Node:
        """The slope without what a person would not write."""
        return self.tidying[-1].after if self.tidying else self.raw

    @property
    def factored(self) -> Node:
        """The slope with common factors taken out."""
        return self.factoring[-1].after if self.factoring else self.tidy

    @property
    def written_out(self) -> Node:
        """The slope without names that stand for formulas, where that can be written."""
        return self.putting_back[-1].after if self.putting_back else self.factored

    def __str__(self) -> str:
        """The slope: y′ = −x/y."""
        from .pretty import pretty

        return f"{self.slope.name} = {pretty(self.factored)}"

    def __repr__(self) -> str:
        return f"<ImplicitDerivation of {self.equation.text} by {self.by}: {self}>"

    def _repr_markdown_(self) -> str:
        """All steps, those to y″ among them, for a notebook."""
        from .curve_narration import narrate_curve
        from .curve_typeset import curve_markdown

        definitions = dict(self.left.definitions)
        second = second_implicit(self, definitions=definitions)
        return curve_markdown(narrate_curve(self, second=second, script="latex"))


@dataclass(frozen=True, kw_only=True)
class SecondImplicitDerivation:
    """How the slope itself changes along the curve: y″.

    Attributes:
        first: How y′ was found.
        derivation: y′ differentiated by x, with y′ standing for the slope of y.
        substituted: The same with y′ written out.
        tidying: From `substituted` to `tidy`.
        factoring: From `tidy` to `factored`.
    """

    first: ImplicitDerivation
    derivation: Derivation
    substituted: Node
    tidying: tuple[Rewrite, ...]
    factoring: tuple[Rewrite, ...]

    @property
    def tidy(self) -> Node:
        """y″ without what a person would not write."""
        return self.tidying[-1].after if self.tidying else self.substituted

    @property
    def factored(self) -> Node:
        """y″ with common factors taken out."""
        return self.factoring[-1].after if self.factoring else self.tidy

    @cached_property
    def on_curve(self) -> Node:
        """y″ shortened by what the equation says, where both are made of polynomials.

        −(x² + y²)/y³ is −25/y³ on the circle x² + y² = 25; elsewhere it is not.
        """
        from .on_curve import shortened

        first = self.first
        return shortened(self.factored, first.equation, (first.by, first.of)) or self.factored


def derive_implicit(
    equation: Equation,
    *,
    of: str = "y",
    by: str = "x",
    definitions: Mapping[str, Formula] | None = None,
    routes: bool = True,
) -> ImplicitDerivation:
    """Differentiate a curve implicitly.

    Args:
        equation: Of the curve; other names than the two are held constant.
        of: The name whose slope is wanted.
        by: The name that it is differentiated by.
        definitions: Formulas that names of the equation stand for.
        routes: Whether other ways are kept beside the steps on both sides.

    Returns:
        The derivatives of both sides, the steps that solve for the slope, and the slope in three
        forms.

    Raises:
        FormulaError: If a name is not in the equation, or `of` drops out of it.
    """
    known = dict(definitions or {})
    _check_names(equation, of, by, known)
    slope = name(of + PRIME)
    unknown = {of: slope}
    sides = tuple(
        derive(side, by, definitions=known, unknown=unknown, routes=routes)
        for side in (equation.left, equation.right)
    )
    left, right = sides
    difference = equation.difference
    steps = _solved(left, right, slope, equation, of)
    raw = steps[-1].right
    tidying = tidy(raw)
    tidied = tidying[-1].after if tidying else raw
    return ImplicitDerivation(
        equation=equation,
        of=of,
        by=by,
        slope=slope,
        left=left,
        right=right,
        steps=steps,
        raw=raw,
        tidying=tidying,
        factoring=factor(tidied),
        putting_back=put_back(tidied, known),
        partial_by=derive(difference, by, definitions=known, routes=routes),
        partial_of=derive(difference, of, definitions=known, routes=routes),
    )


def second_implicit(
    first: ImplicitDerivation,
    *,
    definitions: Mapping[str, Formula] | None = None,
    routes: bool = True,
    first_id: int = 0,
) -> SecondImplicitDerivation:
    """Differentiate the slope of a curve once more along it.

    Args:
        first: How the slope was found.
        definitions: Those that it was found with.
        routes: Whether other ways are kept beside the steps.
        first_id: From which the parts of the slope are numbered, so that a page can tell them from
            those of the equation.
    """
    slope = Formula(text=first.equation.text, root=numbered(first.factored, first_id))
    derivation = derive(
        slope, first.by, definitions=definitions, unknown={first.of: first.slope}, routes=routes
    )
    substituted = substitute(derivation.tidy, {first.slope.name: first.factored})
    tidying = tidy(substituted)
    tidied = tidying[-1].after if tidying else substituted
    return SecondImplicitDerivation(
        first=first,
        derivation=derivation,
        substituted=substituted,
        tidying=tidying,
        factoring=factor(tidied),
    )


def _reached(equation: Equation, definitions: Mapping[str, Formula]) -> set[str]:
    """Names of an equation and of the definitions that it needs."""
    reached: set[str] = set()
    left = [*equation.names]
    while left:
        each = left.pop()
        if each not in reached:
            reached.add(each)
            left += definitions[each].names if each in definitions else ()
    return reached


def _check_names(equation: Equation, of: str, by: str, definitions: Mapping[str, Formula]) -> None:
    if of == by:
        raise FormulaError(
            Message("Expected two different names for the slope, found {name!r} twice.", name=of)
        )
    names = sorted(_reached(equation, definitions) - set(definitions))
    for each in (of, by):
        if each in definitions:
            raise FormulaError(
                Message(
                    "{name} stands for a formula of its own, so the equation does not say how it "
                    "moves: name two that have no definition.",
                    name=each,
                ),
                equation.text,
            )
    roles = (Message("whose slope is asked for"), Message("to differentiate by"))
    for each, role in zip((of, by), roles, strict=True):
        if each not in names:
            longer = next((n for n in names if {of, by} <= {*n}), None)
            hint = (
                Message(" {name} is one name: write a product with * or a space.", name=longer)
                if longer
                else as_message(suggestion(each, names))
            )
            raise FormulaError(
                Message(
                    "Expected {name!r} in the equation, {role}; it has {names}.{hint}",
                    name=each,
                    role=role,
                    names=", ".join(names) or Message("no names"),
                    hint=hint,
                ),
                equation.text,
            )


def _solved(
    left: Derivation, right: Derivation, slope: Name, equation: Equation, of: str
) -> tuple[EquationStep, ...]:
    """The steps from both sides differentiated to the slope alone."""
    steps = [EquationStep(rule="differentiate-both-sides", left=left.raw, right=right.raw)]

    def step(rule: str, new_left: Node, new_right: Node) -> None:
        if (new_left, new_right) != (steps[-1].left, steps[-1].right):
            steps.append(EquationStep(rule=rule, left=new_left, right=new_right))

    step("tidy-both-sides", left.tidy, right.tidy)
    sides = (left, right)
    linear = [_Linear.of(side.tidy, slope.name) for side in sides]
    if any(len(each) > len(term_list(d.tidy)) for each, d in zip(linear, sides, strict=True)):
        step("multiply-out", *(_written_out(side, slope) for side in linear))
    with_slope = [*linear[0].slopes, *((-sign, term) for sign, term in linear[1].slopes)]
    without = [*linear[1].rest, *((-sign, term) for sign, term in linear[0].rest)]
    collected = sum_of([(sign, _times_slope(term, slope)) for sign, term in with_slope])
    step("collect", collected, _tidied(sum_of(without)))
    coefficient, rest = _tidied(sum_of(with_slope)), _tidied(sum_of(without))
    if is_number(coefficient, 0):
        raise FormulaError(
            Message(
                "The equation holds for every {name} or for none: {name} drops out of it, so it is "
                "no curve on which {name} has a slope.",
                name=of,
            ),
            equation.text,
        )
    if len(with_slope) > 1:
        step("take-out", _times_slope(coefficient, slope), rest)
    step("divide", slope, rest if is_number(coefficient, 1) else divide(rest, coefficient))
    return tuple(steps)


def _tidied(node: Node) -> Node:
    rewrites = tidy(node)
    return rewrites[-1].after if rewrites else node


def _times_slope(term: Node, slope: Name) -> Node:
    return _product(term, slope)


@dataclass(frozen=True, slots=True)
class _Linear:
    """A side as Σ slopes · y′ + Σ rest; each term with its sign."""

    slopes: list[tuple[int, Node]]
    rest: list[tuple[int, Node]]

    def __len__(self) -> int:
        return len(self.slopes) + len(self.rest)

    @classmethod
    def of(cls, side: Node, slope: str) -> "_Linear":
        found = cls([], [])
        for sign, term in term_list(side):
            inner = _split(term, slope)
            found.slopes.extend((sign * own, each) for own, each in inner.slopes)
            found.rest.extend((sign * own, each) for own, each in inner.rest)
        return found


def _split(term: Node, slope: str) -> _Linear:
    """One term: the rules leave a derivative as a factor, above a fraction line or in a case."""
    if not occurs(term, (slope,)):
        return _Linear([], [(1, term)])
    match term:
        case Name():
            return _Linear([(1, _ONE)], [])
        case Sum() | Unary():
            return _Linear.of(term, slope)
        case Product():
            at = next(i for i, f in enumerate(term.factors) if occurs(f, (slope,)))
            before, after = term.factors[:at], term.factors[at + 1 :]
            return _each(
                _Linear.of(term.factors[at], slope),
                lambda part: _product(*before, part, *after),
            )
        case Quotient():
            return _each(
                _Linear.of(term.numerator, slope), lambda part: divide(part, term.denominator)
            )
        case Call() if term.function == "where":
            return _of_cases(term, slope)
        case _:
            raise FormulaError(
                Message("The derivative of the equation is not linear in the slope.")
            )


_ONE = multiply()


def _each(linear: _Linear, change: Callable[[Node], Node]) -> _Linear:
    return _Linear(
        [(sign, change(part)) for sign, part in linear.slopes],
        [(sign, change(part)) for sign, part in linear.rest],
    )


def _product(*factors: Node) -> Node:
    """A product with the factors of its factors side by side."""
    flat: list[Node] = []
    for each in factors:
        flat += each.factors if isinstance(each, Product) else (each,)
    return multiply(*(each for each in flat if not is_number(each, 1)))


def _of_cases(term: Call, slope: str) -> _Linear:
    """where(c, a·y′ + b, …) is where(c, a, …)·y′ + where(c, b, …)."""
    condition, *cases = term.arguments
    split = [_Linear.of(case, slope) for case in cases]
    slopes = call("where", condition, *(_tidied(sum_of(each.slopes)) for each in split))
    rest = _tidied(call("where", condition, *(_tidied(sum_of(each.rest)) for each in split)))
    return _Linear([(1, slopes)], [] if is_number(rest, 0) else [(1, rest)])


def _written_out(linear: _Linear, slope: Name) -> Node:
    terms = [(sign, _times_slope(term, slope)) for sign, term in linear.slopes]
    return sum_of([*terms, *((s, t) for s, t in linear.rest if not is_number(t, 0))])
