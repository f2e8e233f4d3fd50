"""Mistakes in the letters of a rule's statement, besides those that the rule itself has."""

from chainrule.calculus.rules import Mutation


def _letters(rule: str, after: str, id: str, message: str) -> tuple[str, Mutation]:
    return rule, Mutation(id=id, after=after, message=message)


STATED: tuple[tuple[str, Mutation], ...] = (
    _letters(
        "quotient",
        "du*v - u*dv",
        "quotient-denominator-lost",
        "The numerator of the quotient rule is right; it is divided by v².",
    ),
    _letters(
        "quotient",
        "du/v",
        "quotient-denominator-held",
        "Only the numerator was moved. The denominator varies too: − u·v′/v² is missing.",
    ),
    _letters(
        "quotient",
        "-(u*dv)/v^2",
        "quotient-numerator-held",
        "Only the denominator was moved. The numerator varies too: u′/v is missing.",
    ),
    _letters(
        "quotient",
        "(du*v - u*dv)/dv^2",
        "quotient-square-of-derivative",
        "What is squared below is the denominator itself, not its derivative.",
    ),
    _letters(
        "reciprocal",
        "-(c*dv)/v",
        "reciprocal-square-lost",
        "The denominator is squared in the derivative of c/v: −c·v′/v².",
    ),
    _letters(
        "product",
        "du + dv",
        "product-added",
        "The derivatives of the factors were added. Each factor moves in turn while the other "
        "stays as a factor: u′v + uv′.",
    ),
    _letters(
        "log",
        "u/du",
        "log-turned",
        "The fraction is upside down: the derivative of ln u is u′/u.",
    ),
    _letters(
        "sqrt",
        "sqrt(u)*du/2",
        "sqrt-not-lowered",
        "The root belongs below: √u is u to the power 1/2, and one less is −1/2.",
    ),
    _letters(
        "sin", "sin(u)*du", "sin-kept", "The sine was left as it is: its derivative is the cosine."
    ),
    _letters(
        "cos",
        "-cos(u)*du",
        "cos-kept",
        "The cosine was left as it is: its derivative is minus the sine.",
    ),
    _letters(
        "tan",
        "sec(u)*tan(u)*du",
        "tan-as-sec",
        "That is the derivative of sec; of tan it is sec squared.",
    ),
    _letters(
        "sec", "tan(u)^2*du", "sec-as-tan", "The derivative of sec is sec·tan, with one of each."
    ),
    _letters(
        "sigmoid",
        "(1 - sigmoid(u))*du",
        "sigmoid-first-factor-lost",
        "σ(1 − σ) has two factors; the first is missing.",
    ),
    _letters(
        "sigmoid",
        "(1 - sigmoid(u)^2)*du",
        "sigmoid-as-tanh",
        "That is the form of tanh's derivative; of the sigmoid it is σ(1 − σ).",
    ),
    _letters(
        "tanh",
        "tanh(u)*(1 - tanh(u))*du",
        "tanh-as-sigmoid",
        "That is the form of the sigmoid's derivative; of tanh it is 1 − tanh².",
    ),
    _letters(
        "relu",
        "du",
        "relu-one",
        "That is the slope where the argument of ReLU is positive; elsewhere it is 0.",
    ),
    _letters(
        "exp",
        "u*exp(u)*du",
        "exp-exponent-in-front",
        "eᵘ is its own derivative: no exponent comes down in front.",
    ),
    _letters(
        "exponential",
        "u c^u*du",
        "exponential-exponent-in-front",
        "The exponent does not come down in front of an exponential.",
    ),
    _letters(
        "exponential",
        "c^u/log(c)*du",
        "exponential-log-below",
        "Another base than e brings ln(base) as a factor; dividing by it is for the integral.",
    ),
)
