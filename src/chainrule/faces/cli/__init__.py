"""The command line: one file a command; adding one is adding its file and its line here."""

import sys
from types import ModuleType
from typing import Annotated

import typer

from chainrule import __version__

from . import (
    check,
    critical,
    descend,
    diagnose,
    explain,
    grade,
    gradient,
    hessian,
    jacobian,
    landscape,
    learn,
    live,
    practice,
    report,
    run,
    runs,
    sharpness,
    status,
    taylor,
    verdict,
    view,
)
from .failure import CommandFailed, say
from .languages import LEARNERS, spoken
from .learners_command import SAY, LearnersCommand
from .signs import with_formula_last

COMMANDS: tuple[ModuleType, ...] = (
    run,
    check,
    view,
    diagnose,
    report,
    runs,
    explain,
    learn,
    practice,
    grade,
    gradient,
    jacobian,
    hessian,
    taylor,
    descend,
    critical,
    landscape,
    sharpness,
    verdict,
    status,
    live,
)
"""Each has a `command` whose docstring is its help, and may have `HIDDEN` and `CONTEXT`."""

_TyperError: type[Exception] = typer.BadParameter.__mro__[2]  # of usage errors too; not exported


def main() -> None:
    """Run the command line of this process and end it."""
    sys.exit(status_of(sys.argv[1:]))


def status_of(arguments: list[str]) -> int:
    """Run a command line; what goes wrong is one sentence on stderr and status 2."""
    translate = spoken(arguments)
    try:
        result = application()(
            with_formula_last(arguments),
            prog_name="chainrule",
            standalone_mode=False,
            obj={SAY: translate},
        )
    except CommandFailed as failure:
        say(failure.reason, translate)
        return 2
    except _TyperError as error:
        from .usage_errors import usage_sentence

        say(usage_sentence(error, arguments), translate)
        return 2
    except typer.Exit as end:
        return end.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return result if isinstance(result, int) else 0


def application() -> typer.Typer:
    """The Typer application with all commands."""
    app = typer.Typer(
        name="chainrule",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,  # Rich costs 100 ms, which every `chainrule run` would wait for
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_chainrule)
    for module in COMMANDS:
        name = module.__name__.rpartition(".")[2]
        app.command(
            name,
            cls=LearnersCommand if name in LEARNERS else None,
            hidden=getattr(module, "HIDDEN", False),
            context_settings=getattr(module, "CONTEXT", None),
        )(module.command)
    return app


def _chainrule(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
) -> None:
    """See the calculus by which a model learns, and what is wrong when it does not.

    Start with: chainrule run train.py
    """
    if version:
        typer.echo(f"chainrule {__version__}")
        raise typer.Exit()
    if context.invoked_subcommand is None:
        if sys.stdout is not None and sys.stdout.isatty():
            view.command()
        else:
            typer.echo(context.get_help())
