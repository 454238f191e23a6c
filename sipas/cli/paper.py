"""`sipas paper`: batches of paper sheets and the form that is printed for them."""

from __future__ import annotations

import random
from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import open_shelf, opened_store
from sipas.exports.paper_form import PaperForm, form_pdf
from sipas.exports.printing import UnprintableError
from sipas.imports.directory import find_named
from sipas.imports.paper import Wanted, add_batch, declare
from sipas.instrument.model import LENGTHS
from sipas.instrument.shelf import Shelf
from sipas.settings import Settings
from sipas.store import paper as kept
from sipas.store.paper import PaperBatch
from sipas.store.units import get_counter, get_unit
from sipas.web.language import translations


@click.group()
def paper() -> None:
    """Answers on paper: batches, forms, and how their typing went."""


@paper.command("batch")
@click.option("--unit", "unit_code", required=True, help="Code of the unit that is rated, such as 20341 or 20341@commune.")
@click.option("--sector", required=True, help="The sector that the sheets are about.")
@click.option("--counter", "counter_id", type=int, help="The counter where they are handed out, where there is one.")
@click.option("--length", type=click.Choice(LENGTHS), default="full", show_default=True)
@click.option("--language", default="vi", show_default=True, help="The language of the paper; the questionnaire must have it.")
@click.option("--count", type=int, help="How many sheets there are, where they are counted already.")
def batch(unit_code: str, sector: str, counter_id: int | None, length: str, language: str, count: int | None) -> None:
    """Open a numbered batch."""
    wanted = Wanted(sector, length, language, count)
    with opened_store() as (settings, store), store.write() as session:
        unit = get_unit(session, find_named(session, unit_code, terms.today()))
        counter = get_counter(session, counter_id) if counter_id is not None else None
        made = add_batch(
            session,
            open_shelf(settings),
            unit,
            counter,
            wanted,
            day=terms.today(),
            demonstration=settings.demo,
            rng=random.SystemRandom(),
        )
        click.echo(
            f"Batch {made.id} ({made.code}) of {unit.full_name}: {made.instrument}, {made.length}, {made.language}, wave {made.wave}."
        )
    click.echo(f"Print its form: sipas paper print {made.id} --out FOLDER")


@paper.command("print")
@click.argument("number", type=int)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to.")
@click.option("--large", is_flag=True, help="Large print.")
@click.option("--codes", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="One-time codes, one a line: a copy each.")
def print_(number: int, out: Path, large: bool, codes: Path | None) -> None:  # noqa: FBT001 -- a switch of the command line
    """Write the form of a batch as a tagged PDF."""
    lines = [] if codes is None else [word for line in codes.read_text("utf-8").splitlines() if (word := line.strip())]
    with opened_store() as (settings, store), store.read() as session:
        found = kept.get_paper_batch(session, number)
        unit = get_unit(session, found.unit_id).full_name
        counter = get_counter(session, found.counter_id).name if found.counter_id else ""
    form = form_of(found, settings, open_shelf(settings), unit=unit, counter=counter)
    content = form_pdf(form, language=found.language, say=translations(found.language).gettext, codes=lines, large=large)
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"paper-{number}{'-large' if large else ''}.pdf"
    path.write_bytes(content)
    click.echo(f"{len(lines) or 1} {'copies, each with its code' if lines else 'copy'}  {path}")


@paper.command("declare")
@click.argument("number", type=int)
@click.option("--count", type=int, required=True, help="How many sheets were counted.")
def declare_(number: int, count: int) -> None:
    """Say how many sheets a batch has, before the first is typed."""
    with opened_store() as (_, store), store.write() as session:
        declare(kept.get_paper_batch(session, number, alone=True), count)
    click.echo(f"Batch {number} is declared with {count:,} sheets.")


@paper.command("list")
def list_() -> None:
    """Every batch: how far its typing is, and how its rounds ended."""
    with opened_store() as (_, store), store.read() as session:
        rows = kept.list_paper_batches(session)
        typed = kept.count_typed(session)
        rounds = {found.id: kept.list_rounds(session, found.id) for found, _ in rows}
    for found, unit in rows:
        declared = "not counted" if found.declared is None else f"{found.declared:,} declared"
        click.echo(
            f"{found.id:>6}  {found.code}  {found.phase:<8}  {typed.get(found.id, 0):,} typed, {declared}  {unit.full_name} · {found.sector}"
        )
        for ended in rounds[found.id]:
            word = "released" if ended.agreed else "to be typed again"
            click.echo(
                f"        round {ended.round}: {ended.sheets:,} sheets of {ended.declared:,}, {ended.checked:,} typed twice, "
                f"{ended.differing:,} of {ended.fields:,} fields differ: {word}"
            )
    click.echo(f"{len(rows):,} batches.")


def form_of(batch: PaperBatch, settings: Settings, shelf: Shelf, *, unit: str, counter: str) -> PaperForm:
    """What stands on the paper of a batch; UnprintableError where its questionnaire is no longer the one that was fielded."""
    instrument = shelf.instruments.get(batch.instrument)
    if instrument is None or instrument.measure != batch.measure:
        raise UnprintableError(f"{batch.instrument} is no longer what batch {batch.id} was made for; open another: sipas paper batch")
    return PaperForm(
        instrument=instrument,
        length=batch.length,
        unit=unit,
        counter=counter,
        sector=shelf.sectors[batch.sector].name,
        number=batch.id,
        code=batch.code,
        demo=settings.demo,
        public_url=settings.public_url,
        authority=settings.authority,
        phone=settings.contact_phone,
    )
