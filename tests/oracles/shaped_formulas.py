"""Random formulas of numbers, vectors and matrices, in which all shapes fit."""

from random import Random

SHAPES = {
    "s": (),
    "r": (),
    "x": (3,),
    "y": (3,),
    "b": (2,),
    "A": (3, 3),
    "B": (3, 2),
    "C": (3, 2),
    "W": (2, 3),
    "c": (3, 1),
}
"""Names, and the shape of each."""

_SAFE = ("sin", "tanh", "sigmoid", "exp", "softplus", "gelu", "silu", "relu", "abs", "atan", "mish")
_VECTORS = {3: ("x", "y"), 2: ("b",)}
_MATRICES = {(3, 3): ("A",), (3, 2): ("B", "C"), (2, 3): ("W",), (2, 2): (), (3, 1): ("c",)}


def number(random: Random, depth: int) -> str:
    """A formula that is a number."""
    if depth <= 0:
        return random.choice(["s", "r", "0.5", "2"])
    n = random.choice([2, 3])
    shape = random.choice([(3, 2), (2, 3), (3, 3)])

    def v() -> str:
        return vector(random, n, depth - 1)

    def m() -> str:
        return matrix(random, shape, depth - 1)

    def square() -> str:
        return matrix(random, (n, n), depth - 1)

    makers = (
        lambda: f"sum({random.choice([v, m])()})",
        lambda: f"mean({random.choice([v, m])()})",
        lambda: f"norm({random.choice([v, m])()} + 0.1)",
        lambda: f"norm({v()} + 0.1, 3)",
        lambda: f"norm({v()}, 1)",
        lambda: f"({v()}) @ ({v()})",
        lambda: f"dot({v()}, {v()})",
        lambda: f"trace({square()})",
        lambda: f"det({square()})",
        lambda: f"logdet({_positive(random, n, depth)})",
        lambda: f"max({v()})",
        lambda: f"min({m()})",
        lambda: f"logsumexp({v()})",
        lambda: f"row_sum({v()})",
        lambda: f"row_mean({v()})",
        lambda: f"mse({v()}, {v()})",
        lambda: f"mae({m()}, {m()})",
        lambda: f"huber({v()}, {v()}, 0.7)",
        lambda: f"hinge({v()}, {v()})",
        lambda: f"binary_cross_entropy(sigmoid({v()}), sigmoid({v()}))",
        lambda: f"bce_with_logits({m()}, {m()})",
        lambda: f"cross_entropy({v()}, softmax({v()}))",
        lambda: f"cross_entropy({m()}, {m()})",
        lambda: f"cross_entropy({matrix(random, (3, 3), depth - 1)}, [0, 2, 1])",
        lambda: f"({number(random, depth - 1)}) * ({number(random, depth - 1)})",
        lambda: f"({number(random, depth - 1)}) - ({number(random, depth - 1)})",
        lambda: f"{random.choice(_SAFE)}({number(random, depth - 1)})",
    )
    return random.choice(makers)()


def vector(random: Random, n: int, depth: int) -> str:
    """A formula that is a vector of n."""
    if depth <= 0:
        return random.choice([*_VECTORS[n], "[" + ", ".join(["s", "r", "1.5"][:n]) + "]"])
    k = random.choice([2, 3])

    def v() -> str:
        return vector(random, n, depth - 1)

    makers = (
        lambda: f"({matrix(random, (n, k), depth - 1)}) @ ({vector(random, k, depth - 1)})",
        lambda: f"({vector(random, k, depth - 1)}) @ ({matrix(random, (k, n), depth - 1)})",
        lambda: f"{random.choice(_SAFE)}({v()})",
        lambda: f"({v()}) + ({v()})",
        lambda: f"({v()}) * ({v()})",
        lambda: f"({v()}) / (1 + ({v()})^2)",
        lambda: f"({number(random, depth - 1)}) * ({v()}) - 1",
        lambda: f"({number(random, depth - 1)}) / (2 + sin({v()}))",
        lambda: f"-({v()})",
        lambda: f"({v()})^{random.choice([2, 3])}",
        lambda: f"(1 + ({v()})^2)^({number(random, 0)})",
        lambda: f"softmax({v()})",
        lambda: f"log_softmax({v()})",
        lambda: f"logsumexp({matrix(random, (n, k), depth - 1)})",
        lambda: f"column_sum({matrix(random, (k, n), depth - 1)})",
        lambda: f"column_mean({matrix(random, (k, n), depth - 1)})",
        lambda: f"diag({matrix(random, (n, n), depth - 1)})",
        lambda: f"max({v()}, {v()}, {number(random, 0)})",
        lambda: f"min({v()}, {v()})",
        lambda: f"where({v()}, {v()}, {number(random, depth - 1)})",
        lambda: f"leaky_relu({v()}, 0.1)",
        lambda: f"atan2({v()}, 2 + sin({v()}))",
        lambda: "[" + ", ".join(number(random, depth - 1) for _ in range(n)) + "]",
    )
    return random.choice(makers)()


def matrix(random: Random, shape: tuple[int, int], depth: int) -> str:
    """A formula that is a matrix."""
    n, k = shape
    if depth <= 0:
        names = _MATRICES[shape]
        if not names or random.random() < 0.2:
            left, right = (
                random.choice(_VECTORS[n]),
                "[s]" if k == 1 else random.choice(_VECTORS[k]),
            )
            return f"outer({left}, {right})"
        return random.choice(names)
    inner = random.choice([2, 3])

    def m() -> str:
        return matrix(random, shape, depth - 1)

    makers = [
        lambda: (
            f"({matrix(random, (n, inner), depth - 1)}) @ ({matrix(random, (inner, k), depth - 1)})"
        ),
        lambda: f"{random.choice(_SAFE)}({m()})",
        lambda: f"({m()}) + ({m()})",
        lambda: f"({m()}) * ({m()})",
        lambda: f"({m()}) / (1 + ({m()})^2)",
        lambda: f"({number(random, depth - 1)}) * ({m()})",
        lambda: f"({m()})^2",
        lambda: f"({m()}) - row_mean({m()})",
        lambda: f"({m()}) * row_sum({m()})",
        lambda: f"softmax({m()})",
        lambda: f"log_softmax({m()})",
        lambda: f"max({m()}, {number(random, depth - 1)})",
    ]
    if k > 1:
        makers += [
            lambda: f"transpose({matrix(random, (k, n), depth - 1)})" if n > 1 else m(),
            lambda: f"({m()}) + ({vector(random, k, depth - 1)})",
            lambda: f"({m()}) * column_mean({m()})",
            lambda: f"outer({vector(random, n, depth - 1)}, {vector(random, k, depth - 1)})",
            lambda: "[" + ", ".join(vector(random, k, depth - 1) for _ in range(n)) + "]",
        ]
    if n == 3:
        makers.append(lambda: f"c * ({m()})")
    if n == k:
        makers += [
            lambda: f"diag({vector(random, n, depth - 1)})",
            lambda: f"inverse({_positive(random, n, depth)})",
            lambda: f"({m()}) + identity_like({m()})",
        ]
    return random.choice(makers)()


def _positive(random: Random, n: int, depth: int) -> str:
    """A positive definite matrix: M Mᵀ + I."""
    inner = matrix(random, (n, 2), min(depth - 1, 1))
    return f"({inner}) @ transpose({inner}) + identity_like(({inner}) @ transpose({inner}))"
