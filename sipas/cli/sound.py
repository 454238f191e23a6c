"""`sipas sound`: questions read aloud by people, as files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import click

from sipas.instrument import recordings
from sipas.instrument.model import Instrument
from sipas.instrument.recordings import EVERY_FORM, OF_EVERY_FORM, BadRecordingError, Recording
from sipas.instrument.shelf import read_shelf
from sipas.settings import read_settings
from sipas.terms import today
from sipas.web.house import sound_folder, surveys_folder
from sipas.web.tongues import tongues

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@click.group()
def sound() -> None:
    """Questions read aloud by people, one file each."""


@sound.command("add")
@FILE
@click.option("--language", required=True, help="The language that is spoken, such as km, cjm, ktv or vi.")
@click.option(
    "--form", required=True, help=f"The questionnaire's code, or {EVERY_FORM} for what every one asks ({', '.join(OF_EVERY_FORM)})."
)
@click.option("--item", required=True, help="The code of the question that is read.")
@click.option("--speaker", required=True, help="Who reads, or by which agreement.")
@click.option("--heard-by", required=True, help="Who listened to it and found the words right; nothing is played that nobody has heard.")
def add(file: Path, language: str, form: str, item: str, speaker: str, heard_by: str) -> None:
    """Take a recording in; it is played from the next opening of a form on."""
    folder, instruments = _place()
    if language not in tongues():
        raise BadRecordingError(f"{language!r} is no language of the program: choose from {', '.join(tongues())}")
    if not speaker.strip() or not heard_by.strip():
        raise BadRecordingError("--speaker and --heard-by are empty: name who reads and who listened")
    content = recordings.take(file, instruments, form, item)
    target = folder / language / form / f"{item}{file.suffix}"
    one = Recording(language, form, item, target, hashlib.sha256(content).hexdigest(), speaker, heard_by, today())
    recordings.add(folder, file.resolve(), content, one)
    click.echo(f"{target}: {len(content) // 1024} KiB, read by {speaker}, heard by {heard_by}")


@sound.command("check")
def check() -> None:
    """Look at every file: its format, size, item and entry in the list."""
    folder, instruments = _place()
    complaints = recordings.check_sound(folder, instruments, tuple(tongues()))
    for complaint in complaints:
        click.echo(str(complaint), err=True)
    click.echo(f"{len(complaints)} complaints in {folder}")
    raise SystemExit(bool(complaints))


@sound.command("list")
def list_() -> None:
    """Print what is recorded, by language and questionnaire, and what is missing for the short form."""
    folder, instruments = _place()
    languages = recordings.languages_in(folder)
    for language in languages:
        found, _ = recordings.read_list(folder, language)
        click.echo(f"{language}: {len(found)} recordings")
        for form in (EVERY_FORM, *instruments):
            spoken = {one.item: one for one in found if one.form == form}
            wanted = OF_EVERY_FORM if form == EVERY_FORM else tuple(item.code for item in instruments[form].form("short"))
            if spoken:
                click.echo(f"  {form}: {' '.join(spoken)}; missing: {' '.join(code for code in wanted if code not in spoken) or 'nothing'}")
    if not languages:
        click.echo(f"Nothing is recorded in {folder}")


def _place() -> tuple[Path, Mapping[str, Instrument]]:
    settings = read_settings()
    return sound_folder(settings), read_shelf(surveys_folder(settings)).instruments
