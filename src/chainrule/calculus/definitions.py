"""Names that stand for formulas: their order, their values, and what they stand for."""

from collections.abc import Mapping, Sequence

from chainrule.records.message import Message
from chainrule.records.shortened import brief

from .build import substitute
from .errors import FormulaError
from .evaluate import Evaluation
from .parse import MAX_DEPTH
from .tree import Formula, Name, Node, walk
from .writing import write


def evaluation_order(definitions: Mapping[str, Formula], text: str = "") -> tuple[str, ...]:
    """Names in an order in which each comes after those that its formula needs.

    Args:
        definitions: Formulas by name.
        text: What was typed, for messages.

    Raises:
        FormulaError: If they go round in a circle, or are nested too deep.
    """
    depth: dict[str, int] = {}
    for first in definitions:
        path: list[tuple[str, bool]] = [(first, False)]
        within: list[str] = []
        while path:
            name, entered = path.pop()
            if entered:
                within.pop()
                inner = (depth[n] for n in definitions[name].names if n in definitions)
                depth[name] = 1 + max(inner, default=0)
                if depth[name] > MAX_DEPTH:
                    raise FormulaError(
                        Message(
                            "The definitions need one another more than {most} deep.",
                            most=MAX_DEPTH,
                        ),
                        text,
                    )
            elif name not in depth:
                path.append((name, True))
                within.append(name)
                for needed in reversed(definitions[name].names):
                    if needed in within:
                        raise _circle(
                            needed, [*within[within.index(needed) :], needed], definitions
                        )
                    if needed in definitions:
                        path.append((needed, False))
    return tuple(depth)


def values_at(definitions: Mapping[str, Formula], point: Mapping[str, float]) -> dict[str, float]:
    """A point with the values of the names that are defined.

    Raises:
        FormulaError: If a name has no value, or one is given for a name that is defined.
        DomainError: If a definition has no value there.
    """
    for name in point:
        if name in definitions:
            meant = brief(write(definitions[name]))
            raise FormulaError(
                Message(
                    "{name} stands for {formula}, so its value follows from the others: leave out "
                    "{name}={value:g}.",
                    name=name,
                    formula=meant,
                    value=point[name],
                )
            )
    values = dict(point)
    for name in evaluation_order(definitions):
        formula = definitions[name]
        values[name] = Evaluation(values, formula.text)(formula.root)
    return values


def written_out(part: Node, definitions: Mapping[str, Formula]) -> Node:
    """A part with every name that is defined written out, so that only variables are left.

    What stands for a name is shared by all its places: written as text, it may be long.
    """
    written: dict[str, Node] = {}
    for name in evaluation_order(definitions):
        written[name] = substitute(definitions[name].root, written)
    return substitute(part, written)


def _circle(name: str, path: Sequence[str], definitions: Mapping[str, Formula]) -> FormulaError:
    last = definitions[path[-2]]
    place = next(n.span[0] for n in walk(last.root) if isinstance(n, Name) and n.name == name)
    return FormulaError(circle(name, path), last.text, place)


def circle(name: str, path: Sequence[str]) -> Message:
    """What is said of a definition that needs itself.

    Args:
        name: What it defines.
        path: From that name over those it needs back to it.
    """
    if len(path) <= 2:
        return Message(
            "The definition of {name} needs {name} itself: definitions must not go round in a "
            "circle.",
            name=name,
        )
    return Message(
        "The definition of {name} needs {name} itself, by way of {way}: definitions must not go "
        "round in a circle.",
        name=name,
        way=" → ".join(path),
    )
