"""`chainrule run`: train under observation. Imports little: the script waits for it."""

from typing import Annotated

import typer

from chainrule.faces import DEFAULT_FOLDER

from .failure import CommandFailed
from .formats import SILENT, Format
from .settings import (
    StopOn,
    budget_share,
    output_file,
    run_name,
    runs_folder,
    sampled_every,
    script_to_run,
)

CONTEXT = {"allow_interspersed_args": False}  # what follows the script is the script's


def command(
    script: Annotated[str, typer.Argument(help="A Python script.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="The script's own.")] = None,
    is_module: Annotated[
        bool, typer.Option("-m", help="SCRIPT is a module's name, as with python -m.")
    ] = False,
    budget: Annotated[
        str | None,
        typer.Option(metavar="SHARE", help="Most of the training time to take.  [default: 1%]"),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(metavar="N|all", help="Measure every Nth step, whatever it costs."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the run.  [default: script and time]"),
    ] = None,
    folder: Annotated[
        str, typer.Option(metavar="DIR", help="Where the run file goes.")
    ] = DEFAULT_FOLDER,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the verdict there as JSON, too.")
    ] = None,
    format: Annotated[Format, typer.Option(help="Of the verdict on stderr.")] = Format.text,
    capture: Annotated[
        int,
        typer.Option(
            metavar="N", min=0, help="Steps kept so that they can be done again; 0 for none."
        ),
    ] = 8,
    save_captures: Annotated[
        bool,
        typer.Option(
            "--save-captures", help="Keep these steps in files, for landscape and sharpness."
        ),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no verdict and no status line.")
    ] = False,
    no_status: Annotated[bool, typer.Option("--no-status", help="No status line.")] = False,
    view: Annotated[
        bool, typer.Option("--view", help="Open a page that shows the run while it trains.")
    ] = False,
    stop_on: Annotated[
        StopOn | None,
        typer.Option(help="End the training, with status 3, once so bad a fault is certain."),
    ] = None,
    in_process: Annotated[
        bool,
        typer.Option(
            "--in-process",
            help="Run the script in this process, where a new Python cannot be told to watch.",
        ),
    ] = False,
    inside_compiled: Annotated[
        bool,
        typer.Option(
            "--inside-compiled",
            help="On measured steps run torch.compile'd code eagerly, to see inside it.",
        ),
    ] = False,
) -> None:
    """Run a training script and say what is wrong with the training.

    The script runs as under python; chainrule watches the gradients and prints a verdict on
    stderr when it ends. Options come before the script; all that follows is the script's own.

    Example: chainrule run train.py --epochs 3
    """
    if budget is not None and every is not None:
        raise CommandFailed(
            "--every and --budget cannot be used together: the one fixes which steps are "
            "measured, the other what measuring may cost."
        )
    settings = {
        "script": script_to_run(script, is_module),
        "budget": budget_share(budget or "1%"),
        "every": sampled_every(every) if every is not None else "",
        "name": run_name(name) if name is not None else "",
        "folder": runs_folder(folder),
        "json": output_file(json) if json is not None else "",
        "format": SILENT if quiet else format.value,
        "quiet": "1" if quiet and json is None else "",
        "status": "off" if quiet or no_status else "on",
        "inside_compiled": "1" if inside_compiled else "",
        "capture": str(capture),
        "save_captures": "1" if save_captures else "",
        "view": "1" if view else "",
        "stop_on": stop_on.value if stop_on is not None else "",
    }
    from chainrule.launcher import LaunchError, start

    try:
        start(
            [script, *(arguments or [])],
            is_module=is_module,
            settings=settings,
            in_process=in_process,
        )
    except LaunchError as error:
        raise CommandFailed(str(error)) from error
