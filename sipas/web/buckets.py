"""How often something came from one network, or to one unit: in memory only, under a salt that is new each day and kept nowhere.

Nothing of it leaves the process, so several web processes do not share it: each allows its share of a limit (``SIPAS_NODES``).
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import cast

from flask import Request, current_app

from sipas.settings import Settings

DAY_SECONDS = 86_400
MOST = 20_000  # windows that are remembered; the one that was quiet longest is forgotten first


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds."""

    name: str
    times: int
    seconds: float
    least: int = 1  # what one of several processes allows at least: whoever mistypes once must not be shut out

    def share(self, nodes: int) -> int:
        """How many times one of so many processes allows: together no more than ``times``, unless each allows its least already."""
        return max(self.times // nodes, min(self.least, self.times))


class Buckets:
    """Sliding windows of moments. Whose they are is a keyed hash, and the key is gone with the day or the process."""

    def __init__(self, *, most: int = MOST, nodes: int = 1) -> None:
        self._most = most
        self._nodes = nodes
        self._lock = threading.Lock()
        self._day = -1
        self._salt = b""
        self._moments: OrderedDict[bytes, deque[float]] = OrderedDict()

    def note(self, limit: Limit, whose: str, moment: float) -> None:
        """Remember that it happened, at a moment in Unix seconds."""
        with self._lock:
            self._window(limit, whose, moment).append(moment)

    def is_full(self, limit: Limit, whose: str, moment: float) -> bool:
        """Whether it has happened as often as is allowed."""
        with self._lock:
            window = self._window(limit, whose, moment)
            return len(window) == window.maxlen and 0 <= moment - window[0] < limit.seconds

    def _window(self, limit: Limit, whose: str, moment: float) -> deque[float]:
        if (day := int(moment // DAY_SECONDS)) != self._day:
            self._day, self._salt = day, secrets.token_bytes(32)
            self._moments.clear()
        key = hmac.digest(self._salt, f"{limit.name}|{whose}".encode(), "sha256")[:16]
        window = self._moments.setdefault(key, deque(maxlen=limit.share(self._nodes)))
        self._moments.move_to_end(key)
        while len(self._moments) > self._most:
            self._moments.popitem(last=False)
        return window


def network_of(request: Request, settings: Settings) -> str | None:
    """The network that a request comes from: the first 24 bits of an address, or 48 of one of IPv6.

    None where it cannot be told, as behind a web server that hands no address on: one reader must not shut the door for all.
    """
    given = request.headers.get(settings.network_header, "") if settings.network_header else request.remote_addr or ""
    try:
        address = ip_address(given.strip())
    except ValueError:
        return None
    if address.is_loopback:
        return None
    mapped = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network(f"{mapped}/{24 if mapped.version == 4 else 48}", strict=False).network_address)


def current_buckets() -> Buckets:
    """The buckets of this process."""
    if "sipas_buckets" not in current_app.extensions:
        current_app.extensions.setdefault("sipas_buckets", Buckets(nodes=current_app.extensions["sipas"].settings.nodes))
    return cast("Buckets", current_app.extensions["sipas_buckets"])
