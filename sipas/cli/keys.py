"""`sipas keys`: make and look after the keys."""

from __future__ import annotations

import click

from sipas.evidence.keys import Keyring
from sipas.settings import read_settings


@click.group()
def keys() -> None:
    """Make and look after the keys."""


@keys.command("init")
def init() -> None:
    """Make the key folder; refuses to touch keys that are there."""
    folder = read_settings().keys
    Keyring.create(folder)
    click.echo(f"{folder}: keys made. Copy {folder}/root.key to a safe place that is neither the database nor its backups.")


@keys.command("list")
def list_keys() -> None:
    """Name every key and its purpose; never print one."""
    for file in Keyring.open(read_settings().keys).list_files():
        click.echo(f"{file.name:40} {file.purpose}")
