"""Which counters may be told by themselves, which together, and which not at all: whoever reads them knows who sits there.

A counter stands alone with ten answers and no one or two dissatisfied ones (its officer would know them). The others with ten are told
together. Whatever is told is told only if no counter that must not stand alone can be worked out from it, from the unit's own published
figure and from all that was told of earlier quarters and of their sums: a system of sums, kept as a basis of what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.disclosure.publication import must_coarsen
from sipas.stats.intervals import Floats
from sipas.stats.verdict import HIDDEN_BELOW

NOTHING = 1e-9  # the length of what is left of a sum that is known


@dataclass(frozen=True, slots=True)
class Count:
    """Answers to the overall item, and how many of them are not satisfied."""

    n: int = 0
    unsatisfied: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.n + other.n, self.unsatisfied + other.unsatisfied)


Counted = Mapping[int, Count]  # by counter; 0: answers that came from none
NO_COUNTER = 0


@dataclass(frozen=True, slots=True)
class Arranged:
    """How the counters of one unit are told in one period."""

    alone: frozenset[int]
    together: tuple[int, ...]  # told as one; empty where all stand alone
    small: frozenset[int]  # fewer than ten answers
    protecting: frozenset[int]  # hidden because they would tell those, or themselves


def stands(count: Count) -> bool:
    """Whether a figure about a named counter may be told."""
    few = must_coarsen(np.array([count.unsatisfied], np.float64), identifiable=np.ones(1, np.bool_))
    return count.n >= HIDDEN_BELOW and not bool(few[0])


def arrange_year(quarters: Sequence[Counted]) -> tuple[tuple[Arranged, ...], Arranged]:
    """The quarters of a year in their order, each by itself, and all of them together.

    What was told of a quarter stays as it was when later ones come.
    """
    known = Known(quarters)
    single: list[Arranged] = []
    whole = Arranged(frozenset(), (), frozenset(), frozenset())
    for until in range(1, len(quarters) + 1):
        known.publish(until - 1)
        single.append(arrange(quarters[until - 1], known, (until - 1,)))
        whole = single[0] if until == 1 else arrange(add_up(quarters[:until]), known, range(until))
    return tuple(single), whole


def arrange(counted: Counted, known: Known, quarters: Iterable[int]) -> Arranged:
    """Groups for some quarters that are told as one; what is told joins what is known."""
    when = tuple(quarters)
    named = {counter: count for counter, count in counted.items() if counter != NO_COUNTER and count.n > 0}
    small = {counter for counter, count in named.items() if count.n < HIDDEN_BELOW}
    largest_first = sorted(set(named) - small, key=lambda counter: (-named[counter].n, counter))
    able = {counter for counter in largest_first if stands(named[counter]) and not known.gives_away([counter], when)}
    together = _joined(named, set(named) - small - able, able)
    alone = {counter for counter in largest_first if counter in able and known.tell([counter], when)}
    together = together if together and known.tell(together, when) else set()
    return Arranged(frozenset(alone), tuple(sorted(together)), frozenset(small), frozenset(set(named) - small - alone - together))


def add_up(quarters: Sequence[Counted]) -> dict[int, Count]:
    """The counts of several quarters."""
    counters = {counter for one in quarters for counter in one}
    return {counter: sum((one.get(counter, Count()) for one in quarters), Count()) for counter in sorted(counters)}


def _joined(named: Counted, needy: set[int], able: set[int]) -> set[int]:
    """Those that cannot stand alone, with as many of the others, the smallest first, as it takes; these leave ``able``."""
    while needy and (len(needy) == 1 or not stands(sum((named[counter] for counter in needy), Count()))):
        if not able:
            return set()
        nearest = min(able, key=lambda counter: (named[counter].n, counter))
        able.remove(nearest)
        needy = needy | {nearest}
    return needy


def _rest(counted: Counted) -> list[int]:
    """The counters with fewer than ten answers, where all of them together still have fewer."""
    rest = [counter for counter, count in counted.items() if counter == NO_COUNTER or count.n < HIDDEN_BELOW]
    return rest if 0 < sum(counted[counter].n for counter in rest) < HIDDEN_BELOW else []


class Known:
    """What a reader can work out: every sum that was told, and the counters' sums that must stay unknown."""

    def __init__(self, quarters: Sequence[Counted]) -> None:
        self._quarters = quarters
        cells = [(counter, quarter) for quarter, one in enumerate(quarters) for counter, count in sorted(one.items()) if count.n]
        self._place = {cell: place for place, cell in enumerate(cells)}
        self._basis = np.zeros((0, len(cells)))
        self._secret = np.zeros((0, len(cells)))  # what is left of each when all that is known is taken away

    def publish(self, quarter: int) -> None:
        """The unit's own figure of a quarter is told anyway; from now on its counters' small sums are to be kept."""
        secret = [self._sum([counter], range(since, quarter + 1)) for counter, since in self._small(quarter)]
        if rest := _rest(self._quarters[quarter]):
            secret.append(self._sum(rest, (quarter,)))
        left = np.array(secret).reshape(len(secret), len(self._place))
        self._secret = np.vstack((self._secret, left - left @ self._basis.T @ self._basis))
        self._add(self._left(self._quarters[quarter], (quarter,)))
        self._secret = self._secret[np.linalg.norm(self._secret, axis=1) > NOTHING]  # one counter is all of its unit: told already

    def gives_away(self, counters: Iterable[int], quarters: Iterable[int]) -> bool:
        """Whether telling the sum of some counters over some quarters would tell a small one."""
        left = self._left(counters, quarters)
        return bool((np.linalg.norm(self._secret - np.outer(self._secret @ left, left), axis=1) <= NOTHING).any())

    def tell(self, counters: Iterable[int], quarters: Iterable[int]) -> bool:
        """Tell such a sum, unless it gives a small one away."""
        named, when = tuple(counters), tuple(quarters)
        if self.gives_away(named, when):
            return False
        self._add(self._left(named, when))
        return True

    def _small(self, last: int) -> list[tuple[int, int]]:
        """Counters, and since which quarter, whose sum up to the last quarter must not be told."""
        found = []
        for counter in self._quarters[last]:
            for since in range(last + 1):
                count = sum((one.get(counter, Count()) for one in self._quarters[since : last + 1]), Count())
                if counter != NO_COUNTER and count.n and not stands(count):
                    found.append((counter, since))
        return found

    def _sum(self, counters: Iterable[int], quarters: Iterable[int]) -> Floats:
        row = np.zeros(len(self._place))
        when = tuple(quarters)
        row[[self._place[cell] for counter in counters for quarter in when if (cell := (counter, quarter)) in self._place]] = 1
        return row

    def _left(self, counters: Iterable[int], quarters: Iterable[int]) -> Floats:
        """What a sum adds to what is known: of length 1, or 0 where it adds nothing."""
        row = self._sum(counters, quarters)
        for _ in range(2):  # once more, for what rounding leaves
            row = row - self._basis.T @ (self._basis @ row)
        length = float(np.linalg.norm(row))
        return row / length if length > NOTHING else np.zeros_like(row)

    def _add(self, left: Floats) -> None:
        if left.any():
            self._basis = np.vstack((self._basis, left))
            self._secret = self._secret - np.outer(self._secret @ left, left)
