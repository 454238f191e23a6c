"""`sipas migrate`: bring the database to the newest tables, or say whether it is there."""

from __future__ import annotations

import click

from sipas.settings import read_settings
from sipas.store import migrate as migrations
from sipas.store.engine import Store


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 when the database is behind.")
def migrate(*, check: bool) -> None:
    """Bring the database to the newest tables."""
    store = Store(read_settings().database)
    try:
        before, newest = migrations.current(store), migrations.revisions()[-1]
        if check:
            click.echo(_standing(before, newest))
            raise SystemExit(before != newest)
        migrations.upgrade(store)
        click.echo(_moved(before, newest))
    finally:
        store.close()


def _standing(now: str | None, newest: str) -> str:
    if now == newest:
        return f"The database is at the newest revision, {newest}."
    return f"The database is at {now or 'no revision'}; the newest is {newest}. Run: sipas migrate"


def _moved(before: str | None, newest: str) -> str:
    if before == newest:
        return f"Nothing to do: the database is already at the newest revision, {newest}."
    return f"The database went from {before or 'empty'} to {newest}."
