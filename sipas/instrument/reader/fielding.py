"""`surveys/sectors/<code>.toml` and `surveys/waves/<code>.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sipas.instrument.model import EVIDENCE, FAMILIES, FRAME_KINDS, Field, Sector, Wave
from sipas.instrument.reader.instruments import CODE
from sipas.instrument.reader.table import NEVER, Table
from sipas.terms import Channel

SECTOR = re.compile(r"[a-z][a-z_]{0,31}")
LANGUAGES = ("vi", "en")
CHANNELS = tuple(map(str, Channel))
MARGINS = ("month", "filing")


def read_sector(top: Table) -> Sector:
    """The sector of a file; whether its instruments exist is seen when all files are read."""
    fields = []
    code = top.code("code", SECTOR, "civil_status")
    for table in top.tables("fields", lambda raw, number: f"field {raw.get('name', number)}", needed=False):
        fields.append(Field(name=table.text("name"), evidence=table.one_of("evidence", EVIDENCE)))
        table.close()
    sector = Sector(
        code=code,
        order=top.whole("order"),
        name=top.spoken("name", LANGUAGES),
        counter_words=top.spoken("counter_words", LANGUAGES),
        family=top.one_of("family", tuple(FAMILIES)),
        instruments=top.texts("instruments"),
        kinds=top.some_of("kinds", FRAME_KINDS),
        fields=tuple(fields),
    )
    for key, held in (("instruments", sector.instruments), ("kinds", sector.kinds)):
        if key in top and not held:
            top.blame("is empty", "name at least one; the first is the default", at=key)
    top.close()
    return sector


def read_wave(top: Table) -> Wave:
    """The wave of a file; whether its sectors exist is seen when all files are read."""
    wave = Wave(
        code=top.code("code", CODE, "nam-2026"),
        name=top.spoken("name", LANGUAGES),
        first_day=top.day("first_day") or NEVER,
        last_day=top.day("last_day") or NEVER,
        sectors=top.texts("sectors"),
        instruments=_read_overrides(top),
        headline=tuple(map(Channel, top.some_of("headline", CHANNELS))),
        calibrate=top.some_of("calibrate", MARGINS, default=()),
        demonstration=top.flag("demonstration", default=False),
    )
    if len(wave.code) > 32:
        top.blame(f"{wave.code!r} is longer than 32 characters", "shorten it", at="code")
    if not wave.headline:
        top.blame("no channel counts", 'write headline = ["V", "S"]', at="headline")
    _check_days(top, wave)
    top.close()
    return wave


def _read_overrides(top: Table) -> Mapping[str, str]:
    inner = top.table("instruments", needed=False)
    if inner is None:
        return {}
    found = {sector: inner.text(sector) for sector in inner.keys()}  # noqa: SIM118 -- a Table, not a dictionary
    inner.close()
    return MappingProxyType(found)


def _check_days(top: Table, wave: Wave) -> None:
    if NEVER in (wave.first_day, wave.last_day):
        return
    if wave.first_day.isoweekday() != 1:
        top.blame(f"{wave.first_day} is not a Monday", "waves open on Mondays", at="first_day")
    if wave.last_day.isoweekday() != 7:
        top.blame(f"{wave.last_day} is not a Sunday", "waves close on Sundays", at="last_day")
    if wave.last_day < wave.first_day:
        top.blame("comes before first_day", "write the later day", at="last_day")
