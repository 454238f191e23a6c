"""What a page of results is about: wave, period and channel, read from the address and kept to what exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import abort, request
from sqlalchemy.orm import Session

from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.scorecard import list_periods
from sipas.web.house import House
from sipas.web.language import gettext

CHANNELS = ("headline", "V", "S", "O", "P")
KINDS = ("ytd", "year", "quarter", "month")


@dataclass(frozen=True, slots=True)
class Choice:
    """The chosen wave, period and channel set, and what else could be chosen; ``period`` is empty before the first facts."""

    wave: Wave
    period: str
    channels: str
    waves: tuple[Wave, ...]
    periods: Mapping[str, tuple[str, ...]]  # kind of period → periods, newest first

    @property
    def address(self) -> dict[str, str]:
        """What a link carries to stay with this choice."""
        return {"wave": self.wave.code, "period": self.period, "channels": self.channels}


def read_choice(session: Session, house: House) -> Choice | None:
    """The choice of this request; None before the first wave, 404 for a wave, period or channel that nobody offered."""
    waves = offered_waves(house.shelf, demonstration=house.settings.demo)
    if not waves:
        return None
    known = {wave.code: list_periods(session, wave.code) for wave in waves}
    wave = _chosen_wave(waves, known)
    periods = known[wave.code]
    asked = request.args.get("period", "")
    channels = request.args.get("channels", "headline")
    if (asked and asked not in periods) or channels not in CHANNELS:
        abort(404)
    grouped = {kind: tuple(period for period in periods if kind_of(period) == kind) for kind in KINDS}
    return Choice(wave, asked or next(iter(periods), ""), channels, waves, grouped)


def offered_waves(shelf: Shelf, *, demonstration: bool) -> tuple[Wave, ...]:
    """The waves of this installation, newest first: invented answers and real ones never stand in one list."""
    waves = [wave for wave in shelf.waves.values() if wave.demonstration == demonstration]
    return tuple(sorted(waves, key=lambda wave: wave.first_day, reverse=True))


def kind_of(period: str) -> str:
    """``ytd``, ``year``, ``quarter`` or ``month``."""
    if "ytd" in period:
        return "ytd"
    if "Q" in period:
        return "quarter"
    return "year" if len(period) == 4 else "month"


def period_words(period: str) -> str:
    """A period as a reader says it; an empty one is empty."""
    if not period:
        return ""
    year, rest = period[:4], period[5:]
    match kind_of(period):
        case "ytd":
            return gettext("lũy kế từ đầu năm đến hết tháng %(month)d/%(year)s", month=int(rest[4:]), year=year)
        case "quarter":
            return gettext("quý %(quarter)s/%(year)s", quarter={"1": "I", "2": "II", "3": "III", "4": "IV"}[rest[1:]], year=year)
        case "year":
            return gettext("năm %(year)s", year=year)
        case _:
            return gettext("tháng %(month)d/%(year)s", month=int(rest), year=year)


def channel_words(channels: str) -> str:
    """A channel set as a reader says it."""
    return {
        "headline": gettext("Các kênh chính thức của đợt"),
        "V": gettext("V: đã xác minh giao dịch"),
        "S": gettext("S: tại quầy"),
        "O": gettext("O: mã mở"),
        "P": gettext("P: phiếu giấy"),
    }[channels]


def _chosen_wave(waves: tuple[Wave, ...], known: Mapping[str, tuple[str, ...]]) -> Wave:
    asked = request.args.get("wave", "")
    by_code = {wave.code: wave for wave in waves}
    if asked and asked not in by_code:
        abort(404)
    return by_code[asked] if asked else next((wave for wave in waves if known[wave.code]), waves[0])
