"""Does KG20 keep its promise? Samples of known shares, four designs, and four intervals in the same run.

    python tests/benchmarks/coverage.py                    # 100,000 samples a cell, about three minutes on two busy cores
    python tests/benchmarks/coverage.py --samples 4000     # a look in ten seconds
    python tests/benchmarks/coverage.py --fine --cells     # shares and sizes between those of the promise, each cell printed

Every replicate of a scenario is one survey: a domain for each share and size, whose d_pool is pooled over those with at least 20 of
the rarer answer, as the product pools it. Ends with 1 unless KG20 covers at least 95 % on average in every scenario and its lower limit
lies above the truth in at most 3.1 % of the samples of every cell (2.5 % is nominal). The scenarios, shares and sizes judged are those of the
statistics page, section 4; what lies beyond (--fine, and the harder weights) is shown without being judged.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from itertools import product

import numpy as np
import scipy

from sipas.stats.effective import FEW, fraction
from sipas.stats.interval_formulas import beta, terms_of, wald, wilson
from sipas.stats.intervals import Floats, Shares, kg20, pool_effect

Cells = tuple[tuple[int, float], ...]
CELLS: Cells = tuple(product((30, 100, 400, 1500), (0.84, 0.88, 0.90, 0.95, 0.99)))
FINE: Cells = tuple(product((30, 50, 100, 200, 400, 800, 1500), (0.84, 0.86, 0.88, 0.90, 0.92, 0.95, 0.97, 0.99)))
METHODS = ("KG20", "beta", "Wilson", "Wald")
LEAST_COVERAGE, MOST_ABOVE = 0.95, 0.031
CLUSTER = 5  # answers in a cluster; with a correlation of 1/4 the design effect is 2
TWO, OFTEN = np.array([1.0, 6.0]), np.array([0.8, 0.2])  # one in five stands for six times as many: Kish's effect is 2
WEIGHTS = 24  # distinct weights of the harder scenario, lognormal, Kish's effect 2 as well
STRATA = np.array([0.4, 0.3, 0.2, 0.1])  # of the population
BLOCK = 10_000
CHECKED = 20  # replicates a block whose d_pool is compared with the product's own

Draw = Callable[[np.random.Generator, int, float, int], tuple[Shares, float]]


def simple(rng: np.random.Generator, n: int, p: float, samples: int) -> tuple[Shares, float]:
    yes = rng.binomial(n, p, samples).astype(float)
    value = yes / n
    return made(value, value * (1 - value) / (n - 1), n, yes, df=n - 1), p


def clustered(rng: np.random.Generator, n: int, p: float, samples: int) -> tuple[Shares, float]:
    """Beta-binomial clusters; as all are of one size, how many hold 0, 1, … satisfied tells everything."""
    number, spread = n // CLUSTER, 1 / 0.25 - 1
    chances = scipy.stats.betabinom.pmf(np.arange(CLUSTER + 1), CLUSTER, p * spread, (1 - p) * spread)
    counts = rng.multinomial(number, chances / chances.sum(), samples)
    yes = (counts @ np.arange(CLUSTER + 1)).astype(float)
    value = yes / n
    apart = (np.arange(CLUSTER + 1) - CLUSTER * value[:, None]) ** 2
    variance = number / (number - 1) * (counts * apart).sum(axis=1) / n**2
    return made(value, variance, n, yes, df=number - 1), p


def weighted(rng: np.random.Generator, n: int, p: float, samples: int, *, weights: Floats, chances: Floats) -> tuple[Shares, float]:
    """Weights that have nothing to do with the answer: now and then the few unsatisfied carry small ones."""
    counts = rng.multinomial(n, np.concatenate([chances * p, chances * (1 - p)]), samples)
    satisfied, others = counts[:, : len(weights)], counts[:, len(weights) :]
    total = (satisfied + others) @ weights
    value = np.where(others.sum(axis=1) == 0, 1.0, satisfied @ weights / total)
    squares = satisfied @ weights**2 * (1 - value) ** 2 + others @ weights**2 * value**2
    kish = total**2 / ((satisfied + others) @ weights**2)
    variance = n / (n - 1) * squares / total**2
    return made(value, variance, n, satisfied.sum(axis=1).astype(float), df=n - 1, kish=kish), p


def lognormal_weights() -> Floats:
    """Middle quantiles of a lognormal, spread until n Σw²/(Σw)² is 2."""
    middle = scipy.special.ndtri((np.arange(WEIGHTS) + 0.5) / WEIGHTS)

    def beyond(spread: float) -> float:
        weights = np.exp(spread * middle)
        return float(WEIGHTS * np.sum(weights**2) / np.sum(weights) ** 2 - 2)

    return np.exp(scipy.optimize.brentq(beyond, 0.1, 3) * middle)


def stratified(rng: np.random.Generator, n: int, p: float, samples: int, *, sampled: float) -> tuple[Shares, float]:
    """Four strata of a finite population, the small ones sampled more, one of them fully where three quarters are asked."""
    fractions = np.minimum(sampled * np.array([0.8, 1.0, 1.2, 4 / 3]), 1)
    people = np.maximum(np.round(n / np.sum(STRATA * fractions) * STRATA), 3).astype(int)
    asked = np.clip(np.round(people * fractions).astype(int), 2, people)
    unsatisfied = np.round((1 - p) * people * np.array([0.8, 1.0, 1.2, 1.4])).astype(int)
    unsatisfied[0] = min(max(round((1 - p) * people.sum()), 1) - unsatisfied[1:].sum(), people[0])
    unsatisfied = np.maximum(unsatisfied, 0)
    no = np.stack(
        [rng.hypergeometric(bad, all_ - bad, size, samples) for bad, all_, size in zip(unsatisfied, people, asked, strict=True)], 1
    )
    rate, total = no / asked, people.sum()
    value = 1 - rate @ (people / total)
    variance = (rate * (1 - rate)) @ ((people / total) ** 2 * (1 - asked / people) / (asked - 1))
    kish = total**2 / np.sum(people**2 / asked)
    yes = asked.sum() - no.sum(axis=1).astype(float)
    value = np.where(no.sum(axis=1) == 0, 1.0, value)
    return made(value, variance, int(asked.sum()), yes, df=int(asked.sum()) - 4, kish=kish, people=total), 1 - unsatisfied.sum() / total


def made(
    value: Floats, variance: Floats, n: int, yes: Floats, *, df: int, kish: Floats | float | None = None, people: float = np.nan
) -> Shares:
    columns = (value, variance, n, yes, n - yes, n if kish is None else kish, df, people)
    return Shares(*(np.array(np.broadcast_to(np.asarray(column, float), value.shape)) for column in columns))


HARDER = "lognormal weights (*)"  # beyond the promise: shown, not judged
SCENARIOS: dict[str, Draw] = {
    "simple": simple,
    "clustered, deff 2": clustered,
    "weighted, deff 2": partial(weighted, weights=TWO, chances=OFTEN),
    "stratified, 10 % asked": partial(stratified, sampled=0.10),
    "stratified, 40 % asked": partial(stratified, sampled=0.40),
    "stratified, 75 % asked": partial(stratified, sampled=0.75),
    HARDER: partial(weighted, weights=lognormal_weights(), chances=np.full(WEIGHTS, 1 / WEIGHTS)),
}


@dataclass(frozen=True)
class Tally:
    """Sums over samples; arrays of shape (cells, methods)."""

    covered: Floats
    above: Floats
    width: Floats
    samples: int

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(Tally)))


def pooled(domains: Iterable[Shares], *, clusters: bool) -> Floats:
    """d_pool of every replicate at once; a few are compared with ``pool_effect``."""
    domains = list(domains)
    above, below = np.zeros(domains[0].n.shape), np.zeros(domains[0].n.shape)
    for one in domains:
        plain = one.value * (1 - one.value) * (1 - fraction(one)) / one.n_kish
        tells = (np.minimum(one.n_satisfied, one.n_unsatisfied) >= FEW) & (plain > 0)
        above += np.where(tells, one.n * one.variance, 0)
        below += np.where(tells, one.n * plain, 0)
    found = np.maximum(1, np.divide(above, below, out=np.full(above.shape, 1.5 if clusters else 1.0), where=below > 0))
    for at in range(min(CHECKED, len(found))):
        survey = Shares(*(np.array([getattr(one, field.name)[at] for one in domains]) for field in fields(Shares)))
        assert abs(pool_effect(survey, clustered=clusters) - found[at]) < 1e-9, "pooled otherwise than the product pools"
    return found


def all_limits(sample: Shares, effect: Floats) -> list[tuple[Floats, Floats]]:
    """Limits by each method. R has none where all agree: Wald is a point there, beta and Wilson take n for n_e, as in appendix A."""
    agree = ~(sample.variance > 0) | (sample.value <= 0) | (sample.value >= 1)
    guarded = kg20(sample, effect)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = terms_of(sample, sample.n)
    terms = type(terms)(
        terms.value,
        terms.variance,
        np.where(agree, sample.n, terms.size),
        terms.t,
        np.where(agree, 1, terms.ratio),
        terms.nrow,
        terms.alpha,
    )
    return [(guarded.low, guarded.high), beta(terms), wilson(terms), wald(terms)]


def run_block(name: str, cells: Cells, seed: int, block: int, samples: int) -> Tally:
    key = list(SCENARIOS).index(name)
    drawn = [SCENARIOS[name](np.random.default_rng([seed, key, block, cell]), n, p, samples) for cell, (n, p) in enumerate(cells)]
    effect = pooled((sample for sample, _ in drawn), clusters=name.startswith("clustered"))
    told = np.zeros((3, len(cells), len(METHODS)))
    for cell, (sample, truth) in enumerate(drawn):
        for method, (low, high) in enumerate(all_limits(sample, effect)):
            above, below = low > truth + 1e-12, high < truth - 1e-12
            told[:, cell, method] = np.sum(~(above | below)), np.sum(above), np.sum(high - low)
    return Tally(*told, samples)


def run(cells: Cells, samples: int, seed: int, processes: int) -> dict[str, Tally]:
    sizes = [min(BLOCK, samples - start) for start in range(0, samples, BLOCK)]
    with ProcessPoolExecutor(processes) as pool:
        waiting = {name: [pool.submit(run_block, name, cells, seed, block, size) for block, size in enumerate(sizes)] for name in SCENARIOS}
        return {name: sum((one.result() for one in rest), first.result()) for name, (first, *rest) in waiting.items()}


def print_summary(tallies: dict[str, Tally]) -> None:
    print(f"{'scenario':<24}{'method':<8}{'coverage: mean':>15}{'least':>8}{'lower limit above: worst':>26}{'mean':>7}{'width':>8}")
    for name, tally in tallies.items():
        covered, above, width = (getattr(tally, what) / tally.samples for what in ("covered", "above", "width"))
        for at, method in enumerate(METHODS):
            print(
                f"{name if not at else '':<24}{method:<8}{covered[:, at].mean():>15.2%}{covered[:, at].min():>8.1%}"
                f"{above[:, at].max():>26.2%}{above[:, at].mean():>7.2%}{width[:, at].mean():>8.4f}"
            )


def print_cells(tallies: dict[str, Tally], cells: Cells) -> None:
    shares = sorted({p for _, p in cells})
    for name, tally in tallies.items():
        print(f"\nKG20, {name}: coverage / lower limit above the truth, %")
        print(f"{'n':>6}" + "".join(f"{share:>13}" for share in shares))
        pairs = zip(tally.covered[:, 0] / tally.samples, tally.above[:, 0] / tally.samples, strict=True)
        both = [f"{100 * covered:.1f} / {100 * above:.2f}" for covered, above in pairs]
        for row in range(0, len(cells), len(shares)):
            print(f"{cells[row][0]:>6}" + "".join(f"{text:>13}" for text in both[row : row + len(shares)]))


def failures(tallies: dict[str, Tally]) -> list[str]:
    found = []
    for name, tally in tallies.items():
        if name == HARDER:
            continue
        mean, worst = tally.covered[:, 0].mean() / tally.samples, tally.above[:, 0].max() / tally.samples
        if mean < LEAST_COVERAGE:
            found.append(f"{name}: KG20 covers {mean:.2%} on average, less than {LEAST_COVERAGE:.0%}")
        if worst > MOST_ABOVE:
            n, p = CELLS[int(tally.above[:, 0].argmax())]
            found.append(
                f"{name}: KG20's lower limit is above the truth in {worst:.2%} of samples at n = {n}, p = {p}; {MOST_ABOVE:.1%} is the most"
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=100_000, help="samples a cell")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cells", action="store_true", help="print every share and size of KG20")
    parser.add_argument("--fine", action="store_true", help="more shares and sizes, none judged")
    told = parser.parse_args()
    started, cells = time.perf_counter(), FINE if told.fine else CELLS
    tallies = run(cells, told.samples, told.seed, told.processes)
    print(f"{told.samples:,} samples of each of {len(cells)} cells a scenario, seed {told.seed}, {time.perf_counter() - started:.0f} s")
    print_summary(tallies)
    if told.cells:
        print_cells(tallies, cells)
    if wrong := [] if told.fine else failures(tallies):
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main()
