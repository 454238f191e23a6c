"""What stands behind a printed code today: its counter, and what may be asked there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sipas.evidence import tickets
from sipas.evidence.tickets import Ticket
from sipas.instrument.model import Instrument, Sector, Wave
from sipas.store.doors import Door
from sipas.terms import ZONE
from sipas.web.errors import ClosedWaveError
from sipas.web.house import House

LIFETIME = timedelta(hours=24)  # after a day the page is issued anew, with the same iid and every answer kept
GRACE = timedelta(minutes=45)  # for who is still writing when a wave closes (decision 14)


@dataclass(frozen=True, slots=True)
class Offer:
    """One questionnaire that a counter offers today."""

    wave: Wave
    sector: Sector
    instrument: Instrument


def offers(house: House, door: Door, day: date) -> tuple[Offer, ...]:
    """What the counter offers on ``day``, in the fixed order of the sectors; ClosedWaveError for nothing."""
    served = set(door.sectors.split())
    found = tuple(offer for code in house.shelf.sectors if code in served and (offer := find_offer(house, door, code, day)))
    if not found:
        raise ClosedWaveError("no survey is open at this counter today")
    return found


def find_offer(house: House, door: Door, sector: str, day: date) -> Offer | None:
    """The questionnaire of one sector at a counter, if a wave that holds it is open."""
    if sector not in door.sectors.split() or sector not in house.shelf.sectors:
        return None
    wave = house.shelf.wave_for(sector, day, demonstration=house.settings.demo)
    if wave is None:
        return None
    return Offer(wave, house.shelf.sectors[sector], house.shelf.instrument_for(wave, sector, door.instrument))


def asks_sector(door: Door) -> bool:
    """Whether the person says which sector; a counter with one needs no question."""
    return len(door.sectors.split()) > 1


def new_ticket(door: Door, offer: Offer, language: str, now: datetime, *, renewed: Ticket | None = None, cost: int = 0) -> Ticket:
    """A ticket for a form that is opened now; a renewed one keeps its iid and the moment of its first opening."""
    issued = int(now.timestamp())
    return Ticket(
        iid=renewed.iid if renewed else tickets.new_iid(),
        code=door.code,
        wave=offer.wave.code,
        instrument=offer.instrument.code,
        measure=offer.instrument.measure,
        length=door.length,
        sector=offer.sector.code,
        sector_asked=asks_sector(door),
        language=language,
        issued=renewed.issued if renewed else issued,
        expires=min(issued + int(LIFETIME.total_seconds()), int(closing(offer.wave).timestamp())),
        work=cost,
    )


def closing(wave: Wave) -> datetime:
    """The last moment at which a ticket of the wave is honoured."""
    return datetime.combine(wave.last_day + timedelta(days=1), time(), tzinfo=ZONE) + GRACE
