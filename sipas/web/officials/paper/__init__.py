"""Sheets of paper, typed in by somebody outside the unit that they rate."""
