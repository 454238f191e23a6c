"""`sipas screens`: displays at counters that show a changing code, and how many answers on site a counter may have."""

from __future__ import annotations

import random

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.evidence.keys import Keyring
from sipas.store.screens import get_screen, list_screens, put_cap
from sipas.store.units import get_counter, get_unit
from sipas.web.enrolment import By, enrol_screen, new_screen_code, revoke_screen, write_down


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
@click.option("--none", "lifted", is_flag=True, help="Lift the cap instead.")
def cap(counter_id: int, most: int, lifted: bool) -> None:  # noqa: FBT001 -- click's flag
    """Say how many people a counter can serve in a day: answers on site beyond that count as open."""
    with opened_store() as (_, store), store.write() as session:
        counter = get_counter(session, counter_id)
        put_cap(session, counter.id, None if lifted else most)
        click.echo(f"{counter.name}: {'no cap' if lifted else f'{most:,} answers on site a day; more are taken as open'}.")


def tell(name: str, made: str, address: str) -> None:
    """The pairing code and what to do with it."""
    click.echo(f"  Pairing code: {made[:5]}-{made[5:]}  (once, within 10 minutes)")
    click.echo(f"  Open {address}/screen/{name} on the display and type it there.")
