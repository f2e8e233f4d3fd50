"""A narration as Markdown for notebooks and as LaTeX for papers."""

import re
from collections.abc import Mapping, Sequence

from chainrule.records.message import listed

from .narration import AlgebraLine, ChainText, Line, Narration, told
from .notations import Sign
from .symbols import typed_as


def to_markdown(narration: Narration, symbols: Sequence[Sign] = ()) -> str:
    """Markdown with mathematics between dollar signs, as Jupyter shows it.

    Args:
        narration: Told with the script `latex`, unless its notation is words or code.
        symbols: Its glossary in the same script, to be listed at the end.
    """
    parts = [_given(narration)]
    if narration.code:
        parts.append(code_block(narration.code, dollars=True))
    else:
        parts += markdown_steps(narration)
    parts += _together(narration, dollars=True)
    parts += _numbers(narration, dollars=True)
    parts += _symbols(narration, symbols, dollars=True)
    return "\n\n".join(parts) + "\n"


def to_latex(narration: Narration, symbols: Sequence[Sign] = ()) -> str:
    r"""LaTeX to be put into a document; it needs the package amsmath.

    Args:
        narration: Told with the script `latex`.
        symbols: Its glossary in the same script, to be listed at the end.
    """
    parts = [rf"\paragraph{{Derivative}} {_given(narration)}"]
    if narration.code:
        parts.append(code_block(narration.code, dollars=False))
    else:
        parts += latex_steps(narration)
    parts += _together(narration, dollars=False)
    parts += _numbers(narration, dollars=False)
    parts += _symbols(narration, symbols, dollars=False)
    return "\n\n".join(parts) + "\n"


def markdown_steps(narration: Narration) -> list[str]:
    """The steps as Markdown, each a paragraph or several."""
    return [_markdown_step(narration, line) for line in told(narration.line)]


def latex_steps(narration: Narration) -> list[str]:
    """The steps as LaTeX, each a paragraph."""
    return [_latex_step(narration, line) for line in told(narration.line)]


def displayed(rows: Sequence[str], *, dollars: bool) -> str:
    """Mathematics on lines of its own: for notebooks between dollars, else for LaTeX."""
    body = " \\\\\n".join(rows)
    if dollars:
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def code_block(code: str, *, dollars: bool) -> str:
    """Python on lines of its own: for notebooks, else for LaTeX."""
    return (
        f"```python\n{code}\n```" if dollars else f"\\begin{{verbatim}}\n{code}\n\\end{{verbatim}}"
    )


def _given(narration: Narration) -> str:
    said = _inline(narration, narration.given)
    words = narration.style == "words"
    if narration.definitions:
        names = [_inline(narration, each.removesuffix(".")) for each in narration.definitions]
        said += f" {'Here' if words else 'with'} {listed(names)}" + ("." if words else "")
    if words:
        return said  # it is a question that names the variable, and what is held
    held = ", ".join(f"${name}$" for name in narration.held)
    beside = f"; {held} held constant" if held else ""
    return f"{said}, differentiated by ${narration.variable}${beside}"


def _markdown_step(narration: Narration, line: Line) -> str:
    rows = [f"**{line.id} · {line.rule_name}**"]
    pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
    if pattern and not line.same_as:
        rows[0] += f" &nbsp; {_inline(narration, pattern)}"
    if line.same_as:
        rows.append(f"{_display(narration, (line.before, line.result))}\n\nAs in {line.same_as}.")
        if line.remark:
            rows[-1] += f" {line.remark}"
        return "\n\n".join(rows)
    if line.chain:
        rows.append(_where(narration, line.chain))
    equation = (line.before, line.after, line.filled)
    rows.append(_display(narration, equation, line.equation, valued=_valued(line)))
    rows.append(f"*{line.why}*" + (f" {line.remark}" if line.remark else ""))
    if line.no_value:
        rows.append(line.no_value)
    return "\n\n".join(rows)


def _where(narration: Narration, chain: ChainText) -> str:
    """What the letters of a chain stand for, and the derivative of the outside."""
    if narration.style == "words":
        outside = (f"{each[0].upper()}{each[1:]}." for each in chain.outside)
        return " ".join((f"Here {listed(chain.where)}.", *outside))
    shown = [_inline(narration, each) for each in (*chain.where, *chain.outside)]
    return f"where {', '.join(shown)}"


def _latex_step(narration: Narration, line: Line) -> str:
    pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
    head = rf"\paragraph{{{line.id} {line.rule_name}}}"
    if line.same_as:
        sides = _display(narration, (line.before, line.result), dollars=False)
        with_names = f" {as_text(line.remark)}" if line.remark else ""
        return f"{head} as in {line.same_as}:{with_names}\n{sides}"
    rows = [f"{head} {_inline(narration, pattern)}" if pattern else head]
    if line.chain:
        rows.append(_where(narration, line.chain))
    equation = (line.before, line.after, line.filled)
    rows.append(_display(narration, equation, line.equation, dollars=False, valued=_valued(line)))
    rows.append(as_text(line.why) + (f" {as_text(line.remark)}" if line.remark else ""))
    if line.no_value:
        rows.append(as_text(line.no_value))
    return "\n".join(rows)


def _together(narration: Narration, *, dollars: bool) -> list[str]:
    """The result as the rules leave it, and each step of algebra with its reason."""
    head = "**Together**" if dollars else r"\paragraph{Together}"
    if narration.slopes:
        return [head, *_slopes(narration, dollars=dollars)]
    raw = (narration.asked, narration.raw)
    if narration.style != "mathematics":
        steps: Sequence[AlgebraLine] = (*narration.algebra, *narration.factoring)
        sides = (*raw, *(step.after for step in steps))
        parts = [head, _display(narration, sides, narration.answer, dollars=dollars)]
        return parts + _written_out(narration, dollars=dollars)
    parts = [head, _display(narration, raw, dollars=dollars)]
    for step in (*narration.algebra, *narration.factoring):
        parts.append(f"*{step.name}*" if dollars else rf"\emph{{{as_text(step.name)}}}")
        parts.append(displayed([f"&= {step.after}"], dollars=dollars))
    return parts + _written_out(narration, dollars=dollars)


def _slopes(narration: Narration, *, dollars: bool) -> list[str]:
    """The derivative of each name that is told by itself, and that of the whole."""
    if narration.style == "words":
        return [each if dollars else as_text(each) for each in narration.slopes]
    pairs = (each.partition(" = ") for each in narration.slopes)
    return [_display(narration, (left, right), dollars=dollars) for left, _, right in pairs]


def _written_out(narration: Narration, *, dollars: bool) -> list[str]:
    """The result without the names that stand for formulas, each step with its reason."""
    if not narration.putting_back:
        return []
    parts = ["**Written out**" if dollars else r"\paragraph{Written out}"]
    for step in narration.putting_back:
        parts.append(f"*{step.name}*" if dollars else rf"\emph{{{as_text(step.name)}}}")
        if narration.style == "mathematics":
            parts.append(displayed([f"&= {step.after}"], dollars=dollars))
        else:
            sides = (narration.asked, step.after)
            parts.append(_display(narration, sides, dollars=dollars))
    return parts


def _numbers(narration: Narration, *, dollars: bool) -> list[str]:
    """The derivative at the point, and what confirms it or why it has none."""
    said = (lambda text: text) if dollars else as_text
    if narration.value is not None:
        bold = f"**{narration.value:.6g}**" if dollars else rf"\textbf{{{narration.value:.6g}}}"
        parts = [f"At {_point(narration)} the derivative is {bold}."]
        parts += [said(kink) for kink in narration.kinks]
        agreeing = [check.name for check in narration.checks if check.agrees]
        if agreeing:
            parts.append(f"The same from {listed(agreeing)}.")
        return parts
    if narration.no_value:
        head = "**No value here.**" if dollars else r"\textbf{No value here.}"
        return [f"{head} {said(narration.no_value)}"]
    return []


def _symbols(narration: Narration, symbols: Sequence[Sign], *, dollars: bool) -> list[str]:
    """What each symbol is."""
    if not symbols:
        return []
    rows = []
    for each in symbols:
        if narration.style == "mathematics" or dollars:
            shown = _inline(narration, each.symbol)
        elif narration.style == "words":
            shown = as_text(each.symbol)
        else:
            shown = rf"\texttt{{{as_text(each.symbol)}}}"
        said = f"{typed_as(each)}. {each.meaning}"
        rows.append(f"- {shown}: {said}" if dollars else rf"\item {shown}: {as_text(said)}")
    if dollars:
        return ["**Symbols**", "\n".join(rows)]
    rows = [r"\begin{itemize}", *rows, r"\end{itemize}"]
    return [r"\paragraph{Symbols}", "\n".join(rows)]


def _valued(line: Line) -> str:
    """The number of a line, to be put behind its last side."""
    return "" if line.value is None else rf"\quad\rightarrow {latex_number(line.value)}"


def latex_number(value: float, digits: int = 4) -> str:
    """A number as LaTeX writes it, to some significant digits."""
    text = f"{value:.{digits}g}"
    if "inf" in text:
        return text.replace("inf", r"\infty")
    mantissa, e, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if e else text


def _display(
    narration: Narration,
    sides: Sequence[str],
    sentence: str = "",
    *,
    dollars: bool = True,
    valued: str = "",
) -> str:
    """An equation with its equals signs below one another; in words, the sentence."""
    if narration.style == "words":
        return sentence or f"{sides[0]} is {sides[-1]}."
    said = [side for i, side in enumerate(sides) if not i or side != sides[i - 1]]
    if narration.style == "code":
        code = "\n".join(f"{said[0]} = {side}" for side in said[1:])
        return code_block(code, dollars=dollars)
    rows = [f"{said[0]} &= {said[1]}" if len(said) > 1 else said[0]]
    rows += [f"&= {side}" for side in said[2:]]
    rows[-1] += valued
    return displayed(rows, dollars=dollars)


def _inline(narration: Narration, text: str) -> str:
    if narration.style == "mathematics":
        return f"${text}$"
    return text if narration.style == "words" else f"`{text}`"


def _point(narration: Narration) -> str:
    return ", ".join(f"${name} = {value:.6g}$" for name, value in narration.at)


_ABOVE = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿᵛᵖᵀ", [*"0123456789-nvp", r"\top"], strict=True),
)
_BELOW = dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖ", "0123456789ijk", strict=True))
_RAISED = re.compile(f"[{''.join(_ABOVE)}]+")
_LOWERED = re.compile(f"[{''.join(_BELOW)}]+")
_ACCENTS = {
    "′": "$'$",
    "″": "$''$",
    "−": "$-$",
    "·": r"$\cdot$",
    "√": r"$\sqrt{}$",
    "∂": r"$\partial$",
    "∞": r"$\infty$",
    "→": r"$\rightarrow$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "≠": r"$\neq$",
    "Σ": r"$\Sigma$",
    "σ": r"$\sigma$",
    "π": r"$\pi$",
    "‖": r"$\|$",
    "⟨": r"$\langle$",
    "⟩": r"$\rangle$",
    "∇": r"$\nabla$",
    "⊙": r"$\odot$",
    "δ": r"$\delta$",
}
_ESCAPED = str.maketrans({each: rf"\{each}" for each in "%&_#"} | {"^": r"\^{}"})


def as_text(sentence: str) -> str:
    """A sentence for LaTeX, with those of its signs that belong to mathematics between dollars."""
    sentence = sentence.translate(_ESCAPED)
    # a run is one index: X₁₂ is no X with two
    sentence = _RAISED.sub(lambda run: f"$^{_group(run[0], _ABOVE)}$", sentence)
    sentence = _LOWERED.sub(lambda run: f"$_{_group(run[0], _BELOW)}$", sentence)
    for sign, shown in _ACCENTS.items():
        sentence = sentence.replace(sign, shown)
    return sentence.replace("$$", "")  # signs side by side are one piece of mathematics


def _group(run: str, signs: Mapping[str, str]) -> str:
    """Raised or lowered letters as one group: n for ⁿ, {n-1} for ⁿ⁻¹."""
    written = "".join(signs[each] for each in run)
    return written if len(written) == 1 else f"{{{written}}}"
