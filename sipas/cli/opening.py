"""How a command reaches the database and the questionnaires: opened for its time, closed whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sipas.instrument.shelf import Shelf, read_shelf
from sipas.settings import Settings, read_settings
from sipas.store import migrate
from sipas.store.engine import BadDatabaseError, Store
from sipas.web.house import surveys_folder


@contextmanager
def opened_store(*, upgrade: bool = False) -> Iterator[tuple[Settings, Store]]:
    """The settings and the database; one that is behind is brought up or refused."""
    settings = read_settings()
    store = Store(settings.database)
    try:
        if upgrade:
            migrate.upgrade(store)
        elif migrate.current(store) != migrate.revisions()[-1]:
            raise BadDatabaseError(f"the database {settings.database} does not have the newest tables; run: sipas migrate")
        yield settings, store
    finally:
        store.close()


def open_shelf(settings: Settings) -> Shelf:
    """The questionnaires, sectors, waves and targets of this installation."""
    return read_shelf(surveys_folder(settings))
