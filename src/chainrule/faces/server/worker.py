"""The process that answers long questions: JSON lines in, JSON lines out.

Runs as `python -P -m chainrule.faces.server.worker`, started by the server, which never imports
torch itself. A line in is `{"question", "parameters", "folder", "file"}`; lines out are
`{"progress": [done, total, sentence]}`, any number of them, and then `{"answer": document}` or
`{"refusal": document}`. It ends with its input, so it cannot outlive the server.
"""

import json
import os
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import TextIO

from chainrule.records.json_values import Json

_KINDNESS = 5  # to a training that runs on the same cores


def main() -> None:
    """Answer questions until there are no more."""
    # What a library prints is no line of ours.
    ours = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(_KINDNESS)
    questions: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read, args=(questions,), daemon=True).start()
    while True:
        _answer(json.loads(questions.get()), ours)


def _read(questions: "SimpleQueue[str]") -> None:
    """Hand on what is asked; end with the input, in the middle of an answer too."""
    for line in sys.stdin:
        questions.put(line)
    os._exit(0)


def _answer(asked: dict[str, Json], ours: TextIO) -> None:
    from chainrule.faces.views.questions import Context, Refusal, answer

    from .unexpected import unexpected

    def put(message: dict[str, Json]) -> None:
        ours.write(json.dumps(message, ensure_ascii=False, allow_nan=False) + "\n")
        ours.flush()

    def progress(done: int, total: int, sentence: str) -> None:
        put({"progress": [done, total, sentence]})

    file, parameters = asked["file"], asked["parameters"]
    context = Context(Path(str(asked["folder"])), Path(str(file)) if file else None, progress)
    try:
        if not isinstance(parameters, dict):
            raise Refusal("Expected parameters by name.")
        put({"answer": answer(str(asked["question"]), parameters, context)})
    except Refusal as refusal:
        put({"refusal": refusal.document()})
    except Exception as error:
        put({"refusal": Refusal(unexpected(error)).document()})


if __name__ == "__main__":
    main()
