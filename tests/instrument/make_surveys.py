"""A copy of the shipped `surveys/` folder with one thing changed."""

from __future__ import annotations

import shutil
from pathlib import Path

SURVEYS = Path(__file__).resolve().parents[2] / "surveys"
SERVICE = "instruments/sipas-service-2023.toml"


def copied(folder: Path) -> Path:
    return Path(shutil.copytree(SURVEYS, folder / "surveys"))


def edited(folder: Path, file: str, old: str, new: str) -> Path:
    """The copy, in which the first ``old`` of ``file`` reads ``new``."""
    surveys = copied(folder)
    path = surveys / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{file} does not hold {old!r}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return surveys
