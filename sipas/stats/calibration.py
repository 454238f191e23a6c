"""Weights brought to known population totals, and what that does to a variance: post-strata and generalised calibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sipas.stats.distances import CLOSE, DISTANCES, RANK, Bounds, Solution, narrowest, solve, spectrum
from sipas.stats.intervals import Floats
from sipas.stats.margins import BadMarginError, NoConvergenceError, checked_margin, checked_weights, fit_margins
from sipas.stats.order_free import distinct_rows, order_free_sums
from sipas.stats.weights import Ints

__all__ = ["BadMarginError", "Calibration", "NoConvergenceError", "calibrate", "post_stratify", "recalibrate"]

NO_BOUNDS: Bounds = (-np.inf, np.inf)
MOST_CELLS_FOR_A_CURE = 20_000  # beyond it the linear programme that names workable bounds takes too long


@dataclass(frozen=True, slots=True)
class Calibration:
    """Calibrated weights, and the projection their variance needs.

    Rows with the same constraint columns form a cell: they share one ratio of final to base weight.

    Attributes
    ----------
    base, weight : (n,) float
        Design weights before, final weights after; population units per respondent.
    cell : (n,) int
        Cell of each row, from 0.
    columns : (C, p) float or None
        Constraint columns by cell; None where the cell itself is the only constraint (post-strata).
    totals : (p,) float
        Population totals of the columns.
    method : str
        ``post``, or a name in ``DISTANCES``; ``raking`` for margins too.
    bounds : tuple of float
        L and U of weight / base where the method has them.
    steps : int
        Iterations taken.
    warnings : tuple of str
        What a reader of the estimate should know.
    blocks : tuple of int
        Where ``columns`` are the indicators of margins, the number of categories of each; else empty.
    """

    base: Floats
    weight: Floats
    cell: Ints
    columns: Floats | None
    totals: Floats
    method: str
    bounds: Bounds = NO_BOUNDS
    steps: int = 0
    warnings: tuple[str, ...] = ()
    blocks: tuple[int, ...] = ()
    # Found at the first residual and kept: with hundreds of margin categories it costs more than all sums over rows.
    _projection: list[tuple[Floats, Floats]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def group(self) -> Ints | None:
        """Post-stratum of each row; None where the constraints are columns."""
        return self.cell if self.columns is None else None

    @property
    def x(self) -> Floats:
        """Constraint columns by row, (n, p): indicators for post-strata."""
        columns = np.eye(self.totals.size) if self.columns is None else self.columns
        return np.asarray(columns[self.cell], np.float64)

    @property
    def mass(self) -> Floats:
        """Sum of base weights by cell, (C,)."""
        cells = self.totals.size if self.columns is None else len(self.columns)
        return np.asarray(order_free_sums(self.base[:, None], self.cell, cells)[:, 0], np.float64)

    def fitted(self, sums: Floats) -> Floats:
        """The part of z that the calibration explains, by cell.

        Parameters
        ----------
        sums : (C, k) float
            Σ base · z by cell.

        Returns
        -------
        (C, k) float
            x'B̂ of each cell, in units of z.

        References
        ----------
        Deville & Särndal (1992), section 3; equations (3.1) and (3.5) of the statistics page.
        """
        mass, left = self._basis()
        means = np.divide(sums, mass, out=np.zeros_like(sums), where=mass > 0)
        if self.columns is None:
            return means
        root = np.sqrt(mass)
        return np.asarray((left @ (left.T @ (root * means))) / root, np.float64)

    def _basis(self) -> tuple[Floats, Floats]:
        """Sum of base weights by cell as a column, and an orthonormal basis of the weighted constraint columns."""
        if not self._projection:
            mass = self.mass[:, None]
            left = np.empty((len(mass), 0)) if self.columns is None else _orthonormal(np.sqrt(mass) * self.columns, self.blocks)
            self._projection.append((mass, left))
        return self._projection[0]

    def residual(self, z: Floats) -> Floats:
        """Linearised values less their regression on the constraints with base weights: what is left to vary once totals are known.

        Parameters
        ----------
        z : (n, k) or (n,) float
            Linearised values; finite, 0 outside the domain.

        Returns
        -------
        array of the shape of ``z``
            e = z − x'B̂; the variance is that of Σ weight · e.

        References
        ----------
        Deville & Särndal (1992), section 3; equals R ``svyrecvar`` after ``postStratify`` and ``calibrate``.
        """
        wide = z[:, None] if z.ndim == 1 else z
        sums = order_free_sums(self.base[:, None] * wide, self.cell, len(self._basis()[0]))
        return np.asarray((wide - self.fitted(sums)[self.cell]).reshape(z.shape), np.float64)


def post_stratify(base: Floats, group: Ints, totals: Floats, *, labels: Sequence[str] | None = None) -> Calibration:
    """Weights that add up to the population of each post-stratum.

    Parameters
    ----------
    base : (n,) float
        Design weights, positive.
    group : (n,) int
        Post-stratum of each row, 0 to G − 1.
    totals : (G,) float
        Population of each post-stratum; 0 only where nobody was sampled.
    labels : sequence of G str, optional
        Names for complaints.

    Returns
    -------
    Calibration
        w_i = d_i N_g / N̂_g.

    Raises
    ------
    BadMarginError
        A weight is not positive, a group is out of range, or a post-stratum has population and no sample, or the reverse.

    References
    ----------
    Holt & Smith (1979), JRSS-A 142, 33-46; (3.1) of the statistics page; R ``postStratify``.
    """
    base, totals = checked_weights(base), np.asarray(totals, np.float64)
    group = checked_margin(group, totals, base.size, name="post-strata", labels=labels)
    mass = order_free_sums(base[:, None], group, totals.size)[:, 0]
    ratio = np.divide(totals, mass, out=np.ones_like(totals), where=mass > 0)
    return Calibration(base, base * ratio[group], group, None, totals, "post")


def calibrate(
    base: Floats,
    x: Floats,
    totals: Floats,
    *,
    method: str = "linear",
    bounds: Bounds | None = None,
    names: Sequence[str] | None = None,
) -> Calibration:
    """Weights as near to the base weights as the named distance allows, with Σ w x = totals.

    Parameters
    ----------
    base : (n,) float
        Design weights, positive.
    x : (n, p) float
        Constraint columns; a column of ones to fix the population size.
    totals : (p,) float
        Population totals of the columns.
    method : str
        ``linear`` (GREG), ``raking``, ``logit`` or ``truncated`` (linear with bounds).
    bounds : tuple of float
        L < 1 < U for weight / base; needed by ``logit`` and ``truncated``, refused by the others.
    names : sequence of p str, optional
        Names of the columns for complaints.

    Returns
    -------
    Calibration
        Totals met to 1e-12; negative weights of ``linear`` are counted in the warnings.

    Raises
    ------
    BadMarginError
        A weight is not positive; a number is missing; a column repeats others; a total or the bounds cannot be met.
    NoConvergenceError
        The iterations did not reach the totals.

    References
    ----------
    Deville & Särndal (1992), JASA 87, 376-382; Särndal, Swensson & Wretman (1992), ch. 6; R ``calibrate``.
    """
    base, totals = checked_weights(base), np.asarray(totals, np.float64)
    x = np.asarray(x, np.float64).reshape(base.size, -1) + 0.0
    titles = tuple(names) if names is not None else tuple(f"{j + 1}" for j in range(x.shape[1]))
    limits = _checked_bounds(method, bounds)
    _check_columns(x, totals, titles)
    columns, cell = distinct_rows(x)
    mass = order_free_sums(base[:, None], cell, len(columns))[:, 0]
    _check_rank(mass, columns, titles)
    _check_reach(mass, columns, totals, titles, _range(method, limits))
    found = solve(mass, columns, totals, method=method, bounds=limits)
    if found.misfit > CLOSE:
        raise _unsolved(found, (mass, columns, totals), titles, limits)
    weight = base * found.ratio[cell]
    return Calibration(base, weight, cell, columns, totals, method, limits, found.steps, _negative(weight))


def recalibrate(calibration: Calibration, start: Floats) -> Calibration:
    """Other starting weights brought to the same totals by the same method; the variance keeps the base weights.

    Parameters
    ----------
    calibration : Calibration
        Totals, cells and method.
    start : (n,) float
        Weights to start from, positive; trimmed ones, say.

    Returns
    -------
    Calibration
        With the base weights and cells of ``calibration``.

    Raises
    ------
    BadMarginError
        A starting weight is not positive, or the totals cannot be met from there.

    References
    ----------
    Statistics page section 3, trimming (own rule).
    """
    start = checked_weights(start)
    if calibration.columns is None:
        again = post_stratify(start, calibration.cell, calibration.totals)
        return replace(calibration, weight=again.weight)
    mass = order_free_sums(start[:, None], calibration.cell, len(calibration.columns))[:, 0]
    if calibration.blocks:
        edges = np.cumsum(calibration.blocks)[:-1]
        kinds = np.column_stack([block.argmax(axis=1) for block in np.hsplit(calibration.columns, edges)])
        names = [f"margin {m + 1}" for m in range(len(calibration.blocks))]
        ratio, sweeps = fit_margins(mass, kinds, np.split(calibration.totals, edges), names)
        return replace(calibration, weight=start * ratio[calibration.cell], steps=calibration.steps + sweeps)
    found = solve(mass, calibration.columns, calibration.totals, method=calibration.method, bounds=calibration.bounds)
    if found.misfit > CLOSE:
        titles = tuple(f"{j + 1}" for j in range(calibration.totals.size))
        raise _unsolved(found, (mass, calibration.columns, calibration.totals), titles, calibration.bounds)
    return replace(calibration, weight=start * found.ratio[calibration.cell], steps=calibration.steps + found.steps)


def _checked_bounds(method: str, bounds: Bounds | None) -> Bounds:
    if method not in DISTANCES:
        raise BadMarginError(f"calibration method {method!r} is not known; choose from {sorted(DISTANCES)}")
    if not DISTANCES[method].bounded:
        if bounds is not None:
            raise BadMarginError(f"method {method!r} has no bounds; choose 'logit' or 'truncated', or leave bounds out")
        return NO_BOUNDS
    if bounds is None:
        raise BadMarginError(f"method {method!r} needs bounds (L, U) with L < 1 < U")
    low, high = float(bounds[0]), float(bounds[1])
    if not low < 1 < high or (method == "logit" and not np.isfinite(high - low)):
        raise BadMarginError(f"bounds ({low:g}, {high:g}) of method {method!r} must be finite numbers L < 1 < U")
    return low, high


def _check_columns(x: Floats, totals: Floats, names: tuple[str, ...]) -> None:
    if totals.shape != (x.shape[1],) or len(names) != x.shape[1]:
        raise BadMarginError(f"{x.shape[1]} constraint columns, {totals.size} totals and {len(names)} names do not fit together")
    if not np.all(np.isfinite(x)):
        row, column = np.argwhere(~np.isfinite(x))[0]
        raise BadMarginError(f"column {names[column]}: row {row + 1} has no number; a calibration column may have no gaps")
    if not np.all(np.isfinite(totals)):
        raise BadMarginError(f"column {names[int(np.argmin(np.isfinite(totals)))]}: its population total is not a number")


def _check_rank(mass: Floats, columns: Floats, names: tuple[str, ...]) -> None:
    weighted = _scaled(np.sqrt(mass)[:, None] * columns)
    diagonal = np.zeros(columns.shape[1])
    pivots = np.abs(np.diag(np.linalg.qr(weighted, mode="r")))
    diagonal[: pivots.size] = pivots
    singular = np.flatnonzero((diagonal < RANK) & np.any(columns != 0, axis=0))  # a column of zeros asks nothing
    if singular.size:
        raise BadMarginError(f"column {names[singular[0]]} is a combination of the columns before it (Σ d x x' is singular); leave it out")


def _check_reach(mass: Floats, columns: Floats, totals: Floats, names: tuple[str, ...], limits: Bounds) -> None:
    """Each total by itself: reached by some weights within the limits, or refused."""
    up, down = mass @ np.maximum(columns, 0), mass @ np.maximum(-columns, 0)
    with np.errstate(invalid="ignore"):
        least = np.nan_to_num(limits[0] * up) - np.where(down > 0, limits[1] * down, 0)
        most = np.where(up > 0, limits[1] * up, 0) - np.nan_to_num(limits[0] * down)
    slack = CLOSE * np.maximum(np.abs(totals), up + down)
    for j in np.flatnonzero((totals < least - slack) | (totals > most + slack)).tolist():
        raise BadMarginError(
            f"column {names[j]}: total {totals[j]:g} cannot be met with weights between {limits[0]:g} and {limits[1]:g} times "
            f"the base weights, which reach from {least[j]:g} to {most[j]:g}; widen the bounds or correct the total"
        )


def _range(method: str, bounds: Bounds) -> Bounds:
    return (0.0, np.inf) if method == "raking" else bounds


def _unsolved(found: Solution, problem: tuple[Floats, Floats, Floats], names: tuple[str, ...], bounds: Bounds) -> BadMarginError:
    mass, columns, totals = problem
    if np.isfinite(bounds[1] - bounds[0]) and mass.size <= MOST_CELLS_FOR_A_CURE:
        cure = narrowest(mass, columns, totals, bounds)
        if cure is None:
            return BadMarginError("no weights at all meet these totals together; they contradict one another in this sample")
        return BadMarginError(
            f"bounds ({bounds[0]:g}, {bounds[1]:g}) cannot be met by all totals together; "
            f"the narrowest of this shape that can are ({cure[0]:.6g}, {cure[1]:.6g})"
        )
    return NoConvergenceError(
        f"calibration did not converge: after {found.steps} steps column {names[found.column]} is off by {found.misfit:.2g} "
        "of its total; the totals contradict one another in this sample: merge categories or drop a column"
    )


def _negative(weight: Floats) -> tuple[str, ...]:
    count = int(np.sum(weight <= 0))
    return (f"{count} weights are 0 or below after linear calibration; raking, logit or truncated keep them positive",) if count else ()


def _scaled(matrix: Floats) -> Floats:
    """Columns of length 1, so that units do not decide what counts as 0."""
    size = np.sqrt(np.sum(matrix**2, axis=0))
    return np.asarray(matrix / np.where(size > 0, size, 1.0), np.float64)


def _orthonormal(weighted: Floats, blocks: tuple[int, ...]) -> Floats:
    """A basis of the columns; the indicators of the largest margin are orthogonal as they are, and often by far the most."""
    scaled = _scaled(weighted)
    if not blocks:
        return spectrum(scaled)[0]
    largest = int(np.argmax(blocks))
    first = sum(blocks[:largest])
    ready, others = scaled[:, first : first + blocks[largest]], np.delete(scaled, np.s_[first : first + blocks[largest]], axis=1)
    rest = others - ready @ (ready.T @ others)
    return np.hstack([ready, spectrum(rest, least=1.0)[0]])
