"""A matrix derivation as lines of text for the terminal."""

from chainrule.calculus.derivation import Rewrite
from chainrule.calculus.tree import Name, Node, Power, distinct

from .algebra import MATRIX_REWRITES, OF_NUMBERS
from .derivation import Cotangent, DifferentialStep, MatrixDerivation
from .evaluate import MatrixEvaluation, jacobian_values, short
from .fit import shape_text
from .index_form import index_text
from .kinks import matrix_kinks
from .narrated_shapes import shapes_of
from .one_entry import OneEntry
from .rules import MATRIX_RULES_BY_ID
from .text import mathematics

LONGEST = 400
"""Characters of an expression that is written out in entries; a longer one is cut."""


def matrix_lines(
    derivation: MatrixDerivation, evaluation: MatrixEvaluation | None = None
) -> list[str]:
    """A derivation as people write it down, in Unicode.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.

    Raises:
        DomainError: If a part has no value at the point.
    """
    return _Narrator(derivation, evaluation).lines()


def one_entry_lines(found: OneEntry) -> list[str]:
    """The comparison with one entry, written out, as lines of text."""
    lines = [
        f"One entry first: L written out, and differentiated by {found.name} alone"
        f"{_counted(found)}",
        f"  L = {_cut(mathematics(found.written_out))}",
    ]
    slope = "0" if found.derivation is None else _cut(mathematics(found.derivation.tidy))
    lines.append(f"  ∂L/∂{found.name} = {slope}")
    if found.value is not None and found.matrix_value is not None:
        said = "the same" if found.agree else "not the same"
        lines.append(f"  = {found.value:.6g} here; the matrix result has {found.matrix_value:.6g}")
        lines[-1] += f" in this place: {said}"
    return lines


def _counted(found: OneEntry) -> str:
    """The place as code counts it: indices on paper begin at 1, in code at 0."""
    place = ", ".join(map(str, found.place))
    return f" ([{place}] in code, which counts from 0)" if place else ""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} … ({len(text)} characters)"


class _Narrator:
    def __init__(self, derivation: MatrixDerivation, evaluation: MatrixEvaluation | None) -> None:
        self._derivation = derivation
        self._at = evaluation
        self._shapes = shapes_of(derivation)
        self._result = derivation.result
        self._names = set(derivation.names)
        self._cotangents = {each.quantity: each for each in derivation.cotangents}

    def _text(self, node: Node) -> str:
        return mathematics(node, self._shapes)

    def _small(self, name: str) -> str:
        return name if name in self._names else _small(name)

    def lines(self) -> list[str]:
        found = self._derivation
        lines = [
            f"{self._result} = {self._text(found.formula.root)}, differentiated by "
            f"{found.variable}",
            f"  {self._kinds()}",
            "",
        ]
        lines += ["Values on the way", *self._forward(), ""]
        lines += [self._opening(), *self._back(), ""]
        lines += self._end()
        return lines

    def _kinds(self) -> str:
        names = [f"{name} is {shape_text(shape)}" for name, shape in self._derivation.names.items()]
        return f"{', '.join(names)}; {self._result} is {shape_text(self._derivation.shape)}."

    def _forward(self) -> list[str]:
        rows = []
        for quantity in self._derivation.quantities:
            if quantity.name == self._derivation.variable:
                continue
            row = f"  {self._small(quantity.name)} = {self._text(quantity.local)}"
            row = f"{row:<38}  {shape_text(quantity.shape)}"
            rows.append(row + self._value(quantity.node))
        return rows

    def _value(self, node: Node) -> str:
        return "" if self._at is None else f"  = {short(self._at(node))}"

    def _opening(self) -> str:
        if self._derivation.is_number:
            return (
                f"Back from {self._result}: d{self._result} = ⟨∂{self._result}/∂u, du⟩ at each "
                "value u, the sum of the products of their entries"
            )
        seed = self._text(self._derivation.seed)
        return (
            f"Back from {self._result}, of which any entries may be asked for: {seed} says which, "
            f"and ⟨{seed}, d{self._result}⟩ = ⟨∂/∂u, du⟩ at each value u"
        )

    def _back(self) -> list[str]:
        lines: list[str] = []
        for number, step in enumerate(self._derivation.steps, 1):
            lines += self._step(number, step)
        return lines

    def _step(self, number: int, step: DifferentialStep) -> list[str]:
        quantity = next(q for q in self._derivation.quantities if q.name == step.quantity)
        lines = [
            f"  {number}. {self._small(step.quantity)} = {self._text(quantity.local)}: {step.name}",
            f"       {step.differential}",
        ]
        if step.moved:
            lines.append(f"       {';  '.join(step.moved)}")
        for pull in step.pulls:
            label = f"{self._small(pull.quantity)} gets {self._text(pull.raw)}"
            if pull.stretch:
                lines += [f"       {label} from each place.", f"       {pull.stretch}"]
                label = f"{self._small(pull.quantity)} gets {self._text(pull.term)}"
            lines.append(f"       {label}")
        if not step.pulls:
            lines.append(f"       {MATRIX_RULES_BY_ID[step.rule].why}")
        for pull in step.pulls:
            known = self._cotangents.get(pull.quantity)
            if known is not None and self._is_last(step, pull.quantity):
                lines += self._settled(known)
        return lines

    def _is_last(self, step: DifferentialStep, quantity: str) -> bool:
        """Whether nothing that comes later gives the quantity anything."""
        after = self._derivation.steps[self._derivation.steps.index(step) + 1 :]
        return all(pull.quantity != quantity for later in after for pull in later.pulls)

    def _settled(self, known: Cotangent) -> list[str]:
        left = f"∂{self._result}/∂{self._small(known.quantity)}"
        if not self._derivation.is_number:
            left = f"∂/∂{self._small(known.quantity)}"
        called = f" = {self._small(known.name)}" if known.name else ""
        total, tidy = self._text(known.total), self._text(known.tidy)
        same = "" if total == tidy else f" = {tidy}"
        lines = [f"       so {left}{called} = {total}{same}{self._each(known)}"]
        ideas = dict.fromkeys(each.rule for each in known.tidying if each.rule not in OF_NUMBERS)
        if ideas:
            lines[0] += f"   ({'; '.join(MATRIX_REWRITES[each] for each in ideas)})"
        if len(known.terms) > 1:
            lines[-1] += f"   ({len(known.terms)} uses add up)"
        return lines

    def _each(self, known: Cotangent) -> str:
        shape = next(q.shape for q in self._derivation.quantities if q.name == known.quantity)
        if known.shape == shape:
            return ""
        if not known.shape:
            return " for every entry"
        return " in every column" if known.shape[-1:] != shape[-1:] else " in every row"

    def _end(self) -> list[str]:
        found = self._derivation
        total = f"d{self._result}" if found.is_number else f"⟨{self._text(found.seed)}, dL⟩"
        lines = [f"Collected: {total} = ⟨{self._text(found.collected)}, d{found.variable}⟩"]
        if len(found.variable_shape) == 2:
            lines[0] += f", which is tr((…)ᵀ d{found.variable})"
        lines += [self._rewrite(each) for each in found.tidying]
        left = f"∂{self._result}/∂{found.variable}"
        if not found.is_number:
            left = f"Jᵀ{self._text(found.seed)}"
        lines.append(f"{left} = {self._text(found.gradient)}")
        lines.append(
            f"  Shape: {shape_text(found.variable_shape)}, that of {found.variable}. {found.layout}"
        )
        lines += self._jacobian() if not found.is_number else []
        if found.variable_shape:
            lines.append(f"  Entry by entry: {index_text(found)}")
        if self._at is not None and found.is_number:
            lines.append(f"  Here: {left} = {short(self._at(found.gradient))}")
        if self._at is not None:
            lines += [f"  {each}" for each in matrix_kinks(found, self._at)]
        return lines + self._legend()

    def _jacobian(self) -> list[str]:
        found = self._derivation
        axes = " × ".join(map(str, found.jacobian_shape))
        lines = [f"  The Jacobian has shape {axes}."]
        if found.jacobian is not None:
            lines.append(f"  J = ∂{self._result}/∂{found.variable} = {self._text(found.jacobian)}")
        if self._at is not None and isinstance(found.seed, Name):
            values = jacobian_values(found.gradient, found.seed.name, found.shape, self._at)
            lines.append(f"  Here: J = {short(values)}")
        return lines

    def _rewrite(self, step: Rewrite) -> str:
        return f"  {MATRIX_REWRITES[step.rule]}: {self._text(step.after)}"

    def _legend(self) -> list[str]:
        shown = " ".join(
            [self._text(self._derivation.gradient), self._text(self._derivation.formula.root)]
        )
        lines = []
        if "cofactor(" in shown:
            lines.append("  cofactor(A) is det(A) · A⁻ᵀ where A has an inverse.")
        if "⊙" in shown:
            lines.append("  ⊙ multiplies entry by entry.")
        if any(self._has_power(n) for n in distinct(self._derivation.gradient)):
            lines.append("  A power of a vector or matrix is taken entry by entry.")
        return lines

    def _has_power(self, node: Node) -> bool:
        return isinstance(node, Power) and bool(self._shapes(node))


def _small(name: str) -> str:
    """u3 as u₃."""
    return name.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
