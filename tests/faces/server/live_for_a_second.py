"""`chainrule live`, ending one second after the last browser has left and not ten minutes."""

import sys

from chainrule.faces.cli import live, status_of

live.IDLE_END_S = 1.0
sys.exit(status_of(sys.argv[1:]))
