"""The day and the numbers of the units for whom codes are minted."""

from __future__ import annotations

from datetime import date

TODAY = date(2026, 11, 18)  # a Wednesday
UNIT, OTHER, DESK = 1, 2, 7
