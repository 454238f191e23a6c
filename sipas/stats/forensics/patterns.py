"""Rows as vectors: straight lines, and vectors that come again. Nothing here knows which end of a scale is the good one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sipas.stats.forensics.baseline import BadCountsError
from sipas.stats.intervals import Bools
from sipas.stats.weights import Ints

LEAST_ITEMS = 4  # answers on a scale; equal answers to fewer items are nothing


@dataclass(frozen=True, slots=True)
class Rows:
    """Stored answers of some weeks, a row each.

    Attributes
    ----------
    unit, week, form, channel, part, cluster : (n,) int
        From 0: the receiving unit; the week by order of time; questionnaire and length; evidence channel; sector; opaque label.
    answers : (n, k) int
        Levels 1 to ``levels``; 0 not applicable; −1 left blank or not asked.
    level : (n,) int
        The overall item, coded the same.
    fast, burst, off_hours : (n,) bool
        Flags given at acceptance, which never look at what was answered.
    levels : int
        How many levels the scales have.
    """

    unit: Ints
    week: Ints
    form: Ints
    channel: Ints
    part: Ints
    cluster: Ints
    answers: NDArray[np.int8]
    level: Ints
    fast: Bools
    burst: Bools
    off_hours: Bools
    levels: int = 5

    def __post_init__(self) -> None:
        """Lengths and codes, with a complaint that names the column."""
        for name in ("unit", "week", "form", "channel", "part", "cluster", "level", "fast", "burst", "off_hours"):
            column = getattr(self, name)
            if column.shape != (len(self.answers),):
                raise BadCountsError(f"{name}: {column.shape} values for {len(self.answers)} rows")
            if name != "level" and len(column) and column.min() < 0:
                raise BadCountsError(f"{name}: row {int(column.argmin())} has the negative code {int(column.min())}; number from 0")
        for name, codes in (("answers", self.answers), ("level", self.level)):
            if codes.size and (codes.min() < -1 or codes.max() > self.levels):
                raise BadCountsError(f"{name}: a code outside −1 to {self.levels}; recode to levels, 0 not applicable, −1 blank")


@dataclass(frozen=True, slots=True)
class Patterns:
    """What the vectors of all rows show.

    Attributes
    ----------
    telling, straight : (n,) bool
        Rows with enough answers to judge; of them, those whose answers are all equal.
    vector : (n,) int
        The same number for the same form and the same answers.
    """

    telling: Bools
    straight: Bools
    vector: Ints


def patterns(rows: Rows) -> Patterns:
    """Straight lines and equal vectors.

    Parameters
    ----------
    rows : Rows
        Any number of them.

    Returns
    -------
    Patterns

    References
    ----------
    Zhang & Conrad (2014), Survey Research Methods 8, 127-135 (straight-lining); statistics page section 9.
    """
    given = rows.answers > 0
    top = np.where(given, rows.answers, -1).max(axis=1, initial=-1)
    least = np.where(given, rows.answers, rows.levels + 1).min(axis=1, initial=rows.levels + 1)
    telling = given.sum(axis=1) >= LEAST_ITEMS
    return Patterns(telling, telling & (top == least), _numbered(rows))


def _numbered(rows: Rows) -> Ints:
    """The same number for the same form and answers: as many columns as a whole number holds are read as its digits at a time."""
    digits = rows.levels + 2  # −1 to ``levels``
    at_once = int(62 / np.log2(digits))
    number = rows.form.astype(np.int64)
    for first in range(0, rows.answers.shape[1], at_once):
        some = rows.answers[:, first : first + at_once]
        code = np.zeros(len(some), np.int64)
        for column in some.T:
            code = code * digits + (column + 1)
        number = _joined(number, code)
    return number


def _joined(first: Ints, second: Ints) -> Ints:
    """The same number from 0 for the same pair."""
    second = np.unique(second, return_inverse=True)[1]
    key = first.astype(np.int64) * (int(second.max(initial=0)) + 1) + second
    return np.asarray(np.unique(key, return_inverse=True)[1], np.int64)


def reversed_scales(rows: Rows) -> Rows:
    """The same rows with every scale read from its other end: 1 is 5 and 5 is 1; blanks stay blanks.

    Parameters
    ----------
    rows : Rows
        Any number of them.

    Returns
    -------
    Rows

    References
    ----------
    Integrity page, INT-12: no rule may know in which direction an answer points.
    """
    turned = np.where(rows.answers > 0, rows.levels + 1 - rows.answers, rows.answers).astype(np.int8)
    level = np.where(rows.level > 0, rows.levels + 1 - rows.level, rows.level)
    return replace(rows, answers=turned, level=level)
