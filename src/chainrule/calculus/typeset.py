"""A narration as Markdown for notebooks and as LaTeX for papers."""

from collections.abc import Sequence

from .narration import AlgebraLine, Line, Narration, told


def to_markdown(narration: Narration) -> str:
    """Markdown with mathematics between dollar signs, as Jupyter shows it.

    Args:
        narration: Told with the script `latex`, unless its notation is words or code.
    """
    parts = [_given(narration)]
    if narration.code:
        parts.append(f"```python\n{narration.code}\n```")
    else:
        parts += [_markdown_step(narration, line) for line in told(narration.line)]
    parts.append(_together(narration))
    if narration.value is not None:
        parts.append(f"At {_point(narration)} the derivative is **{narration.value:.6g}**.")
        parts += narration.kinks
    elif narration.no_value:
        parts.append(f"**No value here.** {narration.no_value}")
    return "\n\n".join(parts) + "\n"


def to_latex(narration: Narration) -> str:
    r"""LaTeX to be put into a document; it needs the package amsmath.

    Args:
        narration: Told with the script `latex`.
    """
    parts = [rf"\paragraph{{Derivative}} {_inline(narration, narration.given)}"]
    if narration.code:
        parts.append(f"\\begin{{verbatim}}\n{narration.code}\n\\end{{verbatim}}")
    else:
        parts += [_latex_step(narration, line) for line in told(narration.line)]
    parts.append(rf"\paragraph{{Together}} {_sides(narration)}")
    return "\n\n".join(parts) + "\n"


def _given(narration: Narration) -> str:
    with_names = ", ".join(_inline(narration, each) for each in narration.definitions)
    said = _inline(narration, narration.given)
    if with_names:
        said += f" with {with_names}"
    held = f"; {', '.join(narration.held)} held constant" if narration.held else ""
    return f"{said}, differentiated by ${narration.variable}${held}"


def _markdown_step(narration: Narration, line: Line) -> str:
    rows = [f"**{line.id} · {line.rule_name}**"]
    pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
    if pattern and not line.same_as:
        rows[0] += f" &nbsp; {_inline(narration, pattern)}"
    if line.same_as:
        rows.append(f"{_display(narration, (line.before, line.result))}\n\nAs in {line.same_as}.")
        return "\n\n".join(rows)
    if line.chain:
        shown = [_inline(narration, each) for each in (*line.chain.where, *line.chain.outside)]
        rows.append(f"where {', '.join(shown)}")
    rows.append(_display(narration, (line.before, line.after, line.filled), line.equation))
    rows.append(f"*{line.why}*" + (f" {line.remark}" if line.remark else ""))
    if line.no_value:
        rows.append(line.no_value)
    return "\n\n".join(rows)


def _latex_step(narration: Narration, line: Line) -> str:
    pattern = line.chain.pattern if line.chain else line.statement or line.rewritten
    head = rf"\paragraph{{{line.id} {line.rule_name}}}"
    if line.same_as:
        sides = _display(narration, (line.before, line.result), dollars=False)
        return f"{head} as in {line.same_as}:\n{sides}"
    rows = [f"{head} {_inline(narration, pattern)}" if pattern else head]
    if line.chain:
        shown = [_inline(narration, each) for each in (*line.chain.where, *line.chain.outside)]
        rows.append(f"where {', '.join(shown)}")
    equation = (line.before, line.after, line.filled)
    rows.append(_display(narration, equation, line.equation, dollars=False))
    rows.append(_as_text(line.why))
    return "\n".join(rows)


def _together(narration: Narration) -> str:
    return f"**Together**\n\n{_sides(narration, dollars=True)}"


def _sides(narration: Narration, *, dollars: bool = False) -> str:
    steps: Sequence[AlgebraLine] = (*narration.algebra, *narration.factoring)
    sides = (narration.asked, narration.raw, *(step.after for step in steps))
    return _display(narration, sides, narration.answer, dollars=dollars)


def _display(
    narration: Narration, sides: Sequence[str], sentence: str = "", *, dollars: bool = True
) -> str:
    """An equation with its equals signs below one another; in words, the sentence."""
    if narration.style == "words":
        return sentence or f"{sides[0]} is {sides[-1]}."
    said = [side for i, side in enumerate(sides) if not i or side != sides[i - 1]]
    if narration.style == "code":
        code = "\n".join(f"{said[0]} = {side}" for side in said[1:])
        fence = "```python\n{}\n```" if dollars else "\\begin{{verbatim}}\n{}\n\\end{{verbatim}}"
        return fence.format(code)
    rows = [f"{said[0]} &= {said[1]}" if len(said) > 1 else said[0]]
    rows += [f"&= {side}" for side in said[2:]]
    body = " \\\\\n".join(rows)
    if dollars:
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def _inline(narration: Narration, text: str) -> str:
    if narration.style == "mathematics":
        return f"${text}$"
    return text if narration.style == "words" else f"`{text}`"


def _point(narration: Narration) -> str:
    return ", ".join(f"${name} = {value:.6g}$" for name, value in narration.at)


_ACCENTS = {"²": "$^2$", "³": "$^3$", "⁻¹": "$^{-1}$", "′": "$'$", "−": "$-$", "·": r"$\cdot$"}


def _as_text(sentence: str) -> str:
    """A reason, with those of its signs that LaTeX has in mathematics only between dollars."""
    for sign, shown in _ACCENTS.items():
        sentence = sentence.replace(sign, shown)
    return sentence.replace("%", r"\%").replace("&", r"\&")
