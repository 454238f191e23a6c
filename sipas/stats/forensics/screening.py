"""The screen: one chance per unit, the units that stand out, and how many of them chance alone would bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum

import numpy as np

from sipas.stats.forensics.baseline import BadCountsError
from sipas.stats.forensics.patterns import Rows, patterns
from sipas.stats.forensics.permuting import looks_until, rank_by_looks, shuffled
from sipas.stats.forensics.scene import Ground, Scene, Signal
from sipas.stats.forensics.signals import SIGNALS
from sipas.stats.forensics.whole_units import UNIT_RULES, WholeUnits
from sipas.stats.intervals import Bools, Floats
from sipas.stats.multiplicity import benjamini_hochberg
from sipas.stats.weights import Ints

RULES_VERSION = "forensics-3"  # a new one whenever a signal, a floor or a threshold changes
FALSE_DISCOVERY = 0.05  # decision 4
PERMUTATIONS = 999
HOPELESS = 3.0  # times the bar that the last of those found would meet: permutations stop for a unit that is so far off


@dataclass(frozen=True, slots=True)
class Flag:
    """Why a unit stands out, by one signal.

    Attributes
    ----------
    unit : int
    reason : str
        A name of ``SIGNALS``, or of ``UNIT_RULES``.
    rules : str
        The version of the rules that said so.
    p, unit_p : float
        Chance by this signal, and by all together.
    observed, expected : float
        In the signal's own measure.
    rows : (r,) int
        The rows it is about, by position; empty for a signal of the whole unit. No row is changed or left out for it.
    """

    unit: int
    reason: str
    rules: str
    p: float
    unit_p: float
    observed: float
    expected: float
    rows: Ints


@dataclass(frozen=True, slots=True)
class Screen:
    """What a screen of one period found.

    Attributes
    ----------
    flags : tuple of Flag
        By unit and signal.
    unit_p, adjusted : (u,) float
        Chance of each unit, and after Benjamini & Hochberg.
    p : (u, m) float
        By unit and signal, in the order of ``SIGNALS`` or of ``UNIT_RULES``.
    expected_if_clean : float
        Units that such a screen flags on average where nothing is wrong.
    expected_false : float
        At most so many of the flagged units are false alarms on average: the false discovery rate times their number.
    tested : int
        Units that could be tested at all.
    rules : str
    """

    flags: tuple[Flag, ...]
    unit_p: Floats
    adjusted: Floats
    p: Floats
    expected_if_clean: float
    expected_false: float
    tested: int
    rules: str = RULES_VERSION


def expected_false_alarms(units: int, rate: float = FALSE_DISCOVERY) -> float:
    """Units that Benjamini & Hochberg's procedure flags on average where nothing is wrong anywhere.

    Parameters
    ----------
    units : int
        Independent units tested.
    rate : float
        False discovery rate, 0-1.

    Returns
    -------
    float
        Σ_j j·rate^j·(units−1)!/((units−j)!·units^(j−1)); near rate/(1−rate)² for many units.

    References
    ----------
    Finner & Roters (2001), Biometrical Journal 43, 985-1005.
    """
    terms, term = [], rate
    for j in range(1, units + 1):
        terms.append(j * term)
        term *= rate * (units - j) / units
    return fsum(terms)


def screen(
    rows: Rows,
    *,
    since: int = 0,
    deadline: int | None = None,
    rate: float = FALSE_DISCOVERY,
    rng: np.random.Generator | None = None,
    permutations: int = PERMUTATIONS,
) -> Screen:
    """Look for units whose stored answers are hardly those of an honest unit; nothing is removed, a person decides.

    Each unit gets min(1, m·min p) over the m signals. With ``rng`` it also gets the rank of its smallest p among those of all
    units in data sets in which rows change units at random within week and form, and the larger of the two chances counts: the
    formula knows that honest units differ, the permutations that its p-values are not exactly uniform. As that can only clear a
    unit, no permutation is made where the formula flags nobody; and they end at the first look (99, 299, ``permutations``) after
    which every such unit is flagged for good, or far from it. The rank is paid for by the number of looks.

    Parameters
    ----------
    rows : Rows
        The weeks of the period, the period before it and, for the step, eight weeks on each side of the deadline.
    since : int
        First week of the period that is judged.
    deadline : int, optional
        First week after a target's deadline; without it no step is tested.
    rate : float
        False discovery rate over units, 0-1.
    rng : numpy Generator, optional
        Chance for the permutations; none are made without it.
    permutations : int
        How many.

    Returns
    -------
    Screen

    Raises
    ------
    BadCountsError
        ``rate`` is outside 0-1.

    References
    ----------
    Statistics page section 9; Benjamini & Hochberg (1995), JRSS-B 57, 289-300; Besag & Clifford (1991), Biometrika 78, 301-304.
    """
    if not 0 < rate < 1:
        raise BadCountsError(f"rate: {rate} is no false discovery rate; give one between 0 and 1")
    ground = Ground(rows, patterns(rows), int(rows.unit.max(initial=-1)) + 1, since, deadline)
    scene = Scene(ground, rows.unit)
    signals = {name: signal(scene) for name, signal in SIGNALS.items()}
    p = np.column_stack([signal.p for signal in signals.values()])
    tested = np.bincount(rows.unit[ground.now], minlength=ground.units) > 0
    unit_p = np.minimum(1.0, p.shape[1] * p.min(axis=1, initial=1.0))
    if rng is not None and np.any(_adjusted(unit_p, tested) <= rate):
        unit_p = np.maximum(unit_p, _ranked(scene, p.min(axis=1), (unit_p, tested, rate), rng, permutations))
    return _told(rows.unit, signals, (p, unit_p, tested), rate)


def screen_units(whole: WholeUnits, *, rate: float = FALSE_DISCOVERY) -> Screen:
    """Look for units whose volume, channels, busy weeks or spent codes are hardly those of an honest unit; a person decides.

    Each unit gets min(1, m·min p) over the m rules. Nothing is permuted: who deals answers out anew changes no volume, and the
    formulas are calibrated by the other units (MAD).

    Parameters
    ----------
    whole : WholeUnits
        The weeks of the period, all questionnaires together.
    rate : float
        False discovery rate over units, 0-1.

    Returns
    -------
    Screen

    Raises
    ------
    BadCountsError
        ``rate`` is outside 0-1.

    References
    ----------
    Integrity page 3.9; Benjamini & Hochberg (1995), JRSS-B 57, 289-300.
    """
    if not 0 < rate < 1:
        raise BadCountsError(f"rate: {rate} is no false discovery rate; give one between 0 and 1")
    signals = {name: rule(whole) for name, rule in UNIT_RULES.items()}
    p = np.column_stack([signal.p for signal in signals.values()])
    tested = np.bincount(whole.unit, minlength=whole.units) > 0
    return _told(whole.unit, signals, (p, np.minimum(1.0, p.shape[1] * p.min(axis=1, initial=1.0)), tested), rate)


def _told(unit: Ints, signals: Mapping[str, Signal], chances: tuple[Floats, Floats, Bools], rate: float) -> Screen:
    """What the chances of the units say."""
    p, unit_p, tested = chances
    adjusted = _adjusted(unit_p, tested)
    found = tested & (adjusted <= rate)
    flags = _flags(unit, signals, unit_p, found, rate * float(found.sum()) / max(1.0, float(tested.sum())))
    return Screen(flags, unit_p, adjusted, p, expected_false_alarms(int(tested.sum()), rate), rate * float(found.sum()), int(tested.sum()))


def _ranked(scene: Scene, least: Floats, judged: tuple[Floats, Bools, float], rng: np.random.Generator, permutations: int) -> Floats:
    """Where each unit's smallest p stands among those of permuted data, all units pooled; 0 where the formula flags nothing."""
    formula, tested, rate = judged
    candidates = _adjusted(formula, tested) <= rate
    bar = HOPELESS * rate * float(candidates.sum()) / float(tested.sum())

    def settled(rank: Floats, now: Floats) -> bool:
        flagged = _adjusted(np.maximum(formula, rank), tested) <= rate
        return bool(np.all((flagged | (now > bar))[candidates]))

    drawn = (np.column_stack([signal(made).p for signal in SIGNALS.values()]).min(axis=1)[tested] for made in shuffled(scene, rng))
    return np.where(candidates, rank_by_looks(least, drawn, looks_until(permutations), settled), 0.0)


def rows_of(rows: Rows, unit: int, reason: str, *, since: int = 0) -> Ints:
    """The rows that a flag of a screen of the same rows is about, found again without any permutation.

    Parameters
    ----------
    rows : Rows
        As they were screened.
    unit : int
        From 0.
    reason : str
        A name of ``SIGNALS``.
    since : int
        First week of the period that was judged.

    Returns
    -------
    (r,) int
        Positions; empty for a signal of the whole unit.
    """
    scene = Scene(Ground(rows, patterns(rows), int(rows.unit.max(initial=-1)) + 1, since, None), rows.unit)
    return np.flatnonzero(SIGNALS[reason](scene).rows() & (rows.unit == unit))


def unit_rows_of(whole: WholeUnits, unit: int, reason: str) -> Ints:
    """The rows that a flag of ``screen_units`` is about, found again.

    Parameters
    ----------
    whole : WholeUnits
        As it was screened.
    unit : int
        From 0.
    reason : str
        A name of ``UNIT_RULES``.

    Returns
    -------
    (r,) int
        Positions; empty for a rule about the whole unit.
    """
    return np.flatnonzero(UNIT_RULES[reason](whole).rows() & (whole.unit == unit))


def _adjusted(unit_p: Floats, tested: Bools) -> Floats:
    adjusted = np.ones(len(unit_p))
    if tested.any():
        adjusted[tested] = benjamini_hochberg(unit_p[tested])
    return adjusted


def _flags(of: Ints, signals: Mapping[str, Signal], unit_p: Floats, found: Bools, bar: float) -> tuple[Flag, ...]:
    """Of each unit found, the signals that would have found it alone."""
    made: list[Flag] = []
    named: dict[str, Bools] = {}
    for unit in np.flatnonzero(found).tolist():
        for name, signal in signals.items():
            if len(signals) * signal.p[unit] <= bar:
                named[name] = named[name] if name in named else signal.rows()
                rows = np.flatnonzero(named[name] & (of == unit))
                figures = (float(signal.p[unit]), float(unit_p[unit]), float(signal.observed[unit]), float(signal.expected[unit]))
                made.append(Flag(unit, name, RULES_VERSION, *figures, rows))
    return tuple(made)
