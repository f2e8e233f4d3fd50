"""What a derivation is written on, and what things are called there."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from .build import name, substitute
from .derivation import PRIME, Derivation, Outer, Step
from .latex import Latex
from .marks import Marks
from .notations import Link, Notation, Paper
from .pretty import Pretty
from .tree import Call, Formula, Name, Node, children, distinct, with_children

ScriptName = Literal["unicode", "latex"]


def paper_for(
    derivation: Derivation,
    notation: Notation,
    script: ScriptName,
    *,
    ids: bool = False,
    along: bool = False,
) -> Paper:
    """What a derivation is written on in a notation; `ids` as for `Latex`.

    `along` says that it is a side of an equation: another name moves, even if it is not in it.
    """
    names = all_names(derivation)
    defined = {each for each, _ in derivation.definitions}
    formulas = (derivation.formula, *(formula for _, formula in derivation.definitions))
    ln = natural_logarithm(formulas)
    writer = notation.writer(ln)
    if writer is None:
        writer = Latex(ln, ids=ids) if script == "latex" else Pretty(ln)
    return Paper(
        script=writer,
        marks=Marks(latex=False, sign=" * ")
        if notation.style == "code"
        else Marks(latex=script == "latex"),
        variable=derivation.variable,
        names=tuple(each for each in names if each not in defined),
        numbered=tuple(names),
        held=derivation.held,
        whole=derivation.name
        or next((each for each in notation.wholes if each not in names), "y_0"),
        total=along or bool(derivation.definitions) or _has_unknown(derivation.raw),
        ln=ln,
    )


def _has_unknown(derivative: Node) -> bool:
    """Whether it holds y′, the derivative of what only an equation tells."""
    names = (node.name for node in distinct(derivative) if isinstance(node, Name))
    return any(each.endswith(PRIME) for each in names)


def natural_logarithm(formulas: Iterable[Formula]) -> str:
    """`log` if the learner calls it so in formulas, else `ln`."""
    calls = (node for formula in formulas for node in formula.nodes() if isinstance(node, Call))
    typed = {call.text for call in calls if call.function == "log" and len(call.arguments) == 1}
    return "log" if "log" in typed and "ln" not in typed else "ln"


def all_names(derivation: Derivation) -> list[str]:
    """Names of the formula and of what its names stand for, in the order in which they stand."""
    found = dict.fromkeys(derivation.formula.names)
    for _, formula in derivation.definitions:
        found.update(dict.fromkeys(formula.names))
    return list(found)


class Letters:
    """What the parts of a chain are called, each letter once in a derivation.

    Args:
        derivation: Whose names are taken.
        notation: Says which letters are liked.
        paper: Where it is written.
    """

    def __init__(self, derivation: Derivation, notation: Notation, paper: Paper) -> None:
        taken = {*all_names(derivation), paper.whole}
        self._insides = _free(notation.insides, taken, "u")
        self._wholes = _free(notation.wholes, taken, notation.wholes[0])
        self._holds_others = bool(derivation.held)

    def whole(self) -> str:
        """A letter for what has none yet."""
        return next(self._wholes)

    def links(self, step: Step) -> tuple[Link, ...]:
        """The links of a chain; a name inside needs no other letter to stand for it."""
        letters = [
            outer.inside.name if isinstance(outer.inside, Name) else next(self._insides)
            for outer in step.outer
        ]
        insides = {id(o.inside): name(each) for o, each in zip(step.outer, letters, strict=True)}
        return tuple(
            self._link(outer, letter, insides, len(step.outer) > 1)
            for outer, letter in zip(step.outer, letters, strict=True)
        )

    def _link(self, outer: Outer, letter: str, insides: Mapping[int, Node], several: bool) -> Link:
        renamed: Mapping[str, Node] = {outer.letter: name(letter)}
        operand = _with_letters(substitute(outer.operand, renamed), insides)
        others = {part.name for part in distinct(operand) if isinstance(part, Name)} - {letter}
        return Link(
            letter=letter,
            inside=outer.inside,
            operand=operand,
            derivative=_with_letters(substitute(outer.derivative, renamed), insides),
            partial=bool(others) and (several or self._holds_others),
        )


def _with_letters(root: Node, insides: Mapping[int, Node]) -> Node:
    """The outside of a chain in letters alone: an inside in another place is its letter, too."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        made[id(node)] = insides.get(id(node)) or with_children(node, parts)
    return made[id(root)]


def _free(known: tuple[str, ...], taken: set[str], then: str) -> Iterator[str]:
    """Letters that the formula does not use, then numbered ones."""
    yield from (each for each in known if unicodedata.normalize("NFKC", each) not in taken)
    count = 1
    while True:
        if f"{then}{count}" not in taken:
            yield f"{then}{count}"
        count += 1
