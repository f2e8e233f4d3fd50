r"""Mathematics that is written on one line, as LaTeX: Xᵀ(X w − y) as X^{\top}(X\,w - y).

What the rules of differentials say is written in Unicode once; this is how a typesetter sets it.
"""

import re
from collections.abc import Collection

from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.latex_names import latex_name

_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₙₚᵣₛₜₓ", [*"0123456789ijklmnprst", r"\times "], strict=True))
_ABOVE = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀⁿᵖᵇᴮ", [*"0123456789-", r"\top ", *"npbB"], strict=True))
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
    "∇": r"\nabla ",
    "↦": r"\mapsto ",
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
_ENTRY = r"\(?[^\W\d_]\w*(?:\)\w+)?"
_WHOLE = re.compile(
    rf"∂(?P<top>{_ENTRY})?/∂(?P<bottom>{_ENTRY})"
    rf"|(?P<operator>[∇D])_(?P<by>[^\W\d_]\w*)"
    r"|(?P<adjoint>\*)(?=\[)"
    r"|(?<![\w*])(?P<values>\[{1,2}-?\d[-+\d.einf, \[\]]*\])"
)
"""What is set as one: a slope as a fraction, ∇ with its index, the star of an adjoint, numbers."""


def latex_of_text(text: str, names: Collection[str] = ()) -> str:
    """A line of mathematics in Unicode as LaTeX for mathematics mode.

    Args:
        text: As `mathematics` writes it.
        names: Names of the formula, which may have several letters.
    """
    made, end = [], 0
    for found in _WHOLE.finditer(text):
        if found["operator"] == "D" and found.group() in names:
            continue
        made += [_run(text[end : found.start()], names), _whole(found, names)]
        end = found.end()
        if text[end : end + 1] == " " and _side_by_side(text, " ", end):
            made.append(r"\,")
            end += 1
    made.append(_run(text[end:], names))
    return re.sub(" {2,}", " ", "".join(made)).strip()


def _whole(found: re.Match[str], names: Collection[str]) -> str:
    if found["adjoint"]:
        return "^{*}"
    if found["values"]:
        return latex_of_values(found["values"])
    if found["by"]:
        sign = r"\nabla" if found["operator"] == "∇" else "D"
        return f"{sign}_{{{_run(found['by'], names)}}}"
    top = _run(found["top"] or "", names)
    return rf"\frac{{\partial {top}}}{{\partial {_run(found['bottom'], names)}}}"


def _run(text: str, names: Collection[str]) -> str:
    """A line in which nothing is set as one."""
    text = _marked(text)
    made: list[str] = []
    for token in _TOKEN.finditer(text):
        kind, shown = token.lastgroup, token.group()
        match kind:
            case "below":
                made.append("_{" + "".join(_BELOW[each] for each in shown).strip() + "}")
            case "above":
                made.append("^{" + "".join(_ABOVE[each] for each in shown).strip() + "}")
            case "name":
                made.append(_named(shown, names, called=text[token.end() :][:1] == "("))
            case "space":
                beside = _side_by_side(text, shown, token.start())
                made.append(r"\," if beside else " ")
            case _:
                made.append(_SIGNS.get(shown, shown))
    joined = "".join(made)
    for mark, shown in _OPENINGS.items():
        joined = joined.replace(mark, shown)
    return joined.replace(_END, "}")


def _named(shown: str, names: Collection[str], *, called: bool) -> str:
    if shown in _SIGNS:
        return _SIGNS[shown]
    if shown in names or (len(shown) == 1 and shown.isascii()):
        return latex_name(shown)
    if shown[0] in "d∂" and (len(shown) == 2 or shown[1:] in names):
        return "d" + latex_name(shown[1:])
    a_word = shown not in FUNCTIONS or shown in ("where", "inverse")
    if a_word and shown.isascii() and shown.islower() and not called:
        return rf"\text{{ {shown} }}"
    if shown in FUNCTIONS or shown.isascii():
        return rf"\operatorname{{{shown.replace('_', chr(92) + '_')}}}"
    return "".join(_SIGNS.get(each, each) for each in shown)


def _side_by_side(text: str, spaces: str, start: int) -> bool:
    """Whether spaces stand between factors, where mathematics mode would show none."""
    before, after = text[:start][-1:], text[start + len(spaces) :][:1]
    signs = "+−-·⊙⊗=±/×,;:→≠≤≥&"
    return bool(before and after) and before not in signs and after not in signs


_OPENINGS = {"\x01": r"\sqrt{", "\x03": r"\sqrt[3]{", "\x04": "^{"}
_END = "\x02"
_MARKS = {"√": "\x01", "∛": "\x03", "^": "\x04"}


def _marked(text: str) -> str:
    """Marks around what stands below a root, or is raised: control characters, no formula has."""
    while (found := re.search("[√∛^]", text)) is not None:
        start, opening = found.end(), _MARKS[found.group()]
        if text[start : start + 1] == "(":
            end = _closing(text, start)
            inside, rest = text[start + 1 : end], text[end + 1 :]
        else:
            end = start
            while end < len(text) and (text[end].isalnum() or text[end] in "_."):
                end += 1
            inside, rest = text[start:end], text[end:]
        text = f"{text[: found.start()]}{opening}{inside}{_END}{rest}"
    return text


def _closing(text: str, start: int) -> int:
    """Where the parenthesis that opens at a place is closed."""
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] == "(") - (text[i] == ")")
        if depth == 0:
            return i
    return len(text)


def latex_of_values(text: str) -> str:
    """A vector or matrix of numbers, as `short` writes it, in brackets; others as they are."""
    if not text.startswith("["):
        return rf"\text{{{text}}}".replace("×", r"$\times$")
    if text.startswith("[[["):
        return rf"\text{{{text}}}"
    rows = text.strip("[]").split("], [")
    cells = (
        [row.split(", ") for row in rows] if "[[" in text else [[c] for c in rows[0].split(", ")]
    )
    body = r" \\ ".join(" & ".join(row) for row in cells)
    return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"
