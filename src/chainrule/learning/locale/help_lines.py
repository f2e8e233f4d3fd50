"""The docstring of a command in the pieces that are translated and shown one by one."""

from collections.abc import Iterator


def help_lines(paragraph: str) -> Iterator[str]:
    r"""A paragraph as one line, which is wrapped where it is shown, or its examples one by one.

    Args:
        paragraph: Of a docstring, without the empty lines around it.

    Example:
        >>> list(help_lines("What it\ndoes."))
        ['What it does.']
    """
    lines = [line.strip() for line in paragraph.strip().split("\n")]
    if all(line.startswith("Example:") for line in lines):
        yield from lines
    else:
        yield " ".join(lines)
