"""The demonstration: an invented year of an invented survey in a real province, marked as such on every page."""
