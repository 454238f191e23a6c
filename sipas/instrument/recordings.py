"""Recorded questions: files that a province puts in a folder, and a list beside them of who read each and who listened to it.

``<folder>/<language>/<questionnaire>/<item>.mp3`` (or ``.ogg``, ``.m4a``); what belongs to every questionnaire lies under ``every-form/``.
``<folder>/<language>/recordings.toml`` holds one ``[[recording]]`` a file. A file that is not listed there is not played.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sipas.instrument import flow
from sipas.instrument.complaint import Complaint
from sipas.instrument.model import Instrument
from sipas.terms import SipasError

LIST = "recordings.toml"
EVERY_FORM = "every-form"
OF_EVERY_FORM = ("promise", *flow.QUESTIONS, "comment", "thanks")
LARGEST = 512 * 1024  # bytes: half a minute of clear speech has room, and a phone on a slow line waits ten seconds at most
TYPES: Mapping[str, str] = MappingProxyType({"mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4"})
TEXTS = ("file", "sha256", "speaker", "heard_by")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class BadRecordingError(SipasError):
    """A recording that cannot be taken; the message says why and what would do."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One question, read aloud by a person."""

    language: str
    form: str  # a questionnaire's code, or every-form
    item: str
    path: Path
    sha256: str  # hex
    speaker: str
    heard_by: str  # who listened and found the words right
    day: date

    @property
    def file(self) -> str:
        """Its place in the language's folder."""
        return f"{self.form}/{self.path.name}"

    @property
    def media_type(self) -> str:
        return TYPES[self.path.suffix[1:]]


def format_of(content: bytes) -> str:
    """``mp3``, ``ogg`` or ``m4a`` by what the bytes are, whatever the file is called; empty for anything else."""
    if content[:4] == b"OggS" and (b"OpusHead" in content[:128] or b"\x01vorbis" in content[:128]):
        return "ogg"
    if content[4:8] == b"ftyp" and content[8:12] in {b"M4A ", b"mp42", b"mp41", b"isom", b"iso2"} and b"mp4a" in content:
        return "m4a"
    if content[:3] == b"ID3" and len(content) > 10:
        size = sum(byte << shift for byte, shift in zip(content[6:10], (21, 14, 7, 0), strict=True))
        content = content[10 + size :]
    first, second, third = (*content[:3], 0, 0, 0)[:3]
    is_frame = first == 0xFF and second & 0xE6 == 0xE2 and third >> 4 not in {0, 15} and third & 0x0C != 0x0C
    return "mp3" if is_frame else ""


def codes_of(instruments: Mapping[str, Instrument], form: str) -> tuple[str, ...]:
    """What may be recorded for a questionnaire; BadRecordingError for one that is not on the shelf."""
    if form == EVERY_FORM:
        return OF_EVERY_FORM
    if form not in instruments:
        raise BadRecordingError(f"there is no questionnaire {form!r}: choose from {', '.join((EVERY_FORM, *instruments))}")
    return tuple(item.code for item in instruments[form].items)


def read_list(folder: Path, language: str) -> tuple[tuple[Recording, ...], tuple[Complaint, ...]]:
    """What a language's list names and can be played, and what is wrong with the list; contents are not looked at."""
    place = f"{language}/{LIST}"
    try:
        raw = tomllib.loads((folder / language / LIST).read_text("utf-8"))
    except FileNotFoundError:
        return (), ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return (), (Complaint(place, "", f"cannot be read: {error}", "mend that line, or add the recordings again with `sipas sound add`"),)
    found: list[Recording] = []
    faults: list[Complaint] = []
    entries = raw.get("recording", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else [entries], 1):
        if fault := _fault_of(entry, folder / language):
            faults.append(Complaint(place, f"recording {number}", fault, "delete the entry and add the file with `sipas sound add`"))
        else:
            path = folder / language / entry["file"]
            told = {key: entry[key] for key in ("sha256", "speaker", "heard_by", "day")}
            found.append(Recording(language, path.parent.name, path.stem, path, **told))
    return tuple({(one.form, one.item): one for one in found}.values()), tuple(faults)


def _fault_of(entry: Any, folder: Path) -> str:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) and entry[key].strip() for key in TEXTS):
        return f"lacks one of {', '.join(TEXTS)}"
    if not isinstance(entry.get("day"), date):
        return "day is not a day such as 2026-11-22"
    parts = entry["file"].split("/")
    if len(parts) != 2 or "." in parts[0] or "\\" in entry["file"] or Path(parts[1]).suffix[1:] not in TYPES:
        return f"{entry['file']!r} is not of the form questionnaire/item.mp3, .ogg or .m4a"
    if not (folder / entry["file"]).is_file():
        return f"{entry['file']} is not there"
    return ""


def languages_in(folder: Path) -> tuple[str, ...]:
    """The languages that have a folder of recordings."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


def check_sound(folder: Path, instruments: Mapping[str, Instrument], known: Sequence[str]) -> tuple[Complaint, ...]:
    """Everything that is wrong with the recordings of a folder."""
    found: list[Complaint] = []
    for language in languages_in(folder):
        if language not in known:
            found.append(Complaint(language, "", "is no language of the program", f"name the folder one of {', '.join(known)}"))
        recordings, faults = read_list(folder, language)
        found.extend(faults)
        found.extend(complaint for one in recordings for complaint in _file_faults(one, instruments))
        listed = {one.path for one in recordings}
        for path in sorted((folder / language).rglob("*")):
            if path.is_file() and path.name != LIST and path not in listed:
                cure = "add it with `sipas sound add`, or delete it: what is not listed is not played"
                found.append(Complaint(path.relative_to(folder).as_posix(), "", f"is not in {LIST}", cure))
    return tuple(found)


def _file_faults(one: Recording, instruments: Mapping[str, Instrument]) -> Iterator[Complaint]:
    place = f"{one.language}/{one.file}"
    try:
        content = take(one.path, instruments, one.form, one.item)
    except BadRecordingError as error:
        fault, _, cure = str(error).partition(": ")
        yield Complaint(place, "", fault, cure)
        return
    if hashlib.sha256(content).hexdigest() != one.sha256:
        yield Complaint(place, "", f"is another file than {LIST} tells of", "listen to it, and add it again with `sipas sound add`")


def take(path: Path, instruments: Mapping[str, Instrument], form: str, item: str) -> bytes:
    """The content of a file that may be played for an item; BadRecordingError otherwise."""
    if item not in (codes := codes_of(instruments, form)):
        raise BadRecordingError(f"{form} has no item {item!r}: choose from {', '.join(codes)}")
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST else b""
    except OSError as error:
        raise BadRecordingError(f"{path} cannot be read: {error.strerror}") from error
    if size > LARGEST:
        raise BadRecordingError(
            f"{path.name} has {size // 1024} KiB, more than {LARGEST // 1024}: save it as mono speech at 32 kbit/s, or read it shorter"
        )
    if path.suffix[1:] != (kind := format_of(content)):
        told = f"holds {kind}" if kind else "is no MP3, Ogg (Opus or Vorbis) or M4A (AAC)"
        raise BadRecordingError(f"{path.name} {told}: save it in one of these formats under its own ending (mp3, ogg, m4a)")
    return content


def add(folder: Path, source: Path, content: bytes, recording: Recording) -> None:
    """Put a file that was taken into its place, and its entry at the end of the list; the newest entry of an item counts."""
    target = folder / recording.language / recording.file
    if not LANGUAGE.fullmatch(recording.language):
        raise BadRecordingError(f"{recording.language!r} is not a code of a language such as km")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source != target:
        target.write_bytes(content)
    for other in target.parent.glob(f"{recording.item}.*"):
        if other != target:
            other.unlink()
    listed = folder / recording.language / LIST
    kept = [one for one in read_list(folder, recording.language)[0] if (one.form, one.item) != (recording.form, recording.item)]
    listed.write_text("\n".join(_entry(one) for one in (*kept, recording)), "utf-8")


def _entry(one: Recording) -> str:
    texts = {"file": one.file, "sha256": one.sha256, "speaker": one.speaker, "heard_by": one.heard_by}
    lines = [f"{key} = {_quoted(value)}" for key, value in texts.items()]
    return "\n".join(["[[recording]]", *lines, f"day = {one.day.isoformat()}", ""])


def _quoted(text: str) -> str:
    """A TOML string; control characters have no place in a name."""
    plain = re.sub(r"[\x00-\x1f\x7f]", " ", text).strip()
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
