"""A tree written out as it was typed, up to spaces.

Reading it again gives the same tree. A tree that was built, not read, may ask for what cannot be
written; it gets parentheses that it lacks, a · between factors that cannot stand side by side, and
sin(x) for sin x: never another meaning. Parentheses that a learner typed around a part stay where
they typed it, and go where a derivation has put the part elsewhere.
"""

import re
from dataclasses import replace

from .ambiguity import ONE_LETTER
from .functions import POWER_ON_NAME, RADICALS
from .tree import (
    Array,
    Call,
    Constant,
    Formula,
    MatrixProduct,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Unary,
    children,
    distinct,
    walk,
    with_children,
)

_SUPERSCRIPTS = str.maketrans("+-0123456789", "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_EXPONENT = re.compile(r"[eE]\d")
_NAMED = {"|": "abs", "‖": "norm", "ᵀ": "transpose"}


def write(tree: Formula | Node) -> str:
    """A formula as text."""
    root = tree.root if isinstance(tree, Formula) else _without_spare(tree)
    written: dict[int, str] = {}
    # parts that were built may have no ids yet, so they are told apart by identity
    for node in walk(root):
        text = _text(node, [written[id(child)] for child in children(node)])
        written[id(node)] = "(" * node.parentheses + text + ")" * node.parentheses
    return written[id(root)]


def _without_spare(root: Node) -> Node:
    """The tree without typed parentheses around parts of what nobody typed, which needs others."""
    made: dict[int, Node] = {}
    for node in distinct(root):
        parts = [made[id(child)] for child in children(node)]
        if node.id < 0:
            parts = [replace(part, parentheses=0) if part.parentheses else part for part in parts]
        made[id(node)] = with_children(node, parts)
    return replace(made[id(root)], parentheses=0)


def _text(node: Node, parts: list[str]) -> str:
    match node:
        case Unary():
            twice = node.id < 0 and isinstance(node.operand, Unary)
            return node.operator + _part(_is_term(node.operand) and not twice, parts[0])
        case Sum():
            return _sum(node, parts)
        case Product():
            return _product(node, parts)
        case Quotient() | MatrixProduct():
            left, right = children(node)
            sign = node.operator if isinstance(node, Quotient) else "@"
            first = _part(_is_product(left) or _is_power(left), parts[0])
            return f"{first} {sign} {_part(_may_follow(node, right), parts[1])}"
        case Power():
            return _power(node, parts)
        case Call():
            return _call(node, parts)
        case Array():
            return "[" + ", ".join(parts) + "]"
        case _:
            return node.text


def _part(fits: bool, text: str) -> str:
    return text if fits else f"({text})"


# ---- what may stand where without parentheses; see the grammar in `parse.py` ---------------------


def _is_term(node: Node) -> bool:
    return bool(node.parentheses) or not isinstance(node, Sum)


def _is_product(node: Node) -> bool:
    return not node.parentheses and isinstance(node, Product | Quotient | MatrixProduct)


def _is_factor(node: Node) -> bool:
    while isinstance(node, Unary) and not node.parentheses:
        node = node.operand
    return _is_power(node)


def _is_power(node: Node) -> bool:
    return bool(node.parentheses) or not isinstance(
        node, Unary | Sum | Product | Quotient | MatrixProduct
    )


def _is_atom(node: Node) -> bool:
    bare = isinstance(node, Call) and _is_bare(node)
    return bool(node.parentheses) or (_is_power(node) and not isinstance(node, Power) and not bare)


def _may_follow(node: Node, right: Node) -> bool:
    """Whether a factor may stand after a sign: a·-b was typed, or it is written a·(-b)."""
    return _is_power(right) if node.id < 0 else _is_factor(right)


# ---- operators -----------------------------------------------------------------------------------


def _sum(node: Sum, parts: list[str]) -> str:
    texts = [_part(_is_term(t), text) for t, text in zip(node.terms, parts, strict=True)]
    if node.id < 0:
        # nobody typed a + -b, and nobody should have to read it
        texts[1:] = [_part(text[0] not in "+-", text) for text in texts[1:]]
    rest = zip(node.operators, texts[1:], strict=True)
    return texts[0] + "".join(f" {operator} {text}" for operator, text in rest)


def _product(node: Product, parts: list[str]) -> str:
    first = node.factors[0]
    divided = isinstance(first, Quotient | MatrixProduct) and not first.parentheses
    text = _part(divided or _is_power(first), parts[0])
    left = first
    for operator, factor, part in zip(node.operators, node.factors[1:], parts[1:], strict=True):
        if operator == "":
            right = _part(_is_power(factor), part)
            together = not divided and _side_by_side(left, factor, right)
            glued = together and _glued(left, factor, right)
            text += right if glued else f" {right}" if together else f" · {right}"
        else:
            text += f" {operator} {_part(_may_follow(node, factor), part)}"
            divided = False
        left = factor
    return text


def _side_by_side(left: Node, right: Node, right_text: str) -> bool:
    """Whether two factors are read as a product without a sign between them."""
    begins = right_text[0]
    if not (begins.isalpha() or begins in "(|‖√∛"):
        return False
    if _ends_bare(left):
        while isinstance(right, Power | Call) and not right.parentheses:
            if isinstance(right, Call):
                return begins not in "|‖" and right.spelling != "ᵀ"
            right = right.base
        return False
    leaf = _last_leaf(left)
    if begins == "(" and isinstance(leaf, Name):
        return bool(ONE_LETTER.match(leaf.name))
    return True


def _glued(left: Node, right: Node, right_text: str) -> bool:
    """Whether a number stands right before its factor, as in 2x and 3(x + 1)."""
    if not isinstance(left, Number) or left.parentheses:
        return False
    while isinstance(right, Power) and not right.on_name and not right.parentheses:
        right = right.base
    named = isinstance(right, Name | Constant) and not _EXPONENT.match(right_text)
    return named or right_text.startswith("(")


def _last_leaf(node: Node) -> Node | None:
    """What is written last; None if it is a bracket."""
    while not node.parentheses and not isinstance(node, Call | Array):
        parts = children(node)
        if not parts:
            return node
        node = parts[-1]
    return None


def _ends_bare(node: Node) -> bool:
    """Whether the last thing written is the x of sin x."""
    if node.parentheses:
        return False
    if isinstance(node, Unary):
        return _ends_bare(node.operand)
    if isinstance(node, Power):
        return _ends_bare(node.base if node.on_name else node.exponent)
    return isinstance(node, Call) and _is_bare(node)


def _power(node: Power, parts: list[str]) -> str:
    base, exponent = parts
    if _is_superscript(node):
        raised = exponent.translate(_SUPERSCRIPTS)
    else:
        sign = "^" if node.spelling == "superscript" else node.spelling
        plain = isinstance(node.exponent, Number | Name | Constant)
        fits = plain if node.id < 0 else _is_factor(node.exponent)
        raised = sign + _part(fits, exponent)
    if isinstance(node.base, Call) and _may_be_on_name(node, node.base):
        return node.base.text + raised + base.removeprefix(node.base.text)
    return _part(_is_atom(node.base), base) + raised


def _is_superscript(node: Power) -> bool:
    """Whether the exponent is to be written, and can be, as in x² and x⁻¹."""
    exponent = node.exponent
    inner = exponent.operand if isinstance(exponent, Unary) else exponent
    whole = isinstance(inner, Number) and inner.text.isdecimal()
    raised = node.spelling == "superscript" and whole
    return raised and not exponent.parentheses and not inner.parentheses


def _may_be_on_name(node: Power, base: Call) -> bool:
    exponent = node.exponent
    return (
        node.on_name
        and base.function in POWER_ON_NAME
        and base.spelling in ("parentheses", "bare")
        and bool(base.text)
        and not base.parentheses
        and isinstance(exponent, Number)
        and exponent.text.isdecimal()
        and not exponent.parentheses
    )


# ---- functions -----------------------------------------------------------------------------------


def _call(node: Call, parts: list[str]) -> str:
    if _is_bare(node):
        argument = node.arguments[0]
        if isinstance(argument, Product):
            return f"{node.text} {''.join(parts[0].split())}"
        return f"{node.text} {parts[0]}"
    if node.spelling == "ᵀ":
        argument = node.arguments[0]
        raised = isinstance(argument, Power) and not argument.on_name and _is_superscript(argument)
        return _part(_is_atom(argument) or raised, parts[0]) + "ᵀ"
    if node.spelling in ("|", "‖") and not _has_open_bar(node.arguments[0]):
        return node.spelling + parts[0] + node.spelling
    return f"{node.text or _NAMED.get(node.spelling, node.function)}({', '.join(parts)})"


def _is_bare(node: Call) -> bool:
    """Whether it is to be written, and can be, as sin x or sin 2x."""
    if node.spelling != "bare" or len(node.arguments) != 1:
        return False
    argument = node.arguments[0]
    if isinstance(argument, Product) and argument.operators == ("",) and not argument.parentheses:
        number, argument = argument.factors
        if not isinstance(number, Number) or number.parentheses or node.text in RADICALS:
            return False
        if not isinstance(argument, Name | Constant) or _EXPONENT.match(argument.text):
            return False
    return not argument.parentheses and isinstance(argument, Number | Name | Constant)


def _has_open_bar(node: Node) -> bool:
    """Whether a bar inside, after something and without a sign, would close the outer ones."""
    stack = [node]
    while stack:
        node = stack.pop()
        if node.parentheses:
            continue
        if isinstance(node, Product) and any(
            operator == "" and isinstance(factor, Call) and factor.spelling in ("|", "‖")
            for operator, factor in zip(node.operators, node.factors[1:], strict=True)
        ):
            return True
        if not (isinstance(node, Call) and node.spelling == "parentheses"):
            stack.extend(children(node))
    return False
