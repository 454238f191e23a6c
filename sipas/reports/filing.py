"""Filing as a margin of the weighting: what a wave knows of it, and the figures of the strata that are brought to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np

from sipas.extract import Extract, Known
from sipas.instrument.model import Wave
from sipas.instrument.shelf import Shelf
from sipas.reports.counting import DECIDING, HEADLINE, RECEIVING
from sipas.reports.filing_files import list_sources
from sipas.reports.filing_plan import Notes, lay_filed, lay_plan
from sipas.reports.filing_rows import NAMED, FiledCounts, FiledSet, Layouts, cross
from sipas.reports.indicators import Block
from sipas.reports.weighting import Strata
from sipas.stats.design import Sizes
from sipas.stats.domains import Totals
from sipas.stats.intervals import Bools
from sipas.stats.margin_moments import Filed, Moments, gather_filed, join_moments, with_margins
from sipas.stats.two_margins import Crossed, Margins, solve_margins
from sipas.stats.weights import Ints, Weighting
from sipas.store.frame import FrameLoad
from sipas.store.reading import Session, list_filed, list_populations
from sipas.terms import SipasError

FILING = "filing"  # the margin's name in a recipe, and what an instrument asks
Where = tuple[str, str]  # side and block


class NoFilingInFrameError(SipasError):
    """A wave is to be calibrated on filing, and its frame counts all filings together."""


@dataclass(frozen=True, slots=True)
class FilingDesign:
    """The strata of one channel set that are brought to their filings, and the moments of their answers."""

    margins: Margins
    moments: Mapping[Where, Moments]
    notes: Notes

    @property
    def said(self) -> str:
        """In a line, how many strata were brought to their filings, and why others were not."""
        reasons = Counter(reason for _, _, reason in self.notes.without)
        others = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items()))
        return f"{len(self.margins.strata)} strata brought to their filings, {reasons.total()} not" + (f" ({others})" if others else "")

    def totals(self, where: tuple[Ints, Ints, Bools], totals: Totals, side: tuple[str, Ints], block: Block) -> Totals:
        """Totals by period and part, those strata's by their own weights; ``side`` is its name, and the stratum of each part."""
        moments = self.moments.get((side[0], block.name))
        return totals if moments is None else with_margins(where, totals, side[1], self.margins, moments, block.pairs)


@dataclass(frozen=True, slots=True)
class Filing:
    """What a wave knows of filing: the frame's counts, and the answers month by month."""

    layouts: Layouts
    strata: Strata
    filed: Ints  # (H, M, F) dossiers
    sources: tuple[tuple[int, Callable[[], FiledCounts]], ...]  # by number of the month
    crossed: Mapping[str, Crossed]  # by channel set
    _made: dict[str, FilingDesign] = field(default_factory=dict, init=False, repr=False, compare=False)

    def design(self, name: str, weighting: Weighting, sizes: Sizes) -> FilingDesign:
        """One channel set: weights, moments, and what its reader must know."""
        if name not in self._made:
            plan, notes = lay_plan(self.strata, self.filed, self.crossed[name], weighting, sizes.clusters)
            margins, met = solve_margins(self.crossed[name], plan, sizes.clusters, weighting.fraction)
            failed = [self.strata.keys[h] for h in plan.strata[~met].tolist()]
            self._made[name] = FilingDesign(margins, self._moments(name, margins), notes.without_margins(failed))
        return self._made[name]

    def _moments(self, name: str, margins: Margins) -> dict[Where, Moments]:
        """The moments of every block on both sides: one month in memory at a time, its weeks in their order."""
        found: dict[Where, list[Moments]] = {}
        sides = (RECEIVING, DECIDING) if self.strata.deciding and name == HEADLINE else (RECEIVING,)
        for month, sources in groupby(self.sources if len(margins.strata) else (), key=lambda source: source[0]):
            counts = [(one.keys, one.sets[name]) for one in (count() for _, count in sources) if name in one.sets]
            blocks = {block.name: block for _, one in counts for block in self.layouts.blocks(one, name)}
            some = _Month(self.layouts, self.strata, margins, month, counts)
            for side in sides:
                for block in blocks.values():
                    if (rows := some.rows(side, block)) is not None:
                        found.setdefault((side, block.name), []).append(gather_filed(rows, some.sizes(), block.pairs, month))
        return {where: join_moments(parts) for where, parts in found.items()}


@dataclass(frozen=True, slots=True)
class _Month:
    """One channel set in one month: several batches of weeks, whose clusters are numbered on."""

    layouts: Layouts
    strata: Strata
    margins: Margins
    month: int
    counts: Sequence[tuple[tuple[tuple[int, str], ...], FiledSet]]  # strata, and the batch

    def sizes(self) -> Ints:
        """Respondents of every cluster by filing."""
        return np.concatenate([one.sizes[:, :NAMED] for _, one in self.counts])

    def rows(self, side: str, block: Block) -> Filed | None:
        """The rows of a block in calibrated strata; None where there are none."""
        number = {key: h for h, key in enumerate(self.strata.keys)}
        first, found = 0, []
        for keys, one in self.counts:
            stratum = np.array([number[key] for key in keys], np.int64)[one.stratum]
            for form, made in one.forms.items():
                if (columns := self.layouts.columns(block, form)) is not None:
                    here = stratum[made.cluster]
                    place = np.minimum(np.searchsorted(self.margins.strata, here), len(self.margins.strata) - 1)
                    part = self._parts(side, here, made.decides.astype(np.int64))
                    keep = (self.margins.strata[place] == here) & (part >= 0)
                    filing, cell = made.filing.astype(np.int64), self.margins.cell[place, self.month]
                    weight = self.margins.weight[place, cell, filing]
                    u, member = (made.columns[keep][:, some] for some in columns)
                    found.append(Filed(part[keep], made.cluster[keep] + first, filing[keep], weight[keep], u, member))
            first += len(one.stratum)
        if not sum(len(rows.part) for rows in found):
            return None
        return Filed(*(np.concatenate([getattr(rows, name) for rows in found]) for name in Filed.__slots__))

    def _parts(self, side: str, stratum: Ints, decides: Ints) -> Ints:
        """The part of each row on a side; −1 where it belongs to no deciding unit that is told."""
        if side == RECEIVING:
            return stratum
        number = {pair: part for part, pair in enumerate(self.strata.deciding)}
        pairs, of = np.unique(np.column_stack((stratum, decides)), axis=0, return_inverse=True)
        parts = [number.get((h, unit or self.strata.keys[h][0]), -1) for h, unit in pairs.tolist()]
        return np.array(parts, np.int64)[of.ravel()]


def read_filing(
    session: Session, extract: Extract, which: tuple[Shelf, Wave], weeks: Sequence[Known], strata: Strata, load: FrameLoad | None
) -> Filing | None:
    """What a wave knows of filing; None while it has no frame, and NoFilingInFrameError where its frame tells nothing of it."""
    shelf, wave = which
    if load is None:
        return None
    frame = list_filed(session, load.id)
    if not frame and any(shelf.asks(wave, row.sector, FILING) for row in list_populations(session, load.id)):
        raise NoFilingInFrameError(
            f"wave {wave.code!r} is calibrated on filing, but its frame {load.file_name!r} counts all filings together; "
            f'load a frame with a row for each filing (`sipas frame import`), or take "filing" out of calibrate in waves/{wave.code}.toml'
        )
    layouts, place = Layouts(shelf), {month: m for m, month in enumerate(strata.months)}
    sources = tuple((place[month], source) for month, source in list_sources(session, extract, layouts, wave, weeks))
    crossed = cross(strata.keys, len(strata.months), ((month, source()) for month, source in sources))
    return Filing(layouts, strata, lay_filed(strata, frame), sources, crossed)
