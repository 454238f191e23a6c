"""`sipas frame`: the population counts behind the answers."""

from __future__ import annotations

from pathlib import Path

import click

from sipas.cli.opening import open_shelf, opened_store
from sipas.imports.frame import import_frame, template
from sipas.store.frame import get_frame, list_loads


@click.group()
def frame() -> None:
    """Population counts: dossiers, visits, pupils."""


@frame.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--wave", required=True, help="The wave whose population the file counts.")
def import_(file: Path, wave: str) -> None:
    """Put a file in force for a wave; encoding, separator and marks are found by looking. All rows are taken, or none."""
    with opened_store() as (settings, store):
        report = import_frame(store, open_shelf(settings), file, wave=wave)
    click.echo(report.found)
    if report.repeated:
        click.echo(f"Nothing to do: this very file is in force for {wave} as load {report.load_id}.")
        return
    totals = " · ".join(f"{total:,} of kind {kind}" for kind, total in report.received.items())
    click.echo(f"Load {report.load_id} is in force for {wave}: {report.rows:,} rows, received {totals}.")


@frame.command("list")
@click.option("--wave", help="Only this wave.")
def list_(wave: str | None) -> None:
    """Every load, oldest first; the newest of a wave is in force."""
    with opened_store() as (_, store), store.read() as session:
        loads = list_loads(session, wave)
        in_force = {load.wave: get_frame(session, load.wave) for load in loads}
        for load in loads:
            mark = "in force" if load is in_force[load.wave] else "kept"
            click.echo(f"{load.id:>5}  {load.wave:<16} {mark:<9} {load.rows:>8,} rows  {load.file_name}  {load.sha256[:12]}")
    click.echo(f"{len(loads):,} loads.")


@frame.command("template")
def template_() -> None:
    """Print an example of a frame file."""
    click.echo(template(), nl=False)
