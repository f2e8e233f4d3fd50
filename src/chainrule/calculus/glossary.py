"""The symbols of a derivation in its notation, each with what it is: a number is no function."""

from collections.abc import Iterator

from chainrule.records.message import Message, as_message

from .build import name
from .derivation import Derivation
from .functions import FUNCTIONS, Function
from .narrate import narrate
from .narration import Narration, told
from .notations import Notation, Paper, Sign, Slope, notation_named
from .paper import ScriptName, all_names, paper_for
from .tree import Call, Constant, Node, distinct


def glossary(
    derivation: Derivation,
    notation: str | Notation = "leibniz",
    *,
    script: ScriptName = "unicode",
    narration: Narration | None = None,
    letters: bool = True,
) -> tuple[Sign, ...]:
    """The symbols of a derivation: those of the formula first, then those of the notation.

    Args:
        derivation: Whose symbols.
        notation: One of `NOTATIONS`, or its id.
        script: How they are written.
        narration: The derivation told so, if there is one already.
        letters: Whether the insides of chains are there; a page says them where they are used.

    Raises:
        FormulaError: If there is no such notation.
    """
    way = notation_named(notation) if isinstance(notation, str) else notation
    found: dict[str, Sign] = {}
    narration = narration or narrate(derivation, way, script=script)
    for entry in _entries(derivation, way, script, narration, letters):
        found.setdefault(entry.symbol, entry)
    return tuple(found.values())


def _entries(
    derivation: Derivation,
    way: Notation,
    script: ScriptName,
    narration: Narration,
    letters: bool,
) -> Iterator[Sign]:
    paper = paper_for(derivation, way, script)
    defined = dict(derivation.definitions)
    for each in all_names(derivation):
        if each == derivation.variable:
            meaning = Message("The variable: what is changed to see how the result answers.")
        elif each in defined:
            meaning = Message("Stands for {formula}.", formula=way.write(defined[each].root, paper))
        elif each in derivation.held:
            meaning = Message("Held constant here.")
        else:
            meaning = Message("Moves with the variable, as the equation says.")
        yield Sign(symbol=paper.marks.name(each), kind="number", shape=(), meaning=meaning)
    slope = Slope(
        variable=derivation.variable,
        partial=bool(derivation.held) and not derivation.definitions,
    )
    for sign in way.signs(paper, slope):
        yield Sign(symbol=sign.symbol, kind=sign.kind, shape=sign.shape, meaning=sign.meaning)
    # the lines of a program have names of their own
    lines = told(narration.line) if letters and way.style != "code" else []
    for line in lines:
        for letter, stands_for in line.chain.letters if line.chain else ():
            meaning = Message("Stands for {formula}, the inside of a chain.", formula=stands_for)
            yield Sign(symbol=letter, kind="number", shape=(), meaning=meaning)
    roots = [derivation.formula.root, *(f.root for f in defined.values()), derivation.tidy]
    for root in roots:
        yield from signs_of_tree(root, way, paper)


def signs_of_tree(root: Node, way: Notation, paper: Paper) -> Iterator[Sign]:
    """The constants and functions of a tree; one that stands twice comes twice."""
    for node in distinct(root):
        if isinstance(node, Constant):
            yield Sign(
                symbol=_written_constant(node, way, paper),
                kind="number",
                shape=(),
                meaning=Message(
                    "The constant {number}", number="3.14159…" if node.name == "pi" else "2.71828…"
                ),
            )
        elif isinstance(node, Call) and node.spelling not in ("|", "‖", "ᵀ"):
            function = FUNCTIONS[node.function]
            yield Sign(
                symbol=_called(node, function, way, paper),
                kind="function",
                shape=(),
                meaning=as_message(function.sentence),
            )


def _written_constant(node: Constant, way: Notation, paper: Paper) -> str:
    if paper.marks.latex and way.style == "mathematics":
        return way.write(node, paper)
    return "π" if node.name == "pi" else "e"


def _called(node: Call, function: Function, way: Notation, paper: Paper) -> str:
    """A function of its arguments' usual names, as it is typed; in LaTeX, and √, as it is set."""
    typed = node.text or node.function
    set_in_latex = paper.marks.latex and way.style == "mathematics"
    if typed.isidentifier() and not set_in_latex:
        return f"{typed}({function.arguments})"
    names = [each.partition("=")[0].strip() for each in function.arguments.split(",")]
    arguments = tuple(name(each) for each in names[: len(node.arguments)])
    return way.write(Call(function=node.function, text=typed, arguments=arguments), paper)
