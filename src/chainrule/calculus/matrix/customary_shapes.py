"""Shapes of names where nobody said any, by the custom of books.

A capital letter is a matrix, another single letter a vector, a longer name or a Greek letter a
number. Where that does not fit a formula, other ways are tried, the most customary first.
"""

from collections.abc import Iterator, Mapping, Sequence

from .fit import Shape


def customary(
    name: str, matrices: Sequence[Shape], vectors: Sequence[Shape], *, strictly: bool = False
) -> tuple[Shape, ...]:
    """The shapes that a name may have, the most customary first.

    Args:
        name: As it stands in the formula.
        matrices: The shapes of matrices to be tried.
        vectors: The shapes of vectors to be tried.
        strictly: Whether a capital letter is a matrix in any case, and nothing else is one.
    """
    number: tuple[Shape, ...] = ((),)
    letters = name.rstrip("0123456789_")
    if name[:1].isupper():
        return tuple(matrices) if strictly else (*matrices, *vectors, *number)
    small = (*vectors, *number) if len(letters) == 1 and letters.isascii() else (*number, *vectors)
    return small if strictly else (*small, *matrices)


def ways(offered: Mapping[str, Sequence[Shape]]) -> Iterator[dict[str, Shape]]:
    """All ways to give each name one of its shapes, the most customary first.

    A way is as customary as the places of its shapes in what is offered, added up.
    """
    shapes = [*offered.values()]
    for rank in range(sum(len(each) - 1 for each in shapes) + 1):
        for way in _of_rank(shapes, rank):
            yield dict(zip(offered, way, strict=True))


def _of_rank(offered: Sequence[Sequence[Shape]], rank: int) -> Iterator[tuple[Shape, ...]]:
    if not offered:
        if rank == 0:
            yield ()
        return
    first, *others = offered
    if rank > len(first) - 1 + sum(len(each) - 1 for each in others):
        return
    for place, shape in enumerate(first[: rank + 1]):
        for way in _of_rank(others, rank - place):
            yield (shape, *way)
