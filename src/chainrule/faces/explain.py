"""`chainrule.explain`: the derivative of a formula on paper, or of a loss that PyTorch computed."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, overload

from chainrule.calculus.derivation import Derivation
from chainrule.calculus.implicit import ImplicitDerivation
from chainrule.calculus.matrix.derivation import MatrixDerivation

if TYPE_CHECKING:
    from torch import Tensor

    from .loss_explanation import ExplainedLoss


@overload
def explain(
    what: str,
    wrt: str | None = None,
    *,
    of: str = "y",
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> Derivation | ImplicitDerivation | MatrixDerivation: ...


@overload
def explain(
    what: "Tensor",
    wrt: "Tensor | Sequence[Tensor] | None" = None,
    *,
    entry: int | Sequence[int] | None = None,
    names: "Mapping[str, Tensor] | None" = None,
) -> "ExplainedLoss": ...


def explain(what: Any, wrt: Any = None, **settings: Any) -> Any:
    """How a derivative comes about, step by step; it renders itself in a notebook.

    Args:
        what: A formula such as `"sigmoid(w*x + b)"`, with definitions (`"z = x^2 y; x = cos t"`) or
            an equation (`"x^2 + y^2 = 25"`); or a loss, a tensor with one entry and a graph.
        wrt: By what: a name of the formula, its only one if not given; or the tensor, or tensors,
            that the loss is differentiated by.
        **settings: Of a formula, `shapes` of names that are vectors or matrices, and of an
            equation, `of`, the name whose slope is wanted (`y`). Of a loss, `entry`, the entry to
            work out in full, and `names`, such as `dict(model.named_parameters())`.

    Returns:
        A `Derivation` of a formula of numbers, a `MatrixDerivation` where there are vectors or
        matrices, an `ImplicitDerivation` of an equation, a `LossExplanation` of a loss.

    Raises:
        FormulaError: If the formula cannot be read or differentiated so.
        ExplanationError: If the loss cannot be explained so.
        TypeError: If it is neither.

    Example:
        >>> from chainrule.calculus import write
        >>> write(explain("x^2 sin(x)").tidy)
        '2x sin(x) + x^2 · cos(x)'
    """
    if isinstance(what, str):
        return _formula(what, wrt, **settings)
    if type(what).__module__.partition(".")[0] == "torch" or hasattr(what, "grad_fn"):
        from chainrule.instruments.backpropagation import explain_loss

        from .loss_explanation import shown

        return shown(explain_loss(what, wrt, **settings))
    raise TypeError(
        f"Expected a formula as text or a loss as a PyTorch tensor to explain, found "
        f"{type(what).__name__}."
    )


def _formula(
    text: str,
    wrt: str | None,
    *,
    of: str = "y",
    shapes: Mapping[str, Sequence[int]] | None = None,
) -> Derivation | ImplicitDerivation | MatrixDerivation:
    from chainrule.calculus.definitions import read_problem
    from chainrule.calculus.derive import derive
    from chainrule.calculus.implicit import derive_implicit
    from chainrule.calculus.matrix import derive_matrix, needs_matrices

    problem = read_problem(text, variables=tuple(shapes or ()))
    if problem.equation is not None:
        by = wrt or next((each for each in problem.equation.names if each != of), "x")
        return derive_implicit(problem.equation, of=of, by=by, definitions=problem.defined)
    variable = wrt or problem.only_name()
    if shapes or needs_matrices(problem.formula):
        sizes = {name: tuple(shape) for name, shape in (shapes or {}).items()}
        return derive_matrix(problem.formula, variable, sizes)
    return derive(problem.formula, variable, definitions=problem.defined)
