"""Proof of work for the open channel: cheap for one phone, dear for a thousand answers. Asked of nobody else, and refused to nobody.

The puzzle is the ticket itself, so nothing is stored and no solution serves twice. A solution is a number ``n`` for which
PBKDF2-HMAC-SHA-256(ticket, ``KS1|work|n``, cost rounds) begins with a zero byte: 256 tries on average. ``sipas/web/static/work.js``
looks for it with WebCrypto while the person answers.
"""

from __future__ import annotations

import hashlib
from itertools import count

COST = 1_000  # rounds a try
BUSY = 4  # times as much where a network sends many
LONGEST = 7  # digits of a solution: ten million tries find one for certain


def is_done(ticket: str, solution: str, cost: int) -> bool:
    """Whether ``solution`` solves the ticket's puzzle at its cost."""
    well_formed = 0 < len(solution) <= LONGEST and solution.isascii() and solution.isdigit()
    return well_formed and _first_byte(ticket, solution, cost) == 0


def solve(ticket: str, cost: int) -> str:
    """The smallest solution: what a browser does, for tests and for measuring."""
    return next(text for text in map(str, count()) if _first_byte(ticket, text, cost) == 0)


def _first_byte(ticket: str, solution: str, cost: int) -> int:
    return hashlib.pbkdf2_hmac("sha256", ticket.encode(), f"KS1|work|{solution}".encode(), cost, 1)[0]
