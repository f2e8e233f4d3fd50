r"""Mathematics that is written on one line, as LaTeX: Xᵀ(X w − y) as X^{\top}(X\,w - y).

What the rules of differentials say is written in Unicode once; this is how a typesetter sets it.
"""

import re
from collections.abc import Collection

from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.latex_names import latex_name

_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜₓ", [*"0123456789ijklmnprst", r"\times "], strict=True))
_ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀⁿᵖ", [*"0123456789-", r"\top ", "n", "p"], strict=True))
_SIGNS = {
    "−": "-",
    "·": r"\cdot ",
    "⊙": r"\odot ",
    "⊗": r"\otimes ",
    "×": r"\times ",
    "±": r"\pm ",
    "⟨": r"\langle ",
    "⟩": r"\rangle ",
    "‖": r"\| ",
    "∂": r"\partial ",
    "Σ": r"\sum ",
    "∞": r"\infty ",
    "𝟏": r"\mathbf{1}",
    "′": "'",
    "≠": r"\neq ",
    "≤": r"\leq ",
    "≥": r"\geq ",
    "→": r"\rightarrow ",
    "…": r"\ldots ",
    "ℓ": r"\ell ",
    "π": r"\pi ",
    "σ": r"\sigma ",
    "μ": r"\mu ",
    "δ": r"\delta ",
    "Φ": r"\Phi ",
    "φ": r"\varphi ",
    "ε": r"\varepsilon ",
    "γ": r"\gamma ",
    "β": r"\beta ",
    "λ": r"\lambda ",
    "{": r"\{",
    "}": r"\}",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
}
_SMALL = "".join((*_BELOW, *_ABOVE))
_TOKEN = re.compile(
    f"(?P<below>[{''.join(_BELOW)}]+)|(?P<above>[{''.join(_ABOVE)}]+)|(?P<root>[√∛])"
    rf"|(?P<name>[^\W\d_{_SMALL}][^\W_{_SMALL}]*(?:_[^\W_{_SMALL}]+)*)|(?P<space> +)|(?P<other>.)",
    re.DOTALL,
)


def latex_of_text(text: str, names: Collection[str] = ()) -> str:
    """A line of mathematics in Unicode as LaTeX for mathematics mode.

    Args:
        text: As `mathematics` writes it.
        names: Names of the formula, which may have several letters.
    """
    text = _rooted(text)
    made: list[str] = []
    for token in _TOKEN.finditer(text):
        kind, shown = token.lastgroup, token.group()
        match kind:
            case "below":
                made.append("_{" + "".join(_BELOW[each] for each in shown).strip() + "}")
            case "above":
                made.append("^{" + "".join(_ABOVE[each] for each in shown).strip() + "}")
            case "name":
                made.append(_named(shown, names))
            case "space":
                made.append(r"\," if _side_by_side(text, token) else " ")
            case _:
                made.append(_SIGNS.get(shown, shown))
    joined = re.sub(" {2,}", " ", "".join(made)).strip()
    return joined.replace("\x01", r"\sqrt{").replace("\x03", r"\sqrt[3]{").replace("\x02", "}")


def _named(shown: str, names: Collection[str]) -> str:
    if shown in _SIGNS:
        return _SIGNS[shown]
    if shown in names or (len(shown) == 1 and shown.isascii()):
        return latex_name(shown)
    if shown[0] in "d∂" and (len(shown) == 2 or shown[1:] in names):
        return "d" + latex_name(shown[1:])
    if shown in FUNCTIONS or shown.isascii():
        return rf"\operatorname{{{shown.replace('_', chr(92) + '_')}}}"
    return "".join(_SIGNS.get(each, each) for each in shown)


def _side_by_side(text: str, space: re.Match[str]) -> bool:
    """Whether a space stands between factors, where mathematics mode would show none."""
    before, after = text[: space.start()][-1:], text[space.end() :][:1]
    signs = "+−-·⊙⊗=±/×,;:→≠≤≥&"
    return bool(before and after) and before not in signs and after not in signs


def _rooted(text: str) -> str:
    """Roots with marks around what is below them: control characters, which no formula has."""
    while (found := re.search("[√∛]", text)) is not None:
        start, opening = found.end(), "\x01" if found.group() == "√" else "\x03"
        if text[start : start + 1] == "(":
            end = _closing(text, start)
            inside, rest = text[start + 1 : end], text[end + 1 :]
        else:
            end = start
            while end < len(text) and (text[end].isalnum() or text[end] in "_₀₁₂₃₄₅₆₇₈₉"):
                end += 1
            inside, rest = text[start:end], text[end:]
        text = f"{text[: found.start()]}{opening}{inside}\x02{rest}"
    return text


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that opens at a place is closed."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text)
