"""A matrix derivation as Markdown for notebooks and as LaTeX for papers."""

from chainrule.calculus.tree import Node
from chainrule.calculus.typeset import as_text, displayed

from .algebra import MATRIX_REWRITES, OF_NUMBERS
from .derivation import Cotangent, DifferentialStep, MatrixDerivation
from .evaluate import MatrixEvaluation, jacobian_values, short
from .fit import shape_text
from .index_form import index_text
from .kinks import matrix_kinks
from .lines import one_entry_lines
from .narrated_shapes import shapes_of
from .one_entry import OneEntry
from .rules import MATRIX_RULES_BY_ID
from .text import mathematics
from .unicode_latex import latex_of_text


def matrix_markdown(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: tuple[OneEntry, ...] = (),
) -> str:
    """Markdown with mathematics between dollar signs, as Jupyter shows it.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        entries: Entries worked out by themselves.

    Raises:
        DomainError: If a part has no value at the point.
    """
    return _Writing(derivation, evaluation, dollars=True).text(entries)


def matrix_latex(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    entries: tuple[OneEntry, ...] = (),
) -> str:
    """LaTeX to be put into a document; it needs the package amsmath.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        entries: Entries worked out by themselves.

    Raises:
        DomainError: If a part has no value at the point.
    """
    return _Writing(derivation, evaluation, dollars=False).text(entries)


class _Writing:
    def __init__(
        self, derivation: MatrixDerivation, evaluation: MatrixEvaluation | None, *, dollars: bool
    ) -> None:
        self._found, self._at, self._dollars = derivation, evaluation, dollars
        self._shapes = shapes_of(derivation)
        self._names = [*derivation.names, *(q.name for q in derivation.quantities)]
        self._names += [each.name for each in derivation.cotangents if each.name]
        self._cotangents = {each.quantity: each for each in derivation.cotangents}
        self._last = {pull.quantity: step for step in derivation.steps for pull in step.pulls}

    def text(self, entries: tuple[OneEntry, ...]) -> str:
        found = self._found
        kinds = [f"${self._line(name)}$ is {shape_text(s)}" for name, s in found.names.items()]
        parts = [
            self._heading(f"By {found.variable}"),
            self._display([f"{self._line(found.result)} = {self._tree(found.formula.root)}"]),
            f"{', '.join(kinds)}; ${self._line(found.result)}$ is {shape_text(found.shape)}.",
            self._heading("Values on the way"),
            self._display(self._forward()),
            self._heading(f"Back from {found.result}"),
            self._opening(),
        ]
        for number, step in enumerate(found.steps, 1):
            parts += self._step(number, step)
        parts += self._end()
        parts += self._numbers()
        for entry in entries:
            head, *rest = one_entry_lines(entry)
            parts += [self._heading(head), self._verbatim("\n".join(rest))]
        return "\n\n".join(parts) + "\n"

    def _forward(self) -> list[str]:
        rows = []
        for quantity in self._found.quantities:
            if quantity.name == self._found.variable:
                continue
            row = f"{self._line(quantity.name)} &= {self._tree(quantity.local)}"
            row += rf" && \text{{{shape_text(quantity.shape).replace('×', 'by')}}}"
            if self._at is not None:
                row += f" && = {self._value(self._at(quantity.node))}"
            rows.append(row)
        return rows

    def _opening(self) -> str:
        found = self._found
        if found.is_number:
            name = self._line(found.result)
            return (
                rf"At each value $u$, $d{name} = \langle \partial {name}/\partial u, du\rangle$, "
                "the sum of the products of their entries."
            )
        seed = self._tree(found.seed)
        return (
            f"Any entries of the result may be asked for: ${seed}$ says which, and "
            rf"$\langle {seed}, d{self._line(found.result)}\rangle = \langle \partial/\partial u, "
            r"du\rangle$ at each value $u$."
        )

    def _step(self, number: int, step: DifferentialStep) -> list[str]:
        quantity = next(q for q in self._found.quantities if q.name == step.quantity)
        of = f"${self._line(step.quantity)} = {self._tree(quantity.local)}$"
        rule = [self._line(step.differential), *(self._line(each) for each in step.moved)]
        parts = [
            f"{self._heading(f'{number}. {step.name}')} {of}",
            self._display(rule),
            self._reason(MATRIX_RULES_BY_ID[step.rule].why),
        ]
        for pull in step.pulls:
            name = f"${self._line(pull.quantity)}$"
            parts.append(
                f"{name} gets ${self._tree(pull.raw)}$"
                + (
                    f" from each place. {self._sentence(pull.stretch)} {name} gets "
                    f"${self._tree(pull.term)}$"
                    if pull.stretch
                    else ""
                )
                + "."
            )
        for name in dict.fromkeys(pull.quantity for pull in step.pulls):
            known = self._cotangents.get(name)
            if known is not None and self._last[name] is step:
                parts.append(self._settled(known))
        return parts

    def _settled(self, known: Cotangent) -> str:
        sides = [self._by(known.quantity)]
        sides += [self._line(known.name)] if known.name else []
        total, tidy = self._tree(known.total), self._tree(known.tidy)
        sides += [total] if total == tidy else [total, tidy]
        ideas = dict.fromkeys(each.rule for each in known.tidying if each.rule not in OF_NUMBERS)
        said = "; ".join(self._sentence(MATRIX_REWRITES[each]) for each in ideas)
        uses = f"{len(known.terms)} uses add up" if len(known.terms) > 1 else ""
        reasons = "; ".join(filter(None, (said, uses)))
        return f"So ${' = '.join(sides)}$." + (f" ({reasons})" if reasons else "")

    def _by(self, name: str) -> str:
        top = (
            rf"\partial {self._line(self._found.result)}" if self._found.is_number else r"\partial"
        )
        return rf"\frac{{{top}}}{{\partial {self._line(name)}}}"

    def _end(self) -> list[str]:
        found = self._found
        left = self._by(found.variable)
        if not found.is_number:
            left = rf"J^{{\top}} {self._tree(found.seed)}"
        parts = [
            self._heading("Together"),
            self._display([f"{left} &= {self._tree(found.collected)}"]),
        ]
        for step in found.tidying:
            parts.append(self._reason(MATRIX_REWRITES[step.rule]))
            parts.append(self._display([f"&= {self._tree(step.after)}"]))
        parts.append(
            f"Its shape is {self._sentence(shape_text(found.variable_shape))}, that of "
            f"${self._line(found.variable)}$. {self._sentence(found.layout)}"
        )
        if found.jacobian is not None:
            parts.append(self._display([f"J = {self._tree(found.jacobian)}"]))
        if found.variable_shape:
            parts += ["Entry by entry:", self._display([self._line(index_text(found))])]
        return parts

    def _numbers(self) -> list[str]:
        found = self._found
        if self._at is None:
            return []
        if found.is_number:
            left, values = self._by(found.variable), self._at(found.gradient)
        else:
            left = "J"
            seed = getattr(found.seed, "name", "")
            values = jacobian_values(found.gradient, seed, found.shape, self._at)
        parts = [self._heading("In numbers"), self._display([f"{left} = {self._value(values)}"])]
        return parts + [self._sentence(each) for each in matrix_kinks(found, self._at)]

    # ---- signs -----------------------------------------------------------------------

    def _tree(self, node: Node) -> str:
        return self._line(mathematics(node, self._shapes))

    def _line(self, text: str) -> str:
        return latex_of_text(text, self._names)

    def _value(self, values: object) -> str:
        import numpy as np

        array = np.asarray(values, dtype=np.float64)
        if array.ndim == 0 or array.ndim > 2 or array.size > 12:
            return rf"\text{{{short(array)}}}".replace("×", r"$\times$")
        rows = array if array.ndim == 2 else array[:, None]
        body = r" \\ ".join(" & ".join(f"{each + 0.0:.4g}" for each in row) for row in rows)
        return rf"\begin{{bmatrix}} {body} \end{{bmatrix}}"

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
