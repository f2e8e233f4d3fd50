"""Stands in for chainrule.observer; writes what happens to the file named by the setting `log`."""

import json
import os
import sys

_settings = {}


def _note(text):
    if _settings.get("log"):
        with open(_settings["log"], "a") as file:
            file.write(text + "\n")


def boot(settings):
    _settings.update(settings)
    if settings.get("fails") == "boot":
        raise RuntimeError("the stub fails")
    torch = sys.modules["torch"]
    if "rank" in settings:
        _note(f"script {settings['script']}")
    _note(f"boot {settings.get('rank', '-')}/{settings.get('world_size', '-')} {torch.__version__[0]}")
    if settings.get("pointer") and settings.get("rank", "0") == "0":
        with open(settings["pointer"], "w") as file:
            json.dump({"run": "stub.db"}, file)
    _settings["pid"] = str(os.getpid())


def finish(exit_code=None):
    if _settings.get("fails") == "finish":
        raise RuntimeError("the stub fails")
    _note(f"finish {exit_code}")
    return {"run": "stub.db"} if _settings.get("rank", "0") == "0" else {}
