"""`sipas export <what>`: scorecards and the analyst's files, for an operator who can read the database anyway. Audited all the same."""

from __future__ import annotations

import getpass
import random
from collections.abc import Callable
from pathlib import Path

import click
from sqlalchemy.orm import Session

from sipas import terms
from sipas.exports import FORMATS
from sipas.exports.analyst import FILES, Order
from sipas.exports.csv_dialect import DIALECTS
from sipas.exports.release import with_audit
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.reports.scorecard import list_periods, read_front, read_unit
from sipas.reports.whole_card import read_whole
from sipas.settings import read_settings
from sipas.store.engine import Store
from sipas.store.units import Unit, UnknownUnitError, find_unit, list_summits
from sipas.terms import SipasError
from sipas.web.house import surveys_folder

WAVE = click.option("--wave", required=True, help="Code of the wave, such as demo-2026.")
OUT = click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")


class NothingReleasedError(SipasError):
    """There are no released figures for that wave and period."""


@click.group()
def export() -> None:
    """Write scorecards and data to files."""


@export.command()
@WAVE
@OUT
@click.option("--period", required=True, help="2026-11, 2026-Q4, 2026-ytd-11 or 2026.")
@click.option("--unit", "code", default="", help="Code of a unit, for its own page; without it, the first page of the whole tree.")
@click.option("--tier", default="commune", show_default=True, help="Tier of the unit: a code means a unit only together with it.")
@click.option("--front", is_flag=True, help="The table of the branch below --unit instead of the unit's own page.")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv", show_default=True)
def scorecards(wave: str, out: Path, period: str, code: str, tier: str, *, front: bool, form: str) -> None:
    """One page of results as a table or as JSON."""

    def produce(store: Store, shelf: Shelf) -> bytes:
        with store.read() as session:
            if period not in (known := list_periods(session, wave)):
                raise NothingReleasedError(f"wave {wave!r} has no figures for {period!r}: {_cure(known)}")
            unit = _unit(session, code, tier)
            if front or not code:
                return b"".join(FORMATS[form].write(read_front(session, shelf, wave=wave, period=period, root=unit)))
            read = read_whole if FORMATS[form].whole else read_unit
            return b"".join(FORMATS[form].write(read(session, shelf, wave=wave, period=period, unit=unit)))

    _export("scorecards", {"wave": wave, "period": period, "unit": code, "tier": tier, "format": form}, out, produce)


def _command(name: str) -> click.Command:
    @click.command(name, help=HELP[name])
    @WAVE
    @OUT
    @click.option("--format", "form", type=click.Choice(list(DIALECTS)), default="csv", show_default=True)
    def command(wave: str, out: Path, form: str) -> None:
        def produce(store: Store, shelf: Shelf) -> bytes:
            with store.read() as session:
                return FILES[name].write(session, Order(shelf, wave, DIALECTS[form], random.SystemRandom()))

        _export(name, {"wave": wave, "format": form}, out, produce)

    return command


HELP = {
    "cells": "Counts and cross-products of the released run: repeats every published figure.",
    "microdata": "One row per sealed answer, recoded to k.",
    "population": "The recoded strata with their populations.",
    "codebook": "Every column of the micro-data, explained.",
    "page": "The codebook for people to read.",
    "bundle": "All of these in one ZIP.",
}
for _name in FILES:
    export.add_command(_command(_name))


def _unit(session: Session, code: str, tier: str) -> Unit:
    """The unit asked for, or the only one that has nobody above it."""
    if code:
        if (unit := find_unit(session, code, tier=tier, day=terms.today())) is None:
            raise UnknownUnitError(f"no unit of tier {tier!r} has the code {code!r} today: give another --tier or --unit")
        return unit
    summits = list_summits(session, terms.today())
    if len(summits) != 1:
        raise UnknownUnitError(f"{len(summits)} units stand at the top today: name one with --unit CODE --tier province --front")
    return summits[0]


def _cure(known: tuple[str, ...]) -> str:
    return f"choose from {', '.join(known)}" if known else "run `sipas facts compute` first"


def _export(what: str, details: dict[str, object], out: Path, produce: Callable[[Store, Shelf], bytes]) -> None:
    if not out.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {out.parent}", param_hint="--out")
    settings = read_settings()
    store = Store(settings.database)
    try:
        shelf = read_shelf(surveys_folder(settings))
        official = f"operator:{getpass.getuser()}"
        content = with_audit(store, official, f"export_{what}", details, lambda: produce(store, shelf), at=terms.now())
        out.touch(mode=0o600)  # others on this machine have no business with it
        out.write_bytes(content)
    finally:
        store.close()
    click.echo(f"{out}: {len(content)} bytes")
