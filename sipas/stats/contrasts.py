"""Functions of estimates that keep their covariance: contrasts, differences, and any smooth function of several figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from sipas.stats.columns import BadColumnError
from sipas.stats.estimates import Estimates
from sipas.stats.intervals import Floats


def contrast(estimates: Estimates, coefficients: ArrayLike, *, names: Sequence[str] | None = None) -> Estimates:
    """Linear functions of estimates, with the covariance between them.

    Parameters
    ----------
    estimates : Estimates
        Of k statistics.
    coefficients : (k,) or (r, k) float
        A row for each function; 0 leaves a statistic out.
    names : sequence of r str, or None
        What the functions are called.

    Returns
    -------
    Estimates
        df is that of the whole design; n, and with it Σw, is of the smallest statistic that takes part. Unknown where one part is.

    Raises
    ------
    BadColumnError
        The coefficients have another number of columns, are not finite, or are all 0 in a row.

    References
    ----------
    Statistics page (1.5) and section 5, "Difference"; the same as R's svycontrast.
    """
    rows = np.atleast_2d(np.asarray(coefficients, np.float64))
    k = len(estimates.value)
    if rows.ndim != 2 or rows.shape[1] != k or not np.isfinite(rows).all():
        raise BadColumnError(f"contrast: coefficients of shape {rows.shape} for {k} estimates; give one finite number for each")
    if not rows.any(axis=1).all():
        raise BadColumnError(f"contrast: row {int(np.argmin(rows.any(axis=1))) + 1} has only zeros; name at least one estimate")
    titles = tuple(names) if names is not None else tuple(_title(row, estimates.names) for row in rows)
    return _derived(estimates, rows @ estimates.value, rows, titles, "contrast")


def difference(estimates: Estimates, first: int, second: int) -> Estimates:
    """First minus second of two estimates of one design, with the covariance between them.

    Parameters
    ----------
    estimates : Estimates
        Of k statistics.
    first, second : int
        Positions, from 0.

    Returns
    -------
    Estimates
        Of one statistic.

    Raises
    ------
    BadColumnError
        A position does not exist, or both are the same.

    References
    ----------
    Statistics page section 5: V(Δ) = V₁ + V₂ − 2 C₁₂.
    """
    k = len(estimates.value)
    if first == second or not (0 <= first < k and 0 <= second < k):
        raise BadColumnError(f"difference: positions {first} and {second}; choose two different ones from 0 to {k - 1}")
    row = np.zeros(k)
    row[first], row[second] = 1.0, -1.0
    title = f"{estimates.names[first]} − {estimates.names[second]}"
    return replace(contrast(estimates, row, names=(title,)), kinds=("difference",))


def transform(
    estimates: Estimates, g: Callable[[Floats], ArrayLike], gradient: Callable[[Floats], ArrayLike], *, names: Sequence[str]
) -> Estimates:
    """Smooth functions of estimates, linearised at their values.

    Parameters
    ----------
    estimates : Estimates
        Of k statistics.
    g : callable
        (k,) values to (r,) numbers.
    gradient : callable
        (k,) values to the (r, k) derivatives of g.
    names : sequence of r str
        What the functions are called.

    Returns
    -------
    Estimates

    Raises
    ------
    BadColumnError
        Shapes differ, or g or its gradient is not finite.

    References
    ----------
    Statistics page (1.3); Särndal, Swensson & Wretman (1992), 5.5; the same as R's svycontrast of an expression.
    """
    with np.errstate(all="ignore"):
        value = np.atleast_1d(np.asarray(g(estimates.value), np.float64))
        slope = np.atleast_2d(np.asarray(gradient(estimates.value), np.float64))
    if slope.shape != (len(value), len(estimates.value)) or len(names) != len(value):
        raise BadColumnError(
            f"transform: {len(value)} functions, gradient of shape {slope.shape}, {len(names)} names, {len(estimates.value)} estimates"
        )
    if not (np.isfinite(value).all() and np.isfinite(slope).all()):
        raise BadColumnError(f"transform: a function of {', '.join(estimates.names)} is not finite at {estimates.value.tolist()}")
    return _derived(estimates, value, slope, tuple(names), "smooth")


def _derived(estimates: Estimates, value: Floats, slope: Floats, names: tuple[str, ...], kind: str) -> Estimates:
    r = len(value)
    part = slope != 0
    known = np.array([bool(estimates.known[mine].all()) for mine in part], np.bool_)
    smallest = np.array([np.where(mine, estimates.n, np.inf).argmin() if mine.any() else 0 for mine in part], np.int64)
    there = known[:, None] * slope
    return Estimates(
        names=names,
        kinds=(kind,) * r,
        value=np.where(known, value, 0.0),
        known=known,
        covariance=there @ estimates.covariance @ there.T,
        df=np.full(r, estimates.design_df),
        n=estimates.n[smallest],
        satisfied=np.zeros(r),
        weight_sum=estimates.weight_sum[smallest],
        weight_squares=estimates.weight_squares[smallest],
        simple_variance=np.zeros(r),
        design_df=estimates.design_df,
        warnings=estimates.warnings,
    )


def _title(row: Floats, names: Sequence[str]) -> str:
    return " ".join(f"{weight:+.4g}·{name}" for weight, name in zip(row, names, strict=True) if weight)
