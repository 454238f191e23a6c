"""`sipas demo`: the invented province, and the accounts with which to look at it."""

from __future__ import annotations

import base64
import hmac
import json
import random
import sys
from collections import Counter
from dataclasses import dataclass
from typing import Any

import click

from sipas.demo import building as demonstration
from sipas.evidence.keys import Keyring, MissingKeysError
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.store import migrate as migrations
from sipas.store.engine import Store
from sipas.store.kiosks import list_standings
from sipas.store.officials import find_account
from sipas.store.screens import list_screens
from sipas.store.units import UnknownUnitError, find_unit, list_signs
from sipas.terms import Role, now, today
from sipas.web.enrolment import enrol_kiosk, enrol_screen
from sipas.web.house import surveys_folder
from sipas.web.officials.accounts import NewOfficial, add_official, reset_official

ACCOUNTS = (
    ("canbo@demo.local", "Cán bộ (minh họa)", Role.OFFICIAL),
    ("truongdonvi@demo.local", "Trưởng đơn vị (minh họa)", Role.HEAD),  # of one unit: sees its counters
    ("phantich@demo.local", "Người phân tích (minh họa)", Role.ANALYST),
    ("quantri@demo.local", "Quản trị hệ thống cấp tỉnh (minh họa)", Role.ADMINISTRATOR),  # looks after kiosks and screens
)


@click.command("demo")
@click.option(
    "--seed", type=int, default=demonstration.SEED, show_default=True, help="The same seed on the same day builds the same answers."
)
@click.option("--sheets", type=click.IntRange(min=10_000), default=demonstration.SHEETS, show_default=True, help="How many answers.")
@click.option("--machine", is_flag=True, help="Write progress as JSON lines and make no accounts: what `sipas run` reads.")
@click.option("--code", "secret", metavar="SECRET", help="Print the analyst's one-time code of the moment, and do nothing else.")
def demo(*, seed: int, sheets: int, machine: bool, secret: str | None) -> None:
    """Fill an empty database with the invented province."""
    if secret:
        click.echo(one_time_code(secret, int(now().timestamp())))
        return
    settings = read_settings()
    store = Store(settings.database)
    try:
        migrations.upgrade(store)
        keyring = open_or_make_keys(settings.keys)
        shelf = read_shelf(surveys_folder(settings))
        progress = _tell_machine if machine else Bar()
        report = demonstration.build(
            store, keyring, shelf, today=today(), seed=seed, sheets=sheets, progress=progress, extract=settings.extract
        )
        if not machine:
            click.echo(summary(report))
            click.echo(told(renew_accounts(store, keyring)))
            place_devices(store, keyring)
    finally:
        store.close()


def summary(report: demonstration.DemoReport) -> str:
    """What was built, in a sentence."""
    return (
        f"{report.units} rated units with {report.counters} counters; {report.dossiers:,} settled dossiers over {report.weeks} weeks, "
        f"{report.late:,} of them late; {report.sheets:,} answers through {report.seals} seals, in {report.seconds:.1f} s. All of it is invented."
    )


def open_or_make_keys(folder: Any) -> Keyring:
    """The keys, made on the first start: a demonstration asks for nothing first."""
    try:
        return Keyring.open(folder)
    except MissingKeysError:
        return Keyring.create(folder)


def renew_accounts(store: Store, keyring: Keyring) -> tuple[NewOfficial, ...]:
    """Officials of the province and the head of a unit, each with a new one-time password."""
    with store.read() as session:
        root = find_unit(session, "48", tier="province", day=today())
        rows = list_signs(session) if root is not None else []
        known = {account for account, _, _ in ACCOUNTS if find_account(session, account)}
    if root is None:
        raise UnknownUnitError("the demonstration's province is not in this database; build it with `sipas demo`")
    chance = random.SystemRandom()
    busiest = Counter(unit.id for unit, _, _ in rows).most_common(1)
    own = busiest[0][0] if busiest else root.id
    return tuple(
        reset_official(store, account=account, keyring=keyring, rng=chance, now=now())
        if account in known
        else add_official(
            store,
            account=account,
            name=name,
            role=role,
            unit_id=own if role is Role.HEAD else root.id,
            keyring=keyring,
            rng=chance,
            now=now(),
        )
        for account, name, role in ACCOUNTS
    )


def place_devices(store: Store, keyring: Keyring) -> None:
    """A kiosk and a screen at the first counter, where the demonstration has none: the administrator's page pairs them."""
    with store.write() as session:
        if list_standings(session) or list_screens(session):
            return
        _, counter, _ = list_signs(session)[0]
        chance, moment = random.SystemRandom(), now()
        enrol_kiosk(session, keyring, counter_id=counter.id, length="short", comments=False, rng=chance, now=moment)
        enrol_screen(session, keyring, counter_id=counter.id, rng=chance, now=moment)


def told(officials: tuple[NewOfficial, ...]) -> str:
    """Accounts as they are printed once."""
    lines = []
    for official in officials:
        lines.append(f"  {official.role.value}: account {official.account} · one-time password {official.password}")
        if official.totp_secret:
            lines.append(f"    one-time codes: {official.totp_uri}")
            lines.append(f"    without a telephone: sipas demo --code {official.totp_secret}")
    return "\n".join(lines)


def one_time_code(secret: str, moment: int) -> str:
    """The six digits of RFC 6238 for a secret in base 32, at ``moment`` seconds since 1970."""
    plain = secret.replace(" ", "").replace("-", "").upper()
    key = base64.b32decode(plain + "=" * (-len(plain) % 8))
    hashed = hmac.digest(key, (moment // 30).to_bytes(8, "big"), "sha1")
    start = hashed[-1] & 15
    number = int.from_bytes(hashed[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class Bar:
    """Progress on the terminal: one line that is redrawn, or a line for every tenth where nobody watches."""

    label: str = "Loading the demonstration"
    shown: int = -1

    def __call__(self, text: str, done: int, total: int) -> None:  # noqa: ARG002 -- the pages show the text
        percent = 100 * done // total
        watched = sys.stdout.isatty()
        if percent == self.shown or (not watched and percent // 10 == self.shown // 10):
            return
        self.shown = percent
        filled = "█" * (percent // 4)
        click.echo(
            f"\r{self.label} {filled:░<25} {percent} %" if watched else f"{self.label}: {percent} %", nl=not watched or percent == 100
        )


def _tell_machine(text: str, done: int, total: int) -> None:
    click.echo(json.dumps({"text": text, "done": done, "total": total}))
