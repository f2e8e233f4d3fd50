r"""LaTeX of a lesson on one line of Unicode: \frac{\partial L}{\partial w} is ∂L/∂w.

It knows what lessons have; a command that it does not know is written without its backslash.
"""

import re

from chainrule.calculus.latex_names import GREEK

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_SPACES = re.compile(r" {2,}")
_PREFIX = re.compile(r"([∂∇][²³]?) +(?=\w)")
"""In `\\partial x` the space ends the command, and is none."""

_LETTERS = {command: letter for letter, command in GREEK.items() if command.startswith("\\")}

_APART = {
    r"\cdot": "·",
    r"\times": "×",
    r"\to": "→",
    r"\rightarrow": "→",
    r"\leftarrow": "←",
    r"\Rightarrow": "⇒",
    r"\mapsto": "↦",
    r"\neq": "≠",
    r"\ne": "≠",
    r"\le": "≤",
    r"\leq": "≤",
    r"\ge": "≥",
    r"\geq": "≥",
    r"\ll": "≪",
    r"\gg": "≫",
    r"\approx": "≈",
    r"\pm": "±",
    r"\in": "∈",
    r"\odot": "⊙",
    r"\circ": "∘",
    r"\quad": "  ",
    r"\qquad": "  ",
}
"""Commands with a space on both sides."""

_SIGNS = {
    **_LETTERS,
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\varepsilon": "ε",
    r"\varphi": "φ",
    r"\infty": "∞",
    r"\prime": "′",
    r"\ell": "ℓ",
    r"\sum": "Σ",
    r"\prod": "Π",
    r"\|": "‖",
    r"\Vert": "‖",
    r"\lVert": "‖",
    r"\rVert": "‖",
    r"\vert": "|",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\ldots": "…",
    r"\dots": "…",
    r"\cdots": "⋯",
    r"\langle": "⟨",
    r"\rangle": "⟩",
    r"\,": " ",
    r"\;": " ",
    r"\:": " ",
    r"\ ": " ",
    r"\!": "",
    r"\left": "",
    r"\right": "",
    r"\displaystyle": "",
    "-": "−",
    "'": "′",
    "~": " ",
}

_TEXTS = frozenset(
    (r"\text", r"\mathrm", r"\operatorname", r"\mathbf", r"\mathit", r"\boldsymbol", r"\texttt")
)

_RAISED = dict(zip("0123456789+-−=()niT", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵀ", strict=True)) | {"′": "′"}
_LOWERED = dict(zip("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎", strict=True)) | dict(
    zip("aehijklmnoprstuvx", "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)
)


def unicode_mathematics(latex: str) -> str:
    """LaTeX as one line of text."""
    return _Line(latex).whole()


class _Line:
    def __init__(self, latex: str) -> None:
        self._tokens = _TOKEN.findall(latex)
        self._at = 0

    def whole(self) -> str:
        parts = []
        while self._at < len(self._tokens):
            parts.append(self._until_brace())
            self._at += 1  # a closing brace that nothing opened
        return _tidied("".join(parts))

    def _until_brace(self) -> str:
        written = ""
        while self._at < len(self._tokens) and self._tokens[self._at] != "}":
            name = self._tokens[self._at]
            part = self._one()
            # sin x, and not sinx; a quotient is not read on into its neighbour
            if written[-1:].isalpha() and part[:1].isalpha() and _is_word(name):
                written += " "
            written += part
            if _is_function(name) and self._next()[:1].isalnum():
                written += " "
            if _is_function(name) and _is_word(self._next()):
                written += " "
        return written

    def _one(self) -> str:
        token = self._take()
        if token.isspace():
            return " "
        if token == "{":
            inside = self._until_brace()
            self._take()
            return inside
        if token in ("^", "_"):
            return _script(self._argument(), raised=token == "^")
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            return self._fraction()
        if token == r"\sqrt":
            root = self._argument()
            return f"√{root}" if _is_one(root) else f"√({root})"
        if token in _TEXTS:
            return self._argument()
        if token in _APART:
            return f" {_APART[token]} "
        return _SIGNS.get(token, token.removeprefix("\\"))

    def _fraction(self) -> str:
        above, below = self._argument(), self._argument()
        above = above if _is_product(above) else f"({above})"
        below = below if _is_one(below) else f"({below})"
        return f"{above}/{below}{' ' if self._next()[:1].isalnum() else ''}"

    def _argument(self) -> str:
        while self._next().isspace():
            self._take()
        return _tidied(self._one()) if self._next() else ""

    def _next(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        token = self._next()
        self._at += 1
        return token


def _tidied(text: str) -> str:
    """One space where the source has several; two, those of a quad, are kept as three."""
    text = text.replace("    ", "\0").strip()
    text = _SPACES.sub(" ", text).replace("( ", "(").replace(" )", ")")
    return _PREFIX.sub(r"\1", text.replace("\0", "   ")).strip()


def _is_word(token: str) -> bool:
    return token.startswith("\\") and token[1:].isalpha()


def _is_function(token: str) -> bool:
    """sin, ln, max: a command that is written by its name."""
    known = (token in table for table in (_SIGNS, _APART, _TEXTS))
    return _is_word(token) and not any(known) and token not in (r"\frac", r"\sqrt", r"\lim")


def _script(text: str, *, raised: bool) -> str:
    table = _RAISED if raised else _LOWERED
    if all(character in table for character in text):
        return "".join(table[character] for character in text)
    sign = "^" if raised else "_"
    bare = len(text) == 1 or (text.isalnum() and text.isascii())
    return f"{sign}{text}" if bare else f"{sign}({text.replace(' ', '')})"


def _is_product(text: str) -> bool:
    """Whether a numerator needs no brackets: a/b of `−a b` is the same either way."""
    return not re.search(r"[+−/=,]|·", _outside_brackets(text)[1:])


def _is_one(text: str) -> bool:
    """Whether a denominator needs no brackets."""
    outside = _outside_brackets(text)
    return not re.search(r"[+−/=,·\s]", outside) and not re.search(r"\d[^\W\d]|\d√", outside)


def _outside_brackets(text: str) -> str:
    while (shorter := re.sub(r"\([^()]*\)", "", text)) != text:
        text = shorter
    return text
