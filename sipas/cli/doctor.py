"""`sipas doctor`: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import click

from sipas.cli import door_examinations as doors
from sipas.cli import examinations as ask
from sipas.cli.examinations import Finding, Patient, State
from sipas.settings import BadSettingError, read_settings
from sipas.store.engine import Store
from sipas.terms import now

# Each examination says what is wrong, or nothing. Those of the second group need a database at the newest tables.
FIRST: Mapping[str, Callable[[Patient], Iterator[Finding]]] = MappingProxyType(
    {
        "python": ask.python,
        "installed size": ask.installed,
        "time zone": ask.time_zone,
        "questionnaires": ask.questionnaires,
        "contact": ask.contact,
        "public address": ask.public_address,
        "keys": ask.keys,
        "keys apart from the database": ask.keys_apart,
        "database": ask.database,
        "recordings": doors.sound,
    }
)
SECOND: Mapping[str, Callable[[Patient, Store], Iterator[Finding]]] = MappingProxyType(
    {
        "tables": ask.tables,
        "durability": ask.durability,
        "database file": ask.database_file,
        "room": ask.room,
    }
)
THIRD: Mapping[str, Callable[[Patient, Store], Iterator[Finding]]] = MappingProxyType(
    {
        "seal": ask.seal,
        "what people set aside": ask.proposals,
        "fielded questionnaires": ask.fielded,
        "demonstration": ask.demonstration,
        "units": ask.units,
        "kiosks": doors.kiosks,
        "screens": doors.screens,
        "one-time codes": doors.one_time_codes,
    }
)
SIGNS = {State.OK: "ok     ", State.WARNING: "warning", State.FAULT: "FAULT  "}


@click.command("doctor")
def doctor() -> None:
    """Say what is wrong with this installation and how to mend it."""
    try:
        settings = read_settings()
    except BadSettingError as error:
        click.echo(f"{SIGNS[State.FAULT]} settings: {error}")
        raise SystemExit(1) from None
    patient = Patient(settings, now=now(), python=sys.version_info[:2])
    results = tuple(examine(patient))
    for name, finding in results:
        click.echo(f"{SIGNS[finding.state]} {name}: {finding.text}" + (f"\n        → {finding.cure}" if finding.cure else ""))
    faults = sum(finding.state is State.FAULT for _, finding in results)
    warnings = sum(finding.state is State.WARNING for _, finding in results)
    click.echo(f"{len(results)} findings: {faults} faults, {warnings} warnings.")
    raise SystemExit(bool(faults))


def examine(patient: Patient) -> Iterator[tuple[str, Finding]]:
    """Every finding under the name of its examination; one that found nothing says ``ok``."""
    for name, look in FIRST.items():
        yield from _named(name, look(patient))
    if not ask.has_database(patient.settings):
        return
    store = Store(patient.settings.database)
    try:
        current = True
        for name, look_in in SECOND.items():
            for said in _named(name, look_in(patient, store)):
                current = current and not (name == "tables" and said[1].state is State.FAULT)
                yield said
        for name, look_in in THIRD.items() if current else ():
            yield from _named(name, look_in(patient, store))
    finally:
        store.close()


def _named(name: str, findings: Iterator[Finding]) -> Iterator[tuple[str, Finding]]:
    found = list(findings)
    for finding in found or [Finding(State.OK, "nothing to mend")]:
        yield name, finding
