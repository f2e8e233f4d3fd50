"""Letters in an answer that the question does not have: I, a vector of ones, the n of a mean.

Which size each of them has is settled by the question: of all sizes in it those are tried with
which the answer fits.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from chainrule.calculus import FormulaError
from chainrule.calculus.build import call, name, number
from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.matrix.fit import Shape
from chainrule.calculus.matrix.shapes import Shapes
from chainrule.calculus.tree import (
    Call,
    MatrixProduct,
    Name,
    Node,
    children,
    distinct,
    with_children,
)
from chainrule.records.message import Message

from .answers import AnswerError
from .matrix_asked import MatrixAsked

IDENTITY, ONES = "I", "Ɩ"
"""What the identity matrix and a vector of ones are called while they are read; one letter, since
`1_n` has three."""

SIZES = ("n", "N", "m", "M", "B", "batch_size")
"""What people call the number of what a mean is taken of."""

_BEFORE = r"(?<![\w\\.])"
_NO_EXPONENT = r"(?<!\^-)(?<!\^\{-)(?<!\^\(-)"
"""Of X^-1^T the 1 is that of the inverse."""
_INDEX = r"(?:_(?:\{\w+\}|\w+))?"
_BOLD = r"\\(?:mathbb|mathbf|mathrm|mathbbm|mathds|boldsymbol|bm)\s*"
_SPELLED = (
    (
        re.compile(
            rf"{_BEFORE}(?:(?:torch|np|numpy)\.)?(?:eye|identity)\(\s*\w+\s*\)"
            rf"|{_BOLD}\{{\s*I\s*\}}{_INDEX}|{_BEFORE}I_(?:\{{\w+\}}|\w+)"
        ),
        IDENTITY,
    ),
    (
        re.compile(
            rf"{_BEFORE}(?:(?:torch|np|numpy)\.)?ones(?:\(\s*\w+\s*\)|(?![\w(]))"
            rf"|(?:{_BOLD}\{{\s*1\s*\}}|[𝟏𝟙]){_INDEX}(?!\w)|{_BEFORE}1_(?:\{{[A-Za-z]\w*\}}|[A-Za-z]\w*)"
            rf"|{_NO_EXPONENT}{_BEFORE}1(?=\s*(?:\^\s*\{{?\s*\\?(?:T|top|intercal)|ᵀ|\.T))|(?<=[\w)}}\]]\s)1(?!\s*[\w.(\[/])"
        ),
        ONES,
    ),
)
"""How both are written besides."""

_LENGTH = re.compile(
    rf"{_BEFORE}(?:len\(\s*(?P<of>\w+)\s*\)|(?P<all>\w+)\.(?:numel\(\)|size(?!\s*\())"
    r"|(?P<name>\w+)\.(?:shape\[\s*(?P<axis>-?\d)\s*\]|size\(\s*(?P<place>-?\d)\s*\)))"
)
"""How many entries or rows a name has, as in Python."""

_COMPARED = re.compile(r"\s*_?\s*\\?[\[({][^\[\](){}]*?(?:[<>≥≤]|\\(?:[lg]eq?|[lg]t)\b)")
"""Behind the 1 or I of an indicator."""


MOST_WAYS = 64
"""That sizes are tried together: three letters of four sizes each; answers of books have two."""


def with_letters(text: str, names: Mapping[str, Shape]) -> str:
    """A text with `I` and `Ɩ` for what stands for them, and numbers for lengths of names.

    It keeps its length, so that a message points at the column that was typed.
    """

    def length(found: re.Match[str]) -> str:
        whole = found["of"] or found["all"] or found["name"]
        if not names.get(whole):
            return found[0]
        shape = names[whole]
        axis = int(found["axis"] or found["place"] or 0)
        if not -len(shape) <= axis < len(shape):
            return found[0]
        count = shape[axis]
        if found["all"]:
            count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        return f"{count}".ljust(len(found[0]))

    text = _LENGTH.sub(length, text)
    for pattern, letter in _SPELLED:
        if letter not in names:
            text = _replaced(text, pattern, letter)
    return text


def _replaced(text: str, pattern: re.Pattern[str], letter: str) -> str:
    def spelled(found: re.Match[str]) -> str:
        of_indicator = _COMPARED.match(text, found.end())
        return found[0] if of_indicator else letter.ljust(len(found[0]))

    return pattern.sub(spelled, text)


def letters_in(text: str, names: Collection[str]) -> tuple[str, ...]:
    """The letters of a text that stand for a size, the identity or ones, and are no names."""
    return tuple(
        each
        for each in (IDENTITY, ONES, *SIZES)
        if each not in names
        and any(
            not _COMPARED.match(text, found.end())
            for found in re.finditer(rf"{_BEFORE}{each}(?![\w.])", text)
        )
    )


def has_identity(answer: str, names: Sequence[str]) -> bool:
    """Whether an identity matrix or a vector of ones stands in an answer."""
    found = letters_in(with_letters(answer, dict.fromkeys(names, ())), names)
    return bool({IDENTITY, ONES}.intersection(found))


@dataclass(frozen=True, slots=True)
class Settled:
    """An answer whose letters have a meaning.

    Attributes:
        root: It.
        sizes: The letters that stand for the size of what a mean is taken of.
    """

    root: Node
    sizes: tuple[str, ...] = ()


def settled(root: Node, asked: MatrixAsked, answer: str) -> list[Settled]:
    """What an answer can mean, by the sizes that its letters can have.

    Args:
        root: As it was read.
        asked: What is asked.
        answer: As typed, for messages.

    Raises:
        AnswerError: If a letter stands for the number of what a mean is taken of, and there is no
            mean in the question.
    """
    names = asked.derivation.names
    unknown = {each.name for each in distinct(root) if isinstance(each, Name)} - names.keys()
    if not unknown & {IDENTITY, ONES, *SIZES}:
        return [Settled(root)]
    root, ones = _told_apart(root)
    offered: dict[str, Sequence[Node]] = {each: [*_of_all_sizes(ONES, names)] for each in ones}
    if IDENTITY in unknown:
        offered[IDENTITY] = [*_of_all_sizes(IDENTITY, names)]
    sizes = sorted(unknown.intersection(SIZES))
    of_means = [*dict.fromkeys(_sizes_of_means(asked))]
    if sizes and not of_means:
        raise AnswerError(
            Message(
                "Expected an answer in {names}, found {found!r}, which the question does not have: "
                "nothing in it is divided by a number of entries.",
                names=", ".join(sorted(names)),
                found=sizes[0],
            ),
            answer,
        )
    offered |= {each: [number(size) for size in of_means] for each in sizes}
    ways = islice(product(*offered.values()), MOST_WAYS)
    return [
        Settled(_with(root, dict(zip(offered, way, strict=True))), tuple(sizes)) for way in ways
    ]


def _told_apart(root: Node) -> tuple[Node, list[str]]:
    """With a name of its own for each vector of ones: in 1 1ᵀ each may have another size."""
    found: list[str] = []

    def told(node: Node) -> Node:
        if isinstance(node, Name) and node.name == ONES:
            found.append(f"{ONES}{len(found)}")
            return replace(node, name=found[-1])
        return with_children(node, [told(each) for each in children(node)])

    return told(root), found


def _of_all_sizes(letter: str, names: Mapping[str, Shape]) -> Iterator[Node]:
    """The identity or ones of each size that an axis of a name has."""
    seen: set[int] = set()
    for each, shape in names.items():
        for axis, size in enumerate(shape):
            if size in seen:
                continue
            seen.add(size)
            part: Node = name(each)
            if len(shape) == 2:
                turned = call("transpose", part)
                part = turned if axis == 0 else part
                ones = call("ones_like", call("column_sum", part))
            else:
                ones = call("ones_like", part)
            if letter == ONES:
                yield ones
            elif len(shape) == 2:
                left = call("transpose", part) if axis else name(each)
                right = part if axis else call("transpose", name(each))
                yield call("identity_like", MatrixProduct(left=left, right=right))
            else:
                yield call("diag", ones)


def _sizes_of_means(asked: MatrixAsked) -> Iterator[int]:
    """Of what the means of a question are taken: all entries, or rows or columns of a matrix."""
    shapes = Shapes(asked.derivation.names)
    for node in distinct(asked.derivation.formula.root):
        if not isinstance(node, Call) or not node.arguments:
            continue
        averages = node.function in ("mean", "row_mean", "column_mean")
        if not averages and FUNCTIONS[node.function].kind != "loss":
            continue
        try:
            shape = shapes(node.arguments[0])
        except FormulaError:
            continue
        if len(shape) == 1:
            yield shape[0]
        elif len(shape) == 2:
            by_rows = node.function == "cross_entropy"
            yield from (shape[:1] if by_rows else (shape[0] * shape[1], *shape))


def _with(root: Node, parts: Mapping[str, Node]) -> Node:
    """With parts for names; the signs between factors stay."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        made[id(node)] = (
            parts[node.name]
            if isinstance(node, Name) and node.name in parts
            else with_children(node, [made[id(each)] for each in children(node)])
        )
    return made[id(root)]
