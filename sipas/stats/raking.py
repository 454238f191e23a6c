"""Raking: weights brought to several margins in turn until all of them hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sipas.stats.calibration import Calibration
from sipas.stats.intervals import Floats
from sipas.stats.margins import BadMarginError, checked_margin, checked_weights, correction, fit_margins
from sipas.stats.order_free import distinct_codes, order_free_sums
from sipas.stats.weights import Ints

SAME_TOTAL = 1e-9  # relative difference up to which two margins have one grand total
CENTRING_SWEEPS = 10  # of R's variance after rake()


@dataclass(frozen=True, slots=True)
class RakedLikeR(Calibration):
    """A raking whose residuals are those of R ``rake()``: ten sweeps of unweighted centring instead of a regression.

    Attributes
    ----------
    margins : tuple of (n,) int
        Category codes.
    passed : tuple of (n,) float
        Weights as they stood after each margin of the last sweep.
    """

    margins: tuple[Ints, ...] = ()
    passed: tuple[Floats, ...] = ()

    def residual(self, z: Floats) -> Floats:
        """Linearised values less their category means, margin after margin, ten times.

        Parameters
        ----------
        z : (n, k) or (n,) float
            Linearised values; finite.

        Returns
        -------
        array of the shape of ``z``
            The variance is that of Σ weight · residual.

        References
        ----------
        R survey 4.1-1, ``svyrecvar`` for class ``raking``; for comparison only.
        """
        wide = z[:, None] if z.ndim == 1 else z
        spread = self.weight[:, None] * wide
        for _ in range(CENTRING_SWEEPS):
            for codes, weight in zip(self.margins, self.passed, strict=True):
                relative = spread / weight[:, None]
                groups = int(codes.max()) + 1
                count = np.maximum(np.bincount(codes, minlength=groups), 1)
                means = order_free_sums(relative, codes, groups) / count[:, None]
                spread = spread - weight[:, None] * means[codes]
        return np.asarray((spread / self.weight[:, None]).reshape(z.shape), np.float64)


def rake(
    base: Floats,
    margins: Sequence[Ints],
    totals: Sequence[Floats],
    *,
    names: Sequence[str] | None = None,
    labels: Sequence[Sequence[str]] | None = None,
    rescale: bool = True,
) -> Calibration:
    """Weights that meet every margin, by iterative proportional fitting to 1e-12.

    Parameters
    ----------
    base : (n,) float
        Design weights, positive.
    margins : sequence of (n,) int
        Category of each row in each margin, from 0.
    totals : sequence of (G_m,) float
        Population of each category.
    names : sequence of str, optional
        The margins' names for complaints.
    labels : sequence of sequences of str, optional
        Their categories' names for complaints.
    rescale : bool
        Margins whose grand totals differ by more than 1e-9 are brought to that of the first, with a warning; False refuses them.

    Returns
    -------
    Calibration
        w_i = d_i exp(x_i'λ); its residuals are those of the regression on all margins with base weights.

    Raises
    ------
    BadMarginError
        A weight is not positive, a category has population and no sample or the reverse, grand totals differ and must not.
    NoConvergenceError
        1000 sweeps were not enough: the margins contradict one another in this sample.

    References
    ----------
    Deming & Stephan (1940), Ann. Math. Statist. 11, 427-444; Deville, Särndal & Sautory (1993), JASA 88, 1013-1020;
    variance as R ``calibrate(calfun = "raking")``.
    """
    base, codes, wanted = _checked(base, margins, totals, names, labels)
    titles = tuple(names) if names is not None else tuple(f"margin {m + 1}" for m in range(len(codes)))
    wanted, warnings = _one_total(wanted, titles, rescale=rescale)
    kinds, cell = distinct_codes(codes)
    mass = order_free_sums(base[:, None], cell, len(kinds))[:, 0]
    ratio, sweeps = fit_margins(mass, kinds, wanted, titles)
    columns = np.hstack([np.eye(total.size)[kinds[:, m]] for m, total in enumerate(wanted)])
    joined, sizes = np.concatenate(wanted), tuple(total.size for total in wanted)
    return Calibration(base, base * ratio[cell], cell, columns, joined, "raking", steps=sweeps, warnings=warnings, blocks=sizes)


def rake_like_r(base: Floats, margins: Sequence[Ints], totals: Sequence[Floats], *, epsilon: float = 1.0, sweeps: int = 10) -> RakedLikeR:
    """What R's ``rake()`` returns: sweeps until no cell of the cross table moves by ``epsilon``, and its own residuals.

    For comparison only: with R's defaults the margins are not met. Grand totals are not compared, as R does not.

    Parameters
    ----------
    base : (n,) float
        Design weights, positive.
    margins : sequence of (n,) int
        Category of each row in each margin, from 0.
    totals : sequence of (G_m,) float
        Population of each category.
    epsilon : float
        Population units; below 1, a share of the sum of base weights.
    sweeps : int
        At most so many; ending there is a warning.

    Returns
    -------
    RakedLikeR

    Raises
    ------
    BadMarginError
        A weight is not positive, or a category has population and no sample or the reverse.

    References
    ----------
    R survey 4.1-1, ``rake``.
    """
    base, codes, wanted = _checked(base, margins, totals, None, None)
    kinds, cell = distinct_codes(codes)
    mass = order_free_sums(base[:, None], cell, len(kinds))[:, 0]
    least = epsilon * float(mass.sum()) if epsilon < 1 else epsilon
    ratio, taken, moved = np.ones(mass.size), 0, np.inf
    passed: list[Floats] = []
    while moved >= least and taken < sweeps:
        before, passed, taken = ratio, [], taken + 1
        for m, total in enumerate(wanted):
            ratio = ratio * correction(mass * ratio, kinds[:, m], total)
            passed.append(base * ratio[cell])
        moved = float(np.max(np.abs(mass * (ratio - before))))
    warnings = (f"raking as R does it did not converge in {sweeps} sweeps",) if moved >= least else ()
    columns = np.hstack([np.eye(total.size)[kinds[:, m]] for m, total in enumerate(wanted)])
    joined = np.concatenate(wanted)
    return RakedLikeR(
        base,
        base * ratio[cell],
        cell,
        columns,
        joined,
        "raking",
        steps=taken,
        warnings=warnings,
        margins=tuple(codes),
        passed=tuple(passed),
    )


def margin_columns(margins: Sequence[Ints], totals: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Margins as constraint columns for ``calibrate``: all categories of the first, all but one of the others.

    The category left out of a later margin follows from the rest, because all margins have one grand total.

    Parameters
    ----------
    margins : sequence of (n,) int
        Category of each row in each margin, from 0.
    totals : sequence of (G_m,) float
        Population of each category; one grand total.

    Returns
    -------
    (n, p) float and (p,) float
        Columns of 0 and 1, and their totals.

    Raises
    ------
    BadMarginError
        Grand totals differ by more than 1e-9.

    References
    ----------
    Deville, Särndal & Sautory (1993), JASA 88, 1013-1020, section 3.
    """
    wanted, _ = _one_total([np.asarray(t, np.float64) for t in totals], tuple(f"margin {m + 1}" for m in range(len(totals))), rescale=False)
    firsts = [0] + [1] * (len(wanted) - 1)
    columns = [np.eye(total.size)[codes][:, first:] for codes, total, first in zip(margins, wanted, firsts, strict=True)]
    return np.hstack(columns), np.concatenate([total[first:] for total, first in zip(wanted, firsts, strict=True)])


def _checked(
    base: Floats,
    margins: Sequence[Ints],
    totals: Sequence[Floats],
    names: Sequence[str] | None,
    labels: Sequence[Sequence[str]] | None,
) -> tuple[Floats, list[Ints], list[Floats]]:
    base = checked_weights(base)
    titles = list(names) if names is not None else [f"margin {m + 1}" for m in range(len(margins))]
    words = list(labels) if labels is not None else [None] * len(margins)
    if not len(margins) == len(totals) == len(titles) == len(words) or not margins:
        raise BadMarginError(f"{len(margins)} margins, {len(totals)} sets of totals and {len(titles)} names do not fit together")
    wanted = [np.asarray(total, np.float64) for total in totals]
    codes = [
        checked_margin(codes, total, base.size, name=title, labels=word)
        for codes, total, title, word in zip(margins, wanted, titles, words, strict=True)
    ]
    return base, codes, wanted


def _one_total(totals: list[Floats], names: tuple[str, ...], *, rescale: bool) -> tuple[list[Floats], tuple[str, ...]]:
    """Every margin brought to the grand total of the first."""
    grand = [float(np.sum(total)) for total in totals]
    warnings = []
    for name, sum_here in zip(names, grand, strict=True):
        if abs(sum_here / grand[0] - 1) > SAME_TOTAL:
            told = f"{name} adds up to {sum_here:.12g}, but {names[0]} to {grand[0]:.12g}"
            if not rescale:
                raise BadMarginError(f"{told}; margins of one population have one grand total: correct one of them")
            warnings.append(f"{told}; it was rescaled to {names[0]}")
    return [total * (grand[0] / sum_here) for total, sum_here in zip(totals, grand, strict=True)], tuple(warnings)
