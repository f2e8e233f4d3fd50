"""Stands in for PyTorch beside these scripts."""

__version__ = "0"
