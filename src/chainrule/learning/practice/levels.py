"""How hard the next exercise is."""

from .exercises import LEVELS


def level_after(level: int, *, solved: bool, at_once: bool) -> int:
    """The level of the next exercise: one up if this was solved at once, one down if not solved.

    Args:
        level: Of the exercise that was answered.
        solved: Whether it was answered rightly in the end.
        at_once: Whether the first answer was right, without a hint.
    """
    if at_once:
        return min(level + 1, LEVELS[-1])
    return level if solved else max(level - 1, LEVELS[0])
