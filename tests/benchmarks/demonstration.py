"""What the whole demonstration takes and shows: time, counter-days, design effect, spreads and the verdict words, on SQLite.

.venv/bin/python tests/benchmarks/demonstration.py [seed]
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median
from time import process_time

from sipas.demo import building
from sipas.evidence.keys import Keyring
from sipas.instrument.shelf import Shelf, read_shelf
from sipas.reports.scorecard import list_periods, read_front, read_unit
from sipas.store import migrate
from sipas.store.engine import Store
from sipas.store.responses import OpenResponse, Response
from sipas.store.units import find_unit, list_branch
from sipas.terms import today
from sipas.web.house import SURVEYS


def main() -> None:
    """Build it in a place of its own, then ask it."""
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else building.SEED
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/demo.sqlite")
        migrate.upgrade(store)
        shelf = read_shelf(SURVEYS)
        began = process_time()
        report = building.build(store, Keyring.create(Path(folder) / "keys"), shelf, today=today(), seed=seed)
        print(report)
        print(f"{report.seconds:.1f} s, processor {process_time() - began:.1f} s; database {store.path.stat().st_size / 1e6:.0f} MB")
        with store.read() as session:
            rows = [row.cluster for table in (Response, OpenResponse) for row in session.query(table)]
        sizes = Counter(rows).values()
        print(f"{len(rows)} answers in {len(sizes)} counter-days, {median(sizes)} in the median")
        show(store, shelf)
        store.close()


def show(store: Store, shelf: Shelf) -> None:
    """The province's lines of the newest whole periods, and every verdict word with how often it is said."""
    with store.read() as session:
        root = find_unit(session, "48", tier="province", day=today())
        assert root is not None
        periods = list_periods(session, building.WAVE)
        for period in newest(periods):
            front = read_front(session, shelf, wave=building.WAVE, period=period, root=root)
            words = Counter(line.verdict for line in front.lines)
            for unit in list_branch(session, root):
                card = read_unit(session, shelf, wave=building.WAVE, period=period, unit=unit)
                words.update(sector.line.verdict for sector in card.cards)
            print(f"\n{period}: {dict(words)}")
            for line in front.lines:
                if (found := line.estimate) is not None and found.n_effective:
                    effect = found.n / found.n_effective
                    print(
                        f"  {line.sector:13} {found.value:.3f} ({found.low:.3f}-{found.high:.3f}) n {found.n:6} deff {effect:.2f} {line.verdict}"
                    )


def newest(periods: tuple[str, ...]) -> list[str]:
    """The newest whole month and quarter, the year to date, and the first year."""
    months = sorted(period for period in periods if len(period) == 7 and "Q" not in period)
    quarters = sorted(period for period in periods if "-Q" in period)
    whole = [quarter for quarter in quarters if quarter < f"{today():%Y}-Q{(today().month + 2) // 3}"]
    return [months[-2], whole[-1], f"{months[-2][:4]}-ytd-{months[-2][5:]}", min(period for period in periods if len(period) == 4)]


if __name__ == "__main__":
    main()
