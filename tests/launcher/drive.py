"""Stands in for `chainrule run`: `drive.py JSON TARGET…`, with our own choices in the JSON."""

import json
import sys

from chainrule.launcher import LaunchError, start

settings = json.loads(sys.argv[1])
try:
    start(
        sys.argv[2:],
        is_module=settings.pop("is_module", "") == "1",
        in_process=settings.pop("in_process", "") == "1",
        settings=settings,
    )
except LaunchError as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(2)
