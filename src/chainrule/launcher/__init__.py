"""Starting a user's script so that it cannot tell it is watched. Standard library only."""

from .start import start as start
from .target import LaunchError as LaunchError
