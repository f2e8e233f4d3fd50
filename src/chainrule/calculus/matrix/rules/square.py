"""Transpose, trace, determinant, inverse and diagonals."""

from .rule import MatrixMutation, TemplateRule

_ONE_INVERSE = "One inverse is missing: A⁻¹ stands on both sides of dA."

RULES = (
    TemplateRule(
        "transpose",
        "transpose",
        "d(Aᵀ) = (dA)ᵀ",
        "Gᵀ",
        moved=("⟨G, (dA)ᵀ⟩ = ⟨Gᵀ, dA⟩",),
        why="Rows and columns change places, and so do their changes.",
        function="transpose",
        full=True,
        mutations=(
            MatrixMutation(
                id="transpose-forgotten",
                letter="A",
                after="G",
                message="G has the shape of Aᵀ: to lie on A it is transposed back.",
            ),
        ),
    ),
    TemplateRule(
        "trace",
        "trace",
        "d tr(A) = tr(dA)",
        "G*identity_like(A)",
        moved=("g tr(dA) = ⟨g I, dA⟩",),
        why="The trace adds up the diagonal: each diagonal entry counts once, the others not.",
        function="trace",
        mutations=(
            MatrixMutation(
                id="trace-as-sum",
                letter="A",
                after="G*ones_like(A)",
                message="That is the gradient of the sum of all entries; the trace has only the "
                "diagonal.",
            ),
        ),
    ),
    TemplateRule(
        "determinant",
        "determinant (Jacobi's formula)",
        "d det(A) = ⟨cofactor(A), dA⟩, which is det(A) tr(A⁻¹ dA) where A has an inverse",
        "G*cofactor(A)",
        moved=("g ⟨cofactor(A), dA⟩ = ⟨g cofactor(A), dA⟩",),
        why="Expanded along a row, the determinant is each entry times its cofactor, in which the "
        "entry does not stand: that is its slope.",
        function="det",
        prerequisites=("trace",),
        mutations=(
            MatrixMutation(
                id="determinant-transpose-forgotten",
                letter="A",
                after="G*cofactor(A)ᵀ",
                message="tr(A⁻¹ dA) is ⟨A⁻ᵀ, dA⟩: det(A) A⁻ᵀ are the cofactors, det(A) A⁻¹ is "
                "their transpose.",
            ),
            MatrixMutation(
                id="determinant-as-log-determinant",
                letter="A",
                after="G*inverse(A)ᵀ",
                message="That is the gradient of log det(A); det(A) is still missing before it.",
            ),
            MatrixMutation(
                id="determinant-inverse-lost",
                letter="A",
                after="G*det(A)*Aᵀ",
                message="The inverse is missing: det(A) A⁻ᵀ are the cofactors, det(A) Aᵀ are not.",
            ),
        ),
    ),
    TemplateRule(
        "log-determinant",
        "logarithm of the determinant",
        "d log det(A) = tr(A⁻¹ dA)",
        "G*inverse(A)ᵀ",
        moved=("g tr(A⁻¹ dA) = ⟨g A⁻ᵀ, dA⟩",),
        why="The logarithm divides by det(A), which cancels in Jacobi's formula.",
        function="logdet",
        prerequisites=("determinant",),
        mutations=(
            MatrixMutation(
                id="log-determinant-transpose-forgotten",
                letter="A",
                after="G*inverse(A)",
                message="tr(A⁻¹ dA) is ⟨A⁻ᵀ, dA⟩: a trace pairs each entry with its mirror image.",
            ),
            MatrixMutation(
                id="log-determinant-as-determinant",
                letter="A",
                after="G*det(A)*inverse(A)ᵀ",
                message="That is the gradient of the determinant; the logarithm divides by it.",
            ),
            MatrixMutation(
                id="log-determinant-inverse-lost",
                letter="A",
                after="G*Aᵀ",
                message="The inverse is missing: as ln x has the slope 1/x, log det(A) has A⁻ᵀ.",
            ),
        ),
    ),
    TemplateRule(
        "inverse",
        "inverse",
        "d(A⁻¹) = −A⁻¹ dA A⁻¹",
        "-(Yᵀ @ G @ Yᵀ)",
        moved=("⟨G, −A⁻¹ dA A⁻¹⟩ = ⟨−A⁻ᵀ G A⁻ᵀ, dA⟩",),
        why="A A⁻¹ = I does not change: dA A⁻¹ + A d(A⁻¹) = 0, solved for d(A⁻¹).",
        function="inverse",
        full=True,
        prerequisites=("matrix-product",),
        mutations=(
            MatrixMutation(
                id="inverse-sign",
                letter="A",
                after="Yᵀ @ G @ Yᵀ",
                message="The minus is missing: as 1/x falls when x grows, so does the inverse.",
            ),
            MatrixMutation(
                id="inverse-as-number",
                letter="A",
                after="-(Yᵀ @ Yᵀ @ G)",
                message="−1/x² is for numbers; with matrices one inverse stands on each side.",
            ),
            MatrixMutation(
                id="inverse-right-factor-lost", letter="A", after="-(Yᵀ @ G)", message=_ONE_INVERSE
            ),
            MatrixMutation(
                id="inverse-left-factor-lost", letter="A", after="-(G @ Yᵀ)", message=_ONE_INVERSE
            ),
            MatrixMutation(
                id="inverse-transposes-forgotten",
                letter="A",
                after="-(Y @ G @ Y)",
                message="The transposes are missing: A⁻¹ goes to the other side of ⟨ , ⟩ as A⁻ᵀ.",
            ),
        ),
    ),
    TemplateRule(
        "cofactors",
        "cofactors",
        "d cofactor(A) = tr(A⁻¹ dA) C − C (dA)ᵀ A⁻ᵀ, C = cofactor(A)",
        "sum(G*Y)*inverse(A)ᵀ - inverse(A)ᵀ @ Gᵀ @ Y",
        moved=("⟨G, tr(A⁻¹ dA) C − C (dA)ᵀ A⁻ᵀ⟩ = ⟨⟨G, C⟩ A⁻ᵀ − A⁻ᵀ Gᵀ C, dA⟩",),
        why="Where A has an inverse, C is det(A) A⁻ᵀ: the product rule, with Jacobi's formula.",
        function="cofactor",
        full=True,
        prerequisites=("determinant", "inverse"),
    ),
    TemplateRule(
        "diagonal-matrix",
        "diagonal matrix of a vector",
        "d diag(a) = diag(da)",
        "diag(G)",
        moved=("⟨G, diag(da)⟩ = ⟨diag(G), da⟩",),
        why="Only the diagonal holds entries of the vector.",
        function="diag",
        when=lambda shape: len(shape) == 1,
        full=True,
    ),
    TemplateRule(
        "diagonal",
        "diagonal of a matrix",
        "d diag(A) = diag(dA)",
        "diag(G)",
        moved=("⟨g, diag(dA)⟩ = ⟨diag(g), dA⟩",),
        why="Entries off the diagonal do not matter.",
        function="diag",
        when=lambda shape: len(shape) == 2,
        full=True,
    ),
)
