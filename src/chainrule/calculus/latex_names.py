"""What names and functions are in LaTeX."""

import re

_GREEK = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_LOWER = "αβγδεζηθικλμνξοπρστυφχψω"
_UPPER = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
_DRAWN_ALIKE = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEZHIKMNOPTYXo", strict=True))
"""LaTeX has no letters of its own for these."""

GREEK: dict[str, str] = {
    **{small: rf"\{name}" for small, name in zip(_LOWER, _GREEK, strict=True)},
    **{large: rf"\{name.capitalize()}" for large, name in zip(_UPPER, _GREEK, strict=True)},
    **_DRAWN_ALIKE,
    "ς": r"\varsigma",
    "ϵ": r"\epsilon",
    "ϕ": r"\phi",
    "ϑ": r"\vartheta",
}
"""Greek letters as commands."""

_NAME = re.compile(r"(?P<letters>[^\W\d_]+)_?(?P<index>\w*?)(?P<primes>′*)\Z")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def latex_name(text: str) -> str:
    r"""A variable: x_{1} for x1 and x₁, \theta for θ, \mathrm{loss} for loss, y' for y′."""
    match = _NAME.match(text.translate(_SUBSCRIPTS))
    if match is None:
        return rf"\mathrm{{{_escaped(text)}}}"
    index = match["index"].strip("_")
    shown = _letters(match["letters"])
    if index:
        shown += f"_{{{index if index.isdecimal() else _letters(index)}}}"
    return shown + "'" * len(match["primes"])


def _letters(text: str) -> str:
    if len(text) == 1:
        return GREEK.get(text, text)
    if all(character in GREEK for character in text):
        return " ".join(GREEK[character] for character in text)
    if text[0] in "Δδ":
        return rf"{GREEK[text[0]]} {_letters(text[1:])}"
    return rf"\mathrm{{{_escaped(text)}}}"


def _escaped(text: str) -> str:
    return text.replace("_", r"\_")


_COMMANDS = "sin cos tan sec csc cot sinh cosh tanh coth exp det min max"
_OTHER = {
    "asin": r"\arcsin",
    "acos": r"\arccos",
    "atan": r"\arctan",
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "gelu_tanh": r"\operatorname{GELU}_{\tanh}",
}
_OPERATORS = {
    "asec": "arcsec",
    "acsc": "arccsc",
    "acot": "arccot",
    "asinh": "arsinh",
    "acosh": "arcosh",
    "atanh": "artanh",
    "asech": "arsech",
    "acsch": "arcsch",
    "acoth": "arcoth",
    "log_sigmoid": "logsigmoid",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "gelu": "GELU",
    "silu": "SiLU",
    "mish": "Mish",
    "log_softmax": "logsoftmax",
    "trace": "tr",
    "mse": "MSE",
    "mae": "MAE",
    "huber": "Huber",
    "binary_cross_entropy": "BCE",
    "bce_with_logits": "BCEwithLogits",
    "cross_entropy": "CE",
}
_KNOWN = {
    **{name: rf"\{name}" for name in _COMMANDS.split()},
    **_OTHER,
    **{name: rf"\operatorname{{{shown}}}" for name, shown in _OPERATORS.items()},
}


def latex_function(name: str) -> str:
    r"""A function's name in front of its arguments: \sin, \operatorname{ReLU}."""
    return _KNOWN.get(name) or rf"\operatorname{{{_escaped(name)}}}"
