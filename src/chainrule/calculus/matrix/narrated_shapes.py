"""The shapes of all that a derivation has names for."""

from chainrule.calculus.tree import Name

from .derivation import MatrixDerivation
from .shapes import Shapes


def shapes_of(derivation: MatrixDerivation) -> Shapes:
    """Shapes of the formula's names, of the values on the way, and of their cotangents."""
    names = dict(derivation.names)
    names |= {quantity.name: quantity.shape for quantity in derivation.quantities}
    names |= {each.name: each.shape for each in derivation.cotangents if each.name}
    if isinstance(derivation.seed, Name):
        names[derivation.seed.name] = derivation.shape
    return Shapes(names, derivation.formula.text)
