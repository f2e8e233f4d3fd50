"""What a node saved, where it can be read without anybody noticing."""

from typing import Any


def read(node: Any, name: str) -> Any:
    """What a node saved; None if it has no such thing, or nothing that can be read.

    Args:
        node: The node.
        name: Of the attribute, `_saved_…`.
    """
    if _is_hooked(node, name):
        return None
    try:
        return getattr(node, name, None)
    except RuntimeError:  # modified in place since, or let go: its values are no longer there
        return None


def _is_hooked(node: Any, name: str) -> bool:
    """True if somebody's hooks would run: of checkpointing, which lets it be read once, say."""
    raw = getattr(node, f"_raw{name}", None)
    found = raw if isinstance(raw, (tuple, list)) else (raw,)  # of some nodes it is a list
    return any(getattr(each, "unpack_hook", None) is not None for each in found)
