"""Hiding a figure to protect another: a small count must not be what is left when the others are taken from their total.

Counted for one unit and one period, over two kinds of sums: a family is the sum of its sectors, the headline the sum of its
channels. Sums over periods and over units are not looked at here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sipas.stats.verdict import HIDDEN, HIDDEN_BELOW
from sipas.store.facts import Fact

PROTECTS = "protects"  # the flag of a figure that is hidden for another's sake
RECEIVING, OVERALL, HEADLINE = "receiving", "overall", "headline"
Cell = tuple[str, str]  # sector or family, channel set


@dataclass(slots=True)
class Table:
    """The answers of one unit in one period, and which of them are not told."""

    n: dict[Cell, int] = field(default_factory=dict)
    small: set[Cell] = field(default_factory=set)
    hidden: set[Cell] = field(default_factory=set)

    def add(self, fact: Fact) -> None:
        """Count an overall figure; the unweighted one counts everybody."""
        cell = fact.sector, fact.channels
        self.n[cell] = max(self.n.get(cell, 0), fact.n)
        if fact.verdict == HIDDEN:
            self.small.add(cell)
            self.hidden.add(cell)

    def protect(self, sums: Sequence[tuple[Cell, Collection[Cell]]]) -> set[Cell]:
        """Hide until no sum has a single hidden member, nor only small ones; the cells that were hidden for that."""
        open_sums = True
        while open_sums:
            open_sums = False
            for total, parts in sums:
                told = [cell for cell in parts if cell in self.n]
                if total in self.n and (more := self._one_more(total, told)):
                    self.hidden.add(more)
                    open_sums = True
        return self.hidden - self.small

    def _one_more(self, total: Cell, parts: Sequence[Cell]) -> Cell | None:
        away = [cell for cell in (total, *parts) if cell in self.hidden]
        if not away or (len(away) > 1 and not self.small.issuperset(away)):
            return None
        if total in away and self.small.issuperset(away):
            return None  # the whole is small, and so is each of its parts
        told = sorted((cell for cell in parts if cell not in self.hidden), key=lambda cell: (self.n[cell], cell))
        if not told:
            return total if len(away) == 1 and total not in self.hidden else None
        # Large enough that each small one may still be anything from 1 to 9 for who knows the sum of all that is hidden.
        enough = 2 * (HIDDEN_BELOW - 1) + len(away) - sum(self.n[cell] for cell in away)
        return next((cell for cell in told if self.n[cell] >= enough), told[-1])


def protected(facts: Iterable[Fact], families: Mapping[str, str], headline: Collection[str]) -> Iterator[Fact]:
    """The released facts of one unit, with those hidden that would tell a small one.

    ``families`` says for each sector the family that is added up from it; ``headline`` the channels that the headline joins.
    """
    every = list(facts)
    tables: dict[str, Table] = {}
    for fact in every:
        if fact.side == RECEIVING and fact.indicator == OVERALL:
            tables.setdefault(fact.period, Table()).add(fact)
    away = {(period, *cell) for period, table in tables.items() for cell in table.protect(list(_sums(table, families, headline)))}
    for fact in every:
        if fact.side != RECEIVING or (fact.period, fact.sector, fact.channels) not in away:
            yield fact
        elif fact.indicator == OVERALL:
            yield _hidden(fact)


def untold(n: Mapping[Cell, int], families: Mapping[str, str], headline: Collection[str]) -> set[Cell]:
    """The cells of one unit and period that are not told, from counts alone: the small ones, and those that would tell them."""
    small = {cell for cell, count in n.items() if count < HIDDEN_BELOW}
    table = Table(dict(n), set(small), set(small))
    table.protect(list(_sums(table, families, headline)))
    return table.hidden


def _sums(table: Table, families: Mapping[str, str], headline: Collection[str]) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
    for channels in sorted({channels for _, channels in table.n}):
        for family in sorted(set(families.values())):
            yield (family, channels), tuple((sector, channels) for sector in families if families[sector] == family)
    for sector in sorted({sector for sector, _ in table.n}):
        yield (sector, HEADLINE), tuple((sector, channel) for channel in headline)


def _hidden(fact: Fact) -> Fact:
    """The same domain with nothing told of it."""
    return Fact(
        run_id=fact.run_id,
        period=fact.period,
        unit_id=fact.unit_id,
        side=fact.side,
        sector=fact.sector,
        indicator=OVERALL,
        channels=fact.channels,
        weighted=fact.weighted,
        n=fact.n,
        verdict=HIDDEN,
        flags=PROTECTS,
    )
