"""Faces: how findings are shown. Each turns records into something to read; none concludes."""

DEFAULT_FOLDER = "chainrule-runs"
"""Where run files are kept unless `--folder` says otherwise."""
