"""A matrix derivation as lines of text for the terminal."""

from collections.abc import Iterator, Mapping

from chainrule.calculus.build import is_number, number, raised
from chainrule.calculus.named_parts import flat, named_parts, with_named
from chainrule.calculus.same import Key, Keys
from chainrule.calculus.tree import Call, Name, Node, Sum, children, distinct, with_children
from chainrule.records.message import Message, Translate, told

from .derivation import MatrixDerivation
from .evaluate import MatrixEvaluation
from .fit import Shape
from .narrate import narrate_matrix
from .narration import Mathematics, MatrixNarration, Row, ToldStep
from .notations import DEFAULT_NOTATION
from .one_entry import OneEntry
from .shapes import Shapes
from .text import mathematics

LONGEST = 400
"""Characters of an expression that is written out in entries; a longer one is cut."""


def matrix_lines(
    derivation: MatrixDerivation,
    evaluation: MatrixEvaluation | None = None,
    notation: str = DEFAULT_NOTATION,
) -> list[str]:
    """A derivation as people write it down, in Unicode.

    Args:
        derivation: What `derive_matrix` gave.
        evaluation: A point, for the numbers.
        notation: The id of one of `MATRIX_NOTATIONS`.

    Raises:
        FormulaError: If there is no such notation.
        DomainError: If a part has no value at the point.
    """
    return [*narration_lines(narrate_matrix(derivation, notation, evaluation=evaluation))]


def narration_lines(narration: MatrixNarration, say: Translate = str) -> Iterator[str]:
    """A narration as lines: headings begin at the margin, what stands below them is indented.

    Args:
        narration: In the language that is wanted.
        say: Translates the headings.
    """
    yield narration.given.text
    yield f"  {narration.kinds.text}"
    yield ""
    if narration.code:
        yield from (f"  {line}" if line else "" for line in narration.code.split("\n"))
    else:
        if narration.values:
            yield told(Message("Values on the way"), say)
            yield from _values(narration)
            yield ""
        yield narration.opening.text
        for step in narration.steps:
            yield from _step(step, words=narration.style == "words")
    yield ""
    yield narration.collected.text
    yield from (f"  {each.name}: {each.after}" for each in narration.algebra)
    yield narration.answer
    yield from (f"  {each.text}" for each in narration.closing)
    yield from (f"  {each}" for each in (*narration.kinks, *narration.legend))


def _values(narration: MatrixNarration) -> Iterator[str]:
    for each in narration.values:
        if narration.style == "words":
            value = f"; here {each.value}" if each.value else ""
            yield f"  {each.row.text}: {each.shape}{value}."
            continue
        value = f"  = {each.value}" if each.value else ""
        yield f"{f'  {each.row.text}':<38}  {each.shape}{value}"


def _step(step: ToldStep, *, words: bool) -> Iterator[str]:
    yield f"  {step.number}. {step.equation}: {step.name}"
    if words:
        yield f"       {step.why}"
    for each in (*step.statement, *step.rows):
        yield f"       {each.text}"


def one_entry_lines(found: OneEntry, say: Translate = str) -> list[str]:
    """The comparison with one entry, written out, as lines of text.

    Where that is long, its parts have names: those of the entries of the values on the way first.

    Args:
        found: The entry.
        say: Translates the words around formulas.
    """
    head, *rest = (row.in_language(say).text for row in one_entry_rows(found))
    return [head, *(f"  {line}" for line in rest)]


def one_entry_rows(found: OneEntry) -> tuple[Row, ...]:
    """The same as rows, the heading first."""
    slope = number(0) if found.derivation is None else found.derivation.tidy
    shown, slope, where = _named(found, slope)
    rows = [Row(_heading(found)), Row(_equal("L", shown)), Row(_equal(f"∂L/∂{found.name}", slope))]
    rows += [Row(_where(each)) for each in where]
    if found.value is not None and found.matrix_value is not None:
        numbers = {"value": found.value, "matrix_value": found.matrix_value}
        same = (
            Message(
                "= {value:.6g} here; the matrix result has {matrix_value:.6g} in this place: "
                "the same",
                **numbers,
            )
            if found.agree
            else Message(
                "= {value:.6g} here; the matrix result has {matrix_value:.6g} in this place: not "
                "the same",
                **numbers,
            )
        )
        rows.append(Row(same))
    return tuple(rows)


def _where(meaning: str) -> Message:
    return Message("where {meaning}", meaning=meaning)


_SIGNS = {"mean": "μ", "sqrt": "σ", "softmax": "P", "sigmoid": "S"}
"""What parts are called in books, by the function that they are; the innermost first."""


def named_result_lines(derivation: MatrixDerivation, say: Translate = str) -> list[str]:
    """A long gradient once more with names for what stands in it several times; else nothing."""
    if len(mathematics(derivation.gradient)) <= SHORT:
        return []
    root, rows = _signed(derivation.gradient, derivation.names)
    taken = {*derivation.names, *(name.name for name, _ in rows)}
    named = named_parts([root], mathematics, SHORT, taken)
    rows += named.parts
    if not rows:
        return []
    shapes = dict(derivation.names)
    where = []
    for name, part in rows:
        shapes[name.name] = Shapes(shapes)(part)
        meaning = _where(f"{name.text} = {mathematics(part, Shapes(shapes))}")
        where.append("  " + told(meaning, say))
    result = mathematics(named.roots[0], Shapes(shapes))
    equation = f"∂L/∂{derivation.variable} = {result}"
    return [told(Message("With names for its parts: {equation}", equation=equation), say), *where]


def _signed(root: Node, taken: Mapping[str, Shape]) -> tuple[Node, list[tuple[Name, Node]]]:
    """A gradient with the signs of books for means, roots and probabilities in it."""
    rows: list[tuple[Name, Node]] = []
    for function, sign in _SIGNS.items():
        found = [p for p in distinct(root) if isinstance(p, Call) and p.function == function]
        if not found or sign in taken:
            continue
        keys = Keys()
        part, name = found[0], Name(name=sign, text=sign)
        if function == "sqrt" and isinstance(part.arguments[0], Name):
            continue  # √d is as short as σ, and no deviation
        names: dict[Key, Node] = {keys(part): name}
        if function == "sqrt":
            names[keys(part.arguments[0])] = raised(name, number(2))
        changed = with_named([root], names, keys)[0]
        if len(mathematics(changed)) + len(mathematics(part)) < len(mathematics(root)):
            root = changed
            rows.append((name, part))
    return root, rows


SHORT = 72
"""Characters of a gradient that needs no names: one line."""

LINE = 160
"""Characters of an expression in entries that needs no names: two lines of a terminal."""


def _named(found: OneEntry, slope: Node) -> tuple[Node, Node, list[str]]:
    """Both expressions with names for their parts, and what the names stand for."""
    classes: dict[str, Message] = {}
    roots = tuple(_with_brackets(flat(root), classes) for root in (found.written_out, slope))
    where: list[str] = []
    keys = Keys(ordered=False)
    for value in found.names:
        if all(len(mathematics(root)) <= LINE for root in roots):
            break
        entries = [(name, flat(tree)) for name, tree in value.entries]
        names = {keys(tree): name for name, tree in entries if not isinstance(tree, Name)}
        changed = with_named(roots, names, keys)
        used = _names_in(changed[-1])
        first = next(((name, tree) for name, tree in entries if name.name in used), None)
        if first is None:
            continue  # what does not stand in the slope as well explains nothing
        roots = changed
        where.append(
            Message(
                "{value}, so {entry}",
                value=Mathematics(f"{value.letter} = {mathematics(value.whole)}"),
                entry=_equal(first[0].text, first[1]),
            )
        )
    taken = {name for root in roots for name in _names_in(root)}
    named = named_parts(roots, mathematics, LINE, taken)
    where += [_equal(name.text, part) for name, part in named.parts]
    where += [
        Message(
            "{sign} is 1 if {condition}, and 0 if not", sign=Mathematics(sign), condition=condition
        )
        for sign, condition in [*classes.items()][:1]
    ]
    return named.roots[0], named.roots[1], where


def _names_in(root: Node) -> set[str]:
    return {each.name for each in distinct(root) if isinstance(each, Name)}


def _with_brackets(root: Node, classes: dict[str, Message]) -> Node:
    """[y₁ = 2] for 1 where y₁ is the class 2: where(1/2 − |y₁ − 2|, 1, 0)."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        compared = _class_of(node)
        if compared is None:
            made[id(node)] = with_children(node, [made[id(child)] for child in children(node)])
            continue
        label, number_of_class = (Mathematics(mathematics(each)) for each in compared)
        sign = f"[{label} = {number_of_class}]"
        meaning = Message("{label} is {class_number}", label=label, class_number=number_of_class)
        classes.setdefault(sign, meaning)
        made[id(node)] = Name(name=sign, text=sign)
    return made[id(root)]


def _class_of(node: Node) -> tuple[Node, Node] | None:
    """What is compared with which class, if the part is 1 where they are equal."""
    if not isinstance(node, Call) or node.function != "where":
        return None
    condition, one, zero = node.arguments
    if not (is_number(one, 1) and is_number(zero, 0) and isinstance(condition, Sum)):
        return None
    size = condition.terms[-1]
    if not isinstance(size, Call) or size.function != "abs":
        return None
    inner = size.arguments[0]
    if not isinstance(inner, Sum) or len(inner.terms) != 2 or inner.operators != ("-",):
        return None
    return inner.terms


def _heading(found: OneEntry) -> Message:
    """With the place as code counts it: indices on paper begin at 1, in code at 0."""
    place = ", ".join(map(str, found.place))
    if not place:
        return Message(
            "One entry first: L written out, and differentiated by {entry} alone", entry=found.name
        )
    return Message(
        "One entry first: L written out, and differentiated by {entry} alone ([{place}] in code, "
        "which counts from 0)",
        entry=found.name,
        place=place,
    )


def _equal(left: str, right: Node) -> str:
    """An equation, whose right side is cut if it is long."""
    text = mathematics(right)
    if len(text) <= LONGEST:
        return Mathematics(f"{left} = {text}")
    shown = Mathematics(f"{left} = {text[:LONGEST]}")
    return Message("{text} … ({count} characters)", text=shown, count=len(text))
