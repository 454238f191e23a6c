"""What an estimator hands back: values with their full covariance, and the counts behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sipas.stats.intervals import Bools, Floats, Shares


@dataclass(frozen=True, slots=True)
class Estimates:
    """k estimates of one design.

    Attributes
    ----------
    names, kinds : tuple of str
        What each is called, and which estimator made it.
    value : (k,) float
        In units of the statistic; 0 where ``known`` is False.
    known : (k,) bool
        False where nobody answered.
    covariance : (k, k) float
        In squared units.
    df : (k,) float
        Clusters with a member minus strata with a member.
    n, satisfied : (k,) float
        Rows that are members, and those of them that count for a share; unweighted.
    weight_sum, weight_squares : (k,) float
        Σw and Σw² of the members.
    simple_variance : (k,) float
        Variance a simple random sample of n with replacement would have.
    design_df : float
        Clusters minus strata of the whole design.
    warnings : tuple of str
        Whole sentences.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    value: Floats
    known: Bools
    covariance: Floats
    df: Floats
    n: Floats
    satisfied: Floats
    weight_sum: Floats
    weight_squares: Floats
    simple_variance: Floats
    design_df: float
    warnings: tuple[str, ...] = ()

    @property
    def variance(self) -> Floats:
        """(k,) float, the diagonal of the covariance."""
        return np.diagonal(self.covariance).copy()

    @property
    def se(self) -> Floats:
        """(k,) float, standard errors."""
        return np.sqrt(self.variance)

    @property
    def n_kish(self) -> Floats:
        """(k,) float, (Σw)²/Σw²; 0 without members."""
        return np.divide(self.weight_sum**2, self.weight_squares, out=np.zeros(len(self.n)), where=self.weight_squares > 0)

    @property
    def n_effective(self) -> Floats:
        """(k,) float: p(1 − p)/V for shares, else n S²-variance over V; n_K where either is 0."""
        shares = np.array([kind == "share" for kind in self.kinds], np.bool_)
        plain = np.where(shares, self.value * (1 - self.value), self.simple_variance * self.n)
        usable = (plain > 0) & (self.variance > 0)
        return np.where(usable, np.divide(plain, self.variance, out=np.zeros(len(plain)), where=usable), self.n_kish)


def as_shares(estimates: Estimates, population: Floats | None = None) -> Shares:
    """What the interval methods need to know of estimates.

    Parameters
    ----------
    estimates : Estimates
        Of k statistics.
    population : (k,) float or None
        Dossiers behind each domain where the finite-population rule applies; NaN or None where it does not.

    Returns
    -------
    Shares

    References
    ----------
    Statistics page section 4.
    """
    known = np.full(len(estimates.n), np.nan) if population is None else np.asarray(population, np.float64)
    return Shares(
        value=estimates.value,
        variance=estimates.variance,
        n=estimates.n,
        n_satisfied=estimates.satisfied,
        n_unsatisfied=estimates.n - estimates.satisfied,
        n_kish=estimates.n_kish,
        df=estimates.df,
        population=known,
    )
