"""Rules about whole units, all questionnaires together: volume, the gap between channels, busy weeks, and codes that are used twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.forensics.baseline import MAD_EFFICIENCY, TRIM, BadCountsError, excess, standing_out
from sipas.stats.forensics.changes import contrasted
from sipas.stats.forensics.scene import LEAST_ROWS, Near, Signal
from sipas.stats.forensics.tails import negative_binomial_tail, sign_tail
from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

VERIFIED, ON_SITE = 0, 1  # channels V and S
ROBUST_Z = 4.0  # F1: a response rate so far above the others'
LEAST_CONTESTED = 0.01  # F9: a contested rate below it is nothing
CONTESTED_FLOOR = 0.02  # least overdispersion believed
LEAST_WEEKS = 6  # F6: fewer weeks have no shape
LEAST_SPREAD = 0.01  # F6: variance of the logarithm of weekly volume below which no week is busy


@dataclass(frozen=True, slots=True)
class WholeUnits:
    """Stored answers of a period, a row each, with the dossiers behind them.

    Attributes
    ----------
    unit, week, form, part, channel, cluster : (n,) int
        From 0: receiving unit; week by order of time; questionnaire and length; sector; channel (0 V, 1 S, then the others); opaque label.
    level : (n,) int
        The overall item, 1 to ``levels``; 0 or below where there is none.
    counted : (n,) bool
        Answers of the headline channels about a dossier: those whose volume is judged.
    contested : (n,) bool
        Answers under a code that was spent before.
    dossiers : (u, s, w) float
        Dossiers of a unit and sector, spread evenly over the weeks of their month; NaN where the frame is silent.
    levels : int
        How many levels the scales have.
    """

    unit: Ints
    week: Ints
    form: Ints
    part: Ints
    channel: Ints
    cluster: Ints
    level: Ints
    counted: Bools
    contested: Bools
    dossiers: Floats
    levels: int = 5

    def __post_init__(self) -> None:
        """Lengths and codes, with a complaint that names the column."""
        for name in ("week", "form", "part", "channel", "cluster", "level", "counted", "contested"):
            if getattr(self, name).shape != self.unit.shape:
                raise BadCountsError(f"{name}: {getattr(self, name).shape} values for {len(self.unit)} rows")
        for axis, name in enumerate(("unit", "part", "week")):
            column = getattr(self, name)
            if len(column) and not 0 <= column.min() <= column.max() < self.dossiers.shape[axis]:
                raise BadCountsError(f"{name}: codes from {column.min()} to {column.max()}, dossiers for {self.dossiers.shape[axis]}")
        if np.any(self.dossiers < 0):
            raise BadCountsError("dossiers: a negative number")

    @property
    def units(self) -> int:
        return int(self.dossiers.shape[0])


def volume(whole: WholeUnits) -> Signal:
    """F1: answers for each dossier, above the other units' rate by a robust z of more than four.

    A unit's own mix of sectors says how many answers are usual, by rates pooled over the middle 80 % of the units.

    Parameters
    ----------
    whole : WholeUnits
        The period.

    Returns
    -------
    Signal

    References
    ----------
    Integrity page 3.9, F1; Hampel (1974), JASA 69, 383-393 (MAD).
    """
    count, dossiers = _framed(whole)
    n, usable = count.sum(axis=1), (dossiers.sum(axis=1) > 0)
    kept = usable
    for _ in range(3):
        rates = (count[kept].sum(axis=0) + 0.5) / (dossiers[kept].sum(axis=0) + 1.0)
        expected = dossiers @ rates
        effect = np.log((n + 0.5) / (expected + 0.5))
        low, high = np.quantile(effect[usable], [TRIM, 1 - TRIM]) if usable.any() else (0.0, 0.0)
        kept = usable & (effect >= low) & (effect <= high)
    z = standing_out(effect, 1 / (expected + 0.5), usable)
    df = max(1.0, MAD_EFFICIENCY * (float(usable.sum()) - 1))
    p = np.where(z > ROBUST_Z, scipy.special.stdtr(df, -z), 1.0)
    return Signal(p, n, expected, lambda: _none(whole))


def over_dossiers(whole: WholeUnits) -> Signal:
    """F1: more answers than there were dossiers; Poisson, since an answer may come some days after its dossier's month.

    Parameters
    ----------
    whole : WholeUnits
        The period.

    Returns
    -------
    Signal

    References
    ----------
    Integrity page 3.9, F1 (more than 100 % of dossiers).
    """
    count, dossiers = (table.sum(axis=1) for table in _framed(whole))
    p = np.where((count > dossiers) & (dossiers > 0), negative_binomial_tail(count, dossiers, 0.0), 1.0)
    return Signal(p, count, dossiers, lambda: _none(whole))


def channel_gap(whole: WholeUnits) -> Signal:
    """F5: mean level on site less that of verified answers, form and sector held, against the other units' gaps; both directions.

    Parameters
    ----------
    whole : WholeUnits
        The period.

    Returns
    -------
    Signal

    References
    ----------
    Integrity page 2.1 (T1) and 3.9, F5; Binder (1983), Int. Stat. Rev. 51, 279-292 (linearised variance).
    """
    inside = np.flatnonzero((whole.level > 0) & (whole.channel <= ON_SITE))
    inside = inside[np.argsort(whole.cluster[inside], kind="stable")]
    kinds = int(whole.part.max(initial=0)) + 1
    cells, cell = np.unique(whole.form[inside] * kinds + whole.part[inside], return_inverse=True)
    twice = 2 * whole.level[inside] - whole.levels - 1
    near = Near(inside, cell, whole.cluster[inside], whole.channel[inside] == ON_SITE, twice, len(cells))
    found = contrasted(near, whole.unit[inside], whole.units)
    return Signal(found.p, found.observed, found.expected, lambda: whole.channel == ON_SITE)


def busy_weeks(whole: WholeUnits) -> Signal:
    """F6: whether the level moves with the weekly volume for each dossier, against the other units' slopes; both directions.

    The joint shape of response rate and score that stuffing leaves, read within each unit over its weeks, so that neither its level
    nor its usual rate says anything. Form, sector and channel are held; weeks are the clusters, since a bad week is one.

    Parameters
    ----------
    whole : WholeUnits
        The period.

    Returns
    -------
    Signal
        ``observed`` is the change of the mean level for twice the volume.

    References
    ----------
    Integrity page 3.9, F6; Klimek, Yegorov, Hanel & Thurner (2012), PNAS 109, 16469-16473; Binder (1983), Int. Stat. Rev. 51, 279-292.
    """
    slope, variance, weeks = _slopes(whole)
    usable = weeks >= LEAST_WEEKS
    z = standing_out(slope, variance, usable)
    df = max(1.0, MAD_EFFICIENCY * (float(usable.sum()) - 1))
    p = np.where(usable, np.minimum(1.0, 2 * scipy.special.stdtr(df, -np.abs(z))), 1.0)
    twice_as_many = np.log(2) / 2  # slopes are in half levels
    middle = float(np.median(slope[usable])) if usable.any() else 0.0
    return Signal(p, slope * twice_as_many, np.full(whole.units, middle * twice_as_many), lambda: _none(whole))


def contested(whole: WholeUnits) -> Signal:
    """F9: uses of codes that were spent before, above one in a hundred and above what is usual (beta-binomial).

    Parameters
    ----------
    whole : WholeUnits
        The period.

    Returns
    -------
    Signal

    References
    ----------
    Integrity page 3.9, F9; statistics page section 9.
    """
    count = np.bincount(whole.unit[whole.contested], minlength=whole.units).astype(np.float64)
    total = count + np.bincount(whole.unit[whole.channel == VERIFIED], minlength=whole.units)
    usual = excess(count[:, None], total[:, None], floor=CONTESTED_FLOOR)
    rate = np.maximum(LEAST_CONTESTED, usual.expected / np.maximum(total, 1))
    p = np.where(total > 0, sign_tail(count, total, rate, usual.overdispersion), 1.0)
    return Signal(p, count, total * rate, lambda: whole.contested)


UNIT_RULES: Mapping[str, Callable[[WholeUnits], Signal]] = MappingProxyType(
    {
        "volume": volume,
        "over_dossiers": over_dossiers,
        "channel_gap": channel_gap,
        "busy_weeks": busy_weeks,
        "contested": contested,
    }
)


def _none(whole: WholeUnits) -> Bools:
    return np.zeros(len(whole.unit), np.bool_)


def _framed(whole: WholeUnits) -> tuple[Floats, Floats]:
    """Counted answers and dossiers by unit and sector, of the weeks whose dossiers are known."""
    known = ~np.isnan(whole.dossiers)
    rows = whole.counted & known[whole.unit, whole.part, whole.week]
    units, parts, _ = whole.dossiers.shape
    count = np.bincount(whole.unit[rows] * parts + whole.part[rows], minlength=units * parts).astype(np.float64)
    return count.reshape(units, parts), np.where(known, whole.dossiers, 0.0).sum(axis=2)


def _volumes(whole: WholeUnits) -> Floats:
    """The logarithm of each unit's answers of each week, for each dossier where all its weeks have some; 0 for a week without."""
    units, _, weeks = whole.dossiers.shape
    cell = (whole.unit * weeks + whole.week)[whole.counted]
    count = np.bincount(cell, minlength=units * weeks).reshape(units, weeks)
    dossiers = np.where(np.isnan(whole.dossiers), 0.0, whole.dossiers).sum(axis=1)
    framed = np.all((dossiers > 0) | (count == 0), axis=1)
    base = np.where(framed[:, None] & (dossiers > 0), dossiers, 1.0)
    return np.where(count > 0, np.log(np.maximum(count, 1) / base), 0.0)


def _slopes(whole: WholeUnits) -> tuple[Floats, Floats, Floats]:
    """By unit: slope of the level in half levels on log volume, its variance, and the weeks, 0 where nothing can be tested.

    The variance is that of answers within weeks, each unit's own, and of good and bad weeks, the median unit's by moments: a unit whose
    line is not straight shall not hide behind it.
    """
    rows = np.flatnonzero(whole.counted & (whole.level > 0))
    unit, week = whole.unit[rows], whole.week[rows]
    cell = unit
    for column in (whole.form, whole.part, whole.channel):
        cell = np.unique(cell * (int(column.max(initial=0)) + 1) + column[rows], return_inverse=True)[1]
    x = _away(_volumes(whole)[unit, week], cell)
    y = _away((2 * whole.level[rows] - whole.levels - 1).astype(np.float64), cell)
    units, _, weeks = whole.dossiers.shape
    n, square = np.bincount(unit, minlength=units), np.bincount(unit, x * x, units)
    enough = (n >= LEAST_ROWS) & (square >= LEAST_SPREAD * n)
    slope = np.where(enough, np.bincount(unit, x * y, units) / np.where(enough, square, 1.0), 0.0)
    left, at, shape = y - slope[unit] * x, unit * weeks + week, (units, weeks)
    size = np.bincount(at, minlength=units * weeks).reshape(shape)
    between = (np.bincount(at, left, units * weeks).reshape(shape) ** 2 / np.maximum(size, 1)).sum(axis=1)
    there = np.where(enough, (size > 0).sum(axis=1), 0).astype(np.float64)
    own = (np.bincount(unit, left**2, units) - between) / np.maximum(n - there, 1)
    usable = there >= LEAST_WEEKS
    shock = ((between - (there - 2) * own) / np.maximum(n * (there - 2) / np.maximum(there, 1), 1))[usable]
    moved = (np.bincount(at, x, units * weeks).reshape(shape) ** 2).sum(axis=1)
    own, of_weeks = (np.maximum(own, 0.25 * np.median(own[usable])), max(0.0, float(np.median(shock)))) if usable.any() else (own, 0.0)
    return slope, np.where(usable, (own * square + of_weeks * moved) / np.where(enough, square, 1.0) ** 2, 1.0), there


def _away(values: Floats, cell: Ints) -> Floats:
    """Values less the mean of their cell."""
    n = np.bincount(cell)
    return np.asarray(values - (np.bincount(cell, values) / np.maximum(n, 1))[cell], np.float64)
