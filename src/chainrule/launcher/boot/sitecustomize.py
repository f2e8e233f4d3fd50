"""What a Python started by `chainrule run` reads before anything else.

Python's `site` imports a module of this name from the path. This one wipes its traces (its folder
on `sys.path`, its variables in `os.environ`), waits for torch, and hands over to the environment's
own `sitecustomize`. It imports nothing that Python has not loaded already, so that `sys.modules`
stays what it would be; what it needs later it imports once torch is there or the script has ended.

The fallback that runs a script inside our own process uses the same `Recording`.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

SETTINGS = "CHAINRULE_SETTINGS"
"""Variable that carries the settings, as JSON."""
ROOT = "CHAINRULE_ROOT"
"""Variable that carries the pid of the script, and ` workers` if only its workers record."""
USERS_PATH = "CHAINRULE_PYTHONPATH"
"""Variable that carries the user's PYTHONPATH; absent if there was none."""

_SIGINT, _SIGTERM = 2, 15


class TorchFinder:
    """Stands on `sys.meta_path` until torch has been imported, and says when that is.

    Args:
        then: Called with no argument, once, after the import.
    """

    def __init__(self, then: "Callable[[], None]") -> None:
        self._then = then

    def find_spec(
        self, name: str, path: "Sequence[str] | None" = None, target: "ModuleType | None" = None
    ) -> "ModuleSpec | None":
        """What the finders after this one find for torch; None for anything else."""
        if name != "torch" or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                self._watch(spec)
                return spec
        return None

    def remove(self) -> None:
        """Leave `sys.meta_path`."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def _watch(self, spec: "ModuleSpec") -> None:
        # importlib ends every import, good or bad, with `spec._initializing = False`. Hearing of
        # it there rather than wrapping the loader's `exec_module` leaves no frame of ours in the
        # traceback when torch raises (importlib trims a wrapper's frame after `import torch`, not
        # after `importlib.import_module`), and works with a loader of any kind.
        kind = type(spec)
        then = self._then

        def assign(self: "ModuleSpec", attribute: str, value: object) -> None:
            kind.__setattr__(self, attribute, value)
            if attribute == "_initializing" and not value:
                self.__class__ = kind
                torch = sys.modules.get("torch")
                if torch is not None and getattr(torch, "__spec__", None) is self:
                    then()

        body = {"__setattr__": assign, "__slots__": (), "__module__": kind.__module__}
        try:
            spec.__class__ = type(kind.__name__, (kind,), body)
        except TypeError:  # a spec of a kind we cannot hear: the script goes unobserved
            self.remove()


class Recording:
    """A process that records: wakes the observer with torch, sees to the verdict at the end.

    Args:
        settings: The settings as JSON.
        distributed: `rank` and `world_size` of a worker; None for a script on its own.
    """

    def __init__(self, settings: str, distributed: dict[str, str] | None = None) -> None:
        self._json = settings
        self._distributed = distributed
        self._pid = os.getpid()
        self._executable = sys.executable
        self._environment = dict(os.environ)
        self._strict = "CHAINRULE_STRICT" in os.environ
        self._observer: ModuleType | None = None
        self._torch = "never imported"
        self._finder = TorchFinder(self._wake)

    def begin(self) -> None:
        """Wait for torch, and for the end."""
        loaded = "atexit" in sys.modules
        import atexit

        # Registered before any code of the user's, so that it runs after all of theirs. The
        # callbacks are the interpreter's, not the module's: the module can be dropped again.
        atexit.register(self._end)
        if not loaded:
            del sys.modules["atexit"]
        if "torch" in sys.modules:
            self._wake()
        else:
            sys.meta_path.insert(0, self._finder)

    def _settings(self) -> dict[str, str]:
        import json

        settings: dict[str, str] = json.loads(self._json)
        if self._distributed:  # a worker's script, not torchrun
            settings |= {**self._distributed, "script": sys.argv[0], "is_module": ""}
        return settings

    def _wake(self) -> None:
        self._finder.remove()
        if os.getpid() != self._pid:
            return  # a forked child imports torch: not recorded
        self._torch = "imported"
        try:
            from importlib import import_module

            settings = self._settings()
            observer = import_module(settings.get("observer") or "chainrule.observer")
            observer.boot(settings)
            self._observer = observer
        except Exception as error:
            self._torch = "unobserved"
            self._complain("could not start its observer", error, "training goes on unobserved")

    def _complain(self, what: str, error: BaseException, consequence: str) -> None:
        if self._strict:
            raise error
        try:
            text = f"chainrule: {what} ({type(error).__name__}: {error}); {consequence}.\n"
            sys.stderr.write(text)
            sys.stderr.flush()
        except Exception:
            pass  # no stderr: nobody to tell

    def _end(self) -> None:
        if os.getpid() != self._pid:
            return  # a forked child that left through sys.exit
        try:
            self._close()
        except Exception as error:
            self._complain("could not report on the run", error, "the script was not affected")
        except KeyboardInterrupt:
            pass  # the reader does not want the verdict

    def _close(self) -> None:
        settings = self._settings()
        settings["torch"] = self._torch
        code = None
        if getattr(sys, "last_value", None) is not None:  # set by an exception nobody caught
            interrupted = isinstance(sys.last_value, KeyboardInterrupt)
            code = 128 + _SIGINT if interrupted else 1
            settings["exit_code"] = str(code)
        if self._observer is not None:
            try:
                settings |= self._observer.finish(code)
            except Exception as error:
                self._complain("could not close the run file", error, "its last row is missing")
        if self._distributed and (settings["rank"] != "0" or self._torch == "never imported"):
            return
        if settings["quiet"] != "1":
            if settings.get("pointer"):
                self._claim(settings["pointer"])
            self._print_verdict(settings, settings.pop("run", None))

    def _claim(self, pointer: str) -> None:
        """Tell the watcher that the verdict is printed here, and end its status line."""
        import json
        import time

        try:
            with open(pointer) as file:
                known = json.load(file)
        except (OSError, ValueError):
            known = {}
        temporary = f"{pointer}.{self._pid}"
        with open(temporary, "w") as file:
            json.dump({**known, "verdict": "done"}, file)
        os.replace(temporary, pointer)
        try:
            with open(f"{pointer}.status") as file:
                os.kill(int(file.read()), _SIGTERM)
        except (OSError, ValueError):
            return  # no status line
        patience = time.monotonic() + 1
        while os.path.exists(file.name) and time.monotonic() < patience:
            time.sleep(0.01)

    def _print_verdict(self, settings: dict[str, str], run: str | None) -> None:
        """Run the verdict command and wait for it."""
        import json
        from contextlib import suppress

        if sys.stdout is sys.__stdout__ and sys.stdout is not None:
            # What the script printed comes before what we say of it; if this fails, Python will
            # try again and say so.
            with suppress(Exception):
                sys.stdout.flush()
        command = json.loads(settings["verdict_command"])
        command += [*([run] if run else []), "--settings", json.dumps(settings)]
        if not hasattr(os, "posix_spawn"):
            import subprocess

            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=2, env=self._environment)
            return
        import signal

        # A handler of the script's for SIGCHLD must not hear of this child.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        child = os.posix_spawn(
            command[0],
            command,
            self._environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, 2, 1),
            ],
            setsigmask=[],
            setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGCHLD],
        )
        with suppress(ChildProcessError):  # a script that ignores SIGCHLD: the kernel reaps it
            os.waitpid(child, 0)


def boot() -> None:
    """Wipe our traces, and record if it is this process that records."""
    here = os.path.dirname(__file__)
    if here in sys.path:
        sys.path.remove(here)
    sys.path_importer_cache.pop(here, None)
    environ = os.environ
    settings, root = environ.get(SETTINGS), environ.get(ROOT)
    if settings is None or root is None:
        return
    pid, _, workers = root.partition(" ")
    is_root = pid == str(os.getpid())
    if is_root and workers:
        return  # torchrun and its like: the environment is for the workers
    users_path = environ.get(USERS_PATH)
    for name in (SETTINGS, ROOT, USERS_PATH):
        environ.pop(name, None)
    if users_path is None:
        environ.pop("PYTHONPATH", None)
    else:
        environ["PYTHONPATH"] = users_path
    if is_root:
        Recording(settings).begin()
    elif "RANK" in environ or "LOCAL_RANK" in environ or pid == str(os.getppid()):
        rank = environ.get("RANK") or environ.get("LOCAL_RANK") or "0"
        distributed = {"rank": rank, "world_size": environ.get("WORLD_SIZE") or "1"}
        Recording(settings, distributed).begin()


if __name__ == "sitecustomize":
    try:
        boot()
    except Exception as error:
        if "CHAINRULE_STRICT" in os.environ:
            raise
        sys.stderr.write(f"chainrule: could not start ({error!r}); training goes on unobserved.\n")
    # The environment's own, through the import system: if there is none, `site` hears the
    # ModuleNotFoundError that it expects, and `sys.modules` has no entry of this name.
    del sys.modules["sitecustomize"]
    import sitecustomize  # type: ignore[import-not-found]  # noqa: F401
