"""Formulas that begin with a minus sign: -x^2 is a formula and no option."""

import re
from itertools import pairwise

TAKE_FORMULAS = frozenset(
    {
        "critical",
        "descend",
        "explain",
        "grade",
        "gradient",
        "hessian",
        "jacobian",
        "landscape",
        "sharpness",
        "taylor",
    }
)
"""Commands that do; their options all have long names, but for -h and -o."""

_ANSWERS = frozenset({"--answer", "--reply"})
"""Options that are given formulas, which may begin with a minus sign as well."""

_SHORT = frozenset({"-h", "-o"})
_NUMBERS = re.compile(r"-[\d.,eE+-]+\Z")


def with_formula_last(arguments: list[str]) -> list[str]:
    """The arguments with a formula that begins with - behind --, where it is no option.

    Args:
        arguments: Of the whole command line, the command's name first.

    Example:
        >>> with_formula_last(["gradient", "-x^2", "--at", "x=1"])
        ['gradient', '--at', 'x=1', '--', '-x^2']
    """
    if not arguments or arguments[0] not in TAKE_FORMULAS or "--" in arguments:
        return arguments
    kept, formulas = arguments[:1], []
    for before, each in pairwise(arguments):
        number = before.startswith("--") and _NUMBERS.match(each)  # of the option before it
        value = number or before in _ANSWERS
        if len(each) > 1 and each[0] == "-" and each[1] != "-" and each not in _SHORT and not value:
            formulas.append(each)
        else:
            kept.append(each)
    return [*kept, "--", *formulas] if formulas else kept
