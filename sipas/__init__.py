"""SIPAS: the Satisfaction Index of Public Administrative Services, from a scanned code to a verdict."""

__version__ = "0.1.0"
