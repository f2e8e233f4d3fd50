"""The symbols of a derivation by matrices, each with what it is, and its shape."""

from collections.abc import Iterator

from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.notations import Sign
from chainrule.calculus.torch_code import python_name
from chainrule.calculus.tree import Call, Constant, Node, distinct
from chainrule.records.message import Message, as_message, listed

from .derivation import MatrixDerivation
from .fit import Shape
from .notations import MatrixNotation, MatrixPaper
from .notations.notation import kind_of

_SIGNS = {
    "inverse": ("A⁻¹", Message("The inverse: A⁻¹ A = I.")),
    "transpose": ("Aᵀ", Message("The transpose: rows become columns.")),
    "trace": ("tr(A)", Message("The trace: the sum of the entries on the diagonal.")),
    "outer": ("x yᵀ", Message("The outer product: the matrix of all products xᵢ · yⱼ.")),
    "dot": ("xᵀ y", Message("The dot product: the sum of the products of the entries.")),
    "identity_like": ("I", Message("The identity matrix: 1 on the diagonal, 0 elsewhere.")),
    "ones_like": ("𝟏", Message("Ones in every place.")),
}
"""How some functions are written in mathematics, and what that means."""


_GONE_IN_ENTRIES = frozenset(_SIGNS) - {"inverse"} | {"sum", "mean"}
"""Functions of which nothing but indices and sums is left where each entry is written by itself."""


def matrix_glossary(derivation: MatrixDerivation, way: MatrixNotation) -> tuple[Sign, ...]:
    """The symbols of a derivation: those of the formula first, then those of the notation.

    Args:
        derivation: Whose symbols.
        way: In which notation.
    """
    found: dict[str, Sign] = {}
    for entry in _entries(derivation, way, MatrixPaper.of(derivation)):
        found.setdefault(entry.symbol, entry)
    return tuple(found.values())


def _entries(found: MatrixDerivation, way: MatrixNotation, paper: MatrixPaper) -> Iterator[Sign]:
    for called, shape in found.names.items():
        moves = called == found.variable
        meaning = Message("The variable: what is changed to see how the result answers.")
        if not moves:
            meaning = Message("Held constant here.")
            if called in found.symmetric:
                meaning = Message("Held constant here; symmetric.")
            elif called in found.normalised:
                meaning = Message("Held constant here; each of its rows adds up to 1.")
        symbol = called if way.style != "code" else python_name(called)
        yield _typed(symbol, shape, meaning)
    for quantity in found.quantities:
        if quantity.name == found.variable:
            continue
        last = quantity.name == found.result
        meaning = (
            Message("What the formula computes.")
            if last
            else Message("A value on the way to the result.")
        )
        symbol = paper.small(quantity.name) if way.style != "code" else python_name(quantity.name)
        yield _typed(symbol, quantity.shape, meaning)
    if not found.is_number:
        result = found.result
        meaning = Message(
            "Weights: how much each entry of {result} counts; any that one likes.", result=result
        )
        yield _typed(paper.seed, found.shape, meaning)
        if way.style == "mathematics":
            meaning = Message(
                "The Jacobian: the slope of each entry of {result} along each entry of {variable}; "
                "axes of {result} first.",
                result=result,
                variable=found.variable,
            )
            axes = found.jacobian_shape
            yield Sign(symbol="J", kind=kind_of(axes), shape=axes, meaning=meaning)
        if paper.total != result and way.style == "mathematics":
            meaning = Message("The sum of the entries of {result}, so weighted.", result=result)
            yield _typed(paper.total, (), meaning)
    for sign in way.signs(paper):
        yield Sign(symbol=sign.symbol, kind=sign.kind, shape=sign.shape, meaning=sign.meaning)
    if way.id in ("differential", "lagrange", "operator"):
        for each in found.cotangents:
            if each.name:
                meaning = Message(
                    "The gradient by {quantity}, of the same shape.",
                    quantity=paper.small(each.quantity),
                )
                shape = paper.quantity(each.quantity).shape
                yield _typed(paper.small(each.name), shape, meaning)
    yield from _of_trees((found.formula.root, found.gradient), way, paper)


def _typed(symbol: str, shape: Shape, meaning: str) -> Sign:
    return Sign(symbol=symbol, kind=kind_of(shape), shape=shape, meaning=meaning)


def _of_trees(roots: tuple[Node, ...], way: MatrixNotation, paper: MatrixPaper) -> Iterator[Sign]:
    mathematics = way.style == "mathematics"
    gone = _GONE_IN_ENTRIES if way.of_entries else frozenset()
    for root in roots:
        for node in distinct(root):
            match node:
                case Constant():
                    yield Sign(
                        symbol="π" if node.name == "pi" else "e",
                        kind="number",
                        shape=(),
                        meaning=Message("The constant 3.14159…")
                        if node.name == "pi"
                        else Message("The constant 2.71828…"),
                    )
                case Call() if node.function in gone:
                    pass
                case Call() if mathematics and node.function in _SIGNS:
                    symbol, meaning = _SIGNS[node.function]
                    kind = kind_of(paper.shapes(node))
                    if node.function in ("identity_like", "ones_like"):
                        yield Sign(
                            symbol=way.text(node, paper),
                            kind=kind,
                            shape=paper.shapes(node),
                            meaning=meaning,
                        )
                    else:
                        yield Sign(symbol=symbol, kind="operator", shape=(), meaning=meaning)
                case Call() if node.spelling not in ("|", "‖"):
                    yield _function(node, paper)
    if not way.of_entries and any("⊙" in way.text(root, paper) for root in roots):
        yield Sign(
            symbol="A ⊙ B",
            kind="operator",
            shape=(),
            meaning=Message("The product entry by entry, of two of one shape."),
        )


def _function(node: Call, paper: MatrixPaper) -> Sign:
    """A function: what it takes here, and what it gives."""
    function = FUNCTIONS[node.function]
    typed = node.text or node.function
    takes = [_kind(paper.shapes(each)) for each in node.arguments]
    gives = _kind(paper.shapes(node))
    return Sign(
        symbol=f"{typed}({function.arguments})" if typed.isidentifier() else typed,
        kind="function",
        shape=paper.shapes(node),
        meaning=Message(
            "{sentence} Here of {takes}; it gives {gives}.",
            sentence=as_message(function.sentence),
            takes=listed(takes),
            gives=gives,
        ),
    )


def _kind(shape: Shape) -> Message:
    return (Message("a number"), Message("a vector"), Message("a matrix"))[len(shape)]
