"""Showing an object in a notebook: as a widget, with a picture for where the kernel has gone."""

import base64
import html
import io
import sys
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from chainrule.faces.figure import PIXELS_PER_INCH, PlotUnavailable
from chainrule.store import RunFileError

from .depiction import Depiction, depiction
from .live import Live
from .view_widget import INSTALL, widget_class

REMEMBERED = 64
"""Objects whose widgets are found again when they are shown once more."""

WIDGET = "application/vnd.jupyter.widget-view+json"

Bundle = dict[str, Any]


@dataclass(slots=True)
class _Shown:
    """An object with its widget; it is kept, so that no other object gets its identity."""

    thing: object
    depiction: Depiction
    widget: Any
    live: Live | None = None


_shown: OrderedDict[int, _Shown] = OrderedDict()


def widget(thing: object) -> Any:
    """The widget that shows an object in a notebook; the same one each time.

    Its `value` holds what its sliders are set to, by name: `widget(objective).value["eta"]`.

    Args:
        thing: A run of `chainrule.watch()`, a `chainrule.Objective`, what `chainrule.explain` gives
            of a formula, or what `chainrule.report` or `chainrule.lesson` gives.

    Returns:
        An anywidget. Its trait `document` is what is drawn, `value` a dict.

    Raises:
        ImportError: If anywidget is not installed (the extra `notebook`), or the views are not
            built.
        TypeError: If the object is none that shows itself, or there is no view of it.
    """
    shown = _remembered(thing)
    if shown.widget is None:
        if shown.depiction.document is None:
            raise TypeError(f"There is no view of this: {shown.depiction.words}")
        raise ImportError(f"Expected anywidget, found none. {INSTALL}")
    return shown.widget


def displayed(thing: object) -> Any:
    """What marimo is to show in place of an object."""
    shown = _remembered(thing)
    if shown.widget is None:
        return _Fallback(_fallback(shown.depiction))
    _follow(shown)
    return shown.widget


def mimebundle(thing: object) -> tuple[Bundle, Bundle]:
    """An object in each form that a notebook may show, with their metadata."""
    if _in_terminal():
        return {}, {}  # IPython writes what `repr` gives
    shown = _remembered(thing)
    if shown.widget is None:
        return _fallback(shown.depiction), {}
    view, metadata = shown.widget._repr_mimebundle_()
    static = _static(shown.depiction)
    if "image/png" in static:
        metadata = {**metadata, "image/png": {"alt": _told(shown.depiction)}}
    return {**static, WIDGET: view[WIDGET]}, metadata


def show_live(thing: object) -> bool:
    """Show a run that is being made so that its picture is renewed at its end.

    Returns:
        False if this is no such run, or not in Jupyter: then it is shown as anything else.
    """
    if "IPython" not in sys.modules or _in_terminal():
        return False
    shown = _remembered(thing)
    if shown.depiction.live is None or shown.widget is None:
        return False
    from IPython.display import publish_display_data

    transient = {"display_id": uuid.uuid4().hex}

    def publish(update: bool) -> None:
        data, metadata = mimebundle(thing)
        publish_display_data(  # type: ignore[no-untyped-call]
            data, metadata, transient=transient, update=update
        )

    publish(update=False)
    _follow(shown, lambda: publish(update=True))
    return True


def _in_terminal() -> bool:
    """Whether this is IPython without a notebook, which shows nothing but text."""
    if "IPython" not in sys.modules:
        return False
    from IPython import get_ipython

    shell = get_ipython()
    return shell is not None and not hasattr(shell, "kernel")


def _follow(shown: _Shown, ended: Any = lambda: None) -> None:
    """Keep a widget up to date while its run is being made."""
    watch = shown.depiction.live
    if watch is None or shown.live is not None:
        return

    def show(document: Any) -> None:
        shown.widget.document = document

    def over() -> None:
        shown.depiction = depiction(shown.thing)
        ended()

    shown.live = Live(watch, show, over)


def _remembered(thing: object) -> _Shown:
    found = _shown.get(id(thing))
    if found is None:
        looks = depiction(thing)
        made = None if looks.document is None else widget_class()
        found = _Shown(thing, looks, made and made(looks))
        _shown[id(thing)] = found
        while len(_shown) > REMEMBERED:
            _shown.popitem(last=False)
    elif found.live is None and found.depiction.live is not None:
        found.depiction = depiction(thing)  # a run goes on between two looks at it
        if found.widget is not None:
            found.widget.document = dict(found.depiction.document or {})
    _shown.move_to_end(id(thing))
    return found


def _static(looks: Depiction) -> Bundle:
    """What a saved notebook keeps."""
    bundle: Bundle = {"text/plain": looks.words}
    if looks.markdown:
        bundle["text/markdown"] = looks.markdown
    picture = _png(looks)
    if picture:
        bundle["image/png"] = picture
    return bundle


def _told(looks: Depiction) -> str:
    """What the picture is of, for who does not see it: what is said first of the object."""
    lines = [" ".join(line.split()) for line in looks.words.splitlines()]
    return "; ".join([line for line in lines if line][:2])


def _fallback(looks: Depiction) -> Bundle:
    """What is shown where there is no widget, with a sentence on how to get it."""
    bundle = _static(looks)
    if looks.document is None:
        return bundle
    picture = bundle.pop("image/png", None)
    if looks.markdown:
        bundle["text/markdown"] = f"{looks.markdown.rstrip()}\n\n{INSTALL}\n"
        return bundle
    shown = f"<pre>{html.escape(looks.words)}</pre>"
    if picture:
        words = html.escape(looks.words, quote=True)
        shown = f'<img src="data:image/png;base64,{picture}" alt="{words}">'
    bundle["text/html"] = f"{shown}<p>{html.escape(INSTALL)}</p>"
    return bundle


def _png(looks: Depiction) -> str:
    """The picture in base64; empty where there is none, or nothing to draw it with."""
    from chainrule.faces.report.pictures import NothingToDraw

    if looks.picture is None:
        return ""
    try:
        figure = looks.picture()
    except (NothingToDraw, PlotUnavailable, RunFileError):
        return ""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=PIXELS_PER_INCH)
    return base64.b64encode(drawn.getvalue()).decode()


class _Fallback:
    """A bundle that shows itself."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Bundle:
        return self._bundle
