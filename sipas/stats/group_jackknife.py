"""The extended delete-a-group jackknife: variances of anything smooth from some thirty groups of clusters."""

from __future__ import annotations

import numpy as np

from sipas.stats.intervals import Floats, t_quantile
from sipas.stats.weights import Ints


def replicates(sums: Floats, clusters: Ints) -> Floats:
    """Totals of a domain, first all of it, then without each group of clusters.

    Within a stratum the clusters that stay stand for those that go; the step is shortened where a stratum has fewer groups than there
    are, so that its variance is not counted twice. A stratum whose clusters lie all in one group is kept as it is.

    Parameters
    ----------
    sums : (H, G, L) float
        Weighted totals by stratum and group; G at least 2.
    clusters : (H, G) int
        Clusters behind them, put into groups by chance.

    Returns
    -------
    (G + 1, L) float

    References
    ----------
    Kott (2001), The delete-a-group jackknife, Journal of Official Statistics 17, 521-526: the replicate weights 1 − (n_h − 1)Z and
    1 + Z with Z = √(G/((G − 1) n_h (n_h − 1))).
    """
    size = clusters.shape[1]
    whole, count = sums.sum(axis=1), clusters.sum(axis=1)
    groups = (clusters > 0).sum(axis=1)
    shorter = np.sqrt(np.maximum(groups - 1, 0) / np.maximum(groups, 1) * size / (size - 1))
    stays = clusters < count[:, None]
    grown = np.where(stays, count[:, None] / np.where(stays, count[:, None] - clusters, 1), 0.0)
    step = grown[..., None] * (whole[:, None, :] - sums) - whole[:, None, :]
    moved = np.where((clusters > 0)[..., None], shorter[:, None, None] * step, 0.0)
    total = whole.sum(axis=0)
    return np.concatenate([total[None], total + moved.sum(axis=0)])


def half_width(values: Floats, df: int) -> Floats:
    """Half the 95 % interval of some figures from their replicates.

    Parameters
    ----------
    values : (G + 1, K) float
        The figures, then what they are without each group.
    df : int
        Degrees of freedom: at most G − 1, and not more than clusters less strata.

    Returns
    -------
    (K,) float
        On the scale of the figures; infinite below one degree of freedom.

    References
    ----------
    Kott (2001): V = (G − 1)/G Σ (θ_r − θ)², Student's t.
    """
    if df < 1:
        return np.full(values.shape[1], np.inf)
    size = len(values) - 1
    variance = (size - 1) / size * ((values[1:] - values[0]) ** 2).sum(axis=0)
    return np.asarray(t_quantile(np.array([float(df)]))[0] * np.sqrt(variance), np.float64)
