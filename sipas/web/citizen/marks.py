"""Soft marks of an answer without a code of its own: never a refusal, never an identifier, and nothing of them is stored but a word.

``no_pow``: its phone did no work for it. ``burst_net``: its network sends very many. ``repeat_device``: the same browser answered this
questionnaire this month already; the cookie that tells is the same for everybody.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from flask import Response, request

from sipas.evidence import work
from sipas.evidence.tickets import Ticket
from sipas.intake import Origin
from sipas.terms import Channel
from sipas.web.buckets import Limit, current_buckets, network_of
from sipas.web.house import House

MANY, VERY_MANY = Limit("open-many", 31, 3_600), Limit("open-very-many", 121, 3_600)  # the how-manieth open answer of a network in an hour
REMEMBERED = timedelta(days=35)
COOKIE = "ks_seen"


def cost_of(house: House, origin: Origin, now: datetime) -> int:
    """How much work a form asks of the phone that opens it: none behind a code of its own, whatever that is still worth."""
    if origin.channel is not Channel.OPEN or origin.spends:
        return 0
    network = network_of(request, house.settings)
    busy = network is not None and current_buckets().is_full(MANY, network, now.timestamp())
    return work.COST * (work.BUSY if busy else 1)


def marks_of(house: House, ticket: Ticket, raw: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """The marks of a sheet that was sent; counts it with its network. Work was asked of it if it came without a code of its own."""
    found = ["repeat_device"] if request.cookies.get(_name(house)) == seen(house, ticket, now) else []
    if ticket.work:
        found += ["burst_net"] if _is_burst(house, now) else []
        found += [] if work.is_done(raw.get("ticket", ""), raw.get("work", ""), ticket.work) else ["no_pow"]
    return tuple(found)


def _is_burst(house: House, now: datetime) -> bool:
    if (network := network_of(request, house.settings)) is None:
        return False
    buckets, moment = current_buckets(), now.timestamp()
    for limit in (MANY, VERY_MANY):
        buckets.note(limit, network, moment)
    return buckets.is_full(VERY_MANY, network, moment)


def remember(house: House, response: Response, ticket: Ticket, now: datetime) -> Response:
    """Let the browser know that it answered: a word about the questionnaire and the month, and nothing about the person."""
    secure = house.settings.public_url.startswith("https://")
    response.set_cookie(_name(house), seen(house, ticket, now), max_age=REMEMBERED, secure=secure, httponly=True, samesite="Lax")
    return response


def seen(house: House, ticket: Ticket, now: datetime) -> str:
    """What every browser keeps that answered this questionnaire this month."""
    digest = hmac.digest(house.keyring.derive("seen/browser"), f"{ticket.instrument}|{now:%Y-%m}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:12]).decode()


def _name(house: House) -> str:
    return f"__Host-{COOKIE}" if house.settings.public_url.startswith("https://") else COOKIE
