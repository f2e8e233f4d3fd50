"""Derivations that a learner meets, one for each thing that a page has to show."""

from dataclasses import dataclass, field

from chainrule.calculus import Derivation, Evaluation, derive, parse
from chainrule.calculus.build import name


@dataclass(frozen=True)
class Problem:
    text: str
    variable: str
    point: dict[str, float] | None = None
    definitions: dict[str, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()

    @property
    def derivation(self) -> Derivation:
        return derive(
            parse(self.text),
            self.variable,
            definitions={each: parse(text) for each, text in self.definitions.items()},
            unknown={each: name(f"{each}′") for each in self.unknown},
        )

    @property
    def evaluation(self) -> Evaluation | None:
        return None if self.point is None else Evaluation(self.point, self.text)


PROBLEMS = {
    "chain": Problem("sin(1 + x^2)", "x", {"x": 1.0}),
    "three_levels": Problem("ln(cos(e^x))", "x"),
    "polynomial": Problem("3x^2 - 5x + 7", "x", {"x": 2.0}),
    "product": Problem("x^2 sin(x)", "x", {"x": -1.5}),
    "quotient": Problem("sin(x)/x", "x", {"x": 1.0}),
    "neuron": Problem("sigmoid(w*x + b)", "w", {"w": 0.5, "x": 2.0, "b": -1.0}),
    "power": Problem("x^x", "x", {"x": 2.0}),
    "two_ways": Problem("atan2(x*y, x^2)", "x", {"x": 1.0, "y": 3.0}),
    "kink": Problem("relu(x) + max(x, x^2)", "x", {"x": 0.0}),
    "outside": Problem("sqrt(x) ln(x)", "x", {"x": -1.0}),
    "network": Problem(
        "(sigmoid(w2*tanh(w1*x + b1) + b2) - t)^2",
        "w1",
        {"w1": 0.3, "w2": -1.2, "x": 2.0, "b1": 0.1, "b2": 0.4, "t": 1.0},
    ),
    "total": Problem("x^2 y + t", "t", {"t": 1.0}, {"x": "cos(t)", "y": "e^(2t)"}),
    "curve": Problem("x^2 + x y^3", "x", unknown=("y",)),
}
