"""`sipas counters`: counters and the codes that are printed for them."""

from __future__ import annotations

import random
from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import open_shelf, opened_store
from sipas.imports.counters import (
    LENGTHS,
    MEDIA,
    add_code,
    add_counter,
    check_sectors,
    import_counters,
    repoint_code,
    revoke_code,
)
from sipas.imports.directory import find_named
from sipas.store.units import CounterCode, get_counter, get_unit, list_branch, list_signs, replace_deciding

LENGTH = click.option("--length", type=click.Choice(LENGTHS), default="short", show_default=True, help="Which form the code opens.")
MEDIUM = click.option("--medium", type=click.Choice(MEDIA), default="printed", show_default=True, help="A sign, or a link.")


@click.group()
def counters() -> None:
    """Counters and their printed codes."""


@counters.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(file: Path) -> None:
    """Add the counters of a table: unit, name, place, sectors, instrument, deciding, length."""
    with opened_store() as (settings, store):
        report = import_counters(store, open_shelf(settings), file, day=terms.today(), rng=random.SystemRandom())
    click.echo(report.found)
    click.echo(f"{report.added:,} counters added, {report.rows - report.added:,} were already there.")


@counters.command("add")
@click.option("--unit", "unit_code", required=True, help="Code of the unit, such as 20341 or 20341@commune.")
@click.option("--name", required=True, help="What visitors call the counter.")
@click.option("--place", default="", help="Where it stands, in words.")
@click.option("--sector", "sectors", multiple=True, required=True, help="A sector it serves; name the option once for each.")
@click.option("--instrument", default="", help="The questionnaire, where it is not its sector's first.")
@LENGTH
@MEDIUM
def add(unit_code: str, name: str, place: str, sectors: tuple[str, ...], instrument: str, length: str, medium: str) -> None:
    """Add one counter and give it a random code."""
    with opened_store() as (settings, store), store.write() as session:
        check_sectors(open_shelf(settings), sectors, instrument)
        unit = get_unit(session, find_named(session, unit_code, terms.today()))
        rng = random.SystemRandom()
        counter, code = add_counter(
            session, unit, name=name, place=place, sectors=sectors, instrument=instrument, rng=rng, length=length, medium=medium
        )
        click.echo(f"Counter {counter.id} added with the code {code.code}.")


@counters.command("code")
@click.argument("counter_id", type=int)
@LENGTH
@MEDIUM
def code(counter_id: int, length: str, medium: str) -> None:
    """Give a counter another random code; those it has stay valid."""
    with opened_store() as (_, store), store.write() as session:
        made = add_code(session, get_counter(session, counter_id), rng=random.SystemRandom(), length=length, medium=medium)
        click.echo(f"Counter {counter_id} has the new code {made.code}.")


@counters.command("list")
@click.option("--unit", "unit_code", help="Only this unit and what is below it.")
def list_(unit_code: str | None) -> None:
    """Counters with their units, sectors and codes."""
    with opened_store() as (_, store), store.read() as session:
        below = None
        if unit_code:
            root = get_unit(session, find_named(session, unit_code, terms.today()))
            below = [unit.id for unit in list_branch(session, root)]
        rows = list_signs(session, below)
        for unit, counter, found in rows:
            click.echo(f"{counter.id:>6}  {_describe(found):<34} {unit.full_name} · {counter.name} · {counter.sectors}")
    click.echo(f"{len({counter.id for _, counter, _ in rows}):,} counters.")


@counters.command("revoke")
@click.argument("code_text", metavar="CODE")
def revoke(code_text: str) -> None:
    """Make a code useless for ever."""
    with opened_store() as (_, store), store.write() as session:
        revoked = revoke_code(session, code_text)
        click.echo(f"The code {revoked.code} is revoked; take its sign down.")


@counters.command("repoint")
@click.argument("code_text", metavar="CODE")
@click.argument("counter_id", type=int)
def repoint(code_text: str, counter_id: int) -> None:
    """Let a printed sign stand for another counter."""
    with opened_store() as (_, store), store.write() as session:
        moved = repoint_code(session, code_text, counter_id)
        click.echo(f"The code {moved.code} now stands for counter {counter_id}.")


@counters.command("deciding")
@click.option("--unit", "unit_code", required=True, help="The unit that receives.")
@click.option("--sector", required=True, help="The sector.")
@click.option("--by", required=True, help="Code of the unit that decides.")
def deciding(unit_code: str, sector: str, by: str) -> None:
    """Say who decides what a unit receives in a sector."""
    with opened_store() as (settings, store), store.write() as session:
        check_sectors(open_shelf(settings), [sector])
        today = terms.today()
        replace_deciding(session, find_named(session, unit_code, today), sector, find_named(session, by, today))
        click.echo(f"What {unit_code} receives in {sector} is decided by {by}.")


def _describe(found: CounterCode | None) -> str:
    if found is None:
        return "no code"
    return f"{found.code} {found.length} {found.medium}{' revoked' if found.revoked else ''}"
