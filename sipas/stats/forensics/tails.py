"""Chances of a count at least as large: exact where they are small, by a matched beta distribution where they tell nothing."""

from __future__ import annotations

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.intervals import Bools, Floats
from sipas.stats.weights import Ints

ROUGH = 0.1  # a chance above it is no sign, and need not be exact
BINOMIAL_BELOW = 1e-5  # overdispersion that makes no difference, and whose gamma functions would cancel
ROWS, TERMS = 16_384, 64  # that are summed at once
SLACK = 1e-9  # for the rounding of a logarithm
SMALLEST_TERM = 1e-13  # of the sum: the rest is left


def beta_binomial_tail(count: Floats, total: Floats, rate: Floats, overdispersion: float) -> Floats:
    """P(X ≥ count) of a beta-binomial, summed term by term away from its mean; ρ below 1e-5 is the binomial.

    Parameters
    ----------
    count, total : (u,) float
        Whole numbers, 0 ≤ count ≤ total.
    rate : (u,) float
        Mean rate, 0-1.
    overdispersion : float
        ρ = 1/(a + b + 1), 0 ≤ ρ < 1.

    Returns
    -------
    (u,) float
        0-1; 1 where ``count`` is 0.

    References
    ----------
    Skellam (1948), JRSS-B 10, 257-261; Johnson, Kemp & Kotz (2005), Univariate Discrete Distributions, section 6.2.2.
    """
    tail = np.ones(len(count))
    some = np.flatnonzero(count > 0)
    k, n, p = count[some], total[some], np.clip(rate[some], 1e-12, 1 - 1e-12)
    if overdispersion < BINOMIAL_BELOW:
        tail[some] = scipy.special.betainc(k, n - k + 1, p)
        return tail
    high = k > n * p  # the other side of the mean is summed and taken from 1
    first, mean = np.where(high, k, n - k + 1), np.where(high, p, 1 - p)
    order = np.argsort(n - first, kind="stable")  # rows with as many terms side by side
    summed = np.empty(len(some))
    for at in range(0, len(order), ROWS):
        mine = order[at : at + ROWS]
        summed[mine] = _upper(first[mine], n[mine], mean[mine], overdispersion)
    tail[some] = np.clip(np.where(high, summed, 1 - summed), 0.0, 1.0)
    return tail


def _upper(k: Floats, n: Floats, p: Floats, rho: float) -> Floats:
    """The sum of the probabilities from k to n, where k lies beyond the mean; ``k`` may be n + 1."""
    a, b = p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho
    inside = k <= n
    j = np.minimum(k, n)
    first = _log_probability(j, n, a, b)
    total, term, left = np.ones(len(k)), np.ones(len(k)), np.flatnonzero(inside)
    while len(left):
        at = j[left, None] + np.arange(TERMS)
        rest = np.maximum(n[left, None] - at, 0.0)
        step = rest * (at + a[left, None]) / ((at + 1) * np.maximum(rest - 1 + b[left, None], b[left, None]))
        terms = term[left, None] * np.cumprod(step, axis=1)
        total[left] += terms.sum(axis=1)
        term[left], j[left] = terms[:, -1], j[left] + TERMS
        # From b = 1 on the probabilities only fall beyond the mode, so that what is left is less than its number times the last.
        done = (j[left] >= n[left]) | ((b[left] >= 1) & (term[left] * (n[left] - j[left]) < SMALLEST_TERM * total[left]))
        left = left[~done]
    return np.where(inside, np.exp(first) * total, 0.0)


def _log_probability(k: Floats, n: Floats, a: Floats, b: Floats) -> Floats:
    """The logarithm of P(X = k)."""
    lg = scipy.special.gammaln
    ways = lg(n + 1) - lg(k + 1) - lg(n - k + 1)
    return np.asarray(ways + lg(k + a) - lg(a) + lg(n - k + b) - lg(b) - lg(n + a + b) + lg(a + b), np.float64)


def least_tails(owner: Ints, count: Floats, total: Floats, rate: Floats, overdispersion: float) -> tuple[Floats, Ints]:
    """The smallest P(X ≥ count) of each owner, without summing the others.

    A tail is at least the probability of the count itself: only those can be the smallest whose probability is no larger than the
    tail of the owner's least probable count.

    Parameters
    ----------
    owner : (m,) int
        From 0.
    count, total : (m,) float
        Whole numbers, 1 ≤ count ≤ total.
    rate : (m,) float
        Mean rate, 0-1.
    overdispersion : float
        ρ, 0 < ρ < 1.

    Returns
    -------
    least : (u,) float
        0-1; 1 for an owner without a count.
    which : (w,) int
        The counts that have them, by position.

    References
    ----------
    Skellam (1948), JRSS-B 10, 257-261.
    """
    least = np.ones(int(owner.max(initial=-1)) + 1)
    if not len(owner):
        return least, owner
    p = np.clip(rate, 1e-12, 1 - 1e-12)
    spread = (1 - overdispersion) / overdispersion
    alone = _log_probability(count, total, p * spread, (1 - p) * spread)
    rarest = np.full(len(least), np.inf)
    np.minimum.at(rarest, owner, alone)
    some = np.flatnonzero(alone <= rarest[owner])
    np.minimum.at(least, owner[some], beta_binomial_tail(count[some], total[some], p[some], overdispersion))
    some = np.flatnonzero(alone <= np.log(np.maximum(least, 1e-300))[owner] + SLACK)
    tails = beta_binomial_tail(count[some], total[some], p[some], overdispersion)
    np.minimum.at(least, owner[some], tails)
    return least, some[tails == least[owner[some]]]


def sign_tail(count: Floats, total: Floats, rate: Floats, overdispersion: float) -> Floats:
    """P(X ≥ count) of a beta-binomial: exact where it may be a sign, else by the beta distribution of the same mean and variance.

    Parameters
    ----------
    count, total : (u,) float
        Whole numbers, 0 ≤ count ≤ total.
    rate : (u,) float
        Mean rate, 0-1.
    overdispersion : float
        ρ, 0 ≤ ρ < 1.

    Returns
    -------
    (u,) float
        0-1; 1 where ``count`` is 0.

    References
    ----------
    Johnson, Kemp & Kotz (2005), section 6.2.2; the matched beta is continuous at half numbers.
    """
    p = np.clip(rate, 1e-12, 1 - 1e-12)
    spread = np.maximum(total / (1 + np.maximum(total - 1, 0) * overdispersion) - 1, 1e-9)
    tail = np.ones(len(count))
    some = np.flatnonzero(count > 0)
    tail[some] = 1 - scipy.special.betainc((p * spread)[some], ((1 - p) * spread)[some], (count[some] - 0.5) / total[some])
    small: Bools = (count > 0) & (tail < ROUGH)
    tail[small] = beta_binomial_tail(count[small], total[small], p[small], overdispersion)
    return tail


def negative_binomial_tail(count: Floats, mean: Floats, overdispersion: float) -> Floats:
    """P(X ≥ count) of a negative binomial with variance mean + φ·mean²; φ = 0 is the Poisson.

    Parameters
    ----------
    count, mean : (u,) float
        Whole numbers; means above 0.
    overdispersion : float
        φ ≥ 0.

    Returns
    -------
    (u,) float
        0-1; 1 where ``count`` is 0.

    References
    ----------
    Johnson, Kemp & Kotz (2005), ch. 5; the tail is an incomplete beta function.
    """
    mean = np.maximum(mean, 1e-12)
    known = np.maximum(count, 1.0)
    if overdispersion <= 0:
        return np.where(count > 0, scipy.special.gammainc(known, mean), 1.0)
    size = 1 / overdispersion
    return np.where(count > 0, scipy.special.betainc(known, size, mean / (size + mean)), 1.0)
