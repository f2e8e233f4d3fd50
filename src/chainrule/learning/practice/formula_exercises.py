"""Formulas to differentiate, as textbooks have them: by skill and level, drawn at random.

Level 1 is one use of the skill's rule with small numbers, 2 has a coefficient or another function,
3 joins it with a second rule, 4 with two more, 5 is as hard as a textbook's last problem.
"""

import random
import re
from collections.abc import Callable

from chainrule.records.message import Message

from .drafts import Draft

Source = random.Random


def _pick(s: Source, *texts: str) -> str:
    return s.choice(texts)


def _n(s: Source, low: int = 2, high: int = 9) -> int:
    return s.randint(low, high)


def _x(s: Source) -> str:
    return s.choice("xxxxt")


def _power(s: Source, x: str, low: int = 2, high: int = 6) -> str:
    return f"{x}^{_n(s, low, high)}"


def _term(s: Source, x: str) -> str:
    return f"{_n(s)}{_power(s, x)}"


def _linear(s: Source, x: str) -> str:
    a, b = _n(s, 2, 7), _n(s, 1, 9)
    return _pick(s, f"{a}{x} + {b}", f"{a}{x} - {b}", f"{b} - {a}{x}")


def _quadratic(s: Source, x: str) -> str:
    return _pick(
        s,
        f"{x}^2 + {_n(s, 1, 9)}",
        f"{_n(s)}{x}^2 + {_n(s, 1, 9)}",
        f"{x}^2 - {_n(s)}{x}",
        f"{x}^2 + {_n(s)}{x} + {_n(s, 1, 9)}",
        f"{x}^3 + {_n(s, 1, 9)}",
    )


def _smooth(s: Source, inside: str) -> str:
    return s.choice(("sin({})", "cos({})", "e^({})")).format(inside)


def _function(s: Source, x: str) -> str:
    return _pick(s, f"sin({x})", f"cos({x})", f"e^{x}", f"ln({x})")


def sums(s: Source, level: int) -> str:
    """Sums and multiples."""
    x = _x(s)
    match level:
        case 1:
            return _pick(s, f"{_n(s)}{x} + {_n(s)}", f"{x}^2 + {_n(s)}{x}", f"{_n(s)}{x}^2")
        case 2:
            return f"{_term(s, x)} {_pick(s, '+', '-')} {_n(s)}{x} + {_n(s)}"
        case 3:
            return f"{_n(s)}{x}^4 {_pick(s, '+', '-')} {_n(s)}{x}^2 + {_n(s)}{x} - {_n(s)}"
        case 4:
            return f"{x}^{_n(s, 3, 6)}/{_n(s)} - {_n(s)}{x}^2 + {_n(s)}{x} + π"
        case _:
            return f"a*{x}^3 - {_n(s)}b*{x}^2 + {_n(s)}{x}/{_n(s, 3, 7)} + a*b"


def powers(s: Source, level: int) -> str:
    """Powers."""
    x = _x(s)
    match level:
        case 1:
            return _power(s, x, 3, 9)
        case 2:
            return _pick(s, f"{_n(s)}{_power(s, x, 3, 8)}", f"{x}^(-{_n(s, 1, 5)})", f"√{x}")
        case 3:
            return _pick(
                s, f"{_n(s)}/{x}^{_n(s, 2, 5)}", f"{_n(s)}√{x} + {x}", f"{x}^({_n(s, 3, 7)}/2)"
            )
        case 4:
            return f"{_term(s, x)} - {_n(s)}/{x}^{_n(s, 1, 4)} + √{x}"
        case _:
            return f"{x}^({_pick(s, '1', '2', '4', '5')}/3) + {_n(s)}/√{x} - {_n(s)}{x}^(-{_n(s)})"


def products(s: Source, level: int) -> str:
    """Products."""
    x = _x(s)
    match level:
        case 1:
            first = _pick(s, x, f"{_n(s)}{x}", f"{x}^2")
            return f"{first} {_pick(s, f'e^{x}', f'sin({x})', f'cos({x})')}"
        case 2:
            return f"{_power(s, x)} {_function(s, x)}"
        case 3:
            return f"({_quadratic(s, x)}) {_function(s, x)}"
        case 4:
            return _pick(
                s,
                f"{_power(s, x)} {_smooth(s, f'{_n(s)}{x}')}",
                f"e^{x} sin({x}) + {_power(s, x)}",
                f"sqrt({x}) {_pick(s, f'sin({x})', f'cos({x})', f'e^{x}')}",
            )
        case _:
            return _pick(
                s,
                f"{x}^{_n(s, 2, 4)} e^{x} {_pick(s, 'sin', 'cos')}({x})",
                f"({_linear(s, x)})^{_n(s, 2, 4)} e^(-{_n(s)}{x})",
                f"{x}^2 ln({x}) {_pick(s, 'sin', 'cos')}({x})",
            )


def quotients(s: Source, level: int) -> str:
    """Quotients."""
    x = _x(s)
    match level:
        case 1:
            return _pick(s, f"{x}/({x} + {_n(s)})", f"1/({x}^2 + {_n(s)})", f"{x}/({x} - {_n(s)})")
        case 2:
            return f"{_power(s, x, 2, 4)}/({_linear(s, x)})"
        case 3:
            return f"{_function(s, x)}/{_power(s, x, 2, 4)}"
        case 4:
            return f"({_linear(s, x)})/({_quadratic(s, x)})"
        case _:
            return _pick(
                s,
                f"{_smooth(s, f'{_n(s)}{x}')}/({x}^2 + {_n(s)})",
                f"(e^{x} - {_n(s)})/(e^{x} + {_n(s)})",
                f"{x}/√({x}^2 + {_n(s)})",
            )


def exponentials(s: Source, level: int) -> str:
    """Exponentials and logarithms."""
    x = _x(s)
    match level:
        case 1:
            return _pick(s, f"{_n(s)}e^{x}", f"{_n(s)} ln({x})", f"e^{x} + {x}", f"ln({x}) + {x}^2")
        case 2:
            return _pick(s, f"{_n(s)}^{x}", f"e^({_n(s)}{x})", f"ln({_n(s)}{x} + {_n(s)})")
        case 3:
            return _pick(
                s, f"{_n(s)}e^(-{_n(s)}{x})", f"ln({_quadratic(s, x)})", f"{_n(s)}^{x} + e^{x}"
            )
        case 4:
            return _pick(s, f"{x} ln({x})", f"{x}^2 e^(-{x})", f"log2({x}) + {_n(s)}^{x}")
        case _:
            return _pick(
                s,
                f"ln({x})/{x}^{_n(s, 2, 3)}",
                f"ln(1 + e^({_n(s)}{x}))",
                f"{x}^{_n(s, 2, 3)} e^(-{x}^2)",
            )


def trigonometry(s: Source, level: int) -> str:
    """Trigonometric functions."""
    x = _x(s)
    match level:
        case 1:
            return _pick(s, f"{_n(s)} sin({x})", f"{_n(s)} cos({x})", f"sin({x}) + {_n(s)}{x}")
        case 2:
            return f"{_n(s)} sin({x}) - {_n(s)} cos({x})"
        case 3:
            return _pick(s, f"tan({x}) + {x}", f"sin({_n(s)}{x})", f"cos({_n(s)}{x})")
        case 4:
            return _pick(s, f"sin({x}) cos({x})", f"{x}^2 cos({x})", f"sin({x})^{_n(s, 2, 4)}")
        case _:
            return _pick(
                s,
                f"sin({x})/({_n(s)} + cos({x}))",
                f"{x} tan({_n(s)}{x})",
                f"cos({_n(s)}{x})^{_n(s, 2, 3)}",
            )


def chains(s: Source, level: int) -> str:
    """One function of another."""
    x = _x(s)
    match level:
        case 1:
            return _smooth(s, f"{_n(s)}{x}")
        case 2:
            return _pick(s, f"({_linear(s, x)})^{_n(s, 3, 7)}", _smooth(s, _power(s, x, 2, 4)))
        case 3:
            return _pick(
                s,
                f"({_quadratic(s, x)})^{_n(s, 2, 5)}",
                f"√({_quadratic(s, x)})",
                f"ln({_quadratic(s, x)})",
            )
        case 4:
            return _pick(
                s,
                f"{_n(s)} {_smooth(s, _quadratic(s, x))}",
                f"{_pick(s, 'sin', 'cos')}({x})^{_n(s, 2, 5)}",
                f"1/({_quadratic(s, x)})^{_n(s, 2, 3)}",
            )
        case _:
            return _pick(
                s,
                f"{x}^{_n(s, 2, 3)} {_smooth(s, _power(s, x, 2, 3))}",
                f"(sin({x}) + {_power(s, x, 2, 3)})^{_n(s, 3, 5)}",
                f"e^({_pick(s, 'sin', 'cos')}({_n(s)}{x}))",
            )


def nested(s: Source, level: int) -> str:
    """Chains in chains."""
    x = _x(s)
    inner = f"{_n(s)}{x}"
    match level:
        case 1:
            return f"{_pick(s, 'sin', 'cos')}(e^({inner}))"
        case 2:
            return f"{_pick(s, 'sin', 'cos')}({inner})^{_n(s, 2, 4)}"
        case 3:
            return f"√({_n(s)} + {_pick(s, 'sin', 'cos')}({inner}))"
        case 4:
            return f"ln({_n(s)} + {_smooth(s, _power(s, x, 2, 3))})"
        case _:
            return f"e^({_pick(s, 'sin', 'cos')}({_pick(s, 'sin', 'cos')}({inner})))"


def activations(s: Source, level: int) -> str:
    """Activation functions."""
    f = _pick(s, "sigmoid", "tanh", "softplus")
    match level:
        case 1:
            return f"{f}(z)"
        case 2:
            return f"{_pick(s, 'sigmoid', 'tanh', 'relu', 'softplus')}({_n(s)}z + {_n(s)})"
        case 3:
            return _pick(s, f"{f}(z)^2", f"z {f}(z)", f"{_n(s)} {f}(z^2)")
        case 4:
            return f"{_pick(s, 'sigmoid', 'tanh')}({_n(s)}z)^{_n(s, 2, 3)}"
        case _:
            return f"{_pick(s, 'sigmoid', 'tanh')}({_n(s)} {_pick(s, 'tanh', 'sigmoid')}({_n(s)}z))"


def partials(s: Source, level: int) -> tuple[str, str]:
    """Partial derivatives: the formula, and by what."""
    wrt = s.choice("xy")
    match level:
        case 1:
            return f"{_n(s)}x^2 y + {_n(s)}y", "x"
        case 2:
            return f"x^{_n(s, 2, 4)} y^{_n(s, 2, 4)} + {_n(s)}x - y^2", wrt
        case 3:
            return _pick(
                s, f"e^({_n(s)}x y)", f"sin(x y) + y^{_n(s, 2, 4)}", f"x/y + {_n(s)}x"
            ), wrt
        case 4:
            return f"(w x + b - y)^{_n(s, 2, 3)}", s.choice("wb")
        case _:
            return f"{_pick(s, 'sigmoid', 'tanh')}(w x + b) - {_n(s)}w^2", s.choice("wb")


def gradients(s: Source, level: int) -> tuple[str, str]:
    """Gradients: the formula, and by what."""
    match level:
        case 1:
            return f"{_n(s)}x^2 + {_n(s)}y^2", "x,y"
        case 2:
            return f"x^2 + {_n(s)}x y + {_n(s)}y^2", "x,y"
        case 3:
            return f"x^{_n(s, 2, 3)} y^2 - {_n(s)}x", "x,y"
        case 4:
            return f"(w x + b - y)^2 + {_n(s)}w^2", "w,b"
        case _:
            return f"{_pick(s, 'sin', 'e^')}(x y) + {_n(s)}y^3", "x,y"


def paths(s: Source, level: int) -> tuple[str, str]:
    """Paths that add: names with definitions, and by what."""
    a, b = _n(s), _n(s)
    match level:
        case 1:
            return f"z = x + y; x = {a}t; y = t^{_n(s, 2, 4)}", "t"
        case 2:
            return f"z = x y; x = t^2; y = {a}t + {b}", "t"
        case 3:
            return f"z = x^2 y; x = cos(t); y = {_pick(s, 'sin(t)', f'{a}t', 't^3')}", "t"
        case 4:
            return f"z = x^2 + y^2; x = e^(t); y = {_pick(s, 'sin', 'cos')}({a}t)", "t"
        case _:
            return f"z = t x y; x = sin(t); y = t^2 + {b}", "t"


def backpropagations(s: Source, level: int) -> tuple[str, str]:
    """Small networks: the loss, and by which weight."""
    match level:
        case 1:
            return "L = (a - y)^2; a = w x", "w"
        case 2:
            return "L = (a - y)^2; a = w x + b", s.choice("wb")
        case 3:
            return f"L = (a - y)^2; a = {_pick(s, 'sigmoid', 'tanh')}(z); z = w x + b", s.choice(
                "wb"
            )
        case 4:
            return f"L = (v h - y)^2; h = {_pick(s, 'sigmoid', 'tanh', 'relu')}(w x)", s.choice(
                "vw"
            )
        case _:
            f = _pick(s, "sigmoid", "tanh")
            return f"L = (a - y)^2; a = {f}(v h); h = {f}(w x)", s.choice("vw")


_ONE_VARIABLE: dict[str, Callable[[Source, int], str]] = {
    "sums-and-multiples": sums,
    "power-rule": powers,
    "product-rule": products,
    "quotient-rule": quotients,
    "exponentials-and-logarithms": exponentials,
    "trigonometry": trigonometry,
    "chain-rule": chains,
    "nested-chain": nested,
    "activations": activations,
}
_SEVERAL: dict[str, Callable[[Source, int], tuple[str, str]]] = {
    "partial-derivative": partials,
    "gradient": gradients,
    "paths-add": paths,
    "backpropagation": backpropagations,
}

SKILLS_OF_FORMULAS = (*_ONE_VARIABLE, *_SEVERAL)
"""Skills whose exercises are answered by a formula."""


def formula_draft(skill: str, level: int, source: Source) -> Draft:
    """A formula to differentiate."""
    if skill in _ONE_VARIABLE:
        formula = _ONE_VARIABLE[skill](source, level)
        wrt = next(x for x in ("z", "x", "t") if _stands_alone(formula, x))
    else:
        formula, wrt = _SEVERAL[skill](source, level)
    formula = re.sub(r"\^1(?!\d)", "", formula)
    if "," in wrt:
        first, second = wrt.split(",")
        question = Message(
            "What is the gradient of `{formula}` by {first} and {second}?",
            formula=formula,
            first=first,
            second=second,
        )
    elif ";" in formula:
        name = formula.partition("=")[0].strip()
        question = Message(
            "`{formula}`. What is the derivative of {name} by {wrt}? You may leave the names in "
            "between in your answer.",
            formula=formula,
            name=name,
            wrt=wrt,
        )
    else:
        question = Message("Differentiate `{formula}` by {wrt}.", formula=formula, wrt=wrt)
    return Draft(kind="derivative", question=question, formula=formula, wrt=wrt)


def _stands_alone(formula: str, name: str) -> bool:
    return re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", formula) is not None
