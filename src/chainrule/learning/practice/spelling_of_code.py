"""PyTorch, NumPy and Python as one types formulas: `torch.cos(x) * x.pow(2)`."""

import re

from .spelling import Spelled

_MODULES = (
    r"\b(?:torch\.nn\.functional|nn\.functional|torch\.special|(?:torch|np|numpy)\.linalg|torch|np|"
    r"numpy|math|F)\."
)
_PRODUCT = re.compile(r"\s*\.(?:dot|matmul|mm|mv)\(")
_OF_TWO = re.compile(r"\b(?:(?:torch|np|numpy)\.(?:dot|matmul|mm|mv)|matmul)\(")
_METHOD = re.compile(r"\.([a-z_0-9]+)\(\s*\)")
_NO_METHOD = frozenset({"float", "double", "item", "detach", "clone"})


def from_code(spelled: Spelled) -> Spelled:
    """A text without modules, methods and tensors; one that has none stays as it is."""
    spelled = spelled.replaced(r"\b(?:torch|np|numpy)\.(?:tensor|stack|array)\((.*)\)\s*\Z", _inner)
    spelled = _products(spelled)
    # of MATLAB
    spelled = spelled.replaced(r"(?<!\d)\.\*", "⊙").replaced(r"(?<!\d)\.(?=[/^])", "")
    spelled = spelled.replaced(_MODULES, "")
    spelled = spelled.replaced(r"\.pow\(", "^(")
    while found := _METHOD.search(spelled.text):
        start = _begin_of_primary(spelled.text, found.start())
        primary = spelled.text[start : found.start()]
        new = primary if found[1] in _NO_METHOD else f"{found[1]}({primary})"
        spelled = spelled.exchanged(start, found.end(), new)
    for name, new in (
        ("square", "(({0})^2)"),
        ("reciprocal", "(1/({0}))"),
        ("rsqrt", "(1/sqrt({0}))"),
        ("exp2", "(2^({0}))"),
    ):
        spelled = _rewritten(spelled, name, new)
    return _powers(spelled)


def _products(spelled: Spelled) -> Spelled:
    """A.dot(x) and np.dot(A, x) as A @ x."""
    while found := _OF_TWO.search(spelled.text):
        end = _closing(spelled.text, found.end() - 1)
        inner = None if end is None else _at_comma(spelled.text[found.end() : end])
        if end is None or inner is None:
            return spelled
        spelled = spelled.exchanged(found.start(), end + 1, f"(({inner[0]}) @ ({inner[1]}))")
    while found := _PRODUCT.search(spelled.text):
        end = _closing(spelled.text, found.end() - 1)
        start = _begin_of_primary(spelled.text, found.start())
        if end is None or start == found.start():
            return spelled
        left, right = spelled.text[start : found.start()], spelled.text[found.end() : end]
        spelled = spelled.exchanged(start, end + 1, f"({left} @ ({right}))")
    return spelled


def _at_comma(inner: str) -> tuple[str, str] | None:
    """What stands before and behind the last comma in no brackets."""
    depth, comma = 0, -1
    for place, each in enumerate(inner):
        depth += (each in "([") - (each in ")]")
        if each == "," and depth == 0:
            comma = place
    return None if comma < 0 else (inner[:comma].strip(), inner[comma + 1 :].strip())


def _inner(found: re.Match[str]) -> str:
    return found[1]


def _begin_of_primary(text: str, end: int) -> int:
    """Where that begins of which a method is called: a name, a bracket, a call."""
    start = end
    if start and text[start - 1] == ")":
        depth = 0
        while start:
            start -= 1
            depth += (text[start] == ")") - (text[start] == "(")
            if depth == 0:
                break
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return start


def _closing(text: str, opening: int) -> int | None:
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth == 0:
            return place
    return None


def _rewritten(spelled: Spelled, name: str, new: str) -> Spelled:
    while found := re.search(rf"\b{name}\(", spelled.text):
        end = _closing(spelled.text, found.end() - 1)
        if end is None:
            return spelled
        inner = spelled.text[found.end() : end]
        spelled = spelled.exchanged(found.start(), end + 1, new.format(inner))
    return spelled


def _powers(spelled: Spelled) -> Spelled:
    """pow(a, b) as (a)^(b)."""
    while found := re.search(r"\bpow\(", spelled.text):
        end = _closing(spelled.text, found.end() - 1)
        if end is None:
            return spelled
        parts = _at_comma(spelled.text[found.end() : end])
        if parts is None:
            return spelled
        new = f"(({parts[0]})^({parts[1]}))"
        spelled = spelled.exchanged(found.start(), end + 1, new)
    return spelled
