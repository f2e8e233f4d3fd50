"""A matrix derivation as Markdown for notebooks and as LaTeX for papers."""

from chainrule.calculus.symbols import typed_as
from chainrule.calculus.typeset import as_text, code_block, displayed

from .derivation import MatrixDerivation
from .evaluate import MatrixEvaluation
from .lines import named_result_lines, one_entry_lines
from .narrate import narrate_matrix
from .narration import MatrixNarration, Row, ToldStep
from .notations import DEFAULT_NOTATION
from .one_entry import OneEntry
from .unicode_latex import latex_of_text, latex_of_values


def matrix_markdown(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: tuple[OneEntry, ...] = (),
    notation: str = DEFAULT_NOTATION,
) -> str:
    """Markdown with mathematics between dollar signs, as Jupyter shows it.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        entries: Entries worked out by themselves.
        notation: The id of one of `MATRIX_NOTATIONS`.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    told = narrate_matrix(derivation, notation, evaluation=evaluation)
    return _Writing(told, derivation, dollars=True).text(entries)


def matrix_latex(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: tuple[OneEntry, ...] = (),
    notation: str = DEFAULT_NOTATION,
) -> str:
    """LaTeX to be put into a document; it needs the package amsmath.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        entries: Entries worked out by themselves.
        notation: The id of one of `MATRIX_NOTATIONS`.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    told = narrate_matrix(derivation, notation, evaluation=evaluation)
    return _Writing(told, derivation, dollars=False).text(entries)


def typeset_row(row: Row, told: MatrixNarration, *, dollars: bool = True) -> str:
    """A row, its formulas between dollars.

    Args:
        row: Of a narration.
        told: That narration.
        dollars: Whether what is around them is Markdown; otherwise it is LaTeX.
    """
    pieces = []
    for piece in row.pieces:
        if piece.formula and told.style == "mathematics":
            pieces.append(f"${latex_of_text(piece.text, told.names)}$")
        elif piece.formula:
            pieces.append(_plain(piece.text, told, dollars=dollars))
        else:
            pieces.append(piece.text if dollars else as_text(piece.text))
    aside = row.aside if dollars else as_text(row.aside)
    return "".join(pieces) + (f" ({aside})" if aside else "")


def _plain(text: str, told: MatrixNarration, *, dollars: bool) -> str:
    """Words as they are, code in the letters of code."""
    if told.style == "words":
        return text if dollars else as_text(text)
    return f"`{text}`" if dollars else rf"\texttt{{{as_text(text)}}}"


class _Writing:
    def __init__(
        self, told: MatrixNarration, derivation: MatrixDerivation, *, dollars: bool
    ) -> None:
        self._told, self._dollars = told, dollars
        self._derivation = derivation

    def text(self, entries: tuple[OneEntry, ...]) -> str:
        told = self._told
        parts = [
            self._row(told.given),
            self._row(told.kinds),
            self._sentence(told.about),
        ]
        if told.code:
            parts.append(self._code(told.code))
        else:
            if told.values:
                parts += [self._heading("Values on the way"), *self._forward()]
            parts.append(self._row(told.opening))
            for step in told.steps:
                parts += self._step(step)
        parts += self._end()
        for entry in entries:
            head, *rest = one_entry_lines(entry)
            parts += [self._heading(head), self._verbatim("\n".join(rest))]
        parts += [self._heading("Symbols"), *self._symbols()]
        return "\n\n".join(filter(None, parts)) + "\n"

    def _forward(self) -> list[str]:
        told = self._told
        if told.style != "mathematics":
            return [f"- {self._row(each.row)}: {each.shape}." for each in told.values]
        rows = []
        for each in told.values:
            left, _, right = each.row.text.partition(" = ")
            row = f"{self._line(left)} &= {self._line(right)}"
            row += rf" && \text{{{each.shape.replace('×', 'by')}}}"
            if each.value:
                row += f" && = {self._value(each.value)}"
            rows.append(row)
        return [self._display(rows)]

    def _step(self, step: ToldStep) -> list[str]:
        told = self._told
        mathematics = told.style == "mathematics"
        of = self._formula(step.equation) if mathematics else self._plain(step.equation)
        parts = [f"{self._heading(f'{step.number}. {step.name}')} {of}"]
        rule = [each for each in step.statement if each.is_formula]
        said = [self._row(each) for each in step.statement if not each.is_formula]
        if said:
            parts.append(" ".join(said))
        if rule and told.style == "mathematics":
            parts.append(self._display([self._line(each.text) for each in rule]))
        else:
            parts += [self._row(each) for each in rule]
        parts.append(self._reason(step.why))
        parts += [self._row(each) for each in step.rows if each.text != step.why]
        return parts

    def _end(self) -> list[str]:
        told = self._told
        parts = [self._heading("Together")]
        parts.append(self._row(told.collected))
        for step in told.algebra:
            parts.append(self._reason(step.name))
            if told.style == "mathematics":
                parts.append(self._display([f"&= {self._line(step.after)}"]))
            else:
                parts.append(self._plain(step.after))
        if told.style == "mathematics":
            parts.append(self._display([self._line(told.answer)]))
        else:
            parts.append(self._plain(told.answer))
        parts += [self._row(each) for each in told.closing]
        if told.style == "mathematics":
            parts += self._named()
        return parts + [self._sentence(each) for each in (*told.kinks, *told.legend)]

    def _named(self) -> list[str]:
        """A long gradient with names for its parts; nothing where it is short."""
        parts = []
        for line in named_result_lines(self._derivation):
            said, sign, formula = line.partition(": ")
            if not sign:
                said, _, formula = line.strip().partition(" ")
            parts.append(f"{said}{sign or ' '}{self._formula(formula)}")
        return parts

    def _symbols(self) -> list[str]:
        rows = []
        for each in self._told.glossary:
            symbol = each.symbol
            if self._told.style == "mathematics":
                symbol = self._formula(symbol)
            else:
                symbol = self._plain(symbol)
            kind = self._sentence(f"{typed_as(each)}. {each.meaning}")
            rows.append(f"- {symbol}: {kind}" if self._dollars else rf"\item {symbol}: {kind}")
        if self._dollars:
            return ["\n".join(rows)]
        return ["\n".join([r"\begin{itemize}", *rows, r"\end{itemize}"])]

    # ---- signs -----------------------------------------------------------------------

    def _row(self, row: Row) -> str:
        return typeset_row(row, self._told, dollars=self._dollars)

    def _line(self, text: str) -> str:
        return latex_of_text(text, self._told.names)

    def _formula(self, text: str) -> str:
        return f"${self._line(text)}$"

    def _plain(self, text: str) -> str:
        return _plain(text, self._told, dollars=self._dollars)

    def _code(self, text: str) -> str:
        return code_block(text, dollars=self._dollars)

    def _value(self, text: str) -> str:
        return latex_of_values(text)

    def _display(self, rows: list[str]) -> str:
        return displayed(rows, dollars=self._dollars)

    def _heading(self, text: str) -> str:
        return f"**{text}**" if self._dollars else rf"\paragraph{{{as_text(text)}}}"

    def _reason(self, text: str) -> str:
        return f"*{text}*" if self._dollars else rf"\emph{{{as_text(text)}}}"

    def _sentence(self, text: str) -> str:
        return text if self._dollars else as_text(text)

    def _verbatim(self, text: str) -> str:
        if self._dollars:
            return f"```text\n{text}\n```"
        return f"\\begin{{verbatim}}\n{text}\n\\end{{verbatim}}"
