"""Files that a command line asks a figure for."""

from pathlib import Path

from .failure import CommandFailed


def figure_file(text: str, option: str) -> Path:
    """The file to draw into, checked before anything is computed.

    Args:
        text: As typed.
        option: Which option it was given to, for the message.

    Raises:
        CommandFailed: If its folder does not exist, its extension cannot be drawn, or matplotlib
            is missing.
    """
    from importlib.util import find_spec

    from chainrule.faces.figure import FORMATS

    file = Path(text).expanduser().absolute()
    if file.is_dir() or not file.parent.is_dir():
        reason = "it is a folder" if file.is_dir() else f"there is no folder {file.parent}"
        raise CommandFailed(f"{option} {text} cannot be written: {reason}.")
    if file.suffix.lower().removeprefix(".") not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise CommandFailed(f"{option} {text} cannot be drawn: name a file that ends with {known}.")
    if find_spec("matplotlib") is None:
        raise CommandFailed(
            f"{option} needs matplotlib, which is not installed: pip install 'chainrule[plot]'"
        )
    return file


def draw(record: object, file: Path, option: str) -> None:
    """Draw a record into a file, whole or not at all.

    Raises:
        CommandFailed: If the file cannot be written.
    """
    from matplotlib.figure import Figure

    from chainrule.faces.figure import save_figure
    from chainrule.faces.plot import plot

    figure = plot(record)
    assert isinstance(figure, Figure)  # no axes were given, so it is a whole one
    try:
        save_figure(figure, file)
    except OSError as error:
        raise CommandFailed(
            f"{option} {file} cannot be written: {error.strerror or error}."
        ) from error
