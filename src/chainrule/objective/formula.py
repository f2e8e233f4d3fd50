"""L(θ) from a typed formula."""

import math
import unicodedata
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from chainrule.calculus import FUNCTIONS, Formula, parse
from chainrule.calculus.matrix.fit import shape_text
from chainrule.calculus.tokens import suggestion

from .errors import ObjectiveError
from .instructions import Instructions
from .objective import Objective

TITLE = 60
"""Characters of a formula that an objective's description shows: one line."""


def from_formula(
    text: str,
    theta: Mapping[str, object] | None = None,
    constants: Mapping[str, object] | None = None,
) -> Objective:
    """The objective of a formula; see `Objective.from_formula`. It computes in float64 on the CPU.

    Args:
        text: What may be typed is in `docs/formulas.md`.
        theta: Where to start, by name: a number, a nested list, a tensor of floating-point numbers.
            A name given here or in `constants` is no constant, though it be `e` or `pi`.
        constants: Data, by name.

    Returns:
        Its parameters are in the order in which the formula names them.

    Raises:
        FormulaError: If the text is no formula, or shapes do not fit; the message points at the
            column.
        ObjectiveError: If the formula is not one number or has no variable, or something given
            has a name that is not in the formula, or is not made of finite numbers.
    """
    given = _by_name(theta, "theta")
    data = _by_name(constants, "constants")
    for name in given:
        if name in data:
            raise ObjectiveError(
                f"{name!r} is in theta and in constants: give it once, in theta if L is to be "
                "differentiated by it."
            )
    formula = parse(text, variables={*given, *data})
    for place, names in (("theta", given), ("constants", data)):
        for name in names:
            _check_known(name, formula, place)
    fixed = {name: _tensor(name, value, "constants") for name, value in data.items()}
    variables = [name for name in formula.names if name not in data]
    if not variables:
        raise ObjectiveError(
            "The formula has no variable: name at least one quantity that is not in constants."
        )
    assumed = [name for name in variables if name not in given]
    start = {name: _tensor(name, given.get(name, 0.0), "theta") for name in variables}
    loss = Instructions(formula, start, fixed, assumed)
    if loss.value.numel() != 1:
        raise ObjectiveError(
            f"Expected the formula to be one number, found {shape_text(tuple(loss.value.shape))}: "
            "take its sum, mean or norm."
        )
    title = " ".join(text.split())
    objective = Objective(
        loss,
        start,
        source="formula",
        description=title if len(title) <= TITLE else f"{title[: TITLE - 1]}…",
    )
    objective.evaluations = 1
    objective.start_value = float(loss.value.item())
    return objective


def _by_name(values: Mapping[str, object] | None, what: str) -> dict[str, object]:
    """What was given, under names as the parser knows them: x₁ is x1."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise ObjectiveError(
            f"Expected {what} as a mapping from names to numbers such as {{'x': 3}}, found "
            f"{type(values).__name__}."
        )
    found: dict[str, object] = {}
    for key, value in values.items():
        if not isinstance(key, str):
            raise ObjectiveError(f"Expected names in {what}, found {key!r}: write them as text.")
        name = unicodedata.normalize("NFKC", key.strip())
        if name in found:
            raise ObjectiveError(f"{key!r} stands twice in {what}, as {name!r} does: give one.")
        found[name] = value
    return found


def _check_known(name: str, formula: Formula, place: str) -> None:
    if name in formula.names:
        return
    if name in FUNCTIONS:
        raise ObjectiveError(
            f"{name!r} in {place} is the name of a function: call the variable otherwise."
        )
    # of what a command line gives nobody knows that it is called theta
    given = "is given a number" if place == "theta" else f"is given in {place}"
    message = f"{name!r} {given} and is not in the formula, which has {_listed(formula.names)}."
    longer = next((own for own in formula.names if name in own), None)
    meant = suggestion(name, formula.names)
    if longer is not None and len(name) == 1:
        meant = f" {longer} is one name: write a product with * or a space."
    raise ObjectiveError(message + (meant or " Leave it out, or write it into the formula."))


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:6]) + (", …" if len(names) > 6 else "") if names else "no names"


def _tensor(name: str, value: object, place: str) -> Tensor:
    if isinstance(value, Tensor):
        real = value.is_floating_point() if place == "theta" else not value.is_complex()
        if not real or value.dtype == torch.bool:
            raise ObjectiveError(
                f"Expected floating-point numbers for {name!r} in {place}, found {value.dtype}: "
                "convert it, for example with .float()."
            )
        tensor = value.detach().to("cpu", torch.float64, copy=True)
    else:
        tensor = _from_numbers(name, value, place)
    if tensor.numel() == 0:
        raise ObjectiveError(f"Expected numbers for {name!r} in {place}, found none: it is empty.")
    if not torch.isfinite(tensor).all():
        wrong = tensor[~torch.isfinite(tensor)].flatten()[0].item()
        found = "NaN" if math.isnan(wrong) else f"{wrong:g}"
        raise ObjectiveError(
            f"Expected finite numbers for {name!r} in {place}, found {found}: start from others."
            if place == "theta"
            else f"Expected finite numbers for {name!r} in {place}, found {found}."
        )
    return tensor


def _from_numbers(name: str, value: object, place: str) -> Tensor:
    try:
        if isinstance(value, bool | str | bytes | complex):
            raise TypeError
        return torch.tensor(value, dtype=torch.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError) as error:
        detail = f" ({error})" if str(error) else ""
        raise ObjectiveError(
            f"Expected a number, a list or a matrix of numbers for {name!r} in {place}, found "
            f"{type(value).__name__}{detail}."
        ) from error


def formula_of_numbers(objective: Objective) -> str | None:
    """What was typed, if an objective is a formula of numbers and of nothing besides; else None."""
    loss = objective._loss
    if not isinstance(loss, Instructions) or loss.has_data:
        return None
    return None if any(t.ndim for t in objective.parameters.values()) else loss.text
