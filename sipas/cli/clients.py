"""`sipas clients`: programs of the one-stop system that may ask for invitations. Never the rated unit's own."""

from __future__ import annotations

import click

from sipas import terms
from sipas.cli.opening import opened_store
from sipas.evidence.clients import NAME, new_secret, secret_hash
from sipas.evidence.keys import Keyring
from sipas.imports.directory import find_named
from sipas.store.audit import add_audit
from sipas.store.clients import ApiClient, add_client, find_client, list_clients
from sipas.store.units import get_unit
from sipas.terms import SipasError


class BadClientError(SipasError):
    """A client that cannot be added or found."""


@click.group()
def clients() -> None:
    """Programs of other systems that may ask for invitations."""


@clients.command("add")
@click.argument("name")
@click.option("--unit", "unit_code", required=True, help="It may ask for this unit and every unit below it.")
def add(name: str, unit_code: str) -> None:
    """Add a client and print its secret, once. Give it to the province's own system, never to a unit that is rated."""
    if not NAME.fullmatch(name):
        raise BadClientError(f"{name!r} is no client's name: 2 to 60 small letters, digits and dashes, such as mot-cua-da-nang")
    with opened_store() as (settings, store), store.write() as session:
        if find_client(session, name) is not None:
            raise BadClientError(f"there is a client {name} already, and a name is never used twice; choose another, such as {name}-2")
        keyring, secret = Keyring.open(settings.keys), new_secret()
        unit = get_unit(session, find_named(session, unit_code, terms.today()))
        add_client(session, ApiClient(name=name, secret_h=secret_hash(keyring, name, secret), unit_id=unit.id))
        add_audit(session, at=terms.now(), official="command line", action="client_add", details=f'{{"client":"{name}","unit":{unit.id}}}')
    click.echo(f"Client {name} may ask for {unit.full_name} and what is below it.")
    click.echo(f"  Secret: {secret}")
    click.echo("  It is shown this once and kept nowhere; for a new one, revoke this client and add another.")


@clients.command("list")
def list_() -> None:
    """Clients with their branch; never a secret."""
    with opened_store() as (_, store), store.read() as session:
        rows = [(client, get_unit(session, client.unit_id)) for client in list_clients(session)]
    for client, unit in rows:
        click.echo(f"{client.name:<40} {'revoked' if client.revoked else 'active':<8} {unit.full_name}")
    click.echo(f"{len(rows):,} clients.")


@clients.command("revoke")
@click.argument("name")
def revoke(name: str) -> None:
    """Refuse everything that a client asks from now on; codes that it was given stay good."""
    with opened_store() as (_, store), store.write() as session:
        if (client := find_client(session, name)) is None:
            raise BadClientError(f"there is no client {name!r}; see: sipas clients list")
        client.revoked = True
        add_audit(session, at=terms.now(), official="command line", action="client_revoke", details=f'{{"client":"{name}"}}')
    click.echo(f"The client {name} is revoked. What it was given before stays good; revoke batches with: sipas tokens revoke")
