r"""A tree as LaTeX that KaTeX and MathJax read: \frac{\sin\left(x\right)}{x^{2}}."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from .functions import POWER_ON_NAME
from .latex_names import latex_function, latex_name
from .script import ATOM, POWER, PRODUCT, SIGN, SUM, Script, Written
from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Quotient,
    Unary,
)

_BARS = {"abs": ("|", "|"), "norm": (r"\|", r"\|")}
_WITH_EXPONENT = re.compile(r"(?P<digits>[^eE]+)[eE]\+?(?P<exponent>-?\d+)\Z")


class Latex(Script):
    r"""LaTeX for mathematics mode.

    Args:
        ln: The name of the natural logarithm where a derivation made it.
        ids: Whether each part of the formula carries its id, as \htmlData{node=7}{x^{2}}, which
            KaTeX renders if it trusts that command: a page finds the part again by it.
    """

    id = "latex"
    minus = " - "
    times = r" \cdot "
    sign = "-"

    def __init__(self, ln: str = "ln", *, ids: bool = False) -> None:
        super().__init__(ln)
        self._ids = ids

    def marked(self, part: Written) -> Written:
        r"""A part of the formula with its id around it; what a derivation made has none."""
        if not self._ids or part.node.id < 0:
            return part
        text = rf"\htmlData{{node={part.node.id}}}{{{part.text}}}"
        return replace(part, text=text, unmarked=part.text)

    def group(self, text: str) -> str:
        r"""\left(text\right)."""
        return rf"\left({text}\right)"

    def name(self, node: Name) -> str:
        """With its index below."""
        return latex_name(node.text)

    def constant(self, node: Constant) -> str:
        r"""\pi or e."""
        return r"\pi" if node.name == "pi" else "e"

    def number(self, node: Number) -> Written:
        """2e-3 as 2 times a power of ten."""
        match = _WITH_EXPONENT.match(node.text)
        if match is None:
            return Written(node=node, text=node.text, level=ATOM)
        exponent = int(match["exponent"])
        text = rf"{match['digits']} \cdot 10^{{{exponent}}}"
        return Written(node=node, text=text, level=PRODUCT)

    def too_long(self, parts: int) -> str:
        """How many parts there are."""
        return rf"\langle\text{{{parts:,} parts}}\rangle"

    def between(self, left: Written, right: Written, shown: str) -> str:
        r"""A space between a number and what is no number, else \cdot."""
        if not isinstance(left.node, Number) or left.level < ATOM or left.plain == "1":
            return self.times
        if right.open:
            return self.times
        base = right.node
        while isinstance(base, Power):
            base = base.base
        together = isinstance(base, Name | Constant | Call) or shown.startswith(r"\left")
        if isinstance(base, Call) and base.function in ("where", "dot", "outer"):
            together = False
        return r"\," if together and isinstance(base, Call) else " " if together else self.times

    def quotient(self, node: Quotient, numerator: Written, denominator: Written) -> Written:
        r"""\frac, with a minus sign of the numerator before it."""
        if numerator.level == SIGN and isinstance(numerator.node, Unary):
            top = numerator.plain.removeprefix(self.sign)
            if top != numerator.plain:
                text = rf"-\frac{{{top}}}{{{denominator.text}}}"
                return Written(node=node, text=text, level=SIGN)
        text = rf"\frac{{{numerator.text}}}{{{denominator.text}}}"
        return Written(node=node, text=text, level=POWER)

    def matrix_product(self, node: MatrixProduct, left: Written, right: Written) -> Written:
        r"""A B, side by side."""
        first = left.text if isinstance(left.node, MatrixProduct) else self.fitted(left, POWER)
        return Written(node=node, text=rf"{first}\,{self.fitted(right, POWER)}", level=PRODUCT)

    def power(self, node: Power, base: Written, exponent: Written) -> Written:
        r"""x^{2}, \sin^{2}\left(x\right)."""
        inner, above = node.base, node.exponent
        positive = isinstance(above, Number) and above.text.isdecimal()
        if positive and isinstance(inner, Call) and self._takes_power(inner):
            command = latex_function(inner.function)
            rest = base.plain.removeprefix(command)
            return Written(node=node, text=f"{command}^{{{exponent.text}}}{rest}", level=POWER)
        below = base.text if base.level == ATOM and not _radical(inner) else self.group(base.text)
        return Written(node=node, text=f"{below}^{{{exponent.text}}}", level=POWER)

    def _takes_power(self, node: Call) -> bool:
        # log₂² would need an index and an exponent on one name
        named = node.function in POWER_ON_NAME and node.function not in ("log2", "log10")
        return named and len(node.arguments) == 1

    def call(self, node: Call, arguments: Sequence[Written]) -> Written:
        """A function; those with signs of their own have them."""
        texts = [argument.text for argument in arguments]
        signed = self._with_its_sign(node, arguments, texts)
        if signed is not None:
            return signed
        command = latex_function(node.function)
        if node.function == "log" and len(texts) == 2:
            command, texts = rf"\log_{{{texts[1]}}}", texts[:1]
        elif node.function == "log" and node.text == "log" and self.ln == "log":
            command = r"\log"
        text = f"{command}{self.group(', '.join(texts))}"
        return Written(node=node, text=text, level=ATOM)

    def _with_its_sign(
        self, node: Call, arguments: Sequence[Written], texts: list[str]
    ) -> Written | None:
        first = arguments[0]
        level = ATOM
        match node.function:
            case "sqrt":
                text = rf"\sqrt{{{texts[0]}}}"
            case "cbrt":
                text = rf"\sqrt[3]{{{texts[0]}}}"
            case "abs" | "norm":
                left, right = _BARS[node.function]
                text = rf"\left{left}{texts[0]}\right{right}"
                text += f"_{{{texts[1]}}}" if len(texts) > 1 else ""
            case "transpose" | "inverse":
                fits = first.level == ATOM and not isinstance(first.node, Call)
                below = texts[0] if fits else self.group(texts[0])
                text = below + (r"^{\top}" if node.function == "transpose" else "^{-1}")
                level = POWER
            case "dot" | "outer":
                left, right = (self.fitted(argument, ATOM) for argument in arguments)
                text = rf"{left} \cdot {right}"
                text = text if node.function == "dot" else rf"{left}\,{right}^{{\top}}"
                level = PRODUCT
            case "where":
                c, yes, no = texts
                condition = rf"\text{{if }} {c} > 0"
                text = rf"\begin{{cases}} {yes} & {condition} \\ {no} & \text{{otherwise}} "
                text += r"\end{cases}"
                level = SUM
            case _:
                return None
        return Written(node=node, text=text, level=level)

    def array(self, node: Array, entries: Sequence[Written]) -> Written:
        """A column, or a matrix if the entries are rows."""
        rows = [
            " & ".join(each.text for each in entry.entries) if entry.entries else entry.text
            for entry in entries
        ]
        text = r"\begin{bmatrix} " + r" \\ ".join(rows) + r" \end{bmatrix}"
        return Written(node=node, text=text, level=ATOM, entries=tuple(entries))


def latex(tree: Node | Formula, holes: Mapping[str, str] | None = None, *, ln: str = "ln") -> str:
    r"""A tree as LaTeX.

    Args:
        tree: A formula, part of one, or what a derivation made.
        holes: What is written for derivatives still to be taken, by their names in the tree.
        ln: `log` where the learner writes the natural logarithm so.

    Example:
        >>> from chainrule.calculus import parse
        >>> print(latex(parse("sin(x)/(2x)")))
        \frac{\sin\left(x\right)}{2 x}
    """
    return Latex(ln).write(tree, holes)


def _radical(node: Node) -> bool:
    return isinstance(node, Call) and node.function in ("sqrt", "cbrt")
