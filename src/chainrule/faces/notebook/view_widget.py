"""The widget: an anywidget that draws a document with our views."""

from functools import cache
from typing import Any

from .conversation import Conversation
from .depiction import Depiction

INSTALL = "To move in it here: pip install 'chainrule[notebook]', then start the kernel anew."


@cache
def widget_class() -> Any:
    """The class of our widgets; None if anywidget is not installed or the views are not built.

    It is made when it is first needed, since anywidget is an extra of chainrule's.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None
    from chainrule.faces.built_views import NotBuilt, script

    try:
        views = script()
    except NotBuilt:
        return None

    class ChainruleView(anywidget.AnyWidget):
        """One of chainrule's views in a notebook.

        Attributes:
            document: What it draws.
            value: What its sliders are set to, by name.
        """

        _esm = views
        document = traitlets.Dict().tag(sync=True)
        value = traitlets.Dict().tag(sync=True)

        def __init__(self, shown: Depiction) -> None:
            super().__init__(document=dict(shown.document or {}))
            conversation = Conversation(shown, self.send)
            self.on_msg(lambda widget, message, buffers: conversation.hear(message))

    return ChainruleView
