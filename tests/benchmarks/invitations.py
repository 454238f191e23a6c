"""How long one invitation takes: `python tests/benchmarks/invitations.py ADDRESS NAME SECRET UNIT [COUNT]` against a server of your own.

Dossiers are random words, so that the script can be run again; the codes count in that server's batches.
"""

from __future__ import annotations

import json
import secrets
import sys
from base64 import b64encode
from http.client import HTTPConnection
from time import perf_counter
from urllib.parse import urlsplit


def main(address: str, name: str, secret: str, unit: str, count: int = 400) -> None:
    """Ask one after another over one connection; print median and 95th percentile in milliseconds."""
    connection = HTTPConnection(urlsplit(address).netloc, timeout=30)
    headers = {"Authorization": f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}", "Content-Type": "application/json"}
    taken = []
    for _ in range(count):
        began = perf_counter()
        connection.request(
            "POST", "/api/v1/invitations", json.dumps({"dossier": secrets.token_hex(8), "unit": unit, "sector": "land"}), headers
        )
        response = connection.getresponse()
        said = response.read().decode()
        if response.status != 201:
            raise SystemExit(f"{response.status}: {said}")
        taken.append(1000 * (perf_counter() - began))
    taken.sort()
    print(f"{count:,} invitations: median {taken[count // 2]:.1f} ms, 95th percentile {taken[count * 95 // 100]:.1f} ms")


if __name__ == "__main__":
    main(*sys.argv[1:5], *map(int, sys.argv[5:6]))
