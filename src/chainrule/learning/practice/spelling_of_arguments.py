r"""How much belongs to a function without parentheses: \sin x^{2}, log x y, \ln\sqrt{x}.

Most books mean sin(x²) by sin x², and who types it may mean (sin x)². So neither is read for sure:
both are tried, and an answer that is right in one of them is right.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice, product

from chainrule.calculus.functions import FUNCTIONS, RADICALS
from chainrule.records.message import Message

from .spelling import Spelled

_PLAIN = sorted(
    (
        each
        for each, function in FUNCTIONS.items()
        if function.kind == "elementwise" and function.least == 1 and each not in RADICALS
    ),
    key=len,
    reverse=True,
)
_FUNCTION = rf"(?:\\|(?<![A-Za-z\\]))(?P<function>{'|'.join(_PLAIN)})(?![A-Za-z(])"
_SPACE = r"(?:\s|\\[,;:!]|~)*"
_NO_FUNCTION = rf"(?!\\?(?:{'|'.join(_PLAIN)})(?![A-Za-z]))"
_LETTER = (
    rf"{_NO_FUNCTION}(?:\\(?!cdot|times|frac|sqrt|left|right|odot|circ)[a-z]+|[^\W\d_])"
    r"(?:_\{?\w+\}?|\d+)?"
)
_POWER = r"(?:\^\s*(?:\{[^{}]*\}|\([^()]*\)|[-−]?\w+)|[²³⁴⁵⁶⁷⁸⁹]+)"
_AMBIGUOUS = re.compile(
    rf"{_FUNCTION}{_SPACE}(?P<first>\d*\.?\d*\s*{_LETTER}){_SPACE}"
    rf"(?P<rest>{_POWER}|(?:{_LETTER}{_SPACE})+(?:{_POWER})?)"
)
"""A function, and behind its argument something without a sign that may belong to it."""

MOST_READINGS = 4
"""Of one answer: two places with two readings each. Where there are more, it has to be written."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer with parentheses around arguments.

    Attributes:
        text: The whole.
        read: What its arguments were read as, such as `sin(x^2)`.
    """

    text: str
    read: str


def readings_of_arguments(answer: str) -> list[Reading]:
    """What an answer can mean in which arguments have no parentheses; none if all is clear."""
    found = [each for each in _AMBIGUOUS.finditer(answer) if _is_argument(each)]
    ways = [[*_ways(each)] for each in found]
    readings = []
    for chosen in islice(product(*ways), MOST_READINGS) if found else ():
        text = answer
        for match, way in reversed([*zip(found, chosen, strict=True)]):
            before = text[: match.start()].rstrip()
            times = "*" if way[0] == "(" and re.search(r"[\w)}\]]\Z", before) else " "
            text = f"{before}{times}{way} {text[match.end() :]}"
        readings.append(Reading(text, ", ".join(each.strip() for each in chosen)))
    return readings


def _is_argument(found: re.Match[str]) -> bool:
    """Whether letters stand behind a function, and no function: of sin x cos x all is clear.

    e behind an argument begins a factor of its own, as in sin x e^x.
    """
    letters = re.findall(r"[A-Za-z]+", found["first"] + " " + found["rest"].partition("^")[0])
    return not any(each in FUNCTIONS or each == "e" for each in letters)


def _ways(found: re.Match[str]) -> Iterator[str]:
    """With all of it as the argument, and with the first part alone."""
    name, first, rest = found["function"], found["first"].strip(), found["rest"].strip()
    yield f"{name}({found.string[found.start('first') : found.end('rest')].strip()})"
    if _is_power(rest):
        yield f"({name}({first})){rest}"
    elif first.strip("\\0123456789. ") not in ("pi", "π"):  # nobody means (sin π) x
        yield f"{name}({first}) {rest}"


def _is_power(rest: str) -> bool:
    return rest[:1] == "^" or rest[:1] in "²³⁴⁵⁶⁷⁸⁹"


def asks_for_parentheses(answer: str) -> tuple[Message, int] | None:
    """What to write instead at the first place that can be read in two ways, and where that is."""
    found = next((each for each in _AMBIGUOUS.finditer(answer) if _is_argument(each)), None)
    if found is None:
        return None
    first, *second = _ways(found)
    said: dict[str, object] = {"typed": found[0].strip(), "first": first}
    if not second:
        return Message("Expected parentheses in {typed}: write {first}.", **said), found.start()
    said["second"] = second[0]
    glued = found.end("first") == found.start("rest")
    message = (
        Message(
            "{typed} can be read in two ways: write {first}, as most books mean it, or {second}.",
            **said,
        )
        if glued or _is_power(found["rest"])
        else Message(
            "{typed} can be read in two ways: write {first} or {second}.",
            **said,
        )
    )
    return message, found.start()


def with_arguments(spelled: Spelled, known: Collection[str]) -> Spelled:
    """What is clear without parentheses: ln sin x is ln(sin x), sin sqrt(x) is sin(sqrt(x))."""
    names = "|".join(each for each in _PLAIN if each not in known)
    place = 0
    outer = re.compile(rf"(?<![\w\\])({names}) +(?=(?:{names}|sqrt|cbrt)(?:\(| \d*[^\W\d_](?!\w)))")
    while found := outer.search(spelled.text, place):
        end = _end_of_call(spelled.text, found.end())
        if end is None:
            return spelled
        inner = spelled.text[found.end() : end]
        spelled = spelled.exchanged(found.start(), end, f"{found[1]}({inner})")
        place = found.start() + len(found[1])
    return spelled.replaced(
        rf"(?<![\w\\])({names}) +([-−] *\d*\.?\d*[^\W\d_])(?![\w^²³(])",
        lambda found: f"{found[1]}({found[2]})",
    )


def _end_of_call(text: str, start: int) -> int | None:
    """Where a call ends that begins here; None where it is not clear."""
    name = re.compile(r"\w+").match(text, start)
    assert name is not None
    if text[name.end() : name.end() + 1] == "(":
        depth = 0
        for place in range(name.end(), len(text)):
            depth += (text[place] == "(") - (text[place] == ")")
            if depth == 0:
                return None if text[place + 1 : place + 2] in ("^", "²", "³") else place + 1
        return None
    bare = re.compile(r"\w+ \d*[^\W\d_](?!\w|\s*\^|\s*[²³(]|\s+[^\W\d_](?!\w))").match(text, start)
    return None if bare is None else bare.end()
