"""`sipas signs`: the signs that stand on counters."""

from __future__ import annotations

from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.exports.signs import PAPERS, UnprintableSignError, sign_of, sign_pdf, sign_svg
from sipas.imports.directory import find_named
from sipas.store.units import get_counter, get_unit, list_branch, list_signs

DRAW = {"pdf": sign_pdf, "svg": sign_svg}


@click.group()
def signs() -> None:
    """Print the signs that stand on counters."""


@signs.command("print")
@click.option("--unit", "unit_code", help="Every counter of this unit and of the units below it.")
@click.option("--counter", "counter_id", type=int, help="This one counter.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
@click.option("--paper", type=click.Choice(PAPERS), default="A4", show_default=True)
@click.option("--format", "form", type=click.Choice(tuple(DRAW)), default="pdf", show_default=True)
def print_(unit_code: str | None, counter_id: int | None, out: Path, paper: str, form: str) -> None:
    """Write one file a sign, for every printed code that is not revoked."""
    if (unit_code is None) == (counter_id is None):
        raise UnprintableSignError("say whose signs: either --unit CODE or --counter NUMBER")
    with opened_store() as (settings, store), store.read() as session:
        if counter_id is not None:
            below = [get_counter(session, counter_id).unit_id]
        else:
            root = get_unit(session, find_named(session, unit_code or "", terms.today()))
            below = [unit.id for unit in list_branch(session, root)]
        rows = [row for row in list_signs(session, below) if counter_id in {None, row[1].id}]
    wanted = [(unit, counter, code) for unit, counter, code in rows if code and not code.revoked and code.medium == "printed"]
    if not wanted:
        raise UnprintableSignError("there is no sign to print: no counter there has a printed code; see: sipas counters list")
    out.mkdir(parents=True, exist_ok=True)
    words = {"authority": settings.authority, "address_word": settings.address_word}
    for number, (unit, counter, code) in enumerate(wanted, start=1):
        sign = sign_of(unit, counter, code, public_url=settings.public_url, demo=settings.demo, **words)
        path = out / f"{unit.code}-{counter.id}-{code.code}.{form}"
        path.write_bytes(DRAW[form](sign, paper=paper))
        click.echo(f"{number} of {len(wanted)}  {path}")
