"""Matrix products, dot products and outer products."""

from chainrule.calculus.tree import Call, MatrixProduct, Node

from .rule import MatrixMutation, ShapeOf, TemplateRule


class _ProductOf(TemplateRule):
    """A matrix product of parts with given numbers of axes."""

    ranks: tuple[int, int]

    def matches(self, node: Node, shape_of: ShapeOf) -> bool:
        """`A @ B`, and `dot(A, B)` of vectors."""
        match node:
            case MatrixProduct():
                left, right = node.left, node.right
            case Call() if node.function == "dot":
                left, right = node.arguments
            case _:
                return False
        return (len(shape_of(left)), len(shape_of(right))) == self.ranks


class _MatrixMatrix(_ProductOf):
    ranks = (2, 2)


class _MatrixVector(_ProductOf):
    ranks = (2, 1)


class _VectorMatrix(_ProductOf):
    ranks = (1, 2)


class _VectorVector(_ProductOf):
    ranks = (1, 1)


_WHY = (
    "A product changes by its first factor's change times the second, plus the first times the "
    "second's change; the order stays."
)
_FORGOTTEN = "The transpose is missing: what moves to the other side of ⟨ , ⟩ is transposed."
_SWAPPED = "The factors stand in the wrong order: what stood right of dA stays right of G."


RULES = (
    _MatrixMatrix(
        "matrix-product",
        "matrix product",
        "d(A B) = dA B + A dB",
        "G @ Bᵀ",
        "Aᵀ @ G",
        moved=("⟨G, dA B⟩ = ⟨G Bᵀ, dA⟩", "⟨G, A dB⟩ = ⟨Aᵀ G, dB⟩"),
        why=_WHY,
        full=True,
        mutations=(
            MatrixMutation(
                id="left-transpose-forgotten", letter="A", after="G @ B", message=_FORGOTTEN
            ),
            MatrixMutation(
                id="right-transpose-forgotten", letter="B", after="A @ G", message=_FORGOTTEN
            ),
            MatrixMutation(id="left-order", letter="A", after="Bᵀ @ G", message=_SWAPPED),
            MatrixMutation(id="right-order", letter="B", after="G @ Aᵀ", message=_SWAPPED),
        ),
    ),
    _MatrixVector(
        "matrix-vector",
        "matrix times vector",
        "d(A b) = dA b + A db",
        "outer(G, B)",
        "Aᵀ @ G",
        moved=("⟨g, dA b⟩ = ⟨g bᵀ, dA⟩", "⟨g, A db⟩ = ⟨Aᵀ g, db⟩"),
        why=_WHY,
        full=True,
        prerequisites=("matrix-product",),
        mutations=(
            MatrixMutation(
                id="vector-transpose-forgotten", letter="B", after="A @ G", message=_FORGOTTEN
            ),
            MatrixMutation(
                id="outer-order",
                letter="A",
                after="outer(B, G)",
                message="The outer product is the wrong way round: its rows belong to the result, "
                "its columns to the vector.",
            ),
        ),
    ),
    _VectorMatrix(
        "vector-matrix",
        "vector times matrix",
        "d(aᵀ B) = daᵀ B + aᵀ dB",
        "B @ G",
        "outer(A, G)",
        moved=("⟨g, daᵀ B⟩ = ⟨B g, da⟩", "⟨g, aᵀ dB⟩ = ⟨a gᵀ, dB⟩"),
        why=_WHY,
        full=True,
        prerequisites=("matrix-product",),
        mutations=(
            MatrixMutation(
                id="row-vector-side",
                letter="A",
                after="Bᵀ @ G",
                message="aᵀ B multiplies from the left, so its transpose is B g, not Bᵀ g.",
            ),
            MatrixMutation(
                id="row-outer-order",
                letter="B",
                after="outer(G, A)",
                message="The outer product is the wrong way round: the rows of B belong to a, its "
                "columns to the result.",
            ),
        ),
    ),
    _VectorVector(
        "dot",
        "dot product",
        "d(aᵀ b) = bᵀ da + aᵀ db",
        "G*B",
        "G*A",
        moved=("g bᵀ da = ⟨g b, da⟩", "g aᵀ db = ⟨g a, db⟩"),
        why="A dot product is a sum of products: each vector's slope is the other vector.",
        mutations=(
            MatrixMutation(
                id="dot-own-factor",
                letter="A",
                after="G*A",
                message="The slope by one vector is the other one; the vector itself moves.",
            ),
        ),
    ),
    TemplateRule(
        "outer",
        "outer product",
        "d(a bᵀ) = da bᵀ + a dbᵀ",
        "G @ B",
        "Gᵀ @ A",
        moved=("⟨G, da bᵀ⟩ = ⟨G b, da⟩", "⟨G, a dbᵀ⟩ = ⟨Gᵀ a, db⟩"),
        why=_WHY,
        function="outer",
        full=True,
        prerequisites=("matrix-product",),
        mutations=(
            MatrixMutation(
                id="outer-transpose-forgotten", letter="B", after="G @ A", message=_FORGOTTEN
            ),
        ),
    ),
)
