"""The chance that so many answers show that a target is met, and the number from which that chance stays."""

from __future__ import annotations

import math

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.intervals import ALPHA, Bools, Floats
from sipas.stats.verdict import MOST_MORE

POWER = 0.8
_BLOCK = 256  # so few sizes are looked at one by one


class BadPlanError(ValueError):
    """A plan was asked for with a number that is none of the kind."""


def rounded_up(number: float) -> int:
    """Rounded up, where the last digits of a whole number are not believed.

    Parameters
    ----------
    number : float
        Finite.

    Returns
    -------
    int
        The least whole number that is not below ``number`` by more than 1e-12 of it, or a thousandth.
    """
    return math.ceil(number - min(1e-12 * max(1.0, abs(number)), 1e-3))


def power_to_show(n: Floats, expected: float, target: float, *, alpha: float = ALPHA) -> Floats:
    """The chance that n answers show it: the lower limit at or above the target, or (expected below it) the upper limit below.

    Parameters
    ----------
    n : (k,) float
        Whole effective numbers of answers.
    expected, target : float
        0-1.
    alpha : float
        1 − confidence of the two-sided Clopper-Pearson interval.

    Returns
    -------
    (k,) float
        0-1; the curve saws, so a larger n can have less power.

    References
    ----------
    Clopper & Pearson (1934); Chernick & Liu (2002), The American Statistician 56, 149-155 (the saw-tooth).
    """
    if expected < target:
        expected, target = 1 - expected, 1 - target
    elif target == 0:
        return np.ones(np.shape(n))
    count = np.asarray(n, np.float64)
    return _tail(_critical(count, target, alpha), count, expected)


def start_value(expected: float, target: float, *, power: float = POWER, alpha: float = ALPHA) -> float:
    """The normal approximation to the number of answers that show a target: where a search starts, not where it ends.

    Parameters
    ----------
    expected, target : float
        0-1.
    power : float
        0-1.
    alpha : float
        1 − confidence.

    Returns
    -------
    float
        Effective answers; infinite where ``expected`` is the target.

    References
    ----------
    Fleiss, Levin & Paik (2003), Statistical Methods for Rates and Proportions, ch. 2; statistics page section 7.
    """
    if expected == target:
        return math.inf
    z, z_power = (float(scipy.special.ndtri(one)) for one in (1 - alpha / 2, power))
    spread = z * math.sqrt(target * (1 - target)) + z_power * math.sqrt(expected * (1 - expected))
    return float((spread / (expected - target)) ** 2)


def effective_to_show(expected: float, target: float, *, power: float = POWER, alpha: float = ALPHA) -> int | None:
    """The smallest effective number from which the power stays at or above ``power``: the first crossing is too small.

    Beyond a Chernoff bound the power cannot fall again; below it whole stretches are certified at once (their least n with
    the critical count of their greatest) and only the rest is looked at one by one. So "stays" is proved, not sampled.

    Parameters
    ----------
    expected, target : float
        0-1. Below the target: the number that shows that it is not met.
    power : float
        Above 0 and below 1.
    alpha : float
        1 − confidence.

    Returns
    -------
    int or None
        None where ``expected`` is the target, the target is 1 and everybody is expected to be satisfied, or more than a
        million would be needed.

    Raises
    ------
    BadPlanError
        The power is not between 0 and 1.

    References
    ----------
    Statistics page section 7 (own); Chernoff (1952), Ann. Math. Statist. 23, 493-507.
    """
    if not 0 < power < 1:
        raise BadPlanError(f"a power lies between 0 and 1 (0.8 is usual), not {power}")
    if expected < target:
        expected, target = 1 - expected, 1 - target
    elif target == 0:
        return 1
    if expected == target or not 0 <= target < 1 or start_value(expected, target, power=power, alpha=alpha) > 1.2 * MOST_MORE:
        return None
    last = _last_short(expected, target, power, alpha)
    return last + 1 if last < MOST_MORE else None


def _tail(x: Floats, n: Floats, p: float) -> Floats:
    """P(X ≥ x) of a binomial: 1 for x ≤ 0, 0 for x > n."""
    inside = (x >= 1) & (x <= n)
    tail = scipy.special.betainc(np.where(inside, x, 1.0), np.where(inside, n - x + 1, 1.0), p)
    return np.asarray(np.where(inside, tail, np.where(x < 1, 1.0, 0.0)))


def _critical(n: Floats, target: float, alpha: float, between: tuple[float, float] | None = None) -> Floats:
    """The fewest satisfied answers (at least one) whose lower limit clears the target; n + 1 where not even all would."""
    low, high = (np.zeros(np.shape(n)), n + 1) if between is None else (np.full(n.shape, one) for one in between)
    while np.any(high - low > 1):  # low never clears, high always counts as clearing
        middle = np.floor((low + high) / 2)
        clears: Bools = _tail(middle, n, target) <= alpha / 2
        wide = high - low > 1
        low, high = np.where(wide & ~clears, middle, low), np.where(wide & clears, middle, high)
    return np.asarray(high, np.float64)


def _divergence(c: float, p: float) -> float:
    """Kullback-Leibler divergence of a Bernoulli share c from p."""
    return float(scipy.special.rel_entr(c, p) + scipy.special.rel_entr(1 - c, 1 - p))


def _horizon(expected: float, target: float, power: float, alpha: float) -> int:
    """From here on the power stays: both errors are under Chernoff's bound for a threshold between target and expectation."""
    if expected == 1:
        return rounded_up(math.log(alpha / 2) / math.log(target)) if target > 0 else 1
    if target == 0:
        return rounded_up(math.log1p(-power) / math.log1p(-expected))
    needed = (math.inf, math.inf)
    low, high = target, expected
    for _ in range(20):
        middle = (low + high) / 2
        needed = math.log(2 / alpha) / _divergence(middle, target), -math.log1p(-power) / _divergence(middle, expected)
        low, high = (middle, high) if needed[0] > needed[1] else (low, middle)
    return math.ceil(max(needed)) + 1


def _last_short(expected: float, target: float, power: float, alpha: float) -> int:
    """The greatest n whose power is below ``power``; 0 where there is none.

    The critical count never falls with n and never rises by more than n does. So over a stretch a..b it is highest, for the
    size, where it first reaches its last value: no n of the stretch has less power than a + x(b) - x(a) answers with x(b).
    """

    def critical(first: int, last: int, between: tuple[float, float]) -> tuple[float, float]:
        pair = _critical(np.array([first, last], np.float64), target, alpha, between)
        return float(pair[0]), float(pair[1])

    end = _horizon(expected, target, power, alpha)
    stretches = [(1, end, *critical(1, end, (0, end + 1)))]
    while stretches:
        first, last, least, most = stretches.pop()
        if _tail(np.array([most]), np.array([min(first + most - least, last)]), expected)[0] >= power:
            continue
        if last - first >= _BLOCK:
            middle = (first + last) // 2
            before, after = critical(middle, middle + 1, (least - 1, most))
            stretches += [(first, middle, least, before), (middle + 1, last, after, most)]  # the later half is looked at first
            continue
        n = np.arange(first, last + 1, dtype=np.float64)
        short = n[_tail(_critical(n, target, alpha, (least - 1, most)), n, expected) < power]
        if short.size:
            return int(short[-1])
    return 0
