"""Random slips in right derivatives, and how many of them are accused of a mistake.

Nobody made these answers and no set was written for them: a right derivative is taken in the form
in which a textbook has it, and one thing in it is changed at random: a digit, an exponent, a sign,
a term or a factor that is dropped, a function that is taken for its neighbour. Whatever mistake is
named for one of them is named by chance, or because a mistake with a rule leaves the same trace:
without its cause an answer does not tell these two apart. So the share that is accused is an upper
bound of the false ones, and the lower it is the better.

Derivatives of formulas are those of generated exercises; curves and matrices are listed in
`problems_of_books.py`.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chainrule.calculus import derive, write
from chainrule.calculus.build import add, multiply, negative
from chainrule.calculus.read_problem import read_problem
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Sum,
    SumOperator,
    Unary,
    children,
    distinct,
    walk,
    with_children,
)
from chainrule.learning.practice import AnswerError, generate, grade
from chainrule.learning.practice.answers import read_answer
from chainrule.learning.practice.asked import read_asked
from chainrule.learning.practice.curve_asked import read_curve
from chainrule.learning.practice.explanations import ACCUSES_NOBODY
from chainrule.learning.practice.formula_exercises import SKILLS_OF_FORMULAS
from chainrule.learning.practice.matrix_asked import read_matrices, read_matrix
from chainrule.records import Exercise, Grade

from .problems_of_books import CURVES, MATRICES

Kind = Literal[
    "digit",
    "exponent",
    "sign",
    "term dropped",
    "factor dropped",
    "function swapped",
    "letter swapped",
]

_NEIGHBOURS = {
    "sin": ("cos", "tan"),
    "cos": ("sin", "sec"),
    "tan": ("cot", "sec"),
    "sec": ("csc", "cos"),
    "csc": ("sec", "sin"),
    "cot": ("tan", "csc"),
    "sinh": ("cosh", "tanh"),
    "cosh": ("sinh", "tanh"),
    "tanh": ("sigmoid", "sinh"),
    "sigmoid": ("tanh", "relu"),
    "exp": ("log",),
    "log": ("exp",),
    "sqrt": ("cbrt",),
    "asin": ("acos",),
    "acos": ("asin",),
    "atan": ("asin",),
}
"""What is easily written for what."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A right derivative in which one thing was changed."""

    kind: Kind
    formula: str
    wrt: str
    answer: str


def slips(seed: int = 0, *, exercises: int = 3, levels: Iterable[int] = range(1, 6)) -> list[Slip]:
    """One slip of each kind for each exercise that has a place for it.

    Args:
        seed: Of exercises and places.
        exercises: For each skill and level.
        levels: From 1 to 5.
    """
    source = random.Random(seed)
    found = []
    for skill in SKILLS_OF_FORMULAS:
        for level in levels:
            for _ in range(exercises):
                exercise = generate(skill, level, source.randrange(10**6))
                if _is_one_derivative(exercise):
                    found += _of_one(exercise.formula, exercise.wrt, source)
    return found


def _is_one_derivative(exercise: Exercise) -> bool:
    if exercise.kind != "derivative" or exercise.at or "," in exercise.wrt:
        return False
    return read_problem(exercise.formula).equation is None


def _of_one(formula: str, wrt: str, source: random.Random) -> Iterator[Slip]:
    (asked,) = read_asked(formula, wrt)
    right = derive(
        asked.formula, asked.variable, definitions=asked.problem.defined, routes=False
    ).factored
    yield from _of_right(formula, wrt, right, {}, source)


def slips_of_curves(seed: int = 0, *, every: int = 1) -> list[Slip]:
    """One slip of each kind in the slope of each curve, if there is a place for it."""
    source = random.Random(seed)
    found: list[Slip] = []
    for curve in CURVES[::every]:
        problem = read_problem(curve)
        right = _typed(read_curve(problem).factored, problem.names)
        found += _of_right(curve, "x", right, {"x": ("y",), "y": ("x",)}, source)
    return found


def slips_of_matrices(seed: int = 0, *, every: int = 1) -> list[Slip]:
    """One slip of each kind in each derivative by a vector or matrix, if there is a place for it.

    A letter is taken for another of its shape.
    """
    source = random.Random(seed)
    found: list[Slip] = []
    for formula, wrt in MATRICES[::every]:
        derivation = read_matrix(read_matrices(formula), wrt).derivation
        right = derivation.gradient if derivation.is_number else derivation.jacobian
        assert right is not None
        shapes = derivation.names
        letters = {
            each: tuple(other for other in shapes if other != each and shapes[other] == shape)
            for each, shape in shapes.items()
        }
        found += _of_right(formula, wrt, _typed(right, tuple(shapes)), letters, source)
    return found


def _typed(right: Node, names: Sequence[str]) -> Node:
    """A derivative as it is read when it is typed: what stands in two places is two parts."""
    return read_answer(write(right), names).entries[0].root


def _of_right(
    formula: str,
    wrt: str,
    right: Node,
    letters: Mapping[str, Sequence[str]],
    source: random.Random,
) -> Iterator[Slip]:
    places: dict[Kind, list[tuple[Node, Node]]] = {}
    for kind, node, instead in _changes(right, letters, source):
        places.setdefault(kind, []).append((node, instead))
    for kind, changes in sorted(places.items()):
        answer = write(_with(right, *source.choice(changes)))
        try:
            correct = grade(formula, wrt, answer).correct
        except AnswerError:
            continue  # what is left cannot be read: 2·3 for 2·x·3
        if not correct:
            yield Slip(kind, formula, wrt, answer)


def _with(root: Node, old: Node, new: Node) -> Node:
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        made[id(node)] = new if node is old else with_children(node, parts)
    return made[id(root)]


def _changes(
    root: Node, letters: Mapping[str, Sequence[str]], source: random.Random
) -> Iterator[tuple[Kind, Node, Node]]:
    exponents = {id(node.exponent) for node in walk(root) if isinstance(node, Power)}
    for node in distinct(root):
        match node:
            case Number() if node.text.isdecimal():
                if id(node) in exponents:
                    yield "exponent", node, replace(node, text=_other_digit(node.text, source))
                elif node.text not in "01":
                    yield "digit", node, replace(node, text=_other_digit(node.text, source))
            case Unary(operator="-"):
                yield "sign", node, node.operand
            case Sum():
                yield from _of_sum(node, source)
            case Product():
                i = source.randrange(len(node.factors))
                left = [each for j, each in enumerate(node.factors) if j != i]
                yield "factor dropped", node, multiply(*left)
            case MatrixProduct():
                yield "factor dropped", node, source.choice((node.left, node.right))
            case Name() if letters.get(node.name):
                other = source.choice(letters[node.name])
                yield "letter swapped", node, replace(node, name=other, text=other)
            case Call() if node.function in _NEIGHBOURS:
                other = source.choice(_NEIGHBOURS[node.function])
                yield "function swapped", node, replace(node, function=other, text=other)
            case _:
                pass


def _of_sum(node: Sum, source: random.Random) -> Iterator[tuple[Kind, Node, Node]]:
    i = source.randrange(len(node.operators))
    turned: list[SumOperator] = [*node.operators]
    turned[i] = "+" if turned[i] == "-" else "-"
    yield "sign", node, replace(node, operators=tuple(turned))
    signs = ("+", *node.operators)
    lost = source.randrange(len(node.terms))
    yield (
        "term dropped",
        node,
        add(
            *(
                negative(term) if sign == "-" else term
                for j, (term, sign) in enumerate(zip(node.terms, signs, strict=True))
                if j != lost
            )
        ),
    )


def _other_digit(text: str, source: random.Random) -> str:
    i = source.randrange(len(text))
    digits = "23456789" if i == 0 else "0123456789"
    return text[:i] + source.choice(digits.replace(text[i], "")) + text[i + 1 :]


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of slips of one kind.

    Attributes:
        nothing: Of how many nothing.
        differs: Only how the answer differs.
        asked: A question back, which leaves open that it was a slip.
        accused: A mistake was named that somebody makes who does not know the rule.
    """

    nothing: int = 0
    differs: int = 0
    asked: int = 0
    accused: int = 0

    @property
    def slips(self) -> int:
        """How many there are."""
        return self.nothing + self.differs + self.asked + self.accused


def heard(found: Sequence[Slip]) -> dict[str, Heard]:
    """What was said, by kind, and of all."""
    counts: Counter[tuple[str, str]] = Counter()
    for slip in found:
        said = _said(grade(slip.formula, slip.wrt, slip.answer))
        counts[slip.kind, said] += 1
        counts["all", said] += 1
    kinds = [*sorted({slip.kind for slip in found}), "all"]
    return {kind: Heard(*(counts[kind, said] for said in _SAYINGS)) for kind in kinds}


_SAYINGS = ("nothing", "differs", "asked", "accused")


def _said(graded: Grade) -> str:
    open_still = [each.mutation in ACCUSES_NOBODY for each in graded.diagnoses]
    if not open_still:
        return "nothing"
    if all(open_still):
        return "differs"
    return "asked" if graded.question and any(open_still) else "accused"
