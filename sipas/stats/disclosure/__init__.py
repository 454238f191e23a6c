"""Disclosure control: what is hidden, what must be hidden beside it, and a proof that it stays hidden."""

from sipas.stats.disclosure.auditing import Leak, audit
from sipas.stats.disclosure.circles import Circle, leave_no_circle, list_circles
from sipas.stats.disclosure.remainders import Rules, Sums, leave_none_small
from sipas.stats.disclosure.suppression import Protection, Told, protect
from sipas.stats.disclosure.tables import Dimension, Margin, cross

__all__ = [
    "Circle",
    "Dimension",
    "Leak",
    "Margin",
    "Protection",
    "Rules",
    "Sums",
    "Told",
    "audit",
    "cross",
    "leave_no_circle",
    "leave_none_small",
    "list_circles",
    "protect",
]
