"""What each operation does to a gradient on its way back: its local derivative as an equation.

g is the gradient ∂L/∂y that arrives at the operation, y = f(x); ⊙ multiplies entry by entry.
"""

from typing import TypedDict

from chainrule.records import kind_of


class Equation(TypedDict):
    """An equation in Unicode and in LaTeX.

    Attributes:
        about: What the operation is, in the words of who wrote the script; empty where its name,
            PyTorch's own, says it.
    """

    text: str
    latex: str
    about: str


_ENTRYWISE = (r"\partial L/\partial x = \sigma'(x) \odot g,\quad ", "∂L/∂x = σ′(x) ⊙ g, ")


def _entrywise(latex: str, text: str) -> tuple[str, str]:
    return _ENTRYWISE[0] + latex, _ENTRYWISE[1] + text


_MATRIX = (r"\partial L/\partial x = g\,W^{\top}", "∂L/∂x = g Wᵀ")

_EQUATIONS: dict[str, tuple[str, str]] = {
    "Sigmoid": _entrywise(r"\sigma' = \sigma(1-\sigma) \le \tfrac14", "σ′ = σ(1 − σ), at most 1/4"),
    "Tanh": _entrywise(r"\sigma' = 1-\tanh^2 x \le 1", "σ′ = 1 − tanh² x, at most 1"),
    "Relu": _entrywise(
        r"\sigma' = \begin{cases}1 & x>0\\ 0 & x\le 0\end{cases}", "σ′ = 1 where x > 0, else 0"
    ),
    "LeakyRelu": _entrywise(
        r"\sigma' = \begin{cases}1 & x>0\\ a & x\le 0\end{cases}", "σ′ = 1 where x > 0, else a"
    ),
    "Gelu": _entrywise(r"\sigma' = \Phi(x)+x\,\varphi(x)", "σ′ = Φ(x) + x φ(x)"),
    "Silu": _entrywise(r"\sigma' = s\,(1+x(1-s)),\; s=\mathrm{sigmoid}(x)", "σ′ = s(1 + x(1 − s))"),
    "Softplus": _entrywise(r"\sigma' = \mathrm{sigmoid}(x)", "σ′ = sigmoid(x)"),
    "Addmm": _MATRIX,
    "Mm": _MATRIX,
    "Bmm": _MATRIX,
    "Linear": _MATRIX,
    "Mv": (r"\partial L/\partial x = W^{\top} g", "∂L/∂x = Wᵀ g"),
    "Convolution": (
        r"\partial L/\partial x = g \ast \mathrm{flip}(W)",
        "∂L/∂x = g ∗ W turned by 180°",
    ),
    "NativeBatchNorm": (
        r"\partial L/\partial x = \frac{w}{\sigma}\bigl(g-\overline{g}-\hat x\,\overline{g\hat x}"
        r"\bigr)",
        "∂L/∂x = (w/σ)(g − mean g − x̂ · mean(g x̂))",
    ),
    "NativeLayerNorm": (
        r"\partial L/\partial x = \frac{1}{\sigma}\bigl(gw-\overline{gw}-\hat x\,"
        r"\overline{gw\hat x}\bigr)",
        "∂L/∂x = (1/σ)(gw − mean(gw) − x̂ · mean(gw x̂))",
    ),
    "Add": (
        r"\partial L/\partial x_1 = g,\quad \partial L/\partial x_2 = g",
        "∂L/∂x₁ = ∂L/∂x₂ = g",
    ),
    "Sub": (
        r"\partial L/\partial x_1 = g,\quad \partial L/\partial x_2 = -g",
        "∂L/∂x₁ = g, ∂L/∂x₂ = −g",
    ),
    "Mul": (
        r"\partial L/\partial x_1 = x_2 \odot g,\quad \partial L/\partial x_2 = x_1 \odot g",
        "∂L/∂x₁ = x₂ ⊙ g, ∂L/∂x₂ = x₁ ⊙ g",
    ),
    "Div": (
        r"\partial L/\partial x_1 = g / x_2,\quad \partial L/\partial x_2 = -g\,x_1/x_2^2",
        "∂L/∂x₁ = g / x₂, ∂L/∂x₂ = −g x₁ / x₂²",
    ),
    "Pow": (r"\partial L/\partial x = p\,x^{p-1} \odot g", "∂L/∂x = p xᵖ⁻¹ ⊙ g"),
    "Exp": (r"\partial L/\partial x = e^{x} \odot g", "∂L/∂x = eˣ ⊙ g"),
    "Log": (r"\partial L/\partial x = g / x", "∂L/∂x = g / x"),
    "Sqrt": (r"\partial L/\partial x = g / (2\sqrt{x})", "∂L/∂x = g / (2√x)"),
    "Neg": (r"\partial L/\partial x = -g", "∂L/∂x = −g"),
    "Mean": (r"\partial L/\partial x_i = g / n", "∂L/∂xᵢ = g / n"),
    "Sum": (r"\partial L/\partial x_i = g", "∂L/∂xᵢ = g"),
    "Softmax": (r"\partial L/\partial x = p \odot (g - p^{\top} g)", "∂L/∂x = p ⊙ (g − pᵀg)"),
    "LogSoftmax": (
        r"\partial L/\partial x = g - p \textstyle\sum g",
        "∂L/∂x = g − p Σ g",
    ),
    "NllLoss": (r"\partial L/\partial x_{i,y_i} = -g/n", "∂L/∂xᵢ = −g/n at the target, else 0"),
    "MseLoss": (r"\partial L/\partial x = \tfrac{2}{n}(x-y)\,g", "∂L/∂x = 2(x − y)g / n"),
    "NativeDropout": (
        r"\partial L/\partial x = \frac{m}{1-p} \odot g",
        "∂L/∂x = m/(1 − p) ⊙ g, m the mask",
    ),
    "MaxPool2DWithIndices": (
        r"\partial L/\partial x = g \text{ at each maximum}",
        "∂L/∂x = g at each maximum, else 0",
    ),
}

_ABOUT = {
    "Addmm": "x W + b, as in nn.Linear",
    "Mm": "a product of two matrices",
    "Bmm": "a product of two matrices for each example",
    "Baddbmm": "a product of two matrices for each example, plus a third",
    "Mv": "a matrix times a vector",
    "T": "a matrix transposed",
    "Transpose": "two axes exchanged",
    "Permute": "axes in another order",
    "View": "the same numbers in another shape",
    "UnsafeView": "the same numbers in another shape",
    "ReshapeAlias": "the same numbers in another shape",
    "Expand": "the same numbers, repeated along an axis",
    "Squeeze": "the same numbers without an axis of length 1",
    "Unsqueeze": "the same numbers with a further axis of length 1",
    "Clone": "a copy",
    "ToCopy": "a copy of another type of number, or on another device",
    "Cat": "tensors put one after the other",
    "Stack": "tensors put along a new axis",
    "Select": "one entry along an axis, as x[i]",
    "Slice": "a part along an axis, as x[i:j]",
    "Index": "entries chosen by their indices",
    "Gather": "entries chosen by their indices",
    "Embedding": "rows of a table chosen by their indices, as in nn.Embedding",
    "Where": "entries of one tensor where a condition holds, of another elsewhere",
    "Rsub": "a number minus x",
    "LogSoftmax": "logarithms of the probabilities of the classes",
    "NllLoss": "the mean of −log p of the right classes: the last part of cross entropy",
    "NllLossNd": "the mean of −log p of the right classes: the last part of cross entropy",
    "NllLoss2D": "the mean of −log p of the right classes: the last part of cross entropy",
    "NativeBatchNorm": "as in nn.BatchNorm",
    "NativeLayerNorm": "as in nn.LayerNorm",
    "NativeGroupNorm": "as in nn.GroupNorm",
    "NativeDropout": "as in nn.Dropout",
    "MaxPool2DWithIndices": "as in nn.MaxPool2d",
}
"""PyTorch's names are of its own functions in C++, of which most readers have never heard."""

_STRUCTURE = (r"\partial L/\partial x = g \text{, rearranged}", "∂L/∂x = g, rearranged")
_ANY = (r"\partial L/\partial x = J^{\top} g", "∂L/∂x = Jᵀg")


def local_derivative(operation: str) -> Equation:
    """How an operation passes a gradient on; in general Jᵀg.

    Args:
        operation: Name of the operation without PyTorch's suffix, e.g. `Sigmoid`.
    """
    other = _STRUCTURE if kind_of(operation) == "structure" else _ANY
    latex, text = _EQUATIONS.get(operation, other)
    return {"text": text, "latex": latex, "about": _ABOUT.get(operation, "")}
