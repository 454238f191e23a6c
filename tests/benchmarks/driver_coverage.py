"""Do the limits of key drivers hold? Samples of a known population, and how often the limits hold each factor's true share and R².

    python tests/benchmarks/driver_coverage.py                  # 400 samples a size, about a minute
    python tests/benchmarks/driver_coverage.py --samples 4000

Five factors that hang together as answers of one person do, at levels 1 to 5 with a ceiling; thirty groups, as the product has them.
"""

from __future__ import annotations

import argparse

import numpy as np

from sipas.reports.together import GROUPS
from sipas.stats.drivers import covariances_of
from sipas.stats.group_jackknife import half_width, replicates
from sipas.stats.intervals import Floats
from sipas.stats.shapley import shapley

FACTORS = 5
SIZES = ((30, 1), (60, 5), (100, 5), (300, 10), (1000, 20))  # forms and strata


def main() -> None:
    """Print a line for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=400)
    samples, rng = parser.parse_args().samples, np.random.default_rng(7)
    parts = shapley(covariances_of(rows(rng, 400_000).sum(axis=0)[None], FACTORS + 1))[0]
    truth, whole = parts / parts.sum(), float(parts.sum())
    print(f"true shares {np.round(truth, 3)}, R² {whole:.3f}")
    for n, strata in SIZES:
        held = np.array([holds(rng, n, strata, truth, whole) for _ in range(samples)])
        print(f"{n} forms, {strata} strata: shares {np.round(100 * held[:, :-1].mean(axis=0), 1)} %, R² {100 * held[:, -1].mean():.1f} %")


def rows(rng: np.random.Generator, n: int) -> Floats:
    """1, x and xx' of each person: five factors and the overall answer."""
    halo = rng.normal(size=(n, 1))
    factors = 0.75 * halo + 0.66 * rng.normal(size=(n, FACTORS))
    overall = factors @ np.array([0.35, 0.2, 0.2, 0.15, 0.1]) + 0.3 * halo[:, 0] + 0.45 * rng.normal(size=n)
    x = np.clip(np.round(4.3 + 0.9 * np.column_stack([factors, overall])), 1, 5)
    return np.concatenate([np.ones((n, 1)), x, (x[:, :, None] * x[:, None, :]).reshape(n, -1)], axis=1)


def holds(rng: np.random.Generator, n: int, strata: int, truth: Floats, whole: float) -> list[bool]:
    """Whether the limits of one sample hold each share, and R²."""
    made, stratum, group = rows(rng, n), rng.integers(strata, size=n), rng.integers(GROUPS, size=n)
    sums, clusters = np.zeros((strata, GROUPS, made.shape[1])), np.zeros((strata, GROUPS), np.int64)
    np.add.at(sums, (stratum, group), made)
    np.add.at(clusters, (stratum, group), 1)
    parts = shapley(covariances_of(replicates(sums, clusters), FACTORS + 1))
    total = parts.sum(axis=1)
    share = parts / np.where(total > 0, total, 1.0)[:, None]
    df = min(GROUPS - 1, n - int((clusters.sum(axis=1) > 0).sum()))
    inside = np.abs(share[0] - truth) <= half_width(share, df)
    return [*inside.tolist(), bool(abs(total[0] - whole) <= half_width(total[:, None], df)[0])]


if __name__ == "__main__":
    main()
