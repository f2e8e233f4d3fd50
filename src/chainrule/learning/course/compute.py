"""The numbers of a lesson: the entries of `[compute]`, each computed from a formula.

All but `descend` is the engine of pen and paper. A descent needs PyTorch, which a page must not
load: its numbers are kept beside the lesson (`kept.py`), by what they were computed from.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chainrule.calculus.checks import completed
from chainrule.calculus.derive import derive
from chainrule.calculus.errors import FormulaError
from chainrule.calculus.evaluate import Evaluation
from chainrule.calculus.gradient import gradient
from chainrule.calculus.kinks import derivative_value
from chainrule.calculus.latex import latex
from chainrule.calculus.pretty import pretty
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.second_derivatives import formula_of, hessian
from chainrule.calculus.speech import Speech
from chainrule.calculus.tidy import tidy
from chainrule.calculus.torch_code import TorchCode
from chainrule.calculus.tree import Formula, Node
from chainrule.records.message import Translate

from .fields import Fields, line_of
from .kept import Kept
from .lesson import LessonError

_REFERENCE = "@"

MOST_STEPS = 10_000
"""Of a descent: what a lesson counts, somebody has to be able to picture."""

OPTIMIZERS = ("gradient-descent", "momentum", "nesterov", "rmsprop", "adam", "adamw", "newton")


@dataclass(frozen=True, slots=True)
class Worded:
    """A formula that was computed: a derivative, or what an author typed.

    Attributes:
        root: Its tree.
        say: Translates it where it is spoken.
    """

    root: Node
    say: Translate = str

    def written(self, form: str) -> str:
        """As `latex`, `text`, `speech` or `code`."""
        if form == "text":
            return pretty(self.root)
        if form == "speech":
            return Speech(say=self.say).write(self.root)
        if form == "code":
            return TorchCode().write(self.root)
        return latex(self.root)


Entry = float | Worded


def compute(
    table: Mapping[str, Any],
    kept: Kept,
    file: str,
    text: str,
    line: int,
    say: Translate = str,
) -> dict[str, Entry]:
    """Compute all entries, in the order in which they stand.

    Args:
        table: The table `[compute]`.
        kept: Numbers of descents that were computed before.
        file: The lesson's file.
        text: Its front matter.
        line: The line on which that begins.
        say: Translates formulas where they are spoken.

    Raises:
        LessonError: If an entry cannot be computed, with its line.
    """
    found: dict[str, Entry] = {}
    for name, asked in table.items():
        at = line_of(name, text, line)
        if not isinstance(asked, dict):
            raise LessonError(
                file, at, f'Expected a table for `{name}`, such as {{ value = "2*3" }}.'
            )
        fields = Fields(asked, f"the entry `{name}`", file, at)
        try:
            found[name] = _Computing(fields, found, kept, say).entry()
        except FormulaError as error:
            raise LessonError(file, at, f"`{name}` cannot be computed. {error.reason}") from None
    return found


class _Computing:
    """One entry."""

    def __init__(
        self, fields: Fields, known: Mapping[str, Entry], kept: Kept, say: Translate
    ) -> None:
        self._fields = fields
        self._known = known
        self._kept = kept
        self._say = say

    def entry(self) -> Entry:
        kinds: dict[str, Callable[[Formula], Entry]] = {
            "value": self._value,
            "derivative": self._derivative,
            "difference": self._difference,
            "gradient_norm": self._gradient_norm,
            "eigenvalues": self._eigenvalues,
            "descend": self._descend,
        }
        named = [kind for kind in kinds if kind in self._fields]
        if len(named) != 1:
            self._fields.error(
                f"Expected one of {', '.join(kinds)} in an entry of [compute], found "
                f"{' and '.join(named) or 'none'}."
            )
        text = self._fields.text(named[0])
        problem = read_problem(text)
        if problem.equation is not None:
            self._fields.error(f"Expected a formula, found the equation {text}.")
        found = kinds[named[0]](problem.written_out() if problem.definitions else problem.formula)
        self._fields.end()
        if isinstance(found, float) and not math.isfinite(found):
            self._fields.error(f"Expected a finite number, found {found}: choose another point.")
        return found

    def _value(self, formula: Formula) -> Entry:
        if "at" not in self._fields and formula.names:
            return Worded(formula.root, self._say)
        raw = self._fields.any("at", {})
        if not isinstance(raw, dict):
            self._fields.refuse("at", "numbers by name, such as { x = 1 }", raw)
        index = self._fields.any("index")
        if index is None and not any(isinstance(each, list) for each in raw.values()):
            return Evaluation(self._numbers(raw), formula.text)(formula.root)
        return self._entry_of(formula, raw, index)

    def _entry_of(self, formula: Formula, raw: Mapping[str, Any], index: Any) -> float:
        from chainrule.calculus.matrix.evaluate import MatrixEvaluation

        point = {name: self._array(each, f"at.{name}") for name, each in raw.items()}
        values = MatrixEvaluation(point, formula.text)(formula.root)
        places = index if isinstance(index, list) else [] if index is None else [index]
        shape = "×".join(map(str, values.shape)) or "one number"
        good = all(isinstance(each, int) and not isinstance(each, bool) for each in places)
        if not good or len(places) != values.ndim:
            self._fields.refuse("index", f"an entry of what has the shape {shape}", index)
        try:
            return float(values[tuple(places)])
        except IndexError:
            self._fields.refuse("index", f"an entry of what has the shape {shape}", index)

    def _derivative(self, formula: Formula) -> Entry:
        wrt = self._fields.text("wrt", "x" if "x" in formula.names else None)
        order = self._fields.whole("order", 1)
        if order not in (1, 2):
            self._fields.refuse("order", "1 or 2", order)
        if order == 2:
            formula = formula_of(derive(formula, wrt).raw)
        found = derive(formula, wrt)
        if "at" not in self._fields:
            steps = tidy(found.raw)
            return Worded(steps[-1].after if steps else found.raw, self._say)
        at = Evaluation(self._point("at"), formula.text)
        value = derivative_value(found, completed(found, at))
        if value is None:
            self._fields.error("There is no derivative at this point: the function has a kink.")
        return value

    def _difference(self, formula: Formula) -> float:
        wrt = self._fields.text("wrt", "x" if "x" in formula.names else None)
        h = self._number(self._fields.any("h"), "h")
        central = self._fields.flag("central")
        at = self._point("at")
        if h == 0 or wrt not in at:
            self._fields.error(f"Expected a step `h` that is not 0, and `at` with {wrt}.")

        def value(moved: float) -> float:
            return Evaluation({**at, wrt: moved}, formula.text)(formula.root)

        if central:
            return (value(at[wrt] + h) - value(at[wrt] - h)) / (2 * h)
        return (value(at[wrt] + h) - value(at[wrt])) / h

    def _gradient_norm(self, formula: Formula) -> float:
        slopes = gradient(formula).at(Evaluation(self._point("at"), formula.text))
        known = [slope for slope in slopes if slope is not None]
        if len(known) < len(slopes):
            self._fields.error("There is no gradient at this point: the function has a kink.")
        return math.hypot(*known)

    def _eigenvalues(self, formula: Formula) -> float:
        from numpy import array
        from numpy.linalg import eigvalsh

        index = self._fields.whole("index", 0)
        rows = hessian(formula).at(Evaluation(self._point("at"), formula.text))
        if any(cell is None for row in rows for cell in row):
            self._fields.error("There is no Hessian at this point: a slope has a kink.")
        values = eigvalsh(array(rows, dtype=float))
        if not -len(values) <= index < len(values):
            self._fields.refuse("index", f"one of {len(values)} eigenvalues, from 0", index)
        return float(values[index])

    def _descend(self, formula: Formula) -> float:
        start = self._point("start")
        rate = self._number(self._fields.any("lr"), "lr")
        steps = self._fields.whole("steps")
        optimizer = self._fields.one_of("optimizer", OPTIMIZERS, OPTIMIZERS[0])
        read = self._fields.one_of("read", ("loss", "gradient_norm", *formula.names), "loss")
        if not 0 < steps <= MOST_STEPS:
            self._fields.refuse("steps", f"1 to {MOST_STEPS:,} steps", steps)
        asked = _Descent(formula.text, tuple(sorted(start.items())), rate, steps, optimizer, read)
        return self._kept.number(asdict(asked), lambda: _end_of_descent(asked))

    def _point(self, name: str) -> dict[str, float]:
        return self._fields.point(name, self._number)

    def _numbers(self, raw: Mapping[str, Any]) -> dict[str, float]:
        return {name: self._number(each, f"at.{name}") for name, each in raw.items()}

    def _number(self, value: Any, place: str) -> float:
        if isinstance(value, str) and value.startswith(_REFERENCE):
            known = self._known.get(value[1:])
            if isinstance(known, float):
                return known
            there = ", ".join(n for n, each in self._known.items() if isinstance(each, float))
            self._fields.error(
                f"Expected the name of an earlier number for `{place}` ({there or 'there is none'})"
                f", found {value}."
            )
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self._fields.refuse(place, 'a number or "@name"', value)

    def _array(self, value: Any, place: str) -> Any:
        if isinstance(value, list):
            return [self._array(each, place) for each in value]
        return self._number(value, place)


@dataclass(frozen=True, slots=True)
class _Descent:
    """A descent, and what is read at its end."""

    formula: str
    start: tuple[tuple[str, float], ...]
    lr: float
    steps: int
    optimizer: str
    read: str


def _end_of_descent(asked: _Descent) -> float:
    """What is read at the end of a descent; this loads PyTorch."""
    from chainrule.instruments.descent import descend
    from chainrule.objective import Objective

    objective = Objective.from_formula(asked.formula, dict(asked.start))
    path = descend(objective, asked.lr, asked.optimizer, steps=asked.steps)
    last = path.points[-1]
    if last.step != asked.steps:
        return math.nan
    if asked.read == "loss":
        return last.loss
    if asked.read == "gradient_norm":
        return last.gradient_norm
    names = [name for name, _ in path.parameters]
    assert last.theta is not None
    return float(last.theta[names.index(asked.read)])
