"""Faces: how findings are shown. Each turns records into something to read; none concludes."""
