"""How a command says that it failed: one sentence on stderr, no traceback, status 2."""

import sys


class CommandFailed(Exception):
    """The failure is ours or the command line's; the message is one sentence for the reader."""


def say(sentence: str) -> None:
    """Write one line to stderr, whatever state stderr is in."""
    if sys.stderr is None:
        return
    from chainrule.records.shortened import shortened  # only now: `chainrule run` starts at once

    line = "chainrule: " + " ".join(shortened(sentence).split()) + "\n"
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more
