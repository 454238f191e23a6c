"""What is wrong with a folder of questionnaires."""

from __future__ import annotations

from pathlib import Path

from sipas.instrument.complaint import BadSurveysError, Complaint
from sipas.instrument.reader.folder import read_folder

__all__ = ["BadSurveysError", "Complaint", "check_folder"]


def check_folder(folder: Path) -> tuple[Complaint, ...]:
    """Every fault of every file, by file; none when the folder can be used."""
    return read_folder(folder)[1]
