"""`sipas extract`: bring the columnar copy up to date, make it anew, or check it against the database."""

from __future__ import annotations

import click

from sipas.cli.opening import open_shelf, opened_store
from sipas.extract import Extract
from sipas.reports.sample import items_of
from sipas.store.responses import list_waves

DIFFERS = 2  # exit code: a file does not hold what was sealed


@click.group()
def extract() -> None:
    """The columnar copy of the sealed answers: Parquet files by wave and week."""


@extract.command()
def follow() -> None:
    """Write the files of weeks that were sealed since; what the clock does after each seal."""
    _write(anew=False)


@extract.command()
def rebuild() -> None:
    """Forget every file and write them all anew from the sealed answers."""
    _write(anew=True)


@extract.command()
def verify() -> None:
    """Change nothing; compare every file with the sealed answers, to the last code."""
    with opened_store() as (settings, store), store.read() as session:
        found = Extract.of(store, settings.extract).verify(session, list_waves(session), items_of(open_shelf(settings)))
    click.echo(f"{found.rows} answers in {found.weeks} weeks compared: {len(found.faults)} faults")
    for fault in found.faults:
        click.echo(fault, err=True)
    if found.faults:
        click.echo("mend with: sipas extract rebuild (and run `sipas seal --verify`, if the answers themselves may have changed)", err=True)
        raise SystemExit(DIFFERS)


def _write(*, anew: bool) -> None:
    with opened_store() as (settings, store), store.read() as session:
        copy = Extract.of(store, settings.extract)
        write = copy.rebuild if anew else copy.follow
        weeks = write(session, list_waves(session), items_of(open_shelf(settings)), progress=click.echo)
    click.echo(f"{weeks} weeks in {copy.folder}")
