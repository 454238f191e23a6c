"""`sipas surveys`: what is asked, of whom and when, as the files say it."""

from __future__ import annotations

from pathlib import Path

import click

from sipas.imports.fielding import find_edits
from sipas.instrument.checks import Complaint, check_folder
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.instrument.speech import in_language
from sipas.settings import Settings, read_settings
from sipas.store.engine import BadDatabaseError, Store
from sipas.terms import today
from sipas.web.house import surveys_folder
from sipas.web.tongues import check_languages

FOLDER = click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))


@click.group()
def surveys() -> None:
    """Questionnaires, sectors, waves and targets."""


@surveys.command("check")
@FOLDER
def check(folder: Path | None) -> None:
    """Read every file, compare it with what has been fielded, and say what is wrong."""
    settings = read_settings()
    folder = folder or surveys_folder(settings)
    complaints = check_folder(folder)
    if not complaints:
        shelf = read_shelf(folder)
        complaints = (*check_languages(shelf), *_find_edits(settings, shelf))
    for complaint in complaints:
        click.echo(str(complaint), err=True)
    click.echo(f"{len(complaints)} complaints")
    raise SystemExit(bool(complaints))


@surveys.command("list")
@FOLDER
def list_(folder: Path | None) -> None:
    """Print instruments, sectors, waves and target sets with what one needs to name them."""
    shelf = read_shelf(folder or surveys_folder(read_settings()))
    for title, lines in (
        ("Instruments", _instrument_lines(shelf)),
        ("Sectors", _sector_lines(shelf)),
        ("Waves", _wave_lines(shelf)),
        ("Target sets", _target_lines(shelf)),
    ):
        click.echo(title)
        for line in lines:
            click.echo(f"  {line}")


def _find_edits(settings: Settings, shelf: Shelf) -> tuple[Complaint, ...]:
    """What differs from what people have answered; nothing, with a note, where there is no database to compare with."""
    file = settings.database.removeprefix("sqlite:///")
    if file != settings.database and not Path(file).is_file():
        return _nothing(f"{file} does not exist")
    try:
        store = Store(settings.database)
        try:
            return find_edits(store, shelf)
        finally:
            store.close()
    except BadDatabaseError as error:
        return _nothing(str(error))


def _nothing(why: str) -> tuple[Complaint, ...]:
    click.echo(f"Not compared with what has been answered: {why}", err=True)
    return ()


def _instrument_lines(shelf: Shelf) -> list[str]:
    return [
        f"{code}: {in_language(one.title, 'vi')} ({len(one.form('short'))} and {len(one.form('full'))} items, "
        f"{' '.join(one.languages)}, wording {one.wording_number}, measure {one.measure[:12]})"
        for code, one in shelf.instruments.items()
    ]


def _sector_lines(shelf: Shelf) -> list[str]:
    return [f"{code}: {in_language(one.name, 'vi')} ({one.family}; {', '.join(one.instruments)})" for code, one in shelf.sectors.items()]


def _wave_lines(shelf: Shelf) -> list[str]:
    return [
        f"{code}: {in_language(one.name, 'vi')} ({one.first_day} to {one.last_day}{', demonstration' if one.demonstration else ''}; "
        f"{', '.join(one.sectors)})"
        for code, one in shelf.waves.items()
    ]


def _target_lines(shelf: Shelf) -> list[str]:
    lines = []
    for code, one in shelf.targets.items():
        kind = ", invented" if one.demonstration else ", history" if one.valid_to < today() else ""
        lines.append(f"{code}: {in_language(one.name, 'vi')} ({one.valid_from} to {one.valid_to}{kind}; {len(one.lines)} lines)")
        for target in one.lines:
            if target.combine:
                parts = " + ".join(f"{weight:g} {indicator}" for indicator, weight in target.combine.items())
                lines.append(f"    joined: {parts} {target.operator} {target.value:g}; has no data until each is measured")
    return lines
