"""What leaves the house: scorecards for officials, cells and micro-data for the analyst, signs for the counters."""

from sipas.exports.formats import FORMATS, Format

__all__ = ["FORMATS", "Format"]
