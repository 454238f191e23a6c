"""Pictures are kept with the run whose figures they show: drawn once, whoever asks first and whichever process answers."""

from __future__ import annotations

import hashlib
from functools import lru_cache

import structlog

from sipas.store.engine import StoreError
from sipas.store.facts import add_paper_once, find_paper
from sipas.web import charts
from sipas.web.house import current_house

log = structlog.get_logger()


def drawer(run_id: int | None) -> charts.Drawer:
    """How a page of that run gets its pictures; without a run they are only drawn."""
    if run_id is None:
        return charts.draw
    return lambda spec, language: _kept(current_house().settings.database, run_id, spec, language)


@lru_cache(maxsize=256)
def _kept(database: str, run_id: int, spec: str, language: str) -> str:  # noqa: ARG001 -- the database is part of the key
    """The picture from this process, else from the run, else drawn now and laid to the run.

    A database that cannot be written to just now costs a second drawing, not the page.
    """
    store = current_house().store
    name = f"picture/{language}/{hashlib.sha256(spec.encode()).hexdigest()}"
    with store.read() as session:
        if kept := find_paper(session, run_id, name):
            return kept.decode()
    drawn = charts.draw(spec, language)
    try:
        with store.write() as session:
            add_paper_once(session, run_id, name, drawn.encode())
    except StoreError:
        log.warning("picture.not_kept", run=run_id)
    return drawn
