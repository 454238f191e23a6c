"""`sipas officials`: accounts of those who sign in. Passwords are printed once and kept nowhere."""

from __future__ import annotations

from io import StringIO
from random import SystemRandom
from typing import Any

import click
import qrcode

from sipas.cli.opening import opened_store
from sipas.evidence.keys import Keyring
from sipas.store import officials as kept
from sipas.store.units import UnknownUnitError, find_unit
from sipas.terms import Role, now, today
from sipas.web.officials import accounts
from sipas.web.officials.accounts import NewOfficial


@click.group()
def officials() -> None:
    """Accounts of those who sign in."""


@officials.command("add")
@click.argument("account")
@click.option("--name", required=True, help="How the official is named on the pages.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What the official is trusted with.")
@click.option("--unit", required=True, help="Code of the unit at the top of the official's branch, such as 48.")
@click.option("--tier", default="province", show_default=True, help="Tier of that unit.")
def add(account: str, name: str, role: str, unit: str, tier: str) -> None:
    """Make an account and print its one-time password."""
    with opened_store() as (settings, store):
        with store.read() as session:
            found = find_unit(session, unit, tier=tier, day=today())
        if found is None:
            raise UnknownUnitError(f"no unit bears the code {unit!r} in tier {tier!r} today; `sipas units list` names them")
        keyring = Keyring.open(settings.keys)
        made = accounts.add_official(
            store, account=account, name=name, role=Role(role), unit_id=found.id, keyring=keyring, rng=SystemRandom(), now=now()
        )
    click.echo(f"{made.account}: {made.role.value} in {found.full_name}")
    show(made)


@officials.command("list")
def list_all() -> None:
    """Name every account, its role and its branch."""
    with opened_store() as (_, store), store.read() as session:
        rows = kept.list_accounts(session)
    for row, unit in rows:
        state = "" if row.active else "  disabled"
        click.echo(f"{row.account:32} {row.role:14} {unit.full_name}{state}")
    click.echo(f"{len(rows)} accounts")


@officials.command("disable")
@click.argument("account")
def disable(account: str) -> None:
    """End an official's sessions and refuse further sign-ins."""
    with opened_store() as (_, store):
        accounts.disable_official(store, account=account, now=now())
    click.echo(f"{account}: disabled; `sipas officials reset {account}` lets the official in again")


@officials.command("reset")
@click.argument("account")
def reset(account: str) -> None:
    """Print a new one-time password, and a new secret for one-time codes."""
    with opened_store() as (settings, store):
        keyring = Keyring.open(settings.keys)
        show(accounts.reset_official(store, account=account, keyring=keyring, rng=SystemRandom(), now=now()))


def show(made: NewOfficial) -> None:
    """Print what is known only now."""
    click.echo(f"  One-time password: {made.password}  (must be changed at the first sign-in)")
    if made.totp_uri is not None:
        click.echo(f"  Secret for the authenticator app: {made.totp_secret}")
        click.echo(f"  {made.totp_uri}")
        click.echo(drawn(made.totp_uri))


def drawn(address: str) -> str:
    """A QR code in characters, light on the terminal's dark ground."""
    picture: qrcode.QRCode[Any] = qrcode.QRCode(border=2)
    picture.add_data(address)
    out = StringIO()
    picture.print_ascii(out=out, invert=True)
    return out.getvalue()
