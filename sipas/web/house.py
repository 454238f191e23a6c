"""What every door needs, opened once and frozen: settings, store, keys and shelf."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import current_app

from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.settings import Settings
from sipas.store.engine import Store

_BESIDE = Path(__file__).resolve().parents[2] / "surveys"
SURVEYS = _BESIDE if _BESIDE.is_dir() else Path(__file__).resolve().parents[1] / "_shipped" / "surveys"


@dataclass(frozen=True, slots=True)
class House:
    """The installation as the program holds it."""

    settings: Settings
    store: Store
    keyring: Keyring
    shelf: Shelf


def open_house(settings: Settings) -> House:
    """Open the database, the keys and the questionnaires; each refusal names what is missing and the cure."""
    return House(
        settings=settings,
        store=Store(settings.database),
        keyring=Keyring.open(settings.keys),
        shelf=read_shelf(surveys_folder(settings)),
    )


def surveys_folder(settings: Settings) -> Path:
    """Where the questionnaires lie: the operator's folder, or the one that ships."""
    return Path(settings.surveys) if settings.surveys else SURVEYS


def sound_folder(settings: Settings) -> Path:
    """Where recorded questions lie: the operator's folder, or beside the questionnaires."""
    return Path(settings.sound) if settings.sound else surveys_folder(settings) / "sound"


def current_house() -> House:
    """The house of the request that is being answered."""
    return cast("House", current_app.extensions["sipas"])
