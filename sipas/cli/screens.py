"""`sipas screens`: displays at counters that show a changing code, and how many answers on site a counter may have."""

from __future__ import annotations

import random
from pathlib import Path

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.evidence.keys import Keyring
from sipas.imports.dossiers import read_daily
from sipas.instrument.shelf import read_shelf
from sipas.reports import caps
from sipas.store.screens import find_cap, get_screen, list_caps, list_screens, put_cap, replace_derived
from sipas.store.units import get_counter, get_unit, list_every_counter
from sipas.web.enrolment import By, enrol_screen, new_screen_code, revoke_screen, write_down
from sipas.web.house import surveys_folder


@click.group()
def screens() -> None:
    """Displays at counters that show a changing code."""


@screens.command("add")
@click.option("--counter", "counter_id", type=int, required=True, help="Number of the counter where it stands; see: sipas counters list.")
def add(counter_id: int) -> None:
    """Add a screen to a counter and print its pairing code, once."""
    with opened_store() as (settings, store), store.write() as session:
        now = terms.now()
        screen, code = enrol_screen(session, Keyring.open(settings.keys), counter_id=counter_id, rng=random.SystemRandom(), now=now)
        write_down(session, By("command line", now), "screen_add", screen=screen.screen)
        click.echo(f"Screen {screen.screen} added to counter {counter_id}.")
        tell(screen.screen, code, settings.public_url)


@screens.command("code")
@click.argument("name", metavar="SCREEN")
def code(name: str) -> None:
    """Print another pairing code; the display that uses it takes the place of the one before."""
    with opened_store() as (settings, store), store.write() as session:
        screen, now = get_screen(session, name.upper()), terms.now()
        made = new_screen_code(Keyring.open(settings.keys), screen, rng=random.SystemRandom(), now=now)
        write_down(session, By("command line", now), "screen_code", screen=screen.screen)
        tell(screen.screen, made, settings.public_url)


@screens.command("list")
def list_() -> None:
    """Screens with their counters, and how far their clocks run ahead."""
    with opened_store() as (_, store), store.read() as session:
        found = list_screens(session)
        for screen in found:
            counter = get_counter(session, screen.counter_id)
            state = "revoked" if screen.revoked else "paired" if screen.turn else "new"
            click.echo(f"{screen.screen}  {state:<8} {screen.drift:>+5} s  {get_unit(session, counter.unit_id).full_name} · {counter.name}")
        click.echo(f"{len(found):,} screens.")


@screens.command("revoke")
@click.argument("name", metavar="SCREEN")
def revoke(name: str) -> None:
    """What the screen shows leads to a page that says so; answers behind older codes are kept."""
    with opened_store() as (_, store), store.write() as session:
        screen = get_screen(session, name.upper())
        revoke_screen(session, screen, By("command line", terms.now()))
        click.echo(f"The screen {screen.screen} is revoked.")


@screens.command("cap")
@click.argument("counter_id", metavar="COUNTER", type=int)
@click.argument("most", metavar="ANSWERS", type=click.IntRange(min=0))
@click.option("--none", "lifted", is_flag=True, help="Take back what was said.")
def cap(counter_id: int, most: int, lifted: bool) -> None:  # noqa: FBT001 -- click's flag
    """Say how many people a counter can serve in a day: answers on site beyond that count as open. It stands over what counts say."""
    with opened_store() as (_, store), store.write() as session:
        counter = get_counter(session, counter_id)
        put_cap(session, counter.id, None if lifted else most)
        said = {"lifted": "yes"} if lifted else {"a_day": str(most)}
        write_down(session, By("command line", terms.now()), "cap_set", counter=str(counter.id), **said)
        now = find_cap(session, counter.id)
        click.echo(f"{counter.name}: {'no cap' if now is None else f'{now:,} answers on site a day; more are taken as open'}.")


@screens.command("caps")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
def derived(file: Path | None) -> None:
    """Derive caps from counts of dossiers: from FILE with day, unit, sector, finished and, if known, received; without it from the frame."""
    with opened_store() as (settings, store):
        shelf = read_shelf(surveys_folder(settings))
        with store.write() as session:
            if file is None:
                caps.derive_from_frames(session, shelf, terms.today(), demonstration=settings.demo)
            else:
                rows = read_daily(session, file, shelf.sectors, terms.today())
                a_day = caps.busiest_days((row.unit_id, row.sector, row.dossiers) for row in rows)
                replace_derived(session, found := caps.share_out(list_every_counter(session), a_day), "daily")
                write_down(session, By("command line", terms.now()), "caps_daily", file=file.name, counters=str(len(found)))
            told = [(get_counter(session, counter_id), most, source) for counter_id, most, source in list_caps(session)]
            names = {counter.id: get_unit(session, counter.unit_id).full_name for counter, _, _ in told}
    for counter, most, source in told:
        click.echo(f"{most:>7,} a day  {source:<5}  {counter.id}  {names[counter.id]} · {counter.name}")
    click.echo(f"{len(told):,} counters have a cap; the others have no count of all their sectors, and nobody has said one.")


def tell(name: str, made: str, address: str) -> None:
    """The pairing code and what to do with it."""
    click.echo(f"  Pairing code: {made[:5]}-{made[5:]}  (once, within 10 minutes)")
    click.echo(f"  Open {address}/screen/{name} on the display and type it there.")
