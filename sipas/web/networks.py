"""How often something came from each network lately: in memory alone, under a salt that is another each day, for soft marks only."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import threading
from collections import OrderedDict, deque
from datetime import date, datetime

PREFIX = {4: 24, 6: 48}  # bits of an address that name its network
MOST_NETWORKS, MOST_MOMENTS = 20_000, 500


class Networks:
    """A sliding window for each network. Nothing of it is written anywhere, and the salt goes with the day."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._day: date | None = None
        self._salt = b""
        self._moments: OrderedDict[bytes, deque[float]] = OrderedDict()

    def count(self, address: str | None, now: datetime, *, one_more: bool = False) -> int:
        """How many came from the address's network within the window, up to 500; 0 where no address is known."""
        if (network := network_of(address)) is None:
            return 0
        moment = now.timestamp()
        with self._lock:
            self._renew(now.date())
            name = hmac.digest(self._salt, network, "sha256")
            moments = self._moments.setdefault(name, deque(maxlen=MOST_MOMENTS))
            self._moments.move_to_end(name)
            while moments and not 0 <= moment - moments[0] <= self._seconds:
                moments.popleft()
            if one_more:
                moments.append(moment)
            while len(self._moments) > MOST_NETWORKS:
                self._moments.popitem(last=False)
            return len(moments)

    def _renew(self, day: date) -> None:
        if day != self._day:
            self._day, self._salt = day, secrets.token_bytes(32)
            self._moments.clear()


def network_of(address: str | None) -> bytes | None:
    """The network of an address; None for the machine itself, behind which everybody may stand, and for what is no address."""
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if known.is_loopback:
        return None
    return ipaddress.ip_network((known, PREFIX[known.version]), strict=False).network_address.packed
