"""The columnar copy of the sealed answers: a file a wave and week, written once, verifiable, rebuildable."""

from __future__ import annotations

from sipas.extract.folder import Extract, Known, Verified
from sipas.extract.table import WeekTable

__all__ = ["Extract", "Known", "Verified", "WeekTable"]
