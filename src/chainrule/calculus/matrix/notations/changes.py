"""Notations that say how a change of the parts changes the whole, and turn that round."""

import re
from collections.abc import Callable

from chainrule.calculus.matrix.derivation import DifferentialStep
from chainrule.calculus.matrix.narration import Row, formula_row
from chainrule.records.message import Message

from .notation import MatrixNotation, MatrixPaper

_CHANGE = re.compile(r"(?<![^\W_])d([A-Za-z])(?![A-Za-z])")
_WHOLE = re.compile(r"(?<![^\W_])d ?(?P<of>\(.+?\)|\[.+?\]|‖.+?‖\S*|[^=]+?) = (?P<changed>.*)\Z")


class ChangeNotation(MatrixNotation):
    """A rule is an equation between changes."""

    def statement(self, step: DifferentialStep, paper: MatrixPaper) -> tuple[Row, ...]:
        """The rule, and how the cotangent moves to the other side."""
        rows = [formula_row(self.rule(step.differential))]
        if step.moved:
            rows.append(formula_row(";  ".join(map(self.change, step.moved))))
        return tuple(rows)

    def rule(self, differential: str) -> str:
        """A rule of differentials in this notation."""
        return differential

    def change(self, text: str) -> str:
        """What is written of changes in differentials, in this notation."""
        return text


def entries_that_count(said: Message, seed: str) -> Message:
    """A sentence on a result that is no number, with what its seed is for."""
    return Message("{sentence}; {seed} says which entries count", sentence=said, seed=seed)


def changed(text: str, write: Callable[[str], str]) -> str:
    """An expression with each dA in it written otherwise."""
    return _CHANGE.sub(lambda found: write(found[1]), text)


def sides(differential: str) -> tuple[str, str]:
    """Of d(A B) = dA B + A dB: what changes, A B, and by how much."""
    found = _WHOLE.match(differential)
    assert found is not None, differential
    return found["of"], found["changed"]
