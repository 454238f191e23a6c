"""Disclosure control: what is hidden, what must be hidden beside it, and a proof that it stays hidden."""

from sipas.stats.disclosure.auditing import Leak, audit
from sipas.stats.disclosure.suppression import Protection, Told, protect
from sipas.stats.disclosure.tables import Dimension, Margin, cross

__all__ = ["Dimension", "Leak", "Margin", "Protection", "Told", "audit", "cross", "protect"]
