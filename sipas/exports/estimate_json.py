"""One figure as JSON."""

from __future__ import annotations

from dataclasses import asdict

from sipas.reports.honesty import marks_of
from sipas.reports.lines import Estimate


def estimate_object(estimate: Estimate | None, indicator: str) -> dict[str, object] | None:
    """The figure with its marks: why it is to be read with care."""
    if estimate is None:
        return None
    return {**asdict(estimate), "flags": list(estimate.flags), "marks": list(marks_of(estimate, indicator))}
