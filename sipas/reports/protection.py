"""One decision for a run: which released counts are told, so that no sum over units, sectors, periods or channels tells a small one.

The cells are groups of people: domains that no answer tells apart (a quarter of one month, a family of one sector) are one cell.
A cell under ten answers is hidden; others are hidden beside it until a reader of everything told cannot bound a hidden one to
fewer than ten counts. What was told stays told: a domain whose growth may not be told keeps its old figure. See decision 0008.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from sipas.reports.counting import HEADLINE, WITH_ASIDE
from sipas.reports.decided_before import Decided, digest_of
from sipas.reports.grouping import Groups, group_cells
from sipas.reports.lattice import Cell, Lattice
from sipas.stats.disclosure import Leak, Protection, Told, audit, protect
from sipas.stats.intervals import Bools
from sipas.stats.verdict import HIDDEN_BELOW
from sipas.store.facts import FEW, FINER, PROTECTS, TOLD, Domain, Said

__all__ = ["GROWTH", "PROTECTS", "Decision", "decide", "list_leaks", "may_move"]

GROWTH = 10  # answers: fewer more than that, and a released figure stays
WIDTH = 10.0  # answers between the least and the greatest count that a reader must think possible


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run may tell."""

    moved: Mapping[Domain, Said]  # what is released anew: answers, and the word that is said of it
    silent: frozenset[tuple[Domain, bool]]  # of told domains: the figure that is not, weighted or not
    frozen: int  # told domains that have grown enough and keep their old figure, because the growth would tell another's
    hidden: int  # domains with ten answers that are hidden for another's sake
    leaks: tuple[tuple[Cell, Leak], ...]  # what nothing protects: it was told before
    seconds: float

    def tells(self, domain: Domain) -> bool:
        """Whether this run stores figures of a domain."""
        one = self.moved.get(domain)
        return one is not None and one.word == TOLD


def decide(lattice: Lattice, before: Mapping[Domain, Said], earlier: Decided | None = None) -> Decision:
    """Words for every domain that has answers; ``before`` is what is released, nothing where a correction is declared.

    What ``earlier`` knows of the same cells is not asked again, and it learns what is decided now.
    """
    began = perf_counter()
    finer = {domain: Said(n, FINER) for domain, n in lattice.finer.items() if may_move(before.get(domain), n)}
    if not any(may_move(before.get(domain), lattice.counts[Cell(domain)]) for domain in lattice.computed):
        return Decision(finer, frozenset(), 0, 0, (), perf_counter() - began)  # nothing is told anew
    groups = group_cells(lattice)
    state = _state(groups, lattice, before)
    made = _hide(groups, state, earlier or Decided())
    away, lonely = made.hidden[groups.of].tolist(), (~groups.in_sums[groups.of]).tolist()
    moved: dict[Domain, Said] = {}
    silent: set[tuple[Domain, bool]] = set()
    frozen = hidden = 0
    for place, cell in enumerate(groups.cells):
        if cell.frame or cell.rest:
            continue
        domain, n = cell.domain, lattice.counts[cell]
        was = before.get(domain)
        if domain not in lattice.computed or not may_move(was, n):
            continue
        if not away[place]:
            moved[domain] = Said(n, TOLD)
            silent |= _silent(groups, away, domain)
        elif was is not None and was.word == TOLD:
            frozen += 1
        else:
            moved[domain] = Said(n, FEW if n < HIDDEN_BELOW and lonely[place] else PROTECTS)
            hidden += n >= HIDDEN_BELOW
    leaks = tuple((groups.name(leak.cell), leak) for leak in made.unprotected)
    return Decision(finer | moved, frozenset(silent), frozen, hidden, leaks, perf_counter() - began)


def _hide(groups: Groups, state: _State, earlier: Decided) -> Protection:
    """What to hide: as it was decided before of the same groups, else by looking for it."""
    named = [place for place, cell in enumerate(groups.cells) if cell.domain.channels != WITH_ASIDE]
    headline = np.isin(np.arange(len(groups.counts)), groups.of[named])
    key = digest_of(groups.counts, groups.sums, state.rules, state.hidden, headline)
    if (known := earlier.find(key)) is not None:
        return Protection(known, known & ~state.hidden, ())
    made = _look(groups, state, headline)
    if not made.unprotected:
        earlier.keep(key, made.hidden)
    return made


def _look(groups: Groups, state: _State, headline: Bools) -> Protection:
    """The headline first: what was set aside is told where nothing else has to be hidden for it.

    Most of what was set aside lies in a few domains. A sum with it is a second way to work out the headline, and decided both at
    once, a headline would be hidden for its sake and take others along.
    """
    if headline.all():
        return protect(groups.counts, groups.sums, state.hidden, told=state.rules)
    inside = set(np.flatnonzero(headline).tolist())
    sums = [margin for margin in groups.sums if inside.issuperset((margin.total, *margin.parts))]
    first = protect(groups.counts, sums, state.hidden, told=state.rules).hidden
    made = protect(groups.counts, groups.sums, first, told=replace(state.rules, fixed=state.rules.fixed | (headline & ~first)))
    # What was told before may leave no way but to hide some of the headline.
    return protect(groups.counts, groups.sums, state.hidden, told=state.rules) if made.unprotected else made


def list_leaks(lattice: Lattice, released: Mapping[Domain, Said], weighted: Collection[Domain]) -> tuple[int, list[tuple[Cell, Leak]]]:
    """How many groups are hidden, and which of them a reader of everything that is told can bound too well.

    ``weighted`` names the domains that are told with a frame.
    """
    groups = group_cells(lattice)
    rules = _state(groups, lattice, released).rules
    known = np.zeros(len(groups.counts), bool)
    for place, cell in enumerate(groups.cells):
        one = released.get(cell.domain)
        if one is not None and one.word == TOLD and not cell.rest and one.n == lattice.counts[Cell(cell.domain)]:
            known[groups.of[place]] |= not cell.frame or cell.domain in weighted
    leaks = audit(groups.counts, groups.sums, ~known, width=rules.needed, low=rules.low, high=rules.high)
    return int((~known).sum()), [(groups.name(leak.cell), leak) for leak in leaks]


def may_move(before: Said | None, now: int) -> bool:
    """Whether a domain may be released anew: one under ten may as soon as it has ten answers."""
    if before is None:
        return True
    return now >= HIDDEN_BELOW if before.n < HIDDEN_BELOW else now - before.n >= GROWTH


@dataclass(frozen=True, slots=True)
class _State:
    hidden: Bools  # groups that are not told now, whatever is decided
    rules: Told


def _state(groups: Groups, lattice: Lattice, before: Mapping[Domain, Said]) -> _State:
    """What each group is to a reader should it not be told now.

    A group that was told before and has grown a little is not told anew: the reader knows it to within the growth that is never
    told, and no better. A group of which nothing was told has at least one answer, or the page would say that it has none.
    """
    size = len(groups.counts)
    low, high, needed = np.ones(size), np.full(size, np.inf), np.full(size, WIDTH)
    worth = np.zeros(size)
    known, free, near, named = np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, bool), np.zeros(size, bool)
    for cell, at, n in zip(groups.cells, groups.of.tolist(), groups.counts[groups.of].tolist(), strict=True):
        was = before.get(cell.domain) if not cell.frame and not cell.rest else None
        if was is not None and was.word == TOLD:
            known[at] |= was.n == n
            near[at] |= was.n != n and not may_move(was, n)
            low[at] = max(low[at], min(was.n, n))
            if not may_move(was, n):
                high[at] = min(high[at], max(was.n + GROWTH - 1, n))
                needed[at] = min(needed[at], GROWTH - 1)
        worth[at] = max(worth[at], _worth(lattice, cell))
        named[at] |= not cell.piece
        free[at] |= not cell.rest and not cell.piece and (cell.frame > 0 or (cell.domain in lattice.computed and may_move(was, n)))
    low[~named] = 0.0  # of a piece no page says whether it has answers
    needed[~named & (groups.counts >= HIDDEN_BELOW)] = 0.0  # nor is it small: a sum may tell it
    hidden = ~known & (~free | near | (groups.counts < HIDDEN_BELOW))
    return _State(hidden, Told(np.minimum(low, groups.counts), high, needed, known, worth))


def _worth(lattice: Lattice, cell: Cell) -> int:
    """What readers would miss most: the top of the tree, then the headline, then the longest periods."""
    domain = cell.domain
    if cell.frame or cell.rest or domain not in lattice.computed:
        return 0
    return 4 * (domain.unit_id in lattice.tops) + 2 * (domain.channels == HEADLINE) + (len(domain.period) != len("2026-11"))


def _silent(groups: Groups, away: Sequence[bool], domain: Domain) -> set[tuple[Domain, bool]]:
    """The weighted figure of a told domain, where the part of it that has a frame is hidden."""
    framed = groups.place.get(Cell(domain, 1))
    return {(domain, True)} if framed is not None and away[framed] else set()
