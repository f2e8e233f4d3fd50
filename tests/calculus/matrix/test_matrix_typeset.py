"""Matrix derivations as Markdown and LaTeX: what KaTeX would refuse is not there."""

import re

import pytest
from matrix_identities import IDENTITIES, Identity

from chainrule.calculus import parse
from chainrule.calculus.matrix import MATRIX_NOTATIONS, MatrixEvaluation, derive_matrix
from chainrule.calculus.matrix.notations import MatrixNotation
from chainrule.calculus.matrix.typeset import matrix_latex, matrix_markdown
from chainrule.calculus.matrix.unicode_latex import latex_of_text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("2Xᵀ(X w − y)", r"2X^{\top}(X\,w - y)"),
        ("A⁻ᵀ", r"A^{-\top}"),
        ("I₂ₓ₃ ⊙ w₁₂", r"I_{2\times 3} \odot w_{12}"),
        ("√(x + 1) / √y", r"\sqrt{x + 1} / \sqrt{y}"),
        ("one_hot(t, Z)", r"\operatorname{one\_hot}(t, Z)"),
        ("⟨G, dA⟩", r"\langle G, dA\rangle"),
        ("Σₖ(Xₖᵢ · wₖ)", r"\sum _{k}(X_{ki} \cdot w_{k})"),
        ("f′(A)", "f'(A)"),
        ("xᵢ^yᵢ + x^(1 + y)", "x_{i}^{y_{i}} + x^{1 + y}"),
        ("∂L/∂(u₁)ᵢ", r"\frac{\partial L}{\partial (u_{1})_{i}}"),
        ("∇_u₂ L", r"\nabla_{u_{2}}\,L"),
        ("(D_w u₁)*[G₂]", r"(D_{w}\,u_{1})^{*}[G_{2}]"),
        ("L = [[1, -2], [3, 4.5]]", r"L = \begin{bmatrix} 1 & -2 \\ 3 & 4.5 \end{bmatrix}"),
    ],
)
def test_a_line_of_unicode_as_latex(text: str, latex: str) -> None:
    assert latex_of_text(text) == latex


def formulas(text: str) -> list[str]:
    """What stands between dollars."""
    display = re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)
    rest = re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL)
    return display + re.findall(r"\$([^$]+)\$", rest)


@pytest.mark.parametrize("identity", IDENTITIES, ids=lambda each: each.id)
def test_every_identity_is_typeset(identity: Identity) -> None:
    derivation = identity.derivation()
    for notation in MATRIX_NOTATIONS:
        for formula in formulas(matrix_markdown(derivation, notation=notation.id)):
            assert formula.isascii(), formula
            assert formula.count("{") == formula.count("}"), formula
            assert not re.search(r"\^\{[^{}]*\}\s*\^|_\{[^{}]*\}\s*_", formula), formula
            # u₂⁻¹ with an index of its own is two indices on one name
            assert not re.search(r"\w_\{\w+\}\^\{[^{}]*\}_", formula), formula


def test_numbers_and_reasons_are_there() -> None:
    text = "sum((X @ w - y)^2)"
    at = MatrixEvaluation({"X": [[1, 2], [3, 4]], "w": [0.5, -1], "y": [1, 0]})
    found = derive_matrix(parse(text), "w", {"X": (2, 2), "w": (2,), "y": (2,)})
    for written in (matrix_markdown(found, at), matrix_latex(found, at)):
        assert "numbers to the front" in written
        assert r"\begin{bmatrix} -20 \\ -30 \end{bmatrix}" in written
    assert r"\begin{align*}" in matrix_latex(found, at)
    assert "$$" not in matrix_latex(found, at)


SET_UP_BY_LATEX = "×±é"
"""Signs of Latin-1, which LaTeX knows without further packages."""


@pytest.mark.parametrize("notation", MATRIX_NOTATIONS, ids=lambda each: each.id)
def test_what_latex_does_not_know_is_not_in_the_document(notation: MatrixNotation) -> None:
    for identity in IDENTITIES[::9]:
        text = matrix_latex(identity.derivation(), notation=notation.id)
        # what is printed as it is stands in the letters of the typewriter
        text = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", text, flags=re.DOTALL)
        unknown = {each for each in text if not each.isascii()} - {*SET_UP_BY_LATEX}
        assert not unknown, identity.id
