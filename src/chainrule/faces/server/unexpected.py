"""What is said where something of ours fails that should not: one sentence, and one on stderr."""

import os
import traceback


def unexpected(error: BaseException) -> str:
    """A sentence for the page; stderr is told where in our code it was.

    With `CHAINRULE_STRICT=1`, as in our tests, stderr has the whole traceback.
    """
    from chainrule.faces.cli.failure import say

    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
    if os.environ.get("CHAINRULE_STRICT") == "1":
        traceback.print_exception(error)
    say(f"a question could not be answered ({what}{where}); this is a fault of chainrule's")
    return (
        f"chainrule could not answer ({what}); this is a fault of chainrule's, not of your input."
    )
