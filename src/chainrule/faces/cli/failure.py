"""How a command says that it failed: one sentence on stderr, no traceback, status 2."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainrule.records.message import Translate


class CommandFailed(Exception):
    """The failure is ours or the command line's.

    Args:
        reason: One sentence for the reader; as a `Message` it can be said in another language.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def failed(template: str, /, **fields: object) -> CommandFailed:
    """A failure whose sentence can be said in another language: a `Message`, made only now.

    Args:
        template: English, with `{name}` for each field.
        fields: Of the template.
    """
    from chainrule.records.message import Message  # `chainrule run` starts without it

    return CommandFailed(Message(template, **fields))


def say(sentence: str, translate: "Translate" = str) -> None:
    """Write one line to stderr, whatever state stderr is in.

    Args:
        sentence: What to write; words and lists without end are cut.
        translate: To the reader's language.
    """
    if sys.stderr is None:
        return
    from chainrule.records.message import told  # only now: `chainrule run` starts at once
    from chainrule.records.shortened import shortened

    line = "chainrule: " + " ".join(told(shortened(sentence), translate).split()) + "\n"
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    try:
        sys.stderr.write(line.encode(encoding, "backslashreplace").decode(encoding))
        sys.stderr.flush()
    except (OSError, ValueError):
        pass  # nobody listens any more
