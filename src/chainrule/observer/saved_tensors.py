"""Whether a tensor that a node saved can be read without anybody noticing."""

from typing import Any


def is_hooked(node: Any, name: str) -> bool:
    """True if somebody's hooks would run: of checkpointing, which lets it be read once, say.

    Args:
        node: The node.
        name: Of the attribute, `_saved_…`.
    """
    raw = getattr(node, f"_raw{name}", None)
    found = raw if isinstance(raw, (tuple, list)) else (raw,)  # of some nodes it is a list
    return any(getattr(each, "unpack_hook", None) is not None for each in found)
