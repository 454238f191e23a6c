"""Forensics: units whose stored answers are hardly those of an honest unit. A flag accuses nobody and changes no answer."""

from sipas.stats.forensics.patterns import Rows
from sipas.stats.forensics.screening import RULES_VERSION, Flag, Screen, rows_of, screen, screen_units, unit_rows_of
from sipas.stats.forensics.whole_units import UNIT_RULES, WholeUnits

__all__ = ["RULES_VERSION", "UNIT_RULES", "Flag", "Rows", "Screen", "WholeUnits", "rows_of", "screen", "screen_units", "unit_rows_of"]
