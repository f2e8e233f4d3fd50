"""The marks around expressions, in Unicode and in LaTeX: ∂, ′, fractions, indices."""

from dataclasses import dataclass

from .latex_names import latex_name

_SMALL = dict(
    zip("aehijklmnoprstuvxβγρφχ0123456789", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ₀₁₂₃₄₅₆₇₈₉", strict=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How marks look.

    Attributes:
        latex: True for LaTeX.
        sign: Between factors, if it is another than the dot.
    """

    latex: bool
    sign: str = ""

    @property
    def partial(self) -> str:
        """The round d."""
        return r"\partial " if self.latex else "∂"

    @property
    def prime(self) -> str:
        """After what is differentiated."""
        return "'" if self.latex else "′"

    @property
    def times(self) -> str:
        """Between factors."""
        return self.sign or (r" \cdot " if self.latex else " · ")

    @property
    def after_composition(self) -> str:
        """Between a function and the one inside it."""
        return r" \circ " if self.latex else " ∘ "

    @property
    def nabla(self) -> str:
        """The gradient."""
        return r"\nabla " if self.latex else "∇"

    @property
    def total(self) -> str:
        """Before what is added up."""
        return r"\sum_{k} " if self.latex else "Σₖ "

    def name(self, text: str) -> str:
        """A variable."""
        return latex_name(text) if self.latex else text

    def over(self, top: str, bottom: str) -> str:
        """dy/dx, as one sign."""
        return rf"\frac{{{top}}}{{{bottom}}}" if self.latex else f"{top}/{bottom}"

    def group(self, text: str) -> str:
        """In parentheses."""
        return rf"\left({text}\right)" if self.latex else f"({text})"

    def index(self, symbol: str, below: str) -> str:
        """∂ₓ; ∂_w where there is no small letter."""
        if self.latex:
            return f"{symbol.strip()}_{{{latex_name(below) if below.isidentifier() else below}}}"
        small = "".join(_SMALL.get(character, "?") for character in below)
        return f"{symbol}_{below}" if "?" in small else symbol + small

    def applied(self, operator: str, letter: str) -> str:
        """∂ₓu, D u, ∂_w u: an operator before what it is applied to."""
        return self.before(operator, self.name(letter))

    def before(self, operator: str, written: str) -> str:
        """An operator before something that is written already."""
        small = not self.latex and operator[-1] in _SMALL.values()
        return f"{operator}{'' if small else ' '}{written}"
