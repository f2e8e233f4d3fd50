"""Shapes of vectors and matrices, as a question has them."""

from chainrule.calculus.matrix import Shape
from chainrule.faces.cli.failure import CommandFailed
from chainrule.faces.cli.shapes import parse_shapes
from chainrule.records.json_values import Json
from chainrule.records.shortened import brief

from .question import Parameters, Refusal


def asked_shapes(parameters: Parameters) -> dict[str, Shape]:
    """Shapes as `{"X": [3, 2]}`, or as a link has them: `X=3x2,w=2`.

    Raises:
        Refusal: If they cannot be read.
    """
    given = parameters.any("shapes")
    if given is None or given == "":
        return {}
    if isinstance(given, str):
        try:
            return parse_shapes(given)
        except CommandFailed as error:
            raise Refusal(error.reason, field="shapes", text=given) from error
    if not isinstance(given, dict):
        raise Refusal('Expected shapes by name, such as {"X": [3, 2]}.', field="shapes")
    return {name: _sizes(name, sizes) for name, sizes in given.items()}


def _sizes(name: str, sizes: Json) -> Shape:
    listed = sizes if isinstance(sizes, list) else [sizes]
    whole = [each for each in listed if isinstance(each, int) and each > 0]
    if len(whole) < len(listed):
        raise Refusal(
            f"Expected whole numbers of 1 or more as the shape of {name}, found "
            f"{brief(repr(sizes))}.",
            field="shapes",
        )
    return tuple(whole)
