"""Indices for matrices: each rule, and each gradient, entry by entry, with all sums written out."""

from collections.abc import Mapping, Sequence

from chainrule.calculus.matrix.derivation import Cotangent, DifferentialStep, Pull, Quantity
from chainrule.calculus.matrix.entry_slopes import entry_slope
from chainrule.calculus.matrix.in_letters import free_name, rule_in_letters
from chainrule.calculus.matrix.index_form import (
    LETTERS,
    Indexed,
    IndexScript,
    entry_text,
)
from chainrule.calculus.matrix.narration import Mathematics, Row, formula_row
from chainrule.calculus.notations import Sign
from chainrule.calculus.tree import Node
from chainrule.records.message import Message

from .notation import MatrixNotation, MatrixPaper, by_way_of, put_together, weighed


class MatrixIndex(MatrixNotation):
    """Entries and sums."""

    id = "index"
    name = "index"
    of_entries = True
    about = (
        "Every equation is one of numbers: Xᵢⱼ is the entry in row i and column j, counted from 1, "
        "and Σₖ adds up what follows for all k. δᵢⱼ is 1 if i = j, and 0 otherwise. (Einstein "
        "leaves the Σ away: an index that occurs twice in a product is summed over.)"
    )

    def _gradient(self, of: str, by: str, index: Sequence[str], paper: MatrixPaper) -> str:
        return f"∂{of}/∂{entry_text(paper.small(by), index)}"

    def _holes(self, paper: MatrixPaper) -> Mapping[str, str]:
        return {
            each.name: f"∂{paper.total}/∂{paper.small(each.quantity)}"
            for each in paper.derivation.cotangents
            if each.name
        }

    def _entry(
        self, node: Node, shape: Sequence[int], index: Sequence[str], paper: MatrixPaper
    ) -> str:
        """One entry of an expression that is, or stands for, an array of a shape."""
        made = Indexed(paper.shapes, len(index)).stretched(node, tuple(shape), index)
        return IndexScript(paper.shapes).write(made, self._holes(paper))

    def value(self, quantity: Quantity, paper: MatrixPaper) -> str:
        """(u₁)ᵢ = Σⱼ(Xᵢⱼ · wⱼ)."""
        index = LETTERS[: len(quantity.shape)]
        right = self._entry(quantity.local, quantity.shape, index, paper)
        return f"{entry_text(paper.small(quantity.name), index)} = {right}"

    def opening(self, paper: MatrixPaper) -> Row:
        """The chain rule with its sum."""
        total = paper.total
        taken = set(paper.names)
        part, whole = free_name(("a", "p", "c"), taken), free_name(("b", "q", "d"), taken)
        chain = f"∂{total}/∂{part}ᵢ = Σₖ(∂{total}/∂{whole}ₖ · ∂{whole}ₖ/∂{part}ᵢ)"
        result = paper.derivation.result
        said = Message(
            "for each entry of a value {whole} that is made of {part}, {equation} adds up all that "
            "it changes",
            whole=whole,
            part=part,
            equation=Mathematics(chain),
        )
        if paper.derivation.is_number:
            return Row(Message("Back from {result}: {sentence}", result=result, sentence=said))
        return Row(
            Message(
                "Back from {result}: {total}; {sentence}",
                result=result,
                total=Mathematics(f"{weighed(paper)} = Σ {paper.seed} · {result}"),
                sentence=said,
            )
        )

    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """The slope of one entry by another: ∂(u₁)ₖ/∂wᵢ = Xₖᵢ."""
        rule = rule_in_letters(paper.derivation, step, own_names=True)
        if rule is None:
            return ()
        rows = []
        quantity = paper.quantity(step.quantity)
        for letter, pull in rule.pulls:
            shape = rule.shapes.names[letter]
            part = LETTERS[: len(shape)]
            whole = LETTERS[len(shape) : len(shape) + len(quantity.shape)]
            slope = entry_slope(pull, rule.shapes, whole, part)
            left = "∂" + entry_text(paper.small(step.quantity), whole)
            left += f"/∂{entry_text(paper.small(letter), part)}"
            rows.append(formula_row(f"{left} = {IndexScript(rule.shapes).write(slope)}"))
        return tuple(rows)

    def passed(self, pull: Pull, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """What comes through one place, if there are several."""
        if paper.uses(pull.quantity) < 2:
            return ()
        part = paper.quantity(pull.quantity)
        index = LETTERS[: len(part.shape)]
        shown = entry_text(paper.small(pull.quantity), index)
        term = self._entry(pull.term, part.shape, index, paper)
        whole = paper.small(step.quantity)
        return (by_way_of(whole, shown, term),)

    def settled(self, known: Cotangent, paper: MatrixPaper) -> str:
        """∂L/∂(u₂)ᵢ = 2(u₂)ᵢ."""
        shape = paper.quantity(known.quantity).shape
        index = LETTERS[: len(shape)]
        sides = [self._gradient(paper.total, known.quantity, index, paper)]
        sides.append(self._entry(known.total, shape, index, paper))
        tidy = self._entry(known.tidy, shape, index, paper)
        return " = ".join([*sides, tidy] if tidy != sides[-1] else sides)

    def asked(self, paper: MatrixPaper) -> str:
        """∂L/∂wᵢ."""
        found = paper.derivation
        index = LETTERS[: len(found.variable_shape)]
        sign = self._gradient(paper.total, found.variable, index, paper)
        return sign if found.is_number else f"{sign} = {entry_text(f'(Jᵀ{paper.seed})', index)}"

    def collected(self, paper: MatrixPaper) -> Row:
        """With all put in."""
        found = paper.derivation
        index = LETTERS[: len(found.variable_shape)]
        left = self._gradient(paper.total, found.variable, index, paper)
        return put_together(f"{left} = {self.whole(found.collected, paper)}")

    def whole(self, node: Node, paper: MatrixPaper) -> str:
        """Entry by entry."""
        shape = paper.derivation.variable_shape
        return self._entry(node, shape, LETTERS[: len(shape)], paper)

    def signs(self, paper: MatrixPaper) -> tuple[Sign, ...]:
        """Indices, Σ, δ, and the gradient."""
        return (
            Sign(
                symbol=", ".join(LETTERS[:4]),
                kind="number",
                meaning=Message(
                    "Indices: whole numbers that say which row, and which column, from 1 on."
                ),
            ),
            Sign(
                symbol="Σₖ",
                kind="operator",
                meaning=Message("Adds up what follows, for all values of k."),
            ),
            Sign(
                symbol="δᵢⱼ",
                kind="number",
                meaning=Message("1 if i = j, and 0 otherwise: an entry of the identity matrix."),
            ),
            Sign(
                symbol=self.asked(paper).partition(" = ")[0],
                kind="number",
                meaning=Message(
                    "The slope of {result} along that entry of {variable}.",
                    result=paper.total,
                    variable=paper.derivation.variable,
                ),
            ),
        )


NOTATION = MatrixIndex()
