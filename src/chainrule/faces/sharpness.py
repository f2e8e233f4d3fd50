"""The ends of a Hessian's spectrum, in the terminal and as JSON."""

import math
from collections.abc import Sequence

from chainrule import __version__
from chainrule.records.curvature import Eigenvalue, Spectrum
from chainrule.records.flatness import FlatPlace
from chainrule.records.step_sharpness import StepSharpness

from .descent_document import place_document
from .document import Json, json_number
from .numerals import number, plural
from .page import Page
from .place import write_place
from .theta import Parameters


def write_sharpness(
    page: Page,
    spectrum: Spectrum,
    *,
    where: str,
    place: FlatPlace | None = None,
    parameters: Parameters = (),
    learning_rate: float | None = None,
    own_rate: float | None = None,
    measured: Sequence[StepSharpness] = (),
) -> None:
    """Write a spectrum.

    Args:
        page: Where to.
        spectrum: What was measured.
        where: Of what and at which point, in a few words.
        place: What kind of place it is, if that was asked.
        parameters: Of θ, for the place's directions.
        learning_rate: η, to be compared with the limits.
        own_rate: η that the optimizer had when its limit was taken.
        measured: What a run measured at its captured steps.
    """
    page.line()
    page.item(("chainrule  ", "bold"), (f"the curvature of {where}", "dim"))
    page.line()
    page.line(f"  L = {number(spectrum.loss)}, ‖∇L‖ = {number(spectrum.gradient_norm)}")
    if len(spectrum.largest) == spectrum.dimension > 1:  # the whole spectrum was asked for
        _write_end(page, "λ_max", spectrum.largest[:1])
        _write_end(page, "λ_min", spectrum.largest[-1:])
    else:
        _write_end(page, "λ_max", spectrum.largest)
        _write_end(page, "λ_min", spectrum.smallest)
    page.paragraph((_trust(spectrum), "dim"), indent=2)
    page.line()
    _write_limits(page, spectrum, learning_rate, own_rate)
    if measured:
        page.line()
        _write_measured(page, measured)
    if place is not None:
        page.line()
        page.line(("The place", "bold"))
        write_place(page, place, parameters)
    page.line()


def limits(spectrum: Spectrum) -> tuple[float, float]:
    """(1/λ_max, 2/λ_max): η up to which gradient descent is monotone, and stable.

    Infinite where the loss bends upwards in no direction.
    """
    sharpness = spectrum.sharpness
    bound = spectrum.largest[0].bound if spectrum.largest else math.inf
    if not sharpness > bound:
        return math.inf, math.inf
    return 1 / sharpness, 2 / sharpness


def optimizer_limit(spectrum: Spectrum, own_rate: float | None) -> float | None:
    """η up to which the optimizer is stable here, with its P and its settings as they are.

    Its limit for λ_max goes with 1/η. None if the optimizer or its η is not known.
    """
    bound = spectrum.largest[0].bound if spectrum.largest else math.inf
    if spectrum.limit is None or own_rate is None:
        return None
    return (
        own_rate * spectrum.limit / spectrum.sharpness if spectrum.sharpness > bound else math.inf
    )


def sharpness_document(
    spectrum: Spectrum,
    *,
    where: str,
    place: FlatPlace | None = None,
    learning_rate: float | None = None,
    own_rate: float | None = None,
    measured: Sequence[StepSharpness] = (),
) -> dict[str, Json]:
    """The document of a spectrum."""
    monotone: float | None
    stable: float | None
    monotone, stable = limits(spectrum)
    if spectrum.limit is not None:  # λ is the optimizer's, and 1/λ is no η that anything is about
        monotone, stable = None, optimizer_limit(spectrum, own_rate)
    # both ends of a small spectrum overlap; what occurs several times is told as often
    beyond = max(0, spectrum.dimension - len(spectrum.largest))
    known = [*spectrum.largest, *reversed(spectrum.smallest[:beyond])]
    rate = own_rate if learning_rate is None else learning_rate
    return {
        "chainrule": __version__,
        "where": where,
        "loss": json_number(spectrum.loss),
        "gradient_norm": json_number(spectrum.gradient_norm),
        "eigenvalues": [json_number(value.value) for value in known],
        "eigenvalue_bounds": [json_number(value.bound) for value in known],
        "limit": {"monotone": _known(monotone), "stable": _known(stable)},
        "learning_rate": _known(rate),
        "stability_limit": _known(_limit_at(spectrum, rate, own_rate)),
        "complete": spectrum.complete,
        "converged": spectrum.converged,
        "ceiling": None if spectrum.ceiling is None else json_number(spectrum.ceiling),
        "floor": None if spectrum.floor is None else json_number(spectrum.floor),
        "confidence": spectrum.confidence,
        "products": spectrum.products,
        "method": spectrum.method,
        "preconditioner": spectrum.preconditioner,
        "place": None if place is None else place_document(place),
        "steps": [
            {
                "step": step.step,
                "learning_rate": json_number(step.learning_rate),
                "sharpness": json_number(step.spectrum.sharpness),
                "bound": json_number(step.spectrum.largest[0].bound),
                "limit": None if step.spectrum.limit is None else json_number(step.spectrum.limit),
            }
            for step in measured
        ],
    }


def _known(value: float | None) -> Json:
    return None if value is None else json_number(value)


def _limit_at(spectrum: Spectrum, rate: float | None, own_rate: float | None) -> float | None:
    """The largest λ that the optimizer tolerates at η; it goes with 1/η."""
    if spectrum.limit is None or rate is None or own_rate is None:
        return spectrum.limit
    return spectrum.limit * own_rate / rate


def _write_measured(page: Page, measured: Sequence[StepSharpness]) -> None:
    page.line(("At the captured steps, each on its own batch", "bold"))
    for step in measured:
        share = step.share_of_limit
        beside = "" if share is None else f"  {number(share)} of the limit"
        page.line(
            f"  step {step.step:>8,}   λ_max = {number(step.spectrum.sharpness):<10}",
            (beside, "yellow" if share is not None and share > 1 else "dim"),
        )


def _write_end(page: Page, name: str, values: Sequence[Eigenvalue]) -> None:
    if not values:
        return
    said = f"  {name} = {number(values[0].value)} ± {number(values[0].bound, 2)}"
    more = ", ".join(number(value.value) for value in values[1:6])
    page.line(said, (f"   then {more}" if more else "", "dim"))
    if not values[0].converged:
        page.line((f"  {name} was not reached within the products allowed", "yellow"))


def _trust(spectrum: Spectrum) -> str:
    how = f"By {spectrum.method}: {plural(spectrum.products, 'Hessian-vector product')}."
    if spectrum.preconditioner:
        how = f"Preconditioned as {spectrum.preconditioner} sees it. {how}"
    if spectrum.complete:
        return f"{how} The whole Hessian was computed, so nothing can have been missed."
    if spectrum.ceiling is not None and spectrum.floor is not None:
        return (
            f"{how} Within each error lies an eigenvalue; with a probability of "
            f"{number(spectrum.confidence)} each, none is above {number(spectrum.ceiling)} or "
            f"below {number(spectrum.floor)}."
        )
    return f"{how} Within each error lies an eigenvalue; larger ones can have been missed."


def _write_limits(
    page: Page, spectrum: Spectrum, learning_rate: float | None, own_rate: float | None
) -> None:
    if spectrum.limit is not None:
        at = "" if own_rate is None else f"At its η of {number(own_rate)} the"
        page.paragraph(
            f"{at or 'The'} optimizer is stable up to a sharpness of {number(spectrum.limit)}; "
            f"this is {number(spectrum.sharpness / spectrum.limit)} of it.",
            indent=2,
        )
        if learning_rate is not None and own_rate is not None:
            limit = spectrum.limit * own_rate / learning_rate
            page.paragraph(
                f"At η = {number(learning_rate)} it would be stable up to {number(limit)}; this "
                f"is {number(spectrum.sharpness / limit)} of it.",
                indent=2,
            )
        return
    monotone, stable = limits(spectrum)
    page.line(("Learning rates of gradient descent", "bold"))
    if not math.isfinite(stable):
        page.paragraph(
            "The loss bends upwards in no direction here, so the curvature sets η no limit.",
            indent=2,
        )
        return
    page.line(
        f"  up to 1/λ_max = {number(monotone)}",
        ("  every direction comes nearer from one side", "dim"),
    )
    page.line(
        f"  up to 2/λ_max = {number(stable)}",
        ("  the sharpest direction swings, and comes nearer; above, it diverges", "dim"),
    )
    if learning_rate is not None:
        page.line(f"  η = {number(learning_rate)} is {number(learning_rate / stable)} of 2/λ_max")
