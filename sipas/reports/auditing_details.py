"""The same attack on details: every indicator is a table of its own, and its numbers of answers add up in the same ways."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from sipas.instrument.shelf import Shelf
from sipas.reports.areas import list_periods
from sipas.reports.counting import HEADLINE, blocks_of
from sipas.reports.design import Whole, groups_of, pieces_of, sides_of
from sipas.reports.detailing import masks_of, members_of, stands_in_sums
from sipas.reports.grouping import group_cells
from sipas.reports.indicators import Block
from sipas.reports.lattice import FRAMED, UNFRAMED, Cell, Lattice
from sipas.reports.weighting import Strata
from sipas.stats.disclosure import Leak, audit
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.store.facts import OVERALL, Domain, Fact

Counts = Mapping[Domain, tuple[int, int]]  # who belongs to an indicator in all, and of them in strata with a frame
Told = Mapping[tuple[str, Domain, bool], int]  # indicator, domain, weighted → its number of answers


def told_in(facts: Sequence[Fact]) -> Told:
    """What the released facts tell of the headline's indicators."""
    return {
        (fact.indicator, Domain(fact.period, fact.unit_id, fact.side, fact.sector, fact.channels), fact.weighted): fact.n
        for fact in facts
        if fact.value is not None and fact.channels == HEADLINE and fact.indicator != OVERALL
    }


def list_detail_leaks(
    strata: Strata, whole: Whole, shelf: Shelf, places: tuple[Mapping[int, str], Sequence[str]], told: tuple[Lattice, Told]
) -> Iterator[tuple[str, Cell, Leak]]:
    """Each indicator with what a reader can tell to be fewer than ten people; ``places`` are the units' paths and the instruments.

    The page says nothing of why a detail is not there, so a reader takes it for any number. What leaks is a group that certainly has
    fewer than ten: only then do told figures, subtracted from one another, leave the answers of so few.
    """
    paths, instruments = places
    sides, (lattice, known) = sides_of(strata, shelf, paths) | pieces_of(strata, shelf), told
    masks = masks_of(lattice)
    everywhere = np.ones(len(strata.keys), np.bool_)
    for block in blocks_of(shelf, HEADLINE, instruments):
        tables: list[dict[Domain, tuple[int, int]]] = [{} for _ in block.indicators]
        for kind, side in sides.items():
            groups = groups_of(whole, HEADLINE, kind, block.name)
            if groups is None:
                continue
            both = np.stack(
                [members_of(groups, side, some, np.array(list(masks.values()))) for some in (everywhere, strata.framed)], axis=-1
            )
            for p, d, member in zip(*np.nonzero(both[..., 0]), strict=True):
                domain = Domain(list(masks)[p], side.areas.keys[d][0], kind, side.areas.keys[d][1], HEADLINE)
                for place in _of(block, int(member)):
                    tables[place][domain] = int(both[p, d, member, 0]), int(both[p, d, member, 1])
        for place, one in enumerate(block.indicators):
            for cell, leak in _leaks(lattice, one.name, tables[place], known):
                yield one.name, cell, leak


def _of(block: Block, member: int) -> list[int]:
    """The indicators that count these members; the overall share and the mean are audited with the domains."""
    return [place for place, one in enumerate(block.indicators) if one.member == member and (member or block.name != "main")]


def _leaks(lattice: Lattice, indicator: str, counts: Counts, told: Told) -> Iterator[tuple[Cell, Leak]]:
    cells: dict[Cell, int] = {}
    now = list_periods(lattice.months)
    for domain, (n, framed) in counts.items():
        if stands_in_sums(lattice, domain, now):
            cells[Cell(domain)] = n
            cells |= {Cell(domain, FRAMED): framed, Cell(domain, UNFRAMED): n - framed} if 0 < framed < n else {}
    if not cells:
        return
    groups = group_cells(replace(lattice, counts=cells, bare=frozenset(domain for domain, (_, framed) in counts.items() if not framed)))
    known = np.zeros(len(groups.counts), np.bool_)
    for place, cell in enumerate(groups.cells):
        n, framed = counts[cell.domain]
        if cell.rest or cell.frame == UNFRAMED:
            continue
        plain, weighted = (told.get((indicator, cell.domain, own)) for own in (False, True))
        alike = cell.frame == FRAMED or n == framed  # the weighted figure is of these people
        known[groups.of[place]] |= (plain == n and not cell.frame) or (weighted == framed and alike)
    needed = np.where(groups.counts < HIDDEN_BELOW, float(HIDDEN_BELOW), 0.0)
    for leak in audit(groups.counts, groups.sums, ~known, width=needed):
        if leak.high < HIDDEN_BELOW:
            yield groups.name(leak.cell), leak
