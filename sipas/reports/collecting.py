"""Work that makes hundreds of thousands of rows, and gives the garbage collector few reasons to look at them."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# A run's rows are tuples of words and numbers: no two of them can hold each other in a circle. By its own thresholds the
# collector would walk through all of them a thousand times and find nothing, which is a third of a run.
SELDOM = (100_000, 50, 1000)

_lock = threading.Lock()
_before: list[tuple[int, int, int]] = []  # a place for each who works now; the thresholds are those of the whole process


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Let the garbage collector look seldom while this lasts; the last to leave puts back what the first found."""
    with _lock:
        _before.append(_before[0] if _before else gc.get_threshold())
        gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        with _lock:
            found = _before.pop()
            if not _before:
                gc.set_threshold(*found)
