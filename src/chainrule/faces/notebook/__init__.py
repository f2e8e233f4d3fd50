"""What a notebook shows: a widget of the views, and a static picture for where there is none.

Objects show themselves through `records/shown.py`, which finds the functions of this module by
their names.
"""

from .showing import displayed as displayed
from .showing import mimebundle as mimebundle
from .showing import show_live as show_live
from .showing import widget as widget
