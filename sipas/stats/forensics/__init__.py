"""Forensics: units whose stored answers are hardly those of an honest unit. A flag accuses nobody and changes no answer."""

from sipas.stats.forensics.patterns import Rows
from sipas.stats.forensics.screening import RULES_VERSION, Flag, Screen, rows_of, screen

__all__ = ["RULES_VERSION", "Flag", "Rows", "Screen", "rows_of", "screen"]
