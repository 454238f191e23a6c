"""`sipas tokens`: one-time codes on paper and for samples, and how their number stands to that of the dossiers."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from sipas import minting, terms
from sipas.cli import handing_out
from sipas.cli.opening import open_shelf, opened_store
from sipas.evidence.keys import Keyring
from sipas.exports.cards import MOST, draw_cards
from sipas.exports.printing import check_address
from sipas.imports.counters import check_sectors
from sipas.imports.directory import find_named
from sipas.imports.dossiers import read_counts, read_groups, read_list
from sipas.minting import Finished
from sipas.store.audit import add_audit
from sipas.store.tokens import find_overflow, get_batch, list_batches
from sipas.store.units import get_counter, get_unit

MOST_IN_FORCE = 5  # docs/decisions/0017: from eight on nobody should print ten digits
UNIT = click.option("--unit", "unit_code", required=True, help="The unit that is rated.")
WAVE = click.option("--wave", "wave_code", default="", help="A wave that is still to come.  [default: the one that is open]")
DAYS = click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long the codes are good.")
LENGTH = click.option("--length", type=click.Choice(("short", "full")), default="short", show_default=True, help="Which form they open.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def tokens() -> None:
    """One-time codes: cards, slips, samples, and how many were given."""


@tokens.command("mint")
@UNIT
@click.option("--sector", default="", help="What the cards are about; left out, the form asks.")
@click.option("--counter", "counter_id", type=int, help="Cards of this one counter; see: sipas counters list.")
@click.option("--count", required=True, type=click.IntRange(1, MOST), help="How many cards.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PDF to write.")
@DAYS
@LENGTH
@WAVE
def mint(unit_code: str, sector: str, counter_id: int | None, count: int, out: Path, days: int, length: str, wave_code: str) -> None:
    """Print numbered cards, ten on a sheet, each with a code and ten digits that can be typed at this unit.

    For the province's office, never the unit itself. The number on a card has nothing to do with its code.
    """
    handing_out.check_new(out)
    with opened_store() as (settings, store):
        check_address(settings.public_url, demo=settings.demo)
        shelf = open_shelf(settings)
        wave = handing_out.wave_of(shelf, settings, sector, wave_code)
        with store.write() as session:
            unit = get_unit(session, find_named(session, unit_code, terms.today()))
            if counter_id is not None and get_counter(session, counter_id).unit_id != unit.id:
                raise minting.BadBatchError(f"--counter: {counter_id} is no counter of {unit.full_name}; see: sipas counters list")
            words = {"sector": sector, "length": length}
            plan = handing_out.plan_of(
                wave, days, kind="card", unit_id=unit.id, quota=count, counter_id=counter_id, ten_digits=True, **words
            )
            batch = minting.open_batch(session, shelf, plan)
            minted = minting.mint(session, Keyring.open(settings.keys), batch, count)
            audit(session, "tokens_mint", batch=batch.batch, count=count)
            in_force = minting.count_in_force(session, unit.id, terms.today())
        with handing_out.revoked_if_lost(store, batch.batch):
            cards = handing_out.to_cards(minted, unit, settings)
            drawn = draw_cards(cards, public_url=settings.public_url, demo=settings.demo, address_word=settings.address_word)
            handing_out.write_new(out, drawn)
    click.echo(f"{count:,} cards of {unit.full_name}, batch {batch.batch}, {plan.not_before:%d/%m/%Y} to {plan.not_after:%d/%m/%Y}: {out}")
    click.echo("The codes stand in that file and nowhere else: print it, count the sheets, delete it.")
    if in_force > MOST_IN_FORCE:
        click.echo(f"{in_force} batches of this unit are in force: ten digits are guessed more easily with each; see: sipas tokens revoke")


@tokens.command("slips")
@FILE
@UNIT
@click.option("--sector", required=True, help="Such as education or health.")
@click.option("--group", "kind", type=click.Choice(tuple(handing_out.GROUPS)), required=True, help="What a line of the file is.")
@click.option("--instrument", default="", help="Where the sector has several questionnaires: that of these people.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write to, one PDF a line.")
@DAYS
@WAVE
def slips(file: Path, unit_code: str, sector: str, kind: str, instrument: str, out: Path, days: int, wave_code: str) -> None:
    """Print anonymous slips for classes or wards: FILE has the columns label and count, each count 30 at least."""
    groups = read_groups(file, least=minting.LEAST_SLIPS, most=MOST)
    with opened_store() as (settings, store):
        check_address(settings.public_url, demo=settings.demo)
        shelf, keyring = open_shelf(settings), Keyring.open(settings.keys)
        check_sectors(shelf, [sector], instrument)
        wave = handing_out.wave_of(shelf, settings, sector, wave_code)
        out.mkdir(parents=True, exist_ok=True)
        with store.read() as session:
            unit = get_unit(session, find_named(session, unit_code, terms.today()))
        for number, group in enumerate(groups, start=1):
            words = {"sector": sector, "instrument": instrument, "length": "full", "label": group.label}
            plan = handing_out.plan_of(wave, days, kind="slip", unit_id=unit.id, quota=group.count, **words)
            with store.write() as session:
                batch = minting.open_batch(session, shelf, plan)
                minted = minting.mint(session, keyring, batch, group.count)
                audit(session, "tokens_slips", batch=batch.batch, count=group.count)
            path = out / f"{number:02d}-{batch.batch}.pdf"
            with handing_out.revoked_if_lost(store, batch.batch):
                cards = handing_out.to_cards(minted, unit, settings, group=group.label)
                handing_out.write_new(path, draw_cards(cards, public_url=settings.public_url, demo=settings.demo, kind=kind))
            said = f"{group.count:,} slips, population {group.count:,} {handing_out.GROUPS[kind]}"
            click.echo(f"{number} of {len(groups)}  {group.label}: {said}  {path}")
    click.echo("No slip belongs to a pupil or a patient: shuffle them, hand them out by count, delete the files.")


@tokens.command("sample")
@FILE
@click.option("--rate", required=True, type=float, help="Probability with which each dossier is drawn, such as 0.1.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The CSV for the message gateway.")
def sample(file: Path, rate: float, out: Path) -> None:
    """Draw among finished dossiers (columns dossier, unit, sector), each with the same probability and once at most.

    Messages leave at a random moment 2 to 48 hours later, between 08:00 and 20:00.
    """
    handing_out.check_new(out)
    with opened_store() as (settings, store):
        shelf, now = open_shelf(settings), terms.now()
        with store.write() as session:
            listed = [Finished(one.dossier, one.unit_id, one.sector) for one in read_list(session, file, shelf.sectors, now.date())]
            chance: dict[str, Any] = {"rate": rate, "now": now, "demonstration": settings.demo, "rng": random.SystemRandom()}
            found = minting.draw_sample(session, Keyring.open(settings.keys), shelf, listed, **chance)
            audit(session, "tokens_sample", listed=found.listed, drawn=len(found.drawn), rate=rate)
            # Last in the transaction: what cannot be written is not minted either.
            handing_out.write_new(out, handing_out.sample_csv(found.drawn, settings.public_url))
    click.echo(f"{found.listed:,} dossiers listed, {found.known:,} of them had their chance before, {len(found.drawn):,} drawn: {out}")
    click.echo("That file is the only place where a dossier stands beside its code. Delete it once the messages are sent.")


@tokens.command("reconcile")
@FILE
def reconcile(file: Path) -> None:
    """Set the quotas of invitations by the dossiers since the wave began; FILE has unit, sector, finished and, if known, received."""
    with opened_store() as (settings, store):
        shelf = open_shelf(settings)
        with store.write() as session:
            rows = read_counts(session, file, shelf.sectors, terms.today())
            told = [
                (wave, standing, get_unit(session, standing.unit_id).full_name)
                for wave, counts in handing_out.by_wave(shelf, settings, rows).items()
                for standing in minting.reconcile(session, wave, {(row.unit_id, row.sector): row.dossiers for row in counts})
            ]
    for wave, standing, name in told:
        click.echo(handing_out.line_of(wave, standing, name))
    click.echo(f"{sum(standing.over for _, standing, _ in told):,} codes were given beyond a quota and count as open (over_quota).")
    click.echo(f"{sum(standing.is_strange for _, standing, _ in told):,} of {len(told):,} lines to look into, marked !.")


@tokens.command("list")
@click.option("--wave", "wave_code", default="", help="Only this wave.")
def list_(wave_code: str) -> None:
    """Batches: for whom, until when, how many codes; never a code."""
    with opened_store() as (_, store), store.read() as session:
        rows = [(batch, get_unit(session, batch.unit_id).full_name) for batch in list_batches(session, wave_code)]
    for batch, name in rows:
        state = "revoked" if batch.revoked else f"until {batch.not_after:%d/%m/%Y}"
        beyond = f"beyond {batch.overflow_of}" if batch.overflow_of else f"of {batch.quota:,}"
        said = " · ".join(word for word in (name, batch.sector or "asked", batch.label) if word)
        click.echo(f"{batch.batch}  {batch.kind:<10} {batch.channel}  {batch.minted:>6,} {beyond:<12} {state:<17} {said}")
    click.echo(f"{len(rows):,} batches.")


@tokens.command("revoke")
@click.argument("batch")
def revoke(batch: str) -> None:
    """Let a batch's codes count as open from now on, as after a theft of cards; answers that came before stay as they are."""
    with opened_store() as (_, store), store.write() as session:
        found = get_batch(session, batch.upper())
        for one in (found, find_overflow(session, found.batch)):
            if one is not None:
                one.revoked = True
        audit(session, "tokens_revoke", batch=found.batch)
    click.echo(f"The batch {found.batch} is revoked: its {found.minted:,} codes still open the form and count as open (revoked_code).")


def audit(session: Session, action: str, **details: object) -> None:
    """An act of the office; never a code."""
    add_audit(session, at=terms.now(), official="command line", action=action, details=json.dumps(details))
