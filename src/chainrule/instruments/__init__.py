"""Instruments: each file asks one question and answers with a record."""

from .chain import Chain as Chain
