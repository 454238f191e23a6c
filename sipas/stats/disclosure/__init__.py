"""Disclosure control: what is hidden, what must be hidden beside it, and a proof that it stays hidden."""

from sipas.stats.disclosure.auditing import Leak, audit
from sipas.stats.disclosure.remainders import Rules, Sums, leave_none_small
from sipas.stats.disclosure.suppression import Protection, Told, protect
from sipas.stats.disclosure.tables import Dimension, Margin, cross

__all__ = ["Dimension", "Leak", "Margin", "Protection", "Rules", "Sums", "Told", "audit", "cross", "leave_none_small", "protect"]
