"""`sipas kiosks`: tablets at counters, how they are paired, and what is missing from them."""

from __future__ import annotations

import random

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.evidence.keys import Keyring
from sipas.reports.kiosks import look
from sipas.store.kiosks import KioskLedger, Standing, gaps_of, get_kiosk, list_standings
from sipas.web.enrolment import MINUTES, By, enrol_kiosk, new_kiosk_code, revoke_kiosk, write_down

LENGTHS = ("short", "full")


@click.group()
def kiosks() -> None:
    """Tablets at counters that take answers without network."""


@kiosks.command("add")
@click.option("--counter", "counter_id", type=int, required=True, help="Number of the counter where it stands; see: sipas counters list.")
@click.option("--length", type=click.Choice(LENGTHS), default="short", show_default=True, help="Which form it asks.")
@click.option("--comments", is_flag=True, help="Show a box to write in; typing on a kiosk is slow, and others look on.")
def add(counter_id: int, length: str, comments: bool) -> None:  # noqa: FBT001 -- click's flag
    """Add a kiosk to a counter and print its pairing code, once."""
    with opened_store() as (settings, store), store.write() as session:
        keyring, now = Keyring.open(settings.keys), terms.now()
        rng = random.SystemRandom()
        kiosk, code = enrol_kiosk(session, keyring, counter_id=counter_id, length=length, comments=comments, rng=rng, now=now)
        write_down(session, By("command line", now), "kiosk_add", kiosk=kiosk.code)
        click.echo(f"Kiosk {kiosk.code} added to counter {counter_id}.")
        tell(code, settings.public_url)


@kiosks.command("code")
@click.argument("kiosk_code", metavar="KIOSK")
def code(kiosk_code: str) -> None:
    """Print another pairing code for a kiosk that has no tablet yet."""
    with opened_store() as (settings, store), store.write() as session:
        kiosk, now = get_kiosk(session, kiosk_code.upper()), terms.now()
        made = new_kiosk_code(session, Keyring.open(settings.keys), kiosk, rng=random.SystemRandom(), now=now)
        write_down(session, By("command line", now), "kiosk_code", kiosk=kiosk.code)
        tell(made, settings.public_url)


@kiosks.command("list")
def list_() -> None:
    """Kiosks with their counters and what they last said of themselves."""
    with opened_store() as (_, store), store.read() as session:
        rows = list_standings(session)
    for standing, ledger in rows:
        click.echo(f"{standing.kiosk.code}  {_state(standing):<8} {standing.unit.full_name} · {standing.counter.name}")
        if standing.kiosk.public_key is not None:
            click.echo(f"          {_last_word(ledger)}")
    click.echo(f"{len(rows):,} kiosks.")


@kiosks.command("revoke")
@click.argument("kiosk_code", metavar="KIOSK")
def revoke(kiosk_code: str) -> None:
    """Count nothing more of a kiosk, for ever; what it still sends is kept in quarantine."""
    with opened_store() as (_, store), store.write() as session:
        kiosk = get_kiosk(session, kiosk_code.upper())
        revoke_kiosk(session, kiosk, By("command line", terms.now()))
        click.echo(f"The kiosk {kiosk.code} is revoked. What it still sends is kept in quarantine (kiosk_revoked) and never counted.")


@kiosks.command("report")
def report() -> None:
    """What the province should look into: numbers missing for over 72 hours, broken chains, silence. Not for the unit."""
    with opened_store() as (_, store):
        found = look(store, terms.today())
    for sentence in found.sentences:
        click.echo(sentence)
    click.echo(f"{len(found.sentences):,} things to look into at {found.kiosks:,} kiosks.")
    raise SystemExit(1 if found.sentences else 0)


def tell(code: str, address: str) -> None:
    """The pairing code and what to do with it."""
    click.echo(f"  Pairing code: {code[:4]}-{code[4:]}  (once, within {MINUTES} minutes)")
    click.echo(f"  Open {address}/kiosk/ on the tablet and type it there; docs/kiosk.md shows how to pin the tablet.")


def _state(standing: Standing) -> str:
    if standing.kiosk.revoked is not None:
        return "revoked"
    return "new" if standing.kiosk.public_key is None else "paired"


def _last_word(ledger: KioskLedger) -> str:
    if ledger.seen is None:
        return "not heard of yet"
    missing = sum(last - first + 1 for first, last, _ in gaps_of(ledger))
    waits = f"{ledger.pending:,} waiting, {ledger.held:,} held"
    return f"heard of on {ledger.seen:%d/%m/%Y}: {ledger.highest - missing:,} answers received, {missing:,} missing, {waits}, version {ledger.version}"
