"""Whoever guesses codes is slowed down; whoever holds a sound one of 28 characters is never stopped.

The numbers are judged in docs/decisions/0017-ten-digits-that-a-person-can-type.md.
"""

from __future__ import annotations

from datetime import datetime

from flask import request

from sipas.evidence import codes, tokens
from sipas.web.buckets import Limit, current_buckets, network_of
from sipas.web.citizen import entries
from sipas.web.citizen.entries import Entry
from sipas.web.errors import BusyCodesError, UnknownCodeError
from sipas.web.house import House

CODE_HERE, CODE_ANYWHERE = Limit("code", 10, 60, least=2), Limit("code-all", 200, 60)
CARD_HERE, CARD_AT_UNIT = Limit("card", 5, 600, least=2), Limit("card-unit", 60, 3600)
LOOK_HERE, LOOK_ANYWHERE = Limit("look", 20, 60, least=2), Limit("look-all", 200, 60)
EVERYBODY = "all"


def find_entry(house: House, text: str, now: datetime) -> Entry:
    """The entry behind a code; BusyCodesError in the place of UnknownCodeError once too many wrong one-time codes were tried."""
    try:
        return entries.read_entry(house, text, now)
    except UnknownCodeError:
        if len(codes.normalise(text)) == tokens.LENGTH:
            note_wrong(house, now, (CODE_HERE, CODE_ANYWHERE))
        raise


def note_wrong(house: House, now: datetime, limits: tuple[Limit, Limit], *, everybody: str = EVERYBODY) -> None:
    """Count a wrong code for its network and for everybody; BusyCodesError where either has had its fill."""
    busy = is_busy(house, now, limits, everybody=everybody)
    buckets, moment = current_buckets(), now.timestamp()
    if (network := network_of(request, house.settings)) is not None:
        buckets.note(limits[0], network, moment)
    buckets.note(limits[1], everybody, moment)
    if busy:
        raise BusyCodesError("too many wrong codes came from here: wait a minute, or scan the code")


def is_busy(house: House, now: datetime, limits: tuple[Limit, Limit], *, everybody: str = EVERYBODY) -> bool:
    """Whether this network, or everybody together, has tried too many wrong codes."""
    buckets, moment = current_buckets(), now.timestamp()
    network = network_of(request, house.settings)
    return buckets.is_full(limits[1], everybody, moment) or (network is not None and buckets.is_full(limits[0], network, moment))
