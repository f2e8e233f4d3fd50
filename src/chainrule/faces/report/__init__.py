"""A run as one file: an HTML page that needs no server, a picture, or Markdown."""

from .saved import Report as Report
from .saved import report as report
