"""A matrix derivation told in a notation."""

from chainrule.calculus.tree import Name, Node, Power, distinct
from chainrule.records.message import Message, Translate, joined

from .algebra import MATRIX_REWRITES, OF_NUMBERS
from .derivation import Cotangent, DifferentialStep, MatrixDerivation
from .evaluate import MatrixEvaluation, jacobian_values, short
from .fit import Shape, shape_text
from .glossary import matrix_glossary
from .index_form import index_text
from .kinks import matrix_kinks
from .narration import (
    Mathematics,
    MatrixNarration,
    Row,
    ToldAlgebra,
    ToldStep,
    ToldValue,
    formula_row,
)
from .notations import DEFAULT_NOTATION, MatrixNotation, MatrixPaper, matrix_notation_named
from .rules import MATRIX_RULES_BY_ID
from .torch_program import matrix_program


def narrate_matrix(
    derivation: MatrixDerivation,
    notation: str | MatrixNotation = DEFAULT_NOTATION,
    *,
    evaluation: MatrixEvaluation | None = None,
    say: Translate = str,
) -> MatrixNarration:
    """Tell a derivation.

    Args:
        derivation: What `derive_matrix` gave.
        notation: One of `MATRIX_NOTATIONS`, or its id.
        evaluation: A point, for the numbers.
        say: Translates what is not mathematics; English without it.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    way = matrix_notation_named(notation) if isinstance(notation, str) else notation
    told = _Narrator(derivation, way.in_language(say), evaluation).narration()
    return told.in_language(say)


class _Narrator:
    def __init__(
        self, derivation: MatrixDerivation, way: MatrixNotation, evaluation: MatrixEvaluation | None
    ) -> None:
        self._found = derivation
        self._way = way
        self._at = evaluation
        self._paper = MatrixPaper.of(derivation)
        self._cotangents = {each.quantity: each for each in derivation.cotangents}

    def narration(self) -> MatrixNarration:
        found, way, paper = self._found, self._way, self._paper
        code = matrix_program(found, self._at) if way.style == "code" else ""
        return MatrixNarration(
            notation=way.id,
            notation_name=way.name,
            about=way.explained(paper),
            style=way.style,
            names=paper.names,
            given=Row(
                Message(
                    "{formula}, differentiated by {variable}",
                    formula=Mathematics(way.given(paper)),
                    variable=found.variable,
                )
            ),
            kinds=self._kinds(),
            values=self._values(),
            opening=way.opening(paper),
            steps=() if code else self._steps(),
            collected=way.collected(paper),
            algebra=tuple(
                ToldAlgebra(name=MATRIX_REWRITES[each.rule], after=way.whole(each.after, paper))
                for each in found.tidying
            ),
            answer=way.answer(paper),
            closing=(*self._closing(), *self._numbers()),
            kinks=() if self._at is None else matrix_kinks(found, self._at),
            legend=self._legend(),
            code=code,
            glossary=matrix_glossary(found, way),
        )

    def _text(self, node: Node) -> str:
        return self._way.text(node, self._paper)

    def _kinds(self) -> Row:
        found = self._found
        kinds = joined([_kind(name, shape) for name, shape in found.names.items()], ", ")
        if found.result in found.names:
            return Row(Message("{kinds}.", kinds=kinds))
        result = _kind(found.result, found.shape)
        return Row(Message("{kinds}; {result}.", kinds=kinds, result=result))

    def _values(self) -> tuple[ToldValue, ...]:
        return tuple(
            ToldValue(
                name=each.name,
                row=formula_row(self._way.value(each, self._paper)),
                shape=shape_text(each.shape),
                value="" if self._at is None else short(self._at(each.node)),
            )
            for each in self._found.quantities
            if each.name != self._found.variable
        )

    # ---- steps -----------------------------------------------------------------------

    def _steps(self) -> tuple[ToldStep, ...]:
        return tuple(self._step(i, step) for i, step in enumerate(self._found.steps, 1))

    def _step(self, number: int, step: DifferentialStep) -> ToldStep:
        quantity = self._paper.quantity(step.quantity)
        rows = [each for pull in step.pulls for each in self._way.passed(pull, step, self._paper)]
        why = MATRIX_RULES_BY_ID[step.rule].why
        if not step.pulls:
            rows.append(Row(why))
        for name in dict.fromkeys(pull.quantity for pull in step.pulls):
            known = self._cotangents.get(name)
            if known is not None and self._is_last(step, name):
                rows.append(self._settled(known))
        return ToldStep(
            number=number,
            rule=step.rule,
            name=step.name,
            quantity=step.quantity,
            equation=self._way.value(quantity, self._paper),
            why=why,
            statement=self._way.statement(step, self._paper),
            rows=tuple(rows),
        )

    def _is_last(self, step: DifferentialStep, quantity: str) -> bool:
        """Whether nothing that comes later gives the quantity anything."""
        after = self._found.steps[self._found.steps.index(step) + 1 :]
        return all(pull.quantity != quantity for later in after for pull in later.pulls)

    def _settled(self, known: Cotangent) -> Row:
        ideas = dict.fromkeys(each.rule for each in known.tidying if each.rule not in OF_NUMBERS)
        remarks = [MATRIX_REWRITES[each] for each in ideas]
        if len(known.terms) > 1:
            remarks.append(Message("{count} uses add up", count=len(known.terms)))
        equation = self._way.settled(known, self._paper)
        each = standing_for(known.shape, self._paper.quantity(known.quantity).shape)
        if self._way.of_entries or self._way.id == "lagrange":
            each = ""  # it is said of one entry, or has all of them
        return self._way.so(equation, each, joined(remarks, "; ") if remarks else "")

    # ---- the end -----------------------------------------------------------------------

    def _closing(self) -> list[Row]:
        found = self._found
        shape = shape_text(found.variable_shape)
        rows = [
            Row(
                Message(
                    "Shape: {shape}, that of {variable}. {layout}",
                    shape=shape,
                    variable=found.variable,
                    layout=found.layout,
                )
            )
        ]
        if not found.is_number:
            axes = " × ".join(map(str, found.jacobian_shape))
            rows.append(Row(Message("The Jacobian has shape {axes}.", axes=axes)))
            if found.jacobian is not None and self._way.style == "mathematics":
                left = f"J = ∂{found.result}/∂{found.variable}"
                rows.append(formula_row(f"{left} = {self._text(found.jacobian)}"))
        if found.variable_shape and self._way.style == "mathematics" and not self._way.of_entries:
            entries = Mathematics(index_text(found))
            rows.append(Row(Message("Entry by entry: {equation}", equation=entries)))
        return rows

    def _numbers(self) -> list[Row]:
        found = self._found
        if self._at is None:
            return []
        if found.is_number:
            values = self._at(found.gradient)
            return [_here(f"∂{found.result}/∂{found.variable} = {short(values)}")]
        if not isinstance(found.seed, Name):
            return []
        values = jacobian_values(found.gradient, found.seed.name, found.shape, self._at)
        return [_here(f"J = {short(values)}")]

    def _legend(self) -> tuple[str, ...]:
        if self._way.style != "mathematics":
            return ()
        found = self._found
        shown = " ".join([self._text(found.gradient), self._text(found.formula.root)])
        lines: list[str] = []
        if "cofactor(" in shown:
            lines.append(Message("cofactor(A) is det(A) · A⁻ᵀ where A has an inverse."))
        if "⊙" in shown and not self._way.of_entries:
            lines.append(Message("⊙ multiplies entry by entry."))
        if any(self._has_power(node) for node in distinct(found.gradient)):
            lines.append(Message("A power of a vector or matrix is taken entry by entry."))
        return tuple(lines)

    def _has_power(self, node: Node) -> bool:
        return isinstance(node, Power) and bool(self._paper.shapes(node))


def standing_for(own: Shape, shape: Shape) -> str:
    """What is said of a cotangent with fewer entries than the quantity that it belongs to."""
    if own == shape:
        return ""
    if not own:
        return Message("for every entry")
    if own[-1:] != shape[-1:]:
        return Message("in every column")
    return Message("in every row")


def _kind(name: str, shape: Shape) -> Message:
    return Message("{name} is {shape}", name=Mathematics(name), shape=shape_text(shape))


def _here(equation: str) -> Row:
    return Row(Message("Here: {equation}", equation=Mathematics(equation)))
