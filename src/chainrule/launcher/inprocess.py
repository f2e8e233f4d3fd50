"""Running a script inside this process, where it cannot have a Python of its own.

As near to `python train.py` as one gets from inside: a fresh `__main__`, Python's `sys.argv` and
`sys.path[0]`, tracebacks without our frames, Python's exit codes. What stays different: modules
that chainrule has loaded are in `sys.modules`, and `sys.flags` and `sys.orig_argv` are ours.
"""

import atexit
import builtins
import io
import os
import runpy
import signal
import sys
import zipfile
from importlib.machinery import SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import NoReturn

from .boot.sitecustomize import Recording


def run(arguments: list[str], *, is_module: bool, settings: str) -> NoReturn:
    """Run a script or module as `__main__` and leave with its exit code.

    Args:
        arguments: The script or module and its arguments.
        is_module: As after `python -m`.
        settings: The settings as JSON.
    """
    sys.excepthook = sys.__excepthook__  # a command line may have put its own there
    last_of_all = _LastOfAll()
    atexit.register(last_of_all)
    Recording(settings).begin()
    try:
        if is_module:
            _run_module(arguments)
        elif arguments[0] != "-" and _is_container(arguments[0]):
            _run_container(arguments)
        else:
            _run_script(arguments)
    except SystemExit as error:
        code: object = error.code
    except BaseException as error:
        last_of_all.interrupted = isinstance(error, KeyboardInterrupt)
        code = _report(error)
    else:
        code = 0
    raise SystemExit(code)


class _LastOfAll:
    """Dies by SIGINT after an uncaught KeyboardInterrupt, as Python does, when all is done."""

    interrupted = False

    def __call__(self) -> None:
        if self.interrupted:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)


def _main(**attributes: object) -> ModuleType:
    main = ModuleType("__main__")
    if sys.version_info < (3, 14):
        attributes["__annotations__"] = {}
    main.__dict__.update(__builtins__=builtins, **attributes)
    sys.modules["__main__"] = main
    return main


def _put_first(folder: str) -> None:
    """What Python puts at the head of `sys.path`, unless it was told not to."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _absolute(name: str) -> str:
    return os.path.join(os.getcwd(), name)  # not normalised, as Python's


def _is_container(name: str) -> bool:
    return os.path.isdir(name) or zipfile.is_zipfile(name)


def _run_module(arguments: list[str]) -> None:
    _main()
    sys.argv[:] = ["-m", *arguments[1:]]
    _put_first(os.getcwd())
    runpy._run_module_as_main(arguments[0])  # type: ignore[attr-defined]


def _run_container(arguments: list[str]) -> None:
    _main()
    sys.argv[:] = arguments
    path = _absolute(arguments[0])
    if sys.flags.safe_path:
        sys.path.insert(0, path)
    else:
        sys.path[0] = path
    runpy._run_module_as_main("__main__", False)  # type: ignore[attr-defined]


def _run_script(arguments: list[str]) -> None:
    name = arguments[0]
    sys.argv[:] = arguments
    if name == "-":
        _put_first("")
        main = _main()
        code = compile(sys.stdin.read(), "<stdin>", "exec", dont_inherit=True)
    else:
        path = _absolute(name)
        _put_first(os.path.dirname(os.path.realpath(name)))
        is_bytecode = path.endswith(".pyc")
        loader = (SourcelessFileLoader if is_bytecode else SourceFileLoader)("__main__", path)
        main = _main(__file__=path, __cached__=None, __loader__=loader)
        code = _compile(loader, path)
    exec(code, main.__dict__)


def _compile(loader: SourceFileLoader | SourcelessFileLoader, path: str) -> CodeType:
    if isinstance(loader, SourcelessFileLoader):
        found = loader.get_code("__main__")
        assert found is not None
        return found
    try:
        with io.open_code(path) as file:
            source = file.read()
    except OSError as error:
        sys.stderr.write(
            f"{sys.executable}: can't open file {path!r}: [Errno {error.errno}] {error.strerror}\n"
        )
        raise SystemExit(2) from None
    return compile(source, path, "exec", dont_inherit=True)


def _report(error: BaseException) -> int:
    """Tell of an exception that nobody caught as Python does; returns the exit code."""
    trace = _without_ours(error.__traceback__)
    error.__traceback__ = trace
    sys.last_type, sys.last_value, sys.last_traceback = type(error), error, trace
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    try:
        sys.excepthook(type(error), error, trace)
    except SystemExit:
        raise
    except BaseException as second:
        second.__traceback__ = _without_ours(second.__traceback__)
        second.__context__ = None
        sys.stderr.write("Error in sys.excepthook:\n")
        sys.__excepthook__(type(second), second, second.__traceback__)
        sys.stderr.write("\nOriginal exception was:\n")
        sys.__excepthook__(type(error), error, trace)
    return 1


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and trace.tb_frame.f_code.co_filename == __file__:
        trace = trace.tb_next
    return trace
