"""Every interval by its name: KG20 by default, and the others for whoever compares with them.

A textbook formula has no answer where all answers agree, where the variance is 0 or where no degree of freedom is left. There
KG20 answers for it, so that no input gives an exception, NaN or "±0". Where the whole population answered, the limits are the share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

import numpy as np

from sipas.stats.effective import NOISE, fraction, guarded
from sipas.stats.interval_formulas import Terms, agresti_coull, asin, beta, jeffreys, likelihood, terms_of, wald, wilson, xlogit
from sipas.stats.intervals import ALPHA, Bools, Floats, Interval, Shares, kg20, mean_t, t_quantile, within


class BadIntervalError(ValueError):
    """An interval was asked for by an unknown name or from impossible figures."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a method may need beside the shares.

    Attributes
    ----------
    alpha : float
        1 − confidence.
    d_pool, nrow : (k,) float
        Pooled design effect, at least 1; rows of the design.
    scale : tuple of float
        Least and highest answer of a mean.
    """

    alpha: float
    d_pool: Floats
    nrow: Floats
    scale: tuple[float, float]


Formula = Callable[[Terms], tuple[Floats, Floats]]
Method = Callable[[Shares, Options], Interval]


def by_formula(formula: Formula) -> Method:
    """A method that answers by a formula, and by KG20 where the formula cannot.

    Parameters
    ----------
    formula : Formula
        Takes shares strictly between 0 and 1 with a positive variance and at least one degree of freedom.

    Returns
    -------
    Method

    References
    ----------
    Statistics page section 4, "Degenerate inputs".
    """

    def method(shares: Shares, options: Options) -> Interval:
        mixed = (shares.value > 0) & (shares.value < 1) & (shares.n_satisfied > 0) & (shares.n_unsatisfied > 0)
        usable = mixed & (shares.variance > NOISE) & (shares.df >= 1) & (fraction(shares) < 1)
        made = kg20(_taken(shares, ~usable), options.d_pool[~usable], options.alpha)
        some = _taken(shares, usable)
        terms = terms_of(some, options.nrow[usable], options.alpha)
        with np.errstate(over="ignore"):  # a share of 1e-300 has infinite odds, and its limits are the ends
            low, high = formula(terms)
        unbounded = replace(some, population=np.full(some.n.shape, np.nan))
        low, high = within(unbounded, low, high)
        return Interval(*(_joined(usable, *pair) for pair in ((low, made.low), (high, made.high), (terms.size, made.n_star))))

    return method


def by_kg20(shares: Shares, options: Options) -> Interval:
    """The default of every published share.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    options : Options
        ``d_pool`` is the guard.

    Returns
    -------
    Interval

    References
    ----------
    ``kg20``.
    """
    return kg20(shares, options.d_pool, options.alpha)


def by_wilson20(shares: Shares, options: Options) -> Interval:
    """Wilson's limits with the guard of KG20: 7 % narrower, for display.

    Parameters
    ----------
    shares : Shares
        Arrays of shape (k,).
    options : Options
        ``d_pool`` is the guard.

    Returns
    -------
    Interval
        That of KG20 where df is below 1, nobody answered or the whole population did.

    References
    ----------
    Statistics page section 4 (own): coverage falls to 90.4 % at n = 10 and p = 0.99, on the pessimistic side.
    """
    usable = (shares.n > 0) & (shares.df >= 1) & (fraction(shares) < 1)
    made = kg20(_taken(shares, ~usable), options.d_pool[~usable], options.alpha)
    some = _taken(shares, usable)
    size, _ = guarded(some, options.d_pool[usable])
    t = t_quantile(some.df, options.alpha)
    low, high = within(some, *wilson(Terms(some.value, some.variance, size, t, np.ones(t.shape), some.n, options.alpha)))
    return Interval(*(_joined(usable, *pair) for pair in ((low, made.low), (high, made.high), (size, made.n_star))))


def by_t(shares: Shares, options: Options) -> Interval:
    """The interval of a mean, on the scale of its answers.

    Parameters
    ----------
    shares : Shares
        ``value`` on ``options.scale``; arrays of shape (k,).
    options : Options
        ``d_pool`` serves where all answers agree.

    Returns
    -------
    Interval
        [value, value] where the whole population answered.

    References
    ----------
    ``mean_t``; R ``confint(svymean, df = degf(design))``.
    """
    made = mean_t(shares, options.d_pool, options.alpha, scale=options.scale)
    whole = (shares.n > 0) & (fraction(shares) >= 1)
    return Interval(np.where(whole, shares.value, made.low), np.where(whole, shares.value, made.high), made.n_star)


INTERVALS: Mapping[str, Method] = MappingProxyType(
    {
        "kg20": by_kg20,
        "wilson20": by_wilson20,
        "wilson": by_formula(wilson),
        "logit": by_formula(xlogit),
        "xlogit": by_formula(xlogit),
        "asin": by_formula(asin),
        "likelihood": by_formula(likelihood),
        "beta": by_formula(beta),
        "agresti_coull": by_formula(agresti_coull),
        "jeffreys": by_formula(jeffreys),
        "mean": by_formula(wald),
        "t": by_t,
    }
)


def interval(
    method: str,
    shares: Shares,
    *,
    alpha: float = ALPHA,
    d_pool: Floats | float = 1.0,
    nrow: Floats | float | None = None,
    scale: tuple[float, float] = (1.0, 5.0),
) -> Interval:
    """The interval of each share by the method of that name.

    Parameters
    ----------
    method : str
        A name of ``INTERVALS``; ``t`` is for means, all others for shares.
    shares : Shares
        Arrays of shape (k,).
    alpha : float
        1 − confidence, between 0 and 1.
    d_pool : (k,) float or float
        Pooled design effect, at least 1: the guard of KG20, which also answers where a formula cannot.
    nrow : (k,) float or float, optional
        Rows of the design for ``beta``, ``jeffreys`` and ``likelihood``, as R takes ``nrow(design)``; the answers n by default.
    scale : tuple of float
        Least and highest answer for ``t``; infinite where there is none.

    Returns
    -------
    Interval
        Shares: 0 ≤ low ≤ value ≤ high ≤ 1, [0, 1] where nobody answered, [value, value] where the whole population did.

    Raises
    ------
    BadIntervalError
        Unknown method, alpha outside 0-1, d_pool below 1, or figures that no sample gives.

    References
    ----------
    Statistics page section 4.
    """
    if method not in INTERVALS:
        raise BadIntervalError(f"no interval is called {method!r}; choose from {', '.join(INTERVALS)}")
    if not 0 < alpha < 1:
        raise BadIntervalError(f"alpha is {alpha}; it is 1 − confidence and lies between 0 and 1 (0.05 for 95 %)")
    _check(shares, (0.0, 1.0) if method != "t" else scale)
    effect = np.broadcast_to(np.asarray(d_pool, np.float64), shares.n.shape)
    if not np.all(effect >= 1):
        place = int(np.flatnonzero(~(effect >= 1))[0])
        raise BadIntervalError(f"d_pool {place} is {effect[place]}; a pooled design effect is at least 1")
    rows = shares.n if nrow is None else np.broadcast_to(np.asarray(nrow, np.float64), shares.n.shape)
    return INTERVALS[method](shares, Options(alpha, effect, rows, scale))


def _check(shares: Shares, scale: tuple[float, float]) -> None:
    least, most = scale
    answered = shares.n > 0
    complaints = (
        (answered & ~((shares.value >= least) & (shares.value <= most)), shares.value, f"an estimate lies between {least} and {most}"),
        (answered & ~(shares.variance >= 0), shares.variance, "a variance is at least 0"),
        (~(shares.n >= 0), shares.n, "a number of answers is at least 0"),
    )
    for wrong, values, rule in complaints:
        if wrong.any():
            place = int(np.flatnonzero(wrong)[0])
            raise BadIntervalError(f"figure {place} is {values[place]}; {rule}")


def _taken(shares: Shares, mask: Bools) -> Shares:
    return Shares(*(getattr(shares, field.name)[mask] for field in fields(Shares)))


def _joined(mask: Bools, inside: Floats, outside: Floats) -> Floats:
    joined = np.empty(mask.shape)
    joined[mask], joined[~mask] = inside, outside
    return joined
