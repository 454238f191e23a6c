"""The languages that the program can speak, each with where its words come from and whether anybody has looked them through.

A folder under ``translations/`` is a language; its ``language.toml`` says what it is called, how complete it is, and the source of every
part. A complete language is offered everywhere. One that is not is offered on the citizen's pages alone, where the province switches it
on: what is not worded there stands in Vietnamese, marked as Vietnamese.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel.messages.pofile import PoFileError, read_po

from sipas.instrument.complaint import Complaint
from sipas.instrument.shelf import Shelf
from sipas.instrument.speech import LEADING
from sipas.terms import SipasError

FOLDER = Path(__file__).resolve().parents[1] / "translations"
FILE = "language.toml"
TEXTS = ("code", "name", "name_source", "name_vi", "script")
FLAGS = ("complete", "reviewed")
STEPS = ("what", "who", "source")
CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
SHAPE = "write code, name, name_source, name_vi, script, complete, reviewed and a [[provenance]] for every part, as en/language.toml does"


class BadLanguageError(SipasError):
    """A language that cannot be spoken as its file or the settings say; the message names the place and the cure."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language of the program."""

    code: str  # BCP 47
    name: str  # what its speakers call it
    name_vi: str  # what Vietnamese calls it, for who does not read its script
    script: str  # ISO 15924
    complete: bool  # every sentence is worded: offered everywhere
    reviewed: bool  # False: every page says so
    covers: tuple[str, ...]  # what each step of its provenance is about

    @property
    def label(self) -> str:
        """The name on a link; in two scripts where the first is not everybody's to read."""
        return self.name if self.script == "Latn" else f"{self.name} ({self.name_vi})"


VIETNAMESE = Tongue(LEADING, "Tiếng Việt", "Tiếng Việt", "Latn", complete=True, reviewed=True, covers=())


@cache
def tongues(folder: Path = FOLDER) -> Mapping[str, Tongue]:
    """Every language, Vietnamese first, then the complete ones, then by code; BadLanguageError for a folder that does not say what it is."""
    read = [_tongue(raw) for raw in map(_read, _files(folder))]
    ordered = sorted(read, key=lambda tongue: (not tongue.complete, tongue.code))
    return MappingProxyType({tongue.code: tongue for tongue in (VIETNAMESE, *ordered)})


def offered(wanted: str) -> tuple[str, ...]:
    """The languages of a citizen's page: all complete ones, and those that the province names."""
    known = tongues()
    named = wanted.replace(",", " ").split()
    if unknown := [code for code in named if code not in known]:
        raise BadLanguageError(f"SIPAS_LANGUAGES names {' '.join(unknown)}, which has no folder: choose from {' '.join(known)}")
    return tuple(code for code, tongue in known.items() if tongue.complete or code in named)


def check_languages(shelf: Shelf, folder: Path = FOLDER) -> tuple[Complaint, ...]:
    """What is wrong with the languages: a file that cannot be read, words without a source, a questionnaire's language without one."""
    found: list[Complaint] = []
    sources: dict[str, tuple[str, ...]] = {LEADING: ("every questionnaire",)}
    for path in _files(folder):
        file = f"translations/{path.parent.name}/{FILE}"
        try:
            tongue = _tongue(_read(path))
        except BadLanguageError as error:
            found.append(Complaint(file, "", str(error), SHAPE))
            continue
        sources[tongue.code] = tongue.covers
        found.extend(_catalogue_faults(path.parent, tongue))
    for instrument in shelf.instruments.values():
        for language in instrument.languages:
            if not any(what in text for text in sources.get(language, ()) for what in (instrument.code, "every questionnaire")):
                fault = f"{language} has no source: nothing says who worded it, when and after what"
                cure = f'add a [[provenance]] with what = "{instrument.code}" to translations/{language}/{FILE}'
                found.append(Complaint(f"instruments/{instrument.code}.toml", "languages", fault, cure))
    return tuple(found)


def _catalogue_faults(folder: Path, tongue: Tongue) -> Iterator[Complaint]:
    for path in sorted((folder / "LC_MESSAGES").glob("*.po")):
        file = f"translations/{folder.name}/LC_MESSAGES/{path.name}"
        if not any(path.name in what or what.startswith("LC_MESSAGES,") for what in tongue.covers):
            yield Complaint(
                file, "", "has no source", f'add a [[provenance]] with what = "LC_MESSAGES/{path.name}" to {folder.name}/{FILE}'
            )
        try:
            with path.open("rb") as opened:
                messages = [message for message in read_po(opened, abort_invalid=True) if message.id]
        except (PoFileError, UnicodeDecodeError, ValueError) as error:
            yield Complaint(file, "", f"cannot be read: {error}", "mend that line; a catalogue is a .po file of gettext in UTF-8")
            continue
        for message in messages:
            if not tongue.complete and message.string and not message.user_comments:
                yield Complaint(file, str(message.id)[:40], "has no source", "write where the words come from as a comment (# …) above it")


def _files(folder: Path) -> list[Path]:
    return [path / FILE for path in sorted(folder.iterdir()) if path.is_dir() and not path.name.startswith((".", "_"))]


def _read(path: Path) -> Mapping[str, Any]:
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadLanguageError(f"{path.parent.name}/{FILE} is missing: {SHAPE}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadLanguageError(f"{path.parent.name}/{FILE} cannot be read: {error}") from error
    if raw.get("code") != path.parent.name:
        raise BadLanguageError(f"{path.parent.name}/{FILE}: code is {raw.get('code')!r}; write the folder's name, {path.parent.name!r}")
    return raw


def _tongue(raw: Mapping[str, Any]) -> Tongue:
    place = f"{raw['code']}/{FILE}"
    for key in TEXTS:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise BadLanguageError(f"{place}: {key} is missing or empty: {SHAPE}")
    for key in FLAGS:
        if not isinstance(raw.get(key), bool):
            raise BadLanguageError(f"{place}: {key} is neither true nor false: {SHAPE}")
    if not CODE.fullmatch(raw["code"]):
        raise BadLanguageError(f"{place}: {raw['code']!r} is not a code of BCP 47 such as km or cjm")
    steps = raw.get("provenance")
    if not isinstance(steps, list) or not all(_is_told(step) for step in steps):
        raise BadLanguageError(f"{place}: a [[provenance]] lacks one of what, who, when (a day) and source: {SHAPE}")
    if raw["reviewed"] and not steps:
        raise BadLanguageError(f"{place}: reviewed, but no provenance says by whom: {SHAPE}")
    told = {key: raw[key] for key in ("code", "name", "name_vi", "script", *FLAGS)}
    return Tongue(**told, covers=tuple(step["what"] for step in steps))


def _is_told(step: Any) -> bool:
    return (
        isinstance(step, dict) and isinstance(step.get("when"), date) and all(isinstance(step.get(key), str) and step[key] for key in STEPS)
    )
