"""The rules of matrix differentials; a file holds one kind of them.

Adding a rule is adding it to the `RULES` of its file, or a file to the tuple below.
"""

from . import arrays, entrywise, losses, products, reductions, softmax, square
from .rule import MatrixMutation as MatrixMutation
from .rule import MatrixRule as MatrixRule
from .rule import Place as Place
from .rule import TemplateRule as TemplateRule

MATRIX_RULES: tuple[MatrixRule, ...] = (
    *products.RULES,
    *square.RULES,
    *reductions.RULES,
    *softmax.RULES,
    *losses.RULES,
    *arrays.RULES,
    *entrywise.RULES,
)
"""Exactly one of them is that of any part that varies and is no name."""

MATRIX_RULES_BY_ID: dict[str, MatrixRule] = {rule.id: rule for rule in MATRIX_RULES}
