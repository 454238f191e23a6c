"""`sipas units`: public bodies, their predecessors, and what a code meant on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.imports.directory import find_named
from sipas.imports.local_units import import_local_units
from sipas.imports.units import FOLDER, UNRESOLVED, import_units, list_unresolved, write_unresolved
from sipas.store.units import count_units, get_unit, list_predecessors, list_successors

DAY = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def units() -> None:
    """Load public bodies, their predecessors and their counters."""


@units.command("import")
@click.argument("folder", default=FOLDER, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--province", help="Load one province of today and what it was made from, such as 48.")
def import_(folder: Path, province: str | None) -> None:
    """Load provinces and communes, today's and those before 1 July 2025; FOLDER defaults to the data that ship."""
    with opened_store(upgrade=True) as (_, store):
        report = import_units(store, folder, province=province, progress=click.echo)
    if not report.added and not report.links_added:
        click.echo("Nothing to do: every unit and every link is already there.")
    else:
        click.echo(f"{report.added:,} units and {report.links_added:,} predecessor links added.")
    if unresolved := len(report.lineage.unresolved):
        click.echo(f"{unresolved:,} named parts point at no single old unit and were not linked; see: sipas units unresolved")


@units.command("import-local")
@FILE
def import_local(file: Path) -> None:
    """Load departments, one-stop centres, land offices, hospitals and schools from a table."""
    with opened_store() as (_, store):
        report = import_local_units(store, file)
    click.echo(report.found)
    click.echo(f"Units added: {report.added:,}." if report.added else "Nothing to do: every unit is already there.")


@units.command("unresolved")
@click.argument("folder", default=FOLDER, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=UNRESOLVED, show_default=True, help="The file to write.")
def unresolved(folder: Path, out: Path) -> None:
    """Write the list of named parts that point at no single old unit."""
    found = list_unresolved(folder)
    write_unresolved(out, found)
    click.echo(f"{len(found):,} named parts written to {out}.")


@units.command("count")
@click.option("--day", type=DAY, help="On which day; today without it.")
def count(day: date | None) -> None:
    """How many units there are on a day, by tier and kind."""
    with opened_store() as (_, store), store.read() as session:
        for (tier, kind), number in count_units(session, _day(day)).items():
            click.echo(f"{number:>7,}  {tier:<12} {kind}")


@units.command("show")
@click.argument("code")
@click.option("--day", type=DAY, help="On which day; today without it.")
def show(code: str, day: date | None) -> None:
    """What a code means on a day, what the unit was made from and what became of it; CODE may be written as 91@province."""
    with opened_store() as (_, store), store.read() as session:
        unit = get_unit(session, find_named(session, code, _day(day)))
        span = f"{unit.valid_from or 'the beginning'} to {unit.valid_to or 'now'}"
        above = f" · in {get_unit(session, unit.parent_id).full_name}" if unit.parent_id else ""
        click.echo(f"{unit.code}@{unit.tier}  {unit.full_name} · {span}{above}")
        for link, old in list_predecessors(session, unit.id):
            click.echo(f"  made from {link.extent:<7} {old.code} {old.full_name}")
        for link, new in list_successors(session, unit.id):
            click.echo(f"  went, {link.extent}, into {new.code} {new.full_name}")


def _day(given: date | None) -> date:
    return terms.today() if given is None else date(given.year, given.month, given.day)
