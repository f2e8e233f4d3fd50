"""The edges of a backward graph: each a factor of the chain rule, with its equation."""

import math
from typing import TypedDict

from chainrule.faces.numerals import in_latex, number
from chainrule.instruments import Chain
from chainrule.records import NEVER_RAN
from chainrule.records.json_values import json_number

from .series import Number


class FactorEdge(TypedDict):
    """The way of a gradient from `source` (nearer the loss) to `target`; null: none arrived.

    Attributes:
        input: Which input of the source's operation this is.
        contribution: ‖Jᵀg‖ passed along it, loss scaling undone.
        gain: γ = ‖Jᵀg‖ / ‖g‖.
        merge: μ = ‖what arrives at the target in all‖ / ‖Jᵀg‖; 1 if nothing else does.
        rms_gain: γ·μ with the root mean square in place of the norm: a change of width is none.
        text: The equation with its numbers.
        latex: The same for KaTeX.
    """

    source: int
    target: int
    input: int
    contribution: Number | None
    gain: Number | None
    merge: Number | None
    rms_gain: Number | None
    text: str
    latex: str


def factor_edges(chain: Chain) -> list[FactorEdge]:
    """The edges of a pass, in the order of its graph."""
    norms, scale = chain.backward_pass.node_norms, chain.backward_pass.scale or 1.0
    edges: list[FactorEdge] = []
    for i, edge in enumerate(chain.graph.edges):
        contribution = chain.backward_pass.edge_norms[i]
        if NEVER_RAN in (contribution, norms[edge.source], norms[edge.target]):
            edges.append(
                {
                    "source": edge.source,
                    "target": edge.target,
                    "input": edge.input_index,
                    "contribution": None,
                    "gain": None,
                    "merge": None,
                    "rms_gain": None,
                    "text": "",
                    "latex": "",
                }
            )
            continue
        factor = chain.factor(i)
        arrived, total = norms[edge.source] / scale, norms[edge.target] / scale
        passed = contribution / scale
        text = f"γ = ‖Jᵀg‖/‖g‖ = {number(passed)}/{number(arrived)} = {number(factor.gain)}"
        latex = (
            rf"\gamma=\frac{{\|J^{{\top}}g\|}}{{\|g\|}}=\frac{{{_tex(passed)}}}{{{_tex(arrived)}}}"
            rf"={_tex(factor.gain)}"
        )
        if not math.isclose(factor.merge, 1.0, rel_tol=1e-6):
            merge = number(factor.merge)
            text += f"; μ = ‖Σ‖/‖Jᵀg‖ = {number(total)}/{number(passed)} = {merge}"
            latex += (
                rf",\quad\mu=\frac{{\|\Sigma\|}}{{\|J^{{\top}}g\|}}="
                rf"\frac{{{_tex(total)}}}{{{_tex(passed)}}}={_tex(factor.merge)}"
            )
        edges.append(
            {
                "source": edge.source,
                "target": edge.target,
                "input": edge.input_index,
                "contribution": json_number(passed),
                "gain": json_number(factor.gain),
                "merge": json_number(factor.merge),
                "rms_gain": json_number(factor.rms_gain),
                "text": text,
                "latex": latex,
            }
        )
    return edges


def _tex(value: float) -> str:
    """A number as `faces.numerals` writes it, for KaTeX."""
    return in_latex(number(value))
