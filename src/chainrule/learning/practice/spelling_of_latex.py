r"""LaTeX as one types formulas: \frac{1}{2\sqrt{x}} is ((1)/(2√(x)))."""

import re

from chainrule.calculus.functions import FUNCTIONS
from chainrule.calculus.latex_names import GREEK
from chainrule.records.message import Message

from .spelling import Spelled

_LETTERS = {command: letter for letter, command in GREEK.items() if command.startswith("\\")}
_SPACES = (
    r"\\[,;:!> ]|\\q?quad\b|~|\$+|\\[()\[\]]|\\displaystyle\b|\\(?:left|right|[bB]igg?[lr]?)\b"
)
_SIGNS = {
    r"\cdot": "·",
    r"\times": "×",
    r"\ast": "*",
    r"\odot": "⊙",
    r"\circ": "⊙",
    r"\oslash": "/",
    r"\div": "/",
    r"\pi": "π",
    r"\partial": "∂",
    r"\nabla": "∇",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\vert": "|",
    r"\langle": "(",
    r"\rangle": ")",
    r"\lbrace": "(",
    r"\rbrace": ")",
    r"\arcsin": "asin",
    r"\arccos": "acos",
    r"\arctan": "atan",
    r"\prime": "'",
    r"\geq": ">=",
    r"\geqslant": ">=",
    r"\ge": ">=",
    r"\gt": ">",
    r"\leq": "<=",
    r"\leqslant": "<=",
    r"\le": "<=",
    r"\lt": "<",
}


def from_latex(spelled: Spelled) -> Spelled:
    r"""A text without its commands; one that has none stays as it is.

    Raises:
        FormulaError: If a command is not known, or what belongs to it is not there.
    """
    if not any(each in spelled.text for each in ("\\", "$", "_{")):
        return spelled
    spelled = _cases(spelled)
    spelled = spelled.replaced(r"\\begin\{[bp]?matrix\}", "(").replaced(
        r"\\end\{[bp]?matrix\}", ")"
    )
    spelled = spelled.replaced(r"\\\\|&", ",")
    spelled = spelled.replaced(_SPACES, " ")
    spelled = spelled.replaced(r"\\(?:\||[lr]?Vert(?![a-zA-Z]))", "‖")
    spelled = spelled.replaced(r"\\\{", "(").replaced(r"\\\}", ")")
    spelled = spelled.replaced(
        r"\\(?:operatorname|mathrm|text|mathit|mathbf|mathsf|mathbb|mathbbm|mathds|boldsymbol|bm|vec)\*?\{(\w+)\}",
        lambda found: f" {found[1]}",
    )
    while found := re.search(r"\\[dtc]?frac(?![a-z])", spelled.text):
        spelled = _fraction(spelled, found)
    while found := re.search(r"\\sqrt(?![a-z])", spelled.text):
        spelled = _root(spelled, found)
    spelled = spelled.replaced(r"_\{(\w+)\}(?=[A-Za-z\\])", lambda found: f"_{found[1]} ")
    spelled = spelled.replaced(r"_\{(\w+)\}", lambda found: f"_{found[1]}")
    # sin^{2} x has its exponent at the name
    spelled = spelled.replaced(r"\^\s*\{\s*(\d+)\s*\}", lambda found: f"^{found[1]} ")
    return spelled.replaced(r"\\[a-zA-Z]+(?:\s*(?=[\w(]))?", lambda found: _command(found, spelled))


_CASES = (
    r"(?s)\\begin\{d?cases\}(?P<first>[^&]*)&(?P<condition>.*?)\\\\(?P<second>[^&]*)(?:&.*?)?"
    r"\\end\{d?cases\}"
)
_WORD = r"(?:\\text\s*\{\s*)?\b(?:if|for|falls|für)\b\s*\}?"


def _cases(spelled: Spelled) -> Spelled:
    r"""Two cases as one reads them out: (a if c else b)."""

    def told(found: re.Match[str]) -> str:
        condition = re.sub(_WORD, "", found["condition"]).strip()
        first, second = found["first"].strip(" ,"), found["second"].strip(" ,")
        return f"({first} if {condition} else {second})"

    return spelled.replaced(_CASES, told)


def _command(found: re.Match[str], spelled: Spelled) -> str:
    name = found[0].strip()
    word = name[1:]
    if name in _SIGNS:
        return _SIGNS[name] + (" " if _SIGNS[name].isalpha() and _SIGNS[name].isascii() else "")
    if name in _LETTERS:
        indexed = found.string[found.end() : found.end() + 1] == "_"
        return f" {_LETTERS[name]}" if indexed else f" {_LETTERS[name]} "
    if word in FUNCTIONS:
        before = found.string[: found.start()][-1:]
        after = found.string[found.end() : found.end() + 1]
        # \cos x needs its space, \cos(x) and \sin^2 x must have none
        return (" " if before.isalnum() else "") + word + (" " if after.isalnum() else "")
    raise spelled.error(
        Message(
            "Expected LaTeX of a formula, found the command {name}, which is not read here: write "
            "what it stands for as one types it, such as x^2 or sqrt(x).",
            name=name,
        ),
        found.start(),
    )


def _group(text: str, start: int) -> tuple[int, int, int] | None:
    """Where the next group begins and ends inside, and where what follows begins."""
    while start < len(text) and text[start].isspace():
        start += 1
    if start >= len(text):
        return None
    if text[start] != "{":
        command = re.match(r"\\[a-zA-Z]+", text[start:])
        end = start + (command.end() if command else 1)
        return start, end, end
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "{") - (text[place] == "}")
        if depth == 0:
            return start + 1, place, place + 1
    return None


def _fraction(spelled: Spelled, found: re.Match[str]) -> Spelled:
    top = _group(spelled.text, found.end())
    bottom = None if top is None else _group(spelled.text, top[2])
    if top is None or bottom is None:
        raise spelled.error(
            Message(
                "Expected a numerator and a denominator, as in {example}.", example=r"\frac{1}{2}"
            ),
            found.start(),
        )
    inner = f"(({spelled.text[slice(*top[:2])]})/({spelled.text[slice(*bottom[:2])]}))"
    return spelled.exchanged(found.start(), bottom[2], inner)


def _root(spelled: Spelled, found: re.Match[str]) -> Spelled:
    text, start, name = spelled.text, found.end(), "sqrt"
    degree = re.match(r"\s*\[([^\]]*)\]", text[start:])
    power = None
    if degree:
        start += degree.end()
        name = {"2": "sqrt", "3": "cbrt"}.get(degree[1].strip(), "")
        power = None if name else degree[1]
    inside = _group(text, start)
    if inside is None:
        raise spelled.error(
            Message("Expected what the root is taken of, as in {example}.", example=r"\sqrt{x}"),
            found.start(),
        )
    inner = text[slice(*inside[:2])]
    new = f" {name}({inner})" if power is None else f"({inner})^(1/({power}))"
    return spelled.exchanged(found.start(), inside[2], new)
