"""How often people make which mistake."""

_LIKELIHOOD = {
    "chain-inner-lost": 4.0,
    "product-of-derivatives": 3.0,
    "quotient-of-derivatives": 3.0,
    "power-not-lowered": 2.0,
    "power-factor-lost": 2.0,
    "exponential-as-power": 2.0,
    "cos-sign": 2.0,
    "sin-sign": 2.0,
    "quotient-order": 2.0,
    "minus-lost": 2.0,
    "multiple-lost": 1.5,
    "constant-kept": 1.5,
    "held-kept": 1.5,
    "chain-inside-differentiated": 1.5,
    "reciprocal-sign": 1.5,
    "not-differentiated": 5.0,
    "integrated": 4.0,
    "other-variable": 4.0,
    "sign-of-whole": 1.2,
    "variable-kept": 0.3,
    "variable-zero": 0.25,
    "constant-one": 0.4,
    "multiple-differentiated": 0.4,
    "sum-sign": 0.5,
    "product-minus": 0.7,
    "chain-added": 0.5,
    "chain-inner-divided": 0.3,
    "chain-as-product": 0.6,
    "power-raised": 0.6,
    "power-integrated": 0.8,
    "power-of-derivative": 0.8,
    "differentiated-twice": 0.5,
    "reciprocal-of-whole": 0.3,
    "quotient-square-of-derivative": 0.4,
    "root-as-half": 0.3,
    "dot-own-factor": 0.3,
    "root-as-negative-power": 0.5,
    "quotient-as-product-turned": 0.2,
    "repeated-factor-as-sum": 0.3,
    "definition-of-tan-turned": 0.3,
    "exponential-log-below": 0.5,
    "one-place-twice": 0.5,
    "parts-skipped": 0.5,
}


def likelihood(mutation: str) -> float:
    """How often people make a mistake, relative to others; 1 where nothing is known.

    From the order of the difficulties that teachers and forums name (docs/practice.md). It only
    orders what is said of one answer, and decides which pairs of mistakes are kept if there are
    too many.
    """
    return _LIKELIHOOD.get(mutation, 1.0)
