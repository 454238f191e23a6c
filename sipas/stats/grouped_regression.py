"""Regression and association from totals by group, equal to those on rows: counts suffice where regressors are constant in a group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import scipy  # its parts are loaded at their first use

from sipas.stats.intervals import Floats
from sipas.stats.multiplicity import BadComparisonError

MOST_STEPS = 100
SURE = 30.0  # logits beyond which a fitted share is 0 or 1
SEPARATED, NOT_ESTIMABLE, NO_DF, NO_VARIANCE = "separated", "not_estimable", "no_df", "no_variance"
TINY = 1e-13  # of its terms: a variance below is rounding


@dataclass(frozen=True, slots=True)
class Regression:
    """Coefficients with their design-based covariance.

    Attributes
    ----------
    coefficients : (p,) float
        On the scale of the link; 0 where there is no finite estimate.
    covariance : (p, p) float
        0 where there is no finite estimate.
    t, p_value : (p,) float
        Student's t of "it is 0" and its two-sided p-value; 0 and 1 where nothing is tested.
    df : float
        As it was given.
    reason : str
        "" where tested; ``separated`` (the answers give an endless slope), ``not_estimable`` (regressors or answers are missing),
        ``no_variance`` or ``no_df``.
    """

    coefficients: Floats
    covariance: Floats
    t: Floats
    p_value: Floats
    df: float
    reason: str

    @property
    def se(self) -> Floats:
        """Standard errors, (p,)."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)), np.float64)


@dataclass(frozen=True, slots=True)
class Association:
    """The Rao-Scott F test of a table: F with its two degrees of freedom; p is 1 where there is nothing to test."""

    f: float
    numerator_df: float
    denominator_df: float
    p: float


def regression(x: Floats, satisfied: Floats, answered: Floats, covariance: Floats, *, df: float, link: str = "logit") -> Regression:
    """A share regressed on what is constant within a group (its period, its channel), from weighted totals.

    Parameters
    ----------
    x : (G, p) float
        Regressors of each group; a column of 1 is the caller's.
    satisfied, answered : (G,) float
        Weighted totals of satisfied respondents, and of all that answered; a group may have none.
    covariance : (2G, 2G) float
        Of the totals, ``satisfied`` first, by the whole design.
    df : float
        Of the t test: those of the design, or R's own, design − p + 1.
    link : str
        One of ``LINKS``: ``identity`` (a straight line) or ``logit`` (quasi-binomial).

    Returns
    -------
    Regression

    Raises
    ------
    BadComparisonError
        Shapes do not fit, or the link has no such name.

    References
    ----------
    Binder (1983), Int. Stat. Rev. 51, 279-292; equals R ``svyglm`` with ``gaussian()`` or ``quasibinomial()``.
    """
    if link not in LINKS:
        raise BadComparisonError(f"there is no link {link!r}; choose from {sorted(LINKS)}")
    groups, width = x.shape
    if len(satisfied) != groups or len(answered) != groups or covariance.shape != (2 * groups, 2 * groups):
        raise BadComparisonError(f"{groups} groups need as many totals of each kind and a covariance of {2 * groups} by {2 * groups}")
    there = np.flatnonzero(answered > 0)
    used, y, w = x[there], satisfied[there], answered[there]
    if len(there) == 0 or np.linalg.matrix_rank(used) < width:
        return _untested(width, df, NOT_ESTIMABLE)
    solved = LINKS[link](used, y, w)
    if solved is None:
        return _untested(width, df, SEPARATED)
    beta, fitted, slope = solved
    bread = np.linalg.inv(used.T @ ((w * slope)[:, None] * used))
    score = bread @ np.concatenate([used.T, -fitted * used.T], axis=1)  # of z = x(y − μ·answered), group by group
    kept = np.concatenate([there, there + groups])
    inside = covariance[np.ix_(kept, kept)]
    spread = score @ inside @ score.T
    noise = TINY * np.einsum("mi,ij,mj->m", np.abs(score), np.abs(inside), np.abs(score))
    return _tested(beta, spread, df, bool(np.all(np.diagonal(spread) > noise)))


def rao_scott(table: Floats, covariance: Floats, df: float) -> Association:
    """Whether two variables of a table go together (a share and its period: "has it changed at all?").

    Parameters
    ----------
    table : (R, C) float
        Proportions of the cells, of the whole table; rows and columns without an answer are left out.
    covariance : (RC, RC) float
        Of the proportions, column fastest, by the whole design.
    df : float
        Degrees of freedom of the design.

    Returns
    -------
    Association
        p is 1 with fewer than two rows or columns, without variance, and without degrees of freedom.

    Raises
    ------
    BadComparisonError
        Shapes do not fit.

    References
    ----------
    Rao & Scott (1984), Annals of Statistics 12, 46-60, with the second-order F of Thomas & Rao (1990); equals R
    ``svychisq(statistic = "F")``.
    """
    if covariance.shape != (table.size, table.size):
        raise BadComparisonError(f"a table of {table.size} cells needs a covariance of {table.size} by {table.size}")
    rows, columns = np.flatnonzero(table.sum(axis=1) > 0), np.flatnonzero(table.sum(axis=0) > 0)
    if min(len(rows), len(columns)) < 2:
        return Association(0.0, 0.0, 0.0, 1.0)
    kept = (rows[:, None] * table.shape[1] + columns[None, :]).ravel()
    p, v = table[np.ix_(rows, columns)], covariance[np.ix_(kept, kept)]
    expected = np.outer(p.sum(axis=1), p.sum(axis=0)) / p.sum()
    squared = float(np.sum((p - expected) ** 2 / expected))
    inverse = np.where(p > 0, 1 / np.where(p > 0, p, 1.0), 0.0).ravel()
    basis = np.kron(_centred(len(rows)), _centred(len(columns)))
    weighted = basis * inverse[:, None]
    effect = np.linalg.pinv(basis.T @ weighted, hermitian=True) @ (weighted.T @ v @ weighted)
    mean, square = float(np.trace(effect)), float(np.sum(effect * effect.T))
    if not mean > TINY * float(np.sum(np.abs(v))) or df < 1:
        return Association(0.0, 0.0, 0.0, 1.0)
    f, numerator = squared / mean, mean**2 / square
    return Association(f, numerator, numerator * df, float(scipy.special.fdtrc(numerator, numerator * df, f)))


Solved = tuple[Floats, Floats, Floats]


def _line(x: Floats, y: Floats, w: Floats) -> Solved:
    """Weighted least squares: coefficients, fitted shares, derivative of the link's inverse."""
    beta = np.asarray(np.linalg.solve(x.T @ (w[:, None] * x), x.T @ y), np.float64)
    return beta, np.asarray(x @ beta, np.float64), np.ones(len(y))


def _logit(x: Floats, y: Floats, w: Floats) -> Solved | None:
    """Newton's steps on the likelihood, halved while they lose; None where it has no maximum."""
    share = np.clip(y / w, 0.0, 1.0)
    beta = np.asarray(np.linalg.lstsq(x, scipy.special.logit((share + 0.5) / 2), rcond=None)[0], np.float64)
    best = _likelihood(x @ beta, share, w)
    for _ in range(MOST_STEPS):
        mu = scipy.special.expit(x @ beta)
        information = x.T @ ((w * mu * (1 - mu))[:, None] * x)
        step = np.linalg.lstsq(information, x.T @ (w * (share - mu)), rcond=None)[0]
        while _likelihood(x @ (beta + step), share, w) < best - 1e-12 * abs(best) and np.max(np.abs(step)) > 1e-12:
            step = step / 2
        beta = np.asarray(beta + step, np.float64)
        best = _likelihood(x @ beta, share, w)
        if np.max(np.abs(x @ beta)) > SURE:
            return None
        if np.max(np.abs(step)) <= 1e-13 * max(1.0, float(np.max(np.abs(beta)))):
            break
    mu = scipy.special.expit(x @ beta)
    return beta, mu, mu * (1 - mu)


LINKS: Mapping[str, Callable[[Floats, Floats, Floats], Solved | None]] = MappingProxyType({"identity": _line, "logit": _logit})


def _likelihood(eta: Floats, share: Floats, w: Floats) -> float:
    return float(np.sum(w * (share * eta - np.logaddexp(0.0, eta))))


def _tested(beta: Floats, spread: Floats, df: float, told: bool) -> Regression:  # noqa: FBT001 -- private, one caller
    if not told or df < 1:
        empty = np.zeros(len(beta))
        return Regression(beta, spread if told else np.zeros_like(spread), empty, empty + 1, df, NO_DF if told else NO_VARIANCE)
    t = beta / np.sqrt(np.diagonal(spread))
    return Regression(beta, spread, t, np.asarray(2 * scipy.special.stdtr(df, -np.abs(t)), np.float64), df, "")


def _untested(width: int, df: float, reason: str) -> Regression:
    empty = np.zeros(width)
    return Regression(empty, np.zeros((width, width)), empty, empty + 1, df, reason)


def _centred(size: int) -> Floats:
    """An orthonormal basis of what adds up to 0: (size, size − 1)."""
    steps = np.eye(size)[:, 1:] - np.eye(size)[:, :1]
    return np.asarray(np.linalg.qr(steps)[0], np.float64)
