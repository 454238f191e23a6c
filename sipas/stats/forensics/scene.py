"""What the signals look at: the rows as they are, with all that does not depend on which unit each row is of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from sipas.stats.forensics.patterns import Patterns, Rows
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

LEAST_ROWS = 20  # fewer rows in a unit, and patterns, mix and step are not tested
TOP_VECTORS = 20  # that tell how units differ in their commonest vectors
SPAN = 8  # weeks at either side of a deadline


@dataclass(frozen=True, slots=True)
class Signal:
    """One test of every unit.

    Attributes
    ----------
    p : (u,) float
        1 where a unit cannot be tested.
    observed, expected : (u,) float
        Counts; changes of a share (0-1) or of a mean level for ``channel_mix`` and ``step``.
    rows : callable
        Gives the (n,) bool rows that a finding of this signal is about; none for signals of a whole unit.
    """

    p: Floats
    observed: Floats
    expected: Floats
    rows: Callable[[], Bools]


@dataclass(frozen=True, slots=True)
class Flagging:
    """Where the rows of a flag are counted: by week and by class of rows that may differ honestly.

    Attributes
    ----------
    inside : (m,) int
        Rows of the period that are looked at.
    cell : (m,) int
        Week and class of each of them.
    flagged : (f,) int
        Places in ``inside`` of those that have the flag.
    weeks, classes : int
    """

    inside: Ints
    cell: Ints
    flagged: Ints
    weeks: int
    classes: int


@dataclass(frozen=True, slots=True)
class Crooked:
    """Rows of the period with enough answers that are not all equal.

    Attributes
    ----------
    rows, vector : (m,) int
        Which rows, and their vectors numbered from 0.
    everywhere : (v,) int
        How often each vector comes.
    top : (t,) int
        The commonest vectors.
    far, given : (m,) int
        Sum of the answers' distances from the middle of the scale in half levels, and their number.
    """

    rows: Ints
    vector: Ints
    everywhere: Ints
    top: Ints
    far: Ints
    given: Ints


@dataclass(frozen=True, slots=True)
class Near:
    """Rows with an overall level within eight weeks of the deadline, sorted by cluster.

    Attributes
    ----------
    rows, cell, cluster : (m,) int
        Which rows, their sector and channel, and their cluster.
    after : (m,) bool
        From the deadline on.
    twice : (m,) int
        The level in half levels around the middle: the other end of the scale is the same with a minus.
    cells : int
    """

    rows: Ints
    cell: Ints
    cluster: Ints
    after: Bools
    twice: Ints
    cells: int


@dataclass(frozen=True)  # without slots: what was worked out once is kept
class Ground:
    """What stays when rows change units.

    Attributes
    ----------
    rows : Rows
    seen : Patterns
        Of the same rows.
    units : int
    since : int
        First week of the period; the weeks before are the previous period.
    deadline : int or None
        First week after a target's deadline.
    """

    rows: Rows
    seen: Patterns
    units: int
    since: int
    deadline: int | None

    @cached_property
    def now(self) -> Bools:
        """Rows of the period."""
        return self.rows.week >= self.since

    @cached_property
    def flaggings(self) -> Mapping[str, Flagging]:
        """The flags that are counted, by name."""
        rows, seen = self.rows, self.seen
        none = np.zeros_like(rows.unit)
        # At the end of a scale answers agree more often: rows are classed by how far their overall level lies from the middle.
        far = np.where(rows.level > 0, 1 + np.abs(2 * rows.level - rows.levels - 1), 0)
        made = {name: self._flagging(getattr(rows, name), self.now, none) for name in ("fast", "burst", "off_hours")}
        return MappingProxyType(made | {"straight": self._flagging(seen.straight, self.now & seen.telling, far)})

    def _flagging(self, flag: Bools, among: Bools, kind: Ints) -> Flagging:
        inside = np.flatnonzero(among)
        kinds = [np.unique(column[inside], return_inverse=True)[1] for column in (self.rows.form, self.rows.channel, kind)]
        class_ = kinds[0]
        for column in kinds[1:]:
            class_ = np.unique(class_ * (int(column.max(initial=0)) + 1) + column, return_inverse=True)[1]
        weeks, week = np.unique(self.rows.week[inside], return_inverse=True)
        classes = int(class_.max(initial=0)) + 1
        return Flagging(inside, week * classes + class_, np.flatnonzero(flag[inside]), len(weeks), classes)

    @cached_property
    def crooked(self) -> Crooked:
        """Vectors that are no straight lines."""
        rows = np.flatnonzero(self.now & self.seen.telling & ~self.seen.straight)
        vector = np.unique(self.seen.vector[rows], return_inverse=True)[1].astype(np.int64)
        everywhere = np.bincount(vector)
        least = max(LEAST_ROWS, int(np.sort(everywhere)[-min(TOP_VECTORS, len(everywhere))])) if len(everywhere) else 0
        far, given = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        for column in self.rows.answers[rows].T:  # by column: a wide form's distances are not all held at once
            far += np.where(column > 0, np.abs(2 * column.astype(np.int64) - self.rows.levels - 1), 0)
            given += column > 0
        return Crooked(rows, vector, everywhere, np.flatnonzero(everywhere >= least), far, given)

    @cached_property
    def period_and_channel(self) -> Ints:
        """Previous period or this one, and the channel, of each row."""
        return self.now * self.channels + self.rows.channel

    @cached_property
    def channels(self) -> int:
        return int(self.rows.channel.max(initial=0)) + 1

    @cached_property
    def near(self) -> Near | None:
        """Rows around the deadline; None where there is none."""
        if self.deadline is None:
            return None
        rows = self.rows
        inside = np.flatnonzero((rows.level > 0) & (rows.week >= self.deadline - SPAN) & (rows.week < self.deadline + SPAN))
        if not len(inside):
            return None
        inside = inside[np.argsort(rows.cluster[inside], kind="stable")]
        cells, cell = np.unique(rows.part[inside] * self.channels + rows.channel[inside], return_inverse=True)
        twice = 2 * rows.level[inside] - rows.levels - 1
        return Near(inside, cell, rows.cluster[inside], rows.week[inside] >= self.deadline, twice, len(cells))


@dataclass(frozen=True)
class Scene:
    """The ground with a unit for every row: the true one, or one given by chance.

    Attributes
    ----------
    ground : Ground
    unit : (n,) int
    """

    ground: Ground
    unit: Ints

    @cached_property
    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """Units and their vectors that are no straight lines, each pair once, with how often it comes."""
        crooked = self.ground.crooked
        width = max(1, len(crooked.everywhere))
        key = np.sort(self.unit[crooked.rows] * width + crooked.vector)
        first = np.flatnonzero(np.concatenate([np.ones(min(1, len(key)), np.bool_), key[1:] != key[:-1]]))
        return key[first] // width, key[first] % width, np.diff(np.append(first, len(key)))
