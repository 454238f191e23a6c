"""Every knob on one page. Only this module reads the environment."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sipas.terms import SipasError


class BadSettingError(SipasError):
    """A setting that cannot be read; the message names it and the cure."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One knob: its environment name, default, reader and help."""

    name: str
    default: str
    read: Callable[[str], Any]
    help: str

    @property
    def field(self) -> str:
        return self.name.removeprefix("SIPAS_").lower()


def yes_no(text: str) -> bool:
    """``1``/``0`` and their usual spellings."""
    words = {"1": True, "yes": True, "true": True, "on": True, "0": False, "no": False, "false": False, "off": False, "": False}
    try:
        return words[text.strip().lower()]
    except KeyError:
        raise ValueError("write 1 or 0") from None


def clock_time(text: str) -> tuple[int, int]:
    """``00:10`` as hour and minute."""
    hour, _, minute = text.partition(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) < 24 and int(minute) < 60):
        raise ValueError("write a time such as 00:10")
    return int(hour), int(minute)


def one_or_more(text: str) -> int:
    """A whole number from 1 up."""
    if not (text.strip().isdecimal() and int(text) > 0):
        raise ValueError("write a whole number from 1 up")
    return int(text)


SETTINGS: tuple[Setting, ...] = (
    Setting("SIPAS_DATABASE", "sqlite:///var/sipas.sqlite", str, "Where answers are kept: sqlite:///FILE or postgresql://USER@HOST/NAME."),
    Setting("SIPAS_KEYS", "var/keys", Path, "Folder of the keys; outside the database and its backups, readable by this account alone."),
    Setting(
        "SIPAS_SURVEYS", "", str, "Folder of questionnaires, sectors, waves and targets; empty for the one that ships with the program."
    ),
    Setting(
        "SIPAS_EXTRACT",
        "",
        str,
        "Folder of the columnar copy of the sealed answers; empty: beside an SQLite database, else var/extract. It can be rebuilt at any time.",
    ),
    Setting("SIPAS_PUBLIC_URL", "http://127.0.0.1:8000", str, "The address that is printed on signs, without a slash at its end."),
    Setting("SIPAS_HOST", "127.0.0.1", str, "The address to listen on."),
    Setting("SIPAS_PORT", "8000", int, "The port to listen on."),
    Setting("SIPAS_THREADS", "8", int, "Request threads of the embedded server."),
    Setting("SIPAS_SEAL_AT", "00:10", clock_time, "When the daily seal runs, Viet Nam time."),
    Setting("SIPAS_AUTHORITY", "", str, "Who asks: the body named on the form's first lines, such as Sở Nội vụ thành phố Đà Nẵng."),
    Setting("SIPAS_CONTACT_PHONE", "", str, "Telephone for questions about a dossier and for complaints, shown to citizens."),
    Setting("SIPAS_CONTACT_ADDRESS", "", str, "Address or web page for complaints, shown to citizens."),
    Setting("SIPAS_ADDRESS_WORD", "Ông/Bà", str, "How citizens are addressed where an instrument does not say."),
    Setting(
        "SIPAS_LANGUAGES",
        "",
        str,
        "Languages that the citizen's form offers beside Vietnamese and English although not every word is translated, such as km cjm ktv.",
    ),
    Setting(
        "SIPAS_SOUND",
        "",
        str,
        "Folder of recorded questions, by language and questionnaire; empty for sound/ in the folder of questionnaires.",
    ),
    Setting(
        "SIPAS_NETWORK_HEADER",
        "",
        str,
        "Header in which the web server in front tells the reader's network (never needed whole), so that guessing codes can be slowed "
        "down by network; empty: the connection's own address.",
    ),
    Setting(
        "SIPAS_NODES",
        "1",
        one_or_more,
        "How many web processes serve one database: each counts wrong codes for itself, in memory, and allows its share of every limit.",
    ),
    Setting("SIPAS_DEMO", "0", yes_no, "1 marks every page and sign as a demonstration with invented answers."),
    Setting("SIPAS_LOG_LEVEL", "INFO", str, "Least severity that is logged: DEBUG, INFO, WARNING or ERROR."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The knobs, read once and frozen."""

    database: str
    keys: Path
    surveys: str
    extract: str
    public_url: str
    host: str
    port: int
    threads: int
    seal_at: tuple[int, int]
    authority: str
    contact_phone: str
    contact_address: str
    address_word: str
    languages: str
    sound: str
    network_header: str
    nodes: int
    demo: bool
    log_level: str


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of ``environment`` (default: the process's own); BadSettingError names the one that is wrong."""
    source = os.environ if environment is None else environment
    values = {}
    for setting in SETTINGS:
        text = source.get(setting.name, setting.default)
        try:
            values[setting.field] = setting.read(text)
        except ValueError as error:
            raise BadSettingError(f"{setting.name}={text!r}: {error}. {setting.help}") from error
    assert set(values) == {field.name for field in fields(Settings)}
    return Settings(**values)


def environment_with(defaults: Mapping[str, str]) -> dict[str, str]:
    """The process's own environment, with other defaults for what it leaves open: what a child process inherits."""
    return {**defaults, **os.environ}
