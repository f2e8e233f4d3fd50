"""Becoming the Python that runs the user's script.

`start` replaces this process by `python train.py …`: same pid, terminal, streams and signals. Only
a folder on the path tells it from the user's own command, and `boot/sitecustomize.py` takes that
away before the script's first line. A watcher, no child of the script, stays beside it to report
on a script that is killed.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from . import interpreter, target
from .boot import sitecustomize as boot
from .target import LaunchError


def start(
    arguments: list[str],
    *,
    is_module: bool,
    settings: Mapping[str, str],
    in_process: bool = False,
) -> NoReturn:
    """Run a script or module, watched; never returns.

    Args:
        arguments: `[script.py, …]`, or `[package.module, …]` if `is_module`.
        is_module: As after `python -m`.
        settings: For the observer and the verdict: `folder`, `name`, `budget`, `every`, `quiet`
            (`1`: no verdict), `status` (`on`: a status line), `view` (`1`: a page in a browser),
            `stop_on` (`error` or `warning`: what ends the training) and whatever those two
            understand.
        in_process: Run it inside this process, which differs more from plain Python.

    Raises:
        LaunchError: There is no such script or module, or Python could not be started.
    """
    arguments = target.find(arguments, is_module=is_module)
    kept = interpreter.options(sys.orig_argv)
    reason = "as asked" if in_process else interpreter.obstacle(kept)
    completed = _complete(settings, arguments, is_module=is_module)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    if completed["quiet"] != "1" or completed["status"] == "on" or _is_beside(completed):
        _watch(completed)
    if reason is not None:
        from . import inprocess

        if completed["quiet"] != "1":
            sys.stderr.write(f"chainrule: {reason}: running the script inside this process\n")
        inprocess.run(arguments, is_module=is_module, settings=json.dumps(completed))
    workers = target.only_workers_train(arguments, is_module=is_module)
    command = [sys.executable, *kept, *(["-m"] if is_module else []), *arguments]
    _become(command, environment(completed, os.environ, workers=workers), completed)


def environment(
    settings: Mapping[str, str], users: Mapping[str, str], *, workers: bool
) -> dict[str, str]:
    """The user's environment with what `boot/sitecustomize.py` needs.

    Args:
        settings: Settings for the observer.
        users: Environment that the script will see.
        workers: True if the script's workers record, not the script.
    """
    made = dict(users)
    path = made.get("PYTHONPATH")
    made["PYTHONPATH"] = os.pathsep.join([str(interpreter.BOOT), *([path] if path else [])])
    made[boot.SETTINGS] = json.dumps(settings)
    made[boot.ROOT] = f"{os.getpid()} workers" if workers else str(os.getpid())
    if path is not None:
        made[boot.USERS_PATH] = path
    return made


def _complete(
    settings: Mapping[str, str], arguments: Sequence[str], *, is_module: bool
) -> dict[str, str]:
    completed = {
        "quiet": "",
        "status": "",
        "view": "",
        "stop_on": "",
        "script": arguments[0],
        **settings,
    }
    completed["is_module"] = "1" if is_module else ""
    # The script may change its folder before torch is imported.
    completed["folder"] = os.path.abspath(completed.get("folder") or "chainrule-runs")
    ours = [sys.executable, "-P", "-m", "chainrule"]
    completed.setdefault("verdict_command", json.dumps([*ours, "verdict"]))
    completed.setdefault("status_command", json.dumps([*ours, "status"]))
    completed.setdefault("view_command", json.dumps([*ours, "live"]))
    return completed


def _become(command: list[str], environ: dict[str, str], settings: Mapping[str, str]) -> NoReturn:
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, which exec would pass on
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execve(command[0], command, environ)
    except OSError as error:
        Path(settings.get("pointer") or os.devnull).unlink(missing_ok=True)
        raise LaunchError(
            f"Expected {command[0]} to start, but the system refused: {error.strerror}. "
            "Try `--in-process`."
        ) from error


def _is_beside(settings: Mapping[str, str]) -> bool:
    """True if something beside the script was asked for, whatever is printed."""
    return settings["view"] == "1" or bool(settings["stop_on"])


def _watch(settings: dict[str, str]) -> None:
    """Start the watcher and add its `pointer` to the settings."""
    if not hasattr(os, "fork") or os.getpid() == 1 or not sys.executable:
        # orphans become children of process 1, and die with it
        if settings["view"] == "1":
            sys.stderr.write(
                "chainrule: no page can be opened beside this script (it is the first process "
                "here, or the system has no fork): use `chainrule view` in another shell\n"
            )
        if settings.get("stop_on"):
            sys.stderr.write(
                "chainrule: nothing can look on beside this script (it is the first process here, "
                "or the system has no fork), so --stop-on does not end it\n"
            )
        return
    handle, settings["pointer"] = tempfile.mkstemp(prefix="chainrule-", suffix=".json")
    with open(handle, "w") as file:
        file.write("{}")
    pid = os.getpid()
    descriptor = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else -1
    child = os.fork()
    if child == 0:
        try:
            _become_watcher(pid, descriptor, settings)
        finally:
            os._exit(1)
    os.waitpid(child, 0)
    if descriptor >= 0:
        os.close(descriptor)


def _become_watcher(pid: int, descriptor: int, settings: Mapping[str, str]) -> None:
    """Become the watcher, in a session of its own and a child of nobody."""
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    if descriptor >= 0:  # out of the way first: where stdout is closed it may have that number
        import fcntl

        descriptor = fcntl.fcntl(descriptor, fcntl.F_DUPFD, 4)
        os.dup2(descriptor, 3)
    for standard in (0, 1):
        os.dup2(null, standard)
        os.set_inheritable(standard, True)  # dup2 does not where both are the same
    os.closerange(4 if descriptor >= 0 else 3, os.sysconf("SC_OPEN_MAX"))
    script = str(Path(__file__).with_name("watcher.py"))
    command = [sys.executable, "-I", "-S", script, str(pid), "3" if descriptor >= 0 else "-1"]
    os.execve(command[0], command, {**os.environ, boot.SETTINGS: json.dumps(settings)})
