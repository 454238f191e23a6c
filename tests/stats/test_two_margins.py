"""Two margins a stratum from sums of clusters: the same as rows raked and their residuals, whatever the order of the rows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pytest

from sipas.stats.design import Rows, constants, count_sizes
from sipas.stats.domains import Totals, products
from sipas.stats.margin_moments import Filed, Moments, gather_filed, join_moments, with_margins
from sipas.stats.raking import rake
from sipas.stats.sampling import calibrated, design
from sipas.stats.two_margins import Crossed, Margins, Plan, fold_filings, fold_pairs, has_clusters, solve_margins
from sipas.stats.variance import covariance
from sipas.stats.weights import Weighting

STRATA, MONTHS, FILINGS = 3, 4, 4
CELL = np.array([[0, 0, 1, 2], [0, 1, 2, 3], [0, 0, 0, 0]])  # month cells of each stratum
FOLD = np.array([[0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 2, 2]])
PAIRS = products([(0, 1, 2, 3)])


@dataclass
class Made:
    """Respondents: where they stand, four columns, whether they are members, and the part of their stratum they belong to."""

    stratum: np.ndarray
    month: np.ndarray
    cluster: np.ndarray
    filing: np.ndarray
    part: np.ndarray
    u: np.ndarray

    @classmethod
    def of(cls, seed: int) -> Made:
        rng = np.random.default_rng(seed)
        place = np.repeat(np.arange(STRATA * MONTHS), 7)  # of each cluster
        size = rng.integers(2, 7, len(place))
        cluster = np.repeat(np.arange(len(place)), size)
        filing = rng.choice(FILINGS, len(cluster), p=(0.4, 0.25, 0.2, 0.15))
        answered = rng.random((len(cluster), 2)) < 0.9
        u = np.column_stack([answered[:, 0] * rng.integers(0, 2, len(cluster)), answered[:, 0], 3 * answered[:, 1], answered[:, 1]])
        at = place[cluster]
        return cls(at // MONTHS, at % MONTHS, cluster, filing, 2 * (at // MONTHS) + rng.integers(0, 2, len(cluster)), u.astype(np.int64))

    def take(self, order: np.ndarray) -> Made:
        return Made(*(getattr(self, field.name)[order] for field in fields(self)))

    def sizes(self) -> np.ndarray:
        return np.bincount(self.cluster * FILINGS + self.filing, minlength=84 * FILINGS).reshape(84, FILINGS)

    def crossed(self) -> Crossed:
        answers = np.zeros((STRATA, MONTHS, FILINGS + 1), int)
        np.add.at(answers, (self.stratum, self.month, self.filing), 1)
        sizes, products_ = self.sizes(), np.zeros((STRATA, MONTHS, FILINGS, FILINGS), int)
        for j, n in enumerate(sizes):
            products_[j // 28, j // 7 % 4] += np.outer(n, n)
        return Crossed(answers, np.zeros((STRATA, 6), int), products_)

    def moments(self, margins: Margins) -> Moments:
        """Row by row: a combination of part, cluster and filing comes as often as it was answered."""
        weight = margins.weight[self.stratum, margins.cell[self.stratum, self.month], self.filing]
        rows = Filed(self.part, self.cluster, self.filing, weight, self.u, (self.u[:, [1, 3]] > 0).astype(int))
        some = [
            gather_filed(Filed(*(getattr(rows, name)[self.month == m] for name in Filed.__slots__)), self.sizes(), PAIRS, m)
            for m in range(MONTHS)
        ]
        return join_moments(some)


def plan() -> Plan:
    rng = np.random.default_rng(5)
    months, filings = np.zeros((STRATA, MONTHS)), np.zeros((STRATA, FILINGS))
    for h in range(STRATA):
        np.add.at(months[h], CELL[h], rng.integers(300, 500, MONTHS))
        np.add.at(filings[h], FOLD[h], rng.dirichlet((40, 25, 20, 15)) * months[h].sum())
    return Plan(np.arange(STRATA), CELL, FOLD, months, filings)


def from_clusters(made: Made, months: list[bool]) -> tuple[Totals, Margins]:
    """Totals of the domain "odd parts, these months", and the margins."""
    clusters = np.full((STRATA, MONTHS), 7)
    margins, met = solve_margins(made.crossed(), plan(), clusters, np.array([0.0, 0.2, 0.0]))
    assert met.all()
    moments = made.moments(margins)
    part = np.array([1, 3, 5])
    widths = {"total": 4, "form": len(PAIRS.first)}
    before = Totals(*(np.zeros((STRATA, widths.get(name, 2))) for name in Totals.__slots__))
    where = (np.zeros(3, int), part, np.array([months]))
    return with_margins(where, before, np.arange(6) // 2, margins, moments, PAIRS), margins


@pytest.mark.parametrize("months", [[True] * 4, [False, True, True, False], [False, False, False, True]])
def test_figures_are_those_of_raked_rows(months: list[bool]) -> None:
    made = Made.of(1)
    totals, _ = from_clusters(made, months)
    goal = plan()
    cell, kind = 4 * made.stratum + CELL[made.stratum, made.month], 4 * made.stratum + FOLD[made.stratum, made.filing]
    cells, kinds = (np.unique(code, return_inverse=True)[1] for code in (cell, kind))
    wanted = [table.ravel()[table.ravel() > 0] for table in (goal.months, goal.filings)]
    raked = rake(np.ones(len(cells)), [cells, kinds], wanted)
    rows = calibrated(design(cells, np.unique(made.cluster, return_inverse=True)[1]), raked)
    inside = (made.part % 2 == 1) & np.array(months)[made.month]
    for h in range(STRATA):
        mine = (inside & (made.stratum == h))[:, None]
        w, free = raked.weight[:, None], 28 - len(set(CELL[h]))
        factor = (1 - (0.2 if h == 1 else 0)) * free / (free - FOLD[h].max())
        spread = factor * covariance(rows, made.u * mine)
        member = (made.u[:, [1, 3]] > 0) * mine
        assert totals.total[h] == pytest.approx((w * made.u * mine).sum(axis=0), rel=1e-10)
        assert totals.weights[h] == pytest.approx((w * member).sum(axis=0), rel=1e-10)
        assert totals.squares[h] == pytest.approx((w**2 * member).sum(axis=0), rel=1e-10)
        assert totals.form[h] == pytest.approx(spread[PAIRS.first, PAIRS.second], rel=1e-10, abs=1e-10 * np.abs(spread).max())


def test_the_order_of_rows_changes_no_bit() -> None:
    made = Made.of(2)
    first, _ = from_clusters(made, [True] * 4)
    for seed in range(3):
        again, _ = from_clusters(made.take(np.random.default_rng(seed).permutation(len(made.part))), [True] * 4)
        for name in ("total", "form", "weights", "squares"):
            assert np.array_equal(getattr(first, name), getattr(again, name)), name


def test_one_filing_cell_is_months_alone() -> None:
    made = Made.of(3)
    goal = plan()
    alone = replace(goal, fold=np.zeros_like(FOLD), filings=goal.months.sum(axis=1)[:, None] * np.eye(FILINGS)[0])
    clusters = np.full((STRATA, MONTHS), 7)
    margins, met = solve_margins(made.crossed(), alone, clusters, np.zeros(STRATA))
    rows = Rows(made.stratum, made.month, made.cluster, made.part)
    number = CELL + np.array([[0], [3], [7]])
    weight = np.array([margins.weight[h, c].max() for h in range(STRATA) for c in range(CELL[h].max() + 1)])
    of = np.array([h for h in range(STRATA) for _ in range(CELL[h].max() + 1)])
    no = np.zeros(STRATA, bool)
    cells = constants(count_sizes(rows, STRATA, MONTHS), Weighting(number, weight, of, ~no, no, np.zeros(STRATA)))
    assert met.all()
    assert (margins.omega[of, np.array([0, 1, 2, 0, 1, 2, 3, 0])] * weight**2) == pytest.approx(cells.omega, rel=1e-12)


@pytest.mark.parametrize("also", [0, 1])  # then there is one answer by which they can be met, with a weight of hundreds
def test_margins_that_contradict_one_another_are_not_met(also: int) -> None:
    answers = np.zeros((1, 2, 5), int)
    answers[0, 0, 0] = answers[0, 1, 2] = 20  # the first month by one filing only, the second by another
    answers[0, 0, 2] = also
    crossed = Crossed(answers, np.full((1, 6), 5), np.zeros((1, 2, 4, 4), int))
    cell, fold = np.array([[0, 1]]), np.array([[0, 0, 1, 1]])
    goal = Plan(np.array([0]), cell, fold, np.array([[600.0, 400.0]]), np.array([[300.0, 700.0, 0, 0]]))
    margins, met = solve_margins(crossed, goal, np.full((1, 2), 5), np.zeros(1))
    assert met.tolist() == [False]
    assert len(margins.strata) == 0


@pytest.mark.parametrize(
    ("answers", "population", "clusters", "cells"),
    [
        ((9, 9, 9, 9), (90, 90, 90, 90), (3, 3, 3, 3, 5, 5), (0, 1, 2, 3)),
        ((9, 4, 9, 9), (90, 90, 90, 90), (3, 3, 3, 3, 5, 5), (0, 0, 1, 2)),  # four answers: joins its pair
        ((9, 9, 9, 9), (90, 90, 90, 90), (3, 3, 3, 1, 5, 5), (0, 1, 2, 2)),  # one cluster
        ((9, 9, 9, 9), (90, 8, 90, 90), (3, 3, 3, 3, 5, 5), (0, 0, 1, 2)),  # more answers than dossiers
        ((9, 9, 9, 0), (90, 90, 90, 0), (3, 3, 3, 0, 5, 3), (0, 1, 2, 2)),  # nobody used the post
        ((9, 9, 0, 0), (90, 90, 0, 0), (3, 3, 0, 0, 5, 0), (0, 1, 0, 0)),  # nor the network
        ((9, 9, 2, 1), (90, 90, 90, 90), (3, 3, 2, 1, 5, 2), (0, 0, 0, 0)),  # a pair that is short: no margin
        ((30, 0, 0, 0), (300, 0, 0, 0), (9, 0, 0, 0, 9, 0), (0, 0, 0, 0)),
        ((30, 0, 0, 0), (300, 0, 9, 0), (9, 0, 0, 0, 9, 0), (0, 0, 0, 0)),  # population without an answer
    ],
)
def test_filings_that_fall_short_join_their_pair(answers, population, clusters, cells) -> None:
    assert fold_filings(np.array(answers), np.array(population, float), np.array(clusters)).tolist() == list(cells)


def test_a_stratum_with_few_clusters_keeps_pairs_or_nothing() -> None:
    assert fold_pairs(np.array([0, 1, 2, 3])).tolist() == [0, 0, 1, 1]
    assert fold_pairs(np.array([0, 1, 0, 0])).tolist() == [0, 0, 0, 0]
    assert [has_clusters(10, 4, cells) for cells in (1, 2, 3, 4, 5)] == [True, True, True, True, False]
