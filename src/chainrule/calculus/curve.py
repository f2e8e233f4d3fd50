"""Points of an implicit curve, and its slope there in numbers.

The slope that was derived is checked against the curve itself: y is solved for a little to the left
and a little to the right, and the difference quotient of the two has to be the slope.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from chainrule.records.message import Message
from chainrule.records.shortened import brief

from .definitions import values_at
from .errors import FormulaError
from .evaluate import DomainError, Evaluation
from .implicit import ImplicitDerivation, SecondImplicitDerivation
from .kinks import Kink, kinks
from .tree import Formula, Node
from .writing import write

ON_CURVE = 1e-9
"""Relative to the sizes of both sides, how far they may be apart on the curve: solving for y in
float64 leaves some 10⁻¹⁵, and values that people type with ten digits are meant to be on it."""

VERTICAL = 1e-9
"""|∂F/∂y| relative to |∂F/∂x| below which the tangent is vertical: where both come out of float64
numbers of ordinary size, an exact 0 is some 10⁻¹⁶."""

AGREES = 1e-5
"""Relative difference between the slope and the quotient: the quotient is good to some 10⁻⁹ unless
the curve bends within a ten-thousandth of its size."""

_FIRST, _WIDER, _FAR = 0.01, 1.15, 120
"""Steps in which a root is looked for: a hundredth of y first, then each 15 % wider, up to some
10⁵ times the start."""

TangentKind = Literal["slope", "vertical", "singular", "corner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """An implicit curve at one of its points.

    Attributes:
        point: Values of all names, those with definitions too.
        partial_by: ∂F/∂x there.
        partial_of: ∂F/∂y there.
        tangent: An ordinary slope; a vertical tangent, where ∂F/∂y is 0; a singular point, where
            both are, as where a curve crosses itself; or a corner, where F has a kink.
        slope: y′; None unless it is ordinary.
        quotient: The difference quotient along the curve; None if it cannot be taken.
        agrees: Whether slope and quotient are the same up to rounding; None without a quotient.
        second: y″, if it was asked for and exists.
        remark: What to say about the tangent.
        moved: That the point asked for is not on the curve, if it is not; else empty.
    """

    point: dict[str, float]
    partial_by: float
    partial_of: float
    tangent: TangentKind
    slope: float | None
    quotient: float | None
    agrees: bool | None
    second: float | None
    remark: str
    moved: str = ""


def slope_at(
    derivation: ImplicitDerivation,
    point: Mapping[str, float],
    *,
    second: SecondImplicitDerivation | None = None,
    definitions: Mapping[str, Formula] | None = None,
) -> CurvePoint:
    """The slope of an implicit curve at a point of it.

    Args:
        derivation: How the slope was found.
        point: A value for each name. That of y is where a solution is looked for; without it, 1.
        second: How y″ was found, if it is wanted.
        definitions: Those that the slope was found with.

    Raises:
        FormulaError: If a name has no value, or no point of the curve is found.
        DomainError: If a part has no value there.
    """
    curve = _Curve(derivation, point, dict(definitions or {}))
    y = curve.solved(float(point.get(derivation.of, 1.0)))
    values = curve.values(y)
    at = Evaluation(values, derivation.equation.text)
    by, of = at(derivation.partial_by.tidy), at(derivation.partial_of.tidy)
    tangent = _tangent(by, of, curve.size(y))
    slope = quotient = bend = None
    corner = _corner(derivation, at)
    if corner is not None:
        tangent = "corner"
    if tangent == "slope":
        slope = _first_value(at, (derivation.factored, derivation.tidy, derivation.raw))
        quotient = curve.quotient(y, slope)
        if second is not None:
            bend = _first_value(at, (second.factored, second.tidy, second.substituted))
    return CurvePoint(
        point=values,
        partial_by=by,
        partial_of=of,
        tangent=tangent,
        slope=slope,
        quotient=quotient,
        agrees=None
        if quotient is None or slope is None
        else math.isclose(slope, quotient, rel_tol=AGREES, abs_tol=AGREES),
        second=bend,
        remark=_remark(tangent, derivation, values)
        if corner is None
        else _corner_remark(corner, curve, derivation, values),
        moved=_moved(derivation, point, y),
    )


def _moved(derivation: ImplicitDerivation, point: Mapping[str, float], y: float) -> str:
    """That a point which was asked for is not on the curve; empty if it is."""
    asked = point.get(derivation.of)
    if asked is None or math.isclose(asked, y, rel_tol=ON_CURVE, abs_tol=ON_CURVE):
        return ""
    x = point[derivation.by]
    return Message(
        "({x:.6g}, {asked:.6g}) is not on the curve; the nearest point found with {by} = {x:.6g} "
        "is {of} = {y:.6g}.",
        x=x,
        asked=asked,
        y=y,
        by=derivation.by,
        of=derivation.of,
    )


def _corner(derivation: ImplicitDerivation, at: Evaluation) -> Kink | None:
    """The first place at which F has a kink or a jump here, in either name."""
    for partial in (derivation.partial_by, derivation.partial_of):
        for kink in kinks(partial, at):
            return kink
    return None


def _corner_remark(
    kink: Kink, curve: "_Curve", derivation: ImplicitDerivation, values: dict[str, float]
) -> str:
    """What the curve does on both sides of a corner, from difference quotients on each side."""
    left, right = (curve.one_sided(values[derivation.of], side) for side in (-1, 1))
    fields = {
        "point": _point(derivation, values),
        "part": kink.place,
        "column": str(kink.span[0] + 1),
        "seen": _seen(left, right),
    }
    if kink.kind == "jump":
        return Message(
            "At {point} {part} (column {column}) jumps, so the equation gives no slope "
            "there{seen}. Choose a point beside it.",
            **fields,
        )
    return Message(
        "At {point} {part} (column {column}) has a kink, so the equation gives no slope "
        "there{seen}. Choose a point beside it.",
        **fields,
    )


def _seen(left: float | None, right: float | None) -> str:
    """How the difference quotients on both sides of a corner go on its sentence."""
    if left is None and right is None:
        return ""
    if right is None:
        return Message(
            ": the difference quotient along the curve is {left:.6g} from the left", left=left
        )
    if left is None:
        return Message(
            ": the difference quotient along the curve is {right:.6g} from the right", right=right
        )
    if math.isclose(left, right, rel_tol=1e-3):
        return Message(
            ": the difference quotient along the curve is {left:.6g} from the left and {right:.6g} "
            "from the right, so the curve may be smooth here all the same",
            left=left,
            right=right,
        )
    return Message(
        ": the difference quotient along the curve is {left:.6g} from the left and {right:.6g} "
        "from the right",
        left=left,
        right=right,
    )


def _point(derivation: ImplicitDerivation, values: Mapping[str, float]) -> str:
    x, y = derivation.by, derivation.of
    return f"{x} = {values[x]:.6g}, {y} = {values[y]:.6g}"


def _tangent(by: float, of: float, size: float) -> TangentKind:
    if abs(of) > VERTICAL * max(abs(by), size):
        return "slope"
    return "vertical" if abs(by) > VERTICAL * size else "singular"


def _remark(tangent: TangentKind, derivation: ImplicitDerivation, values: dict[str, float]) -> str:
    x, y = derivation.by, derivation.of
    fields = {"point": _point(derivation, values), "x": x, "y": y}
    if tangent == "vertical":
        return Message(
            "At {point} the tangent is vertical: ∂F/∂{y} is 0 and ∂F/∂{x} is not, so d{y}/d{x} "
            "does not exist there; d{x}/d{y} does, and is 0.",
            **fields,
        )
    if tangent == "singular":
        return Message(
            "At {point} both ∂F/∂{x} and ∂F/∂{y} are 0: the curve crosses itself there, has a tip, "
            "or is a single point, and the equation gives no slope.",
            **fields,
        )
    return ""


def _first_value(at: Evaluation, forms: Sequence[Node]) -> float:
    """The value of one expression in several forms, some of which divide by what may be 0."""
    for form in forms[:-1]:
        try:
            return at(form)
        except DomainError:
            continue
    return at(forms[-1])


class _Curve:
    """F = left − right as a function of y alone."""

    def __init__(
        self,
        derivation: ImplicitDerivation,
        point: Mapping[str, float],
        definitions: Mapping[str, Formula],
    ) -> None:
        self._derivation = derivation
        self._point = {each: float(value) for each, value in point.items()}
        self._definitions = definitions
        self._root = derivation.equation.difference.root  # made anew whenever it is asked for
        for each in derivation.equation.names:
            known = each in self._point or each in definitions or each == derivation.of
            if not known:
                raise FormulaError(
                    Message(
                        "{name} has no value: give it one, such as {name}=1; {of} is solved for.",
                        name=each,
                        of=derivation.of,
                    ),
                    derivation.equation.text,
                )

    def values(self, y: float, x: float | None = None) -> dict[str, float]:
        """All names, with y and perhaps another x."""
        moved = {} if x is None else {self._derivation.by: x}
        return values_at(self._definitions, {**self._point, **moved, self._derivation.of: y})

    def height(self, y: float, x: float | None = None) -> float:
        """F; NaN where a part has no value."""
        return self._of(self._root, y, x)

    def _of(self, node: Node, y: float, x: float | None = None) -> float:
        try:
            return Evaluation(self.values(float(y), x))(node)  # SciPy passes NumPy's numbers
        except DomainError:
            return math.nan

    def gradient(self, y: float, x: float | None = None) -> float:
        """∂F/∂y; NaN where there is none."""
        return self._of(self._derivation.partial_of.tidy, y, x)

    def size(self, y: float) -> float:
        """The larger of the two sides."""
        equation = self._derivation.equation
        return max(abs(self._of(side.root, y)) for side in (equation.left, equation.right))

    def is_on(self, y: float) -> bool:
        return abs(self.height(y)) <= ON_CURVE * max(self.size(y), ON_CURVE)

    def solved(self, start: float) -> float:
        """The y nearest to a start, among those that a search by widening steps finds."""
        if self.is_on(start):
            return start
        for function in (self.height, self.gradient):  # where F only touches 0, ∂F/∂y crosses it
            for low, high in _crossings(function, start):
                found = _zero(function, low, high)
                if abs(found) < ON_CURVE and self.is_on(0.0):
                    return 0.0
                if self.is_on(found):
                    return found
        at = ", ".join(f"{n} = {v:.6g}" for n, v in self._point.items() if n != self._derivation.of)
        raise FormulaError(
            Message(
                "No {of} was found at {point} for which {left} is {right}, looking from {of} = "
                "{start:.6g} in both directions: choose another {by}, or a start near the curve.",
                of=self._derivation.of,
                by=self._derivation.by,
                point=at,
                left=brief(write(self._derivation.equation.left)),
                right=brief(write(self._derivation.equation.right)),
                start=start,
            ),
            self._derivation.equation.text,
        )

    def quotient(self, y: float, slope: float) -> float | None:
        """(y₊ − y₋) / 2h along the curve, at two h, put together so that h² cancels.

        Where the curve bends differently on both sides, as x|x| at 0, h cancels instead. See
        Richardson's extrapolation in any text on numerical differentiation.
        """
        x = self._point[self._derivation.by]
        width = _STEP * max(1.0, abs(x)) / max(1.0, abs(slope))
        rough, fine = (self._difference(x, y, slope, h) for h in (width, width / 2))
        if rough is None or fine is None:
            return None
        smooth, bent = (4 * fine - rough) / 3, 2 * fine - rough
        return min(smooth, bent, key=lambda each: abs(each - slope))

    def one_sided(self, y: float, side: int) -> float | None:
        """(y(x ± h) − y) / ±h along the curve; None if it does not go on there.

        On each side of a corner the slope is another, so the branch is looked for, near y.
        """
        x = self._point[self._derivation.by]
        step = _STEP * max(1.0, abs(x))
        found = []
        for h in (side * step, side * step / 2):
            end = self._beside(x + h, y, abs(h))
            if end is None:
                return None
            found.append((end - y) / h)
        return 2 * found[1] - found[0]  # h cancels

    def _beside(self, x: float, y: float, h: float) -> float | None:
        def height(end: float) -> float:
            return self.height(end, x)

        if height(y) == 0:
            return y
        for low, high in _crossings(height, y, h / 4):
            if max(abs(low - y), abs(high - y)) > _STEEPEST * h:
                return None
            if height(low) * height(high) < 0:
                return _zero(height, low, high)
        return None

    def _difference(self, x: float, y: float, slope: float, h: float) -> float | None:
        ends = [self._near(x + side * h, y + side * h * slope) for side in (1, -1)]
        if ends[0] is None or ends[1] is None:
            return None
        return (ends[0] - ends[1]) / (2 * h)

    def _near(self, x: float, start: float) -> float | None:
        """The y at another x that Newton's method finds from a start on the tangent."""
        from scipy.optimize import newton

        def height(y: float) -> float:
            return self.height(y, x)

        def gradient(y: float) -> float:
            return self.gradient(y, x)

        try:
            near = 1e-13 * max(1.0, abs(start))
            found = float(newton(height, start, fprime=gradient, tol=near, maxiter=30))
        except (RuntimeError, ZeroDivisionError):
            return None
        return found if math.isfinite(found) else None


_STEP = 1e-3
"""Of the difference quotient, relative to x: its error after extrapolation is some h⁴."""


_STEEPEST = 1000.0
"""Slope up to which a branch is followed on one side of a corner."""


def _zero(function: Callable[[float], float], low: float, high: float) -> float:
    """Where a function crosses 0 between two numbers, as near as float64 goes.

    A zero at 0 is approached by halving: from 1 down to 10⁻³⁰⁰ that takes a thousand steps.
    """
    from scipy.optimize import brentq

    # 4 · 2⁻⁵² is the least that brentq takes
    found, _ = brentq(
        function,
        low,
        high,
        xtol=1e-300,
        rtol=4 * 2**-52,
        maxiter=4000,
        full_output=True,
        disp=False,
    )
    return float(found)


def _crossings(
    function: Callable[[float], float], start: float, width: float | None = None
) -> Iterator[tuple[float, float]]:
    """Intervals in which a function changes its sign, the nearest to a start first.

    Args:
        function: Of one number.
        start: Where the search begins, in both directions.
        width: Of the first interval; if not given, a hundredth of the start.
    """
    width = width or _FIRST * max(1.0, abs(start))
    offsets = [0.0]
    for _ in range(_FAR):
        offsets.append(offsets[-1] + width)
        width *= _WIDER
    values = {0.0: function(start)}
    for near, far in pairwise(offsets):
        for sign in (1.0, -1.0):
            low, high = sign * near, sign * far
            values[high] = function(start + high)
            first, second = values[low], values[high]
            if first * second < 0 or second == 0:
                yield (start + min(low, high), start + max(low, high))
