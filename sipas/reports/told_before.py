"""What a reader has of each detail from earlier runs: the number of answers behind the newest figure that was told of it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sipas.reports.counting import HEADLINE
from sipas.reports.rows import COLUMNS, Row
from sipas.store.facts import Domain, Said, find_last_run, find_paper, list_details
from sipas.store.reading import Session

PAPER = "details-owed"
KEY = tuple(COLUMNS.index(name) for name in ("indicator", "period", "unit_id", "side", "sector", "weighted"))
CHANNELS = COLUMNS.index("channels")

Detail = tuple[str, Domain, bool]  # indicator, domain, weighted


@dataclass(frozen=True, slots=True)
class Before:
    """What was told of details; nothing where a correction is declared, which tells everything anew."""

    shown: Mapping[Detail, int] = field(default_factory=dict)  # as the pages have it
    owed: Mapping[Detail, int] = field(default_factory=dict)  # told once, and left out by a later run: whoever kept it can subtract

    def get(self, indicator: str, domain: Domain, *, weighted: bool) -> int:
        """How many answers the newest figure was told with; 0 if there is none."""
        detail = (indicator, domain, weighted)
        return self.shown.get(detail, 0) or self.owed.get(detail, 0)


def read_before(session: Session, wave: str) -> Before:
    """What was told of the wave's details until now."""
    last = find_last_run(session, wave)
    paper = find_paper(session, last.id, PAPER) if last else None
    owed = json.loads(zlib.decompress(paper)) if paper else []
    return Before(list_details(session, wave), {(name, Domain(*domain), weighted): n for name, domain, weighted, n in owed})


def owed_paper(before: Before, moved: Mapping[Domain, Said], rows: Sequence[Row]) -> bytes | None:
    """What the next run must remember: details that were told once and that no page shows after this run; None if there are none."""
    left = {detail: n for detail, n in before.shown.items() if detail[1] in moved}
    if not before.owed and not left:
        return None  # the first run of a wave, and every declared correction: nothing was told before
    told = {_detail(row) for row in rows if row[CHANNELS] == HEADLINE}
    owed = sorted((*detail, n) for detail, n in {**before.owed, **left}.items() if detail not in told)
    return zlib.compress(json.dumps(owed).encode()) if owed else None


def _detail(row: Row) -> tuple[object, ...]:
    indicator, period, unit, side, sector, weighted = (row[at] for at in KEY)
    return indicator, (period, unit, side, sector, HEADLINE), bool(weighted)
