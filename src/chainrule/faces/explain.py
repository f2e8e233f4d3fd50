"""`chainrule.explain`: the derivative of a formula on paper, or of a loss that PyTorch computed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from chainrule.calculus.derivation import Derivation
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix.derivation import MatrixDerivation

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from torch import Tensor

    from chainrule.calculus.matrix import MatrixEvaluation
    from chainrule.calculus.problem import Equation, Problem

    from .loss_explanation import ExplainedLoss


@overload
def explain(
    what: str,
    wrt: str | None = None,
    *,
    at: "Mapping[str, ArrayLike] | None" = None,
    notation: str | None = None,
    of: str | None = None,
    shapes: Mapping[str, int | Sequence[int]] | None = None,
    entry: int | Sequence[int] | None = None,
) -> Derivation | ImplicitDerivation | MatrixDerivation: ...


@overload
def explain(
    what: "Tensor",
    wrt: "Tensor | Sequence[Tensor] | None" = None,
    *,
    entry: int | Sequence[int] | None = None,
    names: "Mapping[str, Tensor] | None" = None,
) -> "ExplainedLoss": ...


def explain(
    what: Any,
    wrt: Any = None,
    *,
    at: "Mapping[str, ArrayLike] | None" = None,
    notation: str | None = None,
    of: str | None = None,
    shapes: Mapping[str, int | Sequence[int]] | None = None,
    entry: int | Sequence[int] | None = None,
    names: "Mapping[str, Tensor] | None" = None,
) -> Any:
    """How a derivative comes about, step by step; `print` writes it, a notebook typesets it.

    Args:
        what: A formula such as `"sigmoid(w*x + b)"`, with definitions (`"z = x^2 y; x = cos t"`) or
            an equation (`"x^2 + y^2 = 25"`); or a loss, a tensor with one entry and a graph.
        wrt: By what: a name of the formula, its only one if not given; or the tensor, or tensors,
            that the loss is differentiated by.
        at: Of a formula: a point at which numbers are given, such as `{"x": 1}`, with a list or an
            array for a vector or matrix.
        notation: Of a formula or an equation: `leibniz`, `lagrange`, `operator`, `partial`,
            `differential`, `index`, `pytorch` or `words`. If not given, `leibniz`; of vectors and
            matrices, `differential`.
        of: Of an equation: the name whose slope is wanted; `y` if not given.
        shapes: Of a formula: shapes of names that are vectors or matrices, such as `{"X": (3, 2)}`.
        entry: Of a loss, or of a formula of vectors or matrices: the entry to work out in full,
            counted from 0.
        names: Of a loss: what its tensors are called, such as `dict(model.named_parameters())`.

    Returns:
        A `Derivation` of a formula of numbers, a `MatrixDerivation` where there are vectors or
        matrices, an `ImplicitDerivation` of an equation, a `LossExplanation` of a loss.

    Raises:
        FormulaError: If the formula cannot be read or differentiated so.
        ExplanationError: If the loss cannot be explained so.
        TypeError: If it is neither, or a setting belongs to the other.

    Example:
        >>> from chainrule.calculus import write
        >>> write(explain("x^2 sin(x)").tidy)
        '2x sin(x) + x^2 · cos(x)'
        >>> explain("x^2 sin(x)", at={"x": 0})
        <dy/dx = 2x · sin(x) + x² · cos(x), of x^2 sin(x), 0 at x = 0>
    """
    if isinstance(what, str):
        _refuse("a loss, found a formula", names=names)
        if wrt is not None and not isinstance(wrt, str):
            raise TypeError(
                f"Expected the name of a variable of the formula for wrt, found "
                f"{type(wrt).__name__}: write it as text, such as 'x'."
            )
        _refuse_other_than_mapping("at", at, '{"x": 1}')
        _refuse_other_than_mapping("shapes", shapes, '{"X": (3, 2)}')
        return _formula(what, wrt, at, notation, of, shapes, entry)
    if type(what).__module__.partition(".")[0] == "torch" or hasattr(what, "grad_fn"):
        _refuse("a formula, found a loss", at=at, notation=notation, of=of, shapes=shapes)
        from chainrule.instruments.backpropagation import explain_loss

        from .loss_explanation import shown

        return shown(explain_loss(what, wrt, entry=entry, names=names))
    raise TypeError(
        f"Expected a formula as text or a loss as a PyTorch tensor to explain, found "
        f"{type(what).__name__}."
    )


def _refuse(expected: str, **settings: object) -> None:
    """Settings that are for the other kind."""
    for name, value in settings.items():
        if value is not None:
            raise TypeError(f"{name} is a setting for {expected}: leave it out.")


def _refuse_other_than_mapping(name: str, value: object, example: str) -> None:
    if value is not None and not isinstance(value, Mapping):
        raise TypeError(
            f"Expected {name} as a dictionary from names of the formula, such as {example}, "
            f"found {type(value).__name__}."
        )


def _refuse_entry(entry: object) -> None:
    if entry is not None:
        raise TypeError("entry is a setting for vectors and matrices: leave it out.")


def _formula(
    text: str,
    wrt: str | None,
    at: "Mapping[str, ArrayLike] | None",
    notation: str | None,
    of: str | None,
    shapes: Mapping[str, int | Sequence[int]] | None,
    entry: int | Sequence[int] | None,
) -> Derivation | ImplicitDerivation | MatrixDerivation:
    from chainrule.calculus.derive import derive_problem
    from chainrule.calculus.errors import FormulaError
    from chainrule.calculus.matrix import needs_matrices
    from chainrule.calculus.notations import notation_named
    from chainrule.calculus.read_problem import read_problem

    from .explained import explained_formula

    way = notation_named(notation or "leibniz").id
    problem = read_problem(text, variables=(*(shapes or ()), *(at or ())))
    if problem.equation is not None or (of is not None and problem.curve is not None):
        _refuse_entry(entry)
        return _curve(problem, wrt, numbers_of(at or {}) if at is not None else None, way, of)
    if of is not None:
        raise FormulaError(
            "Expected an equation such as x^2 + y^2 = 25 with of=…, found a formula.", text
        )
    variable = wrt or problem.only_name()
    matrices = any(
        needs_matrices(formula) for formula in (problem.formula, *problem.defined.values())
    )
    if shapes or matrices or any(_has_entries(value) for value in (at or {}).values()):
        return _matrices(problem, variable, at, notation, shapes or {}, entry)
    _refuse_entry(entry)
    found = derive_problem(problem, variable)
    point = numbers_of(at or {})
    if at is not None:
        # a formula of numbers only is differentiated by a name that it does not hold
        check_names(point, problem.names or ((variable,) if variable in point else ()))
    return explained_formula(found, point, way)


def _curve(
    problem: "Problem", wrt: str | None, at: dict[str, float] | None, notation: str, of: str | None
) -> ImplicitDerivation:
    from chainrule.calculus.curve import slope_at
    from chainrule.calculus.curve_narration import narrate_curve
    from chainrule.calculus.implicit import derive_implicit, second_implicit

    from .explained import explained_curve

    equation = problem.equation or problem.curve
    assert equation is not None
    of = of or "y"
    by = wrt or curve_variable(problem, equation, of)
    found = derive_implicit(equation, of=of, by=by, definitions=problem.defined)
    narrate_curve(found, notation)  # a notation that equations have not is refused at once
    second = second_implicit(found, definitions=problem.defined)
    place = None
    if at is not None:
        place = slope_at(found, at, second=second, definitions=problem.defined)
    return explained_curve(found, second, place, notation)


def curve_variable(problem: "Problem", equation: "Equation", of: str) -> str:
    """By what a curve is differentiated if nobody says: x, or the first other name that it has."""
    known = dict.fromkeys((*equation.names, *problem.names))
    names = [name for name in known if name != of and name not in problem.defined]
    return "x" if "x" in names or not names else names[0]


def _matrices(
    problem: "Problem",
    variable: str,
    at: "Mapping[str, ArrayLike] | None",
    notation: str | None,
    shapes: Mapping[str, int | Sequence[int]],
    entry: int | Sequence[int] | None = None,
) -> MatrixDerivation:
    from chainrule.calculus.matrix import (
        DEFAULT_NOTATION,
        MatrixEvaluation,
        derive_matrix,
        matrix_notation_named,
    )

    from .explained import explained_matrices

    formula = problem.written_out() if problem.definitions else problem.formula
    way = matrix_notation_named(notation or DEFAULT_NOTATION).id
    sizes = {
        name: (shape,) if isinstance(shape, int) else tuple(shape) for name, shape in shapes.items()
    }
    evaluation = None
    if at is not None:
        evaluation = MatrixEvaluation(at, formula.text)
        check_names(evaluation.point, problem.names)
        sizes = shapes_with_values(sizes, evaluation)
    found = derive_matrix(formula, variable, sizes)
    if entry is None:
        return explained_matrices(found, evaluation, way)
    place = (entry,) if isinstance(entry, int) else tuple(entry)
    return explained_matrices(found, evaluation, way, place)


def shapes_with_values(
    shapes: Mapping[str, tuple[int, ...]], evaluation: "MatrixEvaluation"
) -> dict[str, tuple[int, ...]]:
    """The shapes that were given, and those of the values of a point.

    Raises:
        FormulaError: If a name is given a shape and a value of another.
    """
    from chainrule.calculus.errors import FormulaError
    from chainrule.calculus.matrix import shape_text

    for name, shape in shapes.items():
        value = evaluation.point.get(name)
        if value is not None and value.shape != shape:
            raise FormulaError(
                f"Expected a value of the shape that {name} was given, {shape_text(shape)}, found "
                f"{shape_text(value.shape)}: the value says the shape, so the shape can be left "
                "out."
            )
    return dict(shapes) | {name: value.shape for name, value in evaluation.point.items()}


def check_names(point: Mapping[str, object], names: Sequence[str]) -> None:
    """Whether a point has a value for each name of a formula, and for no other.

    Raises:
        FormulaError: If not; the message names all that are missing or strange.
    """
    from chainrule.calculus.errors import FormulaError

    missing = [name for name in names if name not in point]
    strange = [name for name in point if name not in names]
    wrong = []
    if missing:
        wrong.append(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")
    if strange:
        verb = "is" if len(strange) == 1 else "are"
        wrong.append(f"{', '.join(strange)} {verb} not in the formula")
    if wrong:
        asked = f"a value for each of {', '.join(names)}" if names else "no value of a name"
        raise FormulaError(f"Expected {asked}, but {' and '.join(wrong)}.")


def numbers_of(at: "Mapping[str, ArrayLike]") -> dict[str, float]:
    """A point of numbers.

    Raises:
        FormulaError: If a value is none, or not finite.
    """
    import math

    from chainrule.calculus.errors import FormulaError

    point: dict[str, float] = {}
    for name, value in at.items():
        try:
            point[name] = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise FormulaError(
                f"Expected a number for {name}, found {type(value).__name__}."
            ) from None
        if not math.isfinite(point[name]):
            raise FormulaError(f"Expected a finite number for {name}, found {point[name]:g}.")
    return point


def _has_entries(value: object) -> bool:
    """Whether a value is a vector or matrix."""
    listed = isinstance(value, Sequence) and not isinstance(value, str)
    return listed or bool(getattr(value, "shape", ()))
