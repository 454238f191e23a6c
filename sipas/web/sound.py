"""Recorded questions on the form and at kiosks: which there are, and the files themselves. Nobody is noted who listens."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import cast

from flask import Flask, Response, abort, current_app, send_file

from sipas.instrument.recordings import EVERY_FORM, LANGUAGE, LIST, Recording, read_list

A_YEAR = 365 * 24 * 3600

State = tuple[int, int]


@dataclass(slots=True)
class Sounds:
    """The recordings of a folder, read anew when a language's list has changed."""

    folder: Path
    _read: dict[str, tuple[State, Mapping[tuple[str, str], Recording]]] = field(default_factory=dict)

    def state(self, language: str) -> State:
        """What changes with the list of a language: one look at the file, no reading."""
        if not LANGUAGE.fullmatch(language):
            return (0, 0)
        try:
            found = (self.folder / language / LIST).stat()
        except OSError:
            return (0, 0)
        return (found.st_mtime_ns, found.st_size)

    def of(self, language: str) -> Mapping[tuple[str, str], Recording]:
        """(questionnaire, item) → recording."""
        state = self.state(language)
        if state == (0, 0):
            return MappingProxyType({})
        if language not in self._read or self._read[language][0] != state:
            found, _ = read_list(self.folder, language)
            self._read[language] = (state, MappingProxyType({(one.form, one.item): one for one in found}))
        return self._read[language][1]

    def addresses(self, language: str, form: str) -> Mapping[str, str]:
        """Item → address, for one page: the questionnaire's own and those of every form."""
        found = self.of(language)
        return {item: address_of(one) for (of, item), one in found.items() if of in {form, EVERY_FORM}}

    def all_of(self, languages: Iterable[str]) -> tuple[Recording, ...]:
        """Every recording in one of the languages."""
        return tuple(one for language in languages for one in self.of(language).values())


def address_of(one: Recording) -> str:
    """Another file has another address, so that a phone may keep it for a year."""
    return f"/sound/{one.language}/{one.file}?v={one.sha256[:10]}"


def integrity_of(one: Recording) -> str:
    """The hash that was listed when somebody listened, as Subresource Integrity writes it."""
    return f"sha256-{base64.b64encode(bytes.fromhex(one.sha256)).decode()}"


def current_sounds() -> Sounds:
    """The recordings of the application that answers."""
    return cast("Sounds", current_app.extensions["sipas_sounds"])


def play(language: str, form: str, name: str) -> Response:
    """One file, whole or in the range that a player asks for; only what is listed."""
    stem, _, _ = name.rpartition(".")
    one = current_sounds().of(language).get((form, stem))
    if one is None or one.path.name != name or not one.path.is_file():
        abort(404)
    response = send_file(one.path, mimetype=one.media_type, conditional=True, etag=one.sha256[:32], max_age=A_YEAR, last_modified=None)
    response.headers["Accept-Ranges"] = "bytes"
    return response


def register(app: Flask, folder: Path) -> None:
    """Serve the recordings of a folder."""
    app.extensions["sipas_sounds"] = Sounds(folder)
    app.add_url_rule("/sound/<language>/<form>/<name>", "sound", play)
