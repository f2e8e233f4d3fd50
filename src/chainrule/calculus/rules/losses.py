"""Losses of one prediction and one target."""

from collections.abc import Mapping
from fractions import Fraction

from chainrule.calculus.build import call, exact, number, template
from chainrule.calculus.tree import Call, Node
from chainrule.records.message import Message

from .function import FunctionRule
from .rule import Mutation


class _Hinge(FunctionRule):
    """max(0, 1 − t·y), for which t is nearly always 1 or −1."""

    def partial(self, letter: str, letters: Mapping[str, Node]) -> Node:
        """Without a factor 1 in the condition."""
        slope = template("-v" if letter == "u" else "-u", letters)
        turned = exact(letters["v"]) == -1 and letter == "u"
        return call("where", _margin(letters), number(1) if turned else slope, number(0))

    def borders(self, node: Node) -> tuple[Node, ...]:
        """The margin."""
        if not isinstance(node, Call) or node.function != "hinge":
            return ()
        return (_margin(dict(zip("uv", node.arguments, strict=True))),)


def _margin(letters: Mapping[str, Node]) -> Node:
    target = exact(letters["v"])
    written = {Fraction(1): "1 - u", Fraction(-1): "1 + u"}.get(target or Fraction(0), "1 - v*u")
    return template(written, letters)


RULES = (
    FunctionRule(
        "mse",
        "squared error",
        "2(u - v)",
        "-2(u - v)",
        why="The square of the error y − t, by the power rule: the slope is twice the error.",
        prerequisites=("power", "chain"),
        mutations=(
            Mutation(
                id="mse-two-lost",
                after="(u - v)*du - (u - v)*dv",
                message="The 2 of the power rule is missing.",
            ),
            Mutation(
                id="mse-sign",
                after="2(v - u)*du - 2(v - u)*dv",
                message="The error was turned round: by the prediction y the slope is 2(y − t).",
            ),
        ),
    ),
    FunctionRule(
        "mae",
        "absolute error",
        "sign(u - v)",
        "-sign(u - v)",
        why="|y − t| has the slope ±1, whatever the size of the error.",
        prerequisites=("abs", "chain"),
        border="u - v",
        remark=Message(
            "Where the error is 0 it has a kink, with the slopes −1 and 1; PyTorch takes 0."
        ),
        mutations=(
            Mutation(
                id="mae-as-mse",
                after="2(u - v)*du - 2(u - v)*dv",
                message="That is the derivative of the squared error; of the absolute error only "
                "the sign of the error counts.",
            ),
            Mutation(
                id="mae-sign",
                after="sign(v - u)*du - sign(v - u)*dv",
                message="The error was turned round: a prediction above its target has the slope "
                "+1.",
            ),
        ),
    ),
    FunctionRule(
        "huber",
        "Huber loss",
        "max(-w, min(w, u - v))",
        "-max(-w, min(w, u - v))",
        "where(abs(u - v) - w, abs(u - v) - w, 0)",
        default="1",
        why="The slope is the error itself, but never more than δ: far outliers pull no harder.",
        prerequisites=("mse", "abs"),
        mutations=(
            Mutation(
                id="huber-as-squared",
                after="(u - v)*du - (u - v)*dv",
                message="For small errors that is right; beyond δ the loss is straight, and its "
                "slope is never more than δ.",
            ),
            Mutation(
                id="huber-doubled",
                after="2*max(-w, min(w, u - v))*du - 2*max(-w, min(w, u - v))*dv",
                message="The Huber loss has half the square of the error, so that the 2 of the "
                "power rule cancels.",
            ),
        ),
    ),
    _Hinge(
        "hinge",
        "hinge loss",
        "where(1 - v*u, -v, 0)",
        "where(1 - v*u, -u, 0)",
        why="Inside the margin the slope is −t; outside it nothing pulls.",
        prerequisites=("max", "chain"),
        remark=Message(
            "On the margin, where the target times the prediction is 1, it has a kink; PyTorch "
            "takes the slope 0 there."
        ),
        mutations=(
            Mutation(
                id="hinge-everywhere",
                after="-v*du - u*dv",
                message="Outside the margin the loss is 0 and nothing pulls: the slope holds only "
                "where 1 − t·y is positive.",
            ),
            Mutation(
                id="hinge-sign",
                after="where(1 - v*u, v, 0)*du + where(1 - v*u, u, 0)*dv",
                message="In 1 − t·y the product falls when y grows: its minus sign is missing.",
            ),
        ),
    ),
    FunctionRule(
        "binary_cross_entropy",
        "binary cross entropy",
        "(1 - v)/(1 - u) - v/u",
        "log(1 - u) - log(u)",
        why="Two logarithms, weighted by the target: −t·ln p − (1 − t)·ln(1 − p).",
        prerequisites=("log", "chain"),
        mutations=(
            Mutation(
                id="bce-inner-sign",
                after="(-v/u - (1 - v)/(1 - u))*du",
                message="In ln(1 − p) the inside falls when p grows: its minus is missing.",
            ),
        ),
    ),
    FunctionRule(
        "bce_with_logits",
        "binary cross entropy of a logit",
        "sigmoid(u) - v",
        "-u",
        why="The slope of the sigmoid cancels against the loss's: prediction less target is left.",
        prerequisites=("binary-cross-entropy", "sigmoid"),
        mutations=(
            Mutation(
                id="bce-with-logits-slope-kept",
                after="(sigmoid(u) - v)*sigmoid(u)*(1 - sigmoid(u))*du",
                message="The sigmoid's slope cancels in this loss; it does not come in once more.",
            ),
        ),
    ),
)
