"""Is the variance of two margins honest? Drawn strata with a known truth: mean variance ÷ true variance, as R has it and with our factor.

.venv/bin/python tests/benchmarks/filing_variance.py [samples]        600 where nothing is said

Clusters of 1 to 7 answers, alike in mood and (in the second half) in how they filed; three month cells; filings of 60:40 or 50:30:10:10.
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.special import stdtrit

from sipas.stats.margins import BadMarginError
from sipas.stats.raking import rake
from sipas.stats.sampling import calibrated, design
from sipas.stats.variance import covariance

MONTHS = 3
SHARES = ((0.6, 0.4), (0.5, 0.3, 0.1, 0.1))


def draw(rng: np.random.Generator, clusters: int, shares: tuple[float, ...], alike: float) -> tuple[np.ndarray, ...]:
    """Cluster, month, filing and answer of each row."""
    cluster = np.repeat(np.arange(clusters), rng.integers(1, 8, clusters))
    own = rng.dirichlet(alike * np.array(shares), clusters) if alike else np.tile(shares, (clusters, 1))
    filing = (rng.random(len(cluster))[:, None] > own[cluster].cumsum(axis=1)).sum(axis=1).clip(0, len(shares) - 1)
    liking = 0.85 - 0.08 * (filing - np.dot(range(len(shares)), shares)) + rng.normal(0, 0.08, clusters)[cluster]
    return cluster, cluster % MONTHS, filing, (rng.random(len(cluster)) < liking.clip(0.02, 0.98)).astype(float)


def look(rng: np.random.Generator, clusters: int, shares: tuple[float, ...], alike: float, samples: int) -> str:
    """One line: ratios of variances, and coverage of 95 % intervals."""
    cells, made = len(shares), []
    while len(made) < samples:
        cluster, month, filing, y = draw(rng, clusters, shares, alike)
        if min(np.bincount(filing, minlength=cells).min(), np.bincount(month).min()) < 5:
            continue
        try:
            raked = rake(np.ones(len(y)), [month, filing], [np.full(MONTHS, 1000.0), 3000 * np.array(shares)])
        except BadMarginError:
            continue
        value = raked.weight @ y / 3000
        rows = calibrated(design(month, cluster), raked)
        made.append((value, covariance(rows, (y - value) / 3000)[0, 0]))
    value, variance = np.array(made).T
    free = clusters - MONTHS
    told = []
    for factor in (1.0, free / (free - cells + 1)):
        inside = np.abs(value - value.mean()) <= stdtrit(free, 0.975) * np.sqrt(factor * variance)
        told.append(f"V/true {factor * variance.mean() / value.var():.2f}, covers {inside.mean():.3f}")
    return f"{clusters} clusters, {cells} filings, {'alike' if alike else 'mixed'}: as R {told[0]}; with the factor {told[1]}"


def main() -> None:
    """Every case."""
    samples, rng = int(sys.argv[1]) if len(sys.argv) > 1 else 600, np.random.default_rng(20261122)
    for alike in (0.0, 1.0):
        for clusters in (12, 24, 48):
            for shares in SHARES:
                print(look(rng, clusters, shares, alike, samples))


if __name__ == "__main__":
    main()
