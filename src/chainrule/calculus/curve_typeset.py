"""The slope of a curve as Markdown for notebooks and as LaTeX for papers."""

from .curve import CurvePoint
from .curve_narration import CurveNarration, SecondNarration
from .narration import AlgebraLine, Narration
from .symbols import typed_as
from .typeset import as_text, displayed, latex_steps, markdown_steps


def curve_markdown(told: CurveNarration, at: CurvePoint | None = None) -> str:
    """Markdown with mathematics between dollar signs, as Jupyter shows it.

    Args:
        told: With the script `latex`.
        at: Numbers at a point, if one was given.
    """
    return _Writing(told, at, dollars=True).text()


def curve_latex(told: CurveNarration, at: CurvePoint | None = None) -> str:
    """LaTeX to be put into a document; it needs the package amsmath.

    Args:
        told: With the script `latex`.
        at: Numbers at a point, if one was given.
    """
    return _Writing(told, at, dollars=False).text()


class _Writing:
    def __init__(self, told: CurveNarration, at: CurvePoint | None, *, dollars: bool) -> None:
        self._told, self._at, self._dollars = told, at, dollars

    def text(self) -> str:
        told = self._told
        parts = [
            self._heading(f"The slope of a curve in {told.of} and {told.by}"),
            self._display(told.given),
            f"Both sides are differentiated by ${told.by}$; ${told.of}$ moves with it along the "
            "curve, so its derivative is a name of its own until the end.",
        ]
        for what, side in (("The left side", told.left), ("The right side", told.right)):
            parts += [self._heading(what), *self._steps(side)]
        parts.append(self._heading("Solved for the unknown slope"))
        for step in told.steps:
            parts += [self._display(step.after), self._reason(step)]
        if told.style != "words":
            sides = " and ".join(f"${name} = {value}$" for name, value in told.partials)
            (by, _), (of, _) = told.partials
            parts.append(
                rf"The same by $-\left({by}\right) / \left({of}\right)$, with $F$ the left side "
                f"less the right: {sides}."
            )
        parts.append(self._heading("The slope"))
        parts += self._algebra(told.slope, told.raw, (*told.algebra, *told.factoring))
        if told.putting_back:
            parts.append(self._heading("Written out"))
            first, *rest = told.putting_back
            parts += [self._reason(first), *self._algebra(told.slope, first.after, tuple(rest))]
        if told.second is not None:
            parts += self._second(told.second)
        if self._at is not None:
            parts += self._numbers(self._at)
        parts += [self._heading("Symbols"), self._symbols()]
        return "\n\n".join(parts) + "\n"

    def _second(self, second: SecondNarration) -> list[str]:
        parts = [self._heading("How the slope changes"), *self._steps(second.told)]
        parts.append(f"{self._inline(second.put_in)} is put in:")
        parts += self._algebra(second.name, second.substituted, second.algebra)
        if second.shortened:
            parts += ["On the curve:", self._equal(second.name, second.shortened)]
        return parts

    def _numbers(self, at: CurvePoint) -> list[str]:
        told = self._told
        where = ", ".join(f"${name} = {value:.6g}$" for name, value in at.point.items())
        parts = [self._heading("In numbers")]
        if at.moved:
            parts.append(self._sentence(at.moved))
        parts.append(f"At {where}, a point of the curve:")
        if at.slope is not None:
            parts.append(self._equal(told.slope, f"{at.slope:.6g}"))
        if at.quotient is not None:
            same = "the same" if at.agrees else f"not the same, it is {at.quotient:.6g}"
            parts.append(f"The difference quotient along the curve: {same}.")
        if at.second is not None and told.second is not None:
            parts.append(self._equal(told.second.name, f"{at.second:.6g}"))
        if at.remark:
            parts.append(self._sentence(at.remark))
        return parts

    def _steps(self, side: Narration) -> list[str]:
        return markdown_steps(side) if self._dollars else latex_steps(side)

    def _symbols(self) -> str:
        """What each symbol is."""
        rows = []
        for each in self._told.glossary:
            words = self._told.style == "words"
            shown = self._sentence(each.symbol) if words else f"${each.symbol}$"
            said = self._sentence(f"{typed_as(each)}. {each.meaning}")
            rows.append(f"- {shown}: {said}" if self._dollars else rf"\item {shown}: {said}")
        if not self._dollars:
            rows = [r"\begin{itemize}", *rows, r"\end{itemize}"]
        return "\n".join(rows)

    def _algebra(self, name: str, raw: str, steps: tuple[AlgebraLine, ...]) -> list[str]:
        parts = [self._equal(name, raw)]
        for step in steps:
            parts += [self._reason(step), self._equal("", step.after)]
        return parts

    def _equal(self, left: str, right: str) -> str:
        if self._told.style == "words":
            return f"{left[:1].upper()}{left[1:]} is {right}." if left else f"That is, {right}."
        return self._display(f"{left} = {right}".lstrip())

    def _display(self, text: str) -> str:
        if self._told.style == "words":
            return text
        return displayed([text], dollars=self._dollars)

    def _inline(self, text: str) -> str:
        return text if self._told.style == "words" else f"${text}$"

    def _heading(self, text: str) -> str:
        return f"**{text}**" if self._dollars else rf"\paragraph{{{text}}}"

    def _reason(self, step: AlgebraLine) -> str:
        return f"*{step.name}*" if self._dollars else rf"\emph{{{as_text(step.name)}}}"

    def _sentence(self, text: str) -> str:
        return text if self._dollars else as_text(text)
