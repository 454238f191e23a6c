"""What may be said of a target."""

from __future__ import annotations

import numpy as np
import pytest

from sipas.stats.intervals import Shares, kg20
from sipas.stats.verdict import judge, more_for_logit, more_for_mean, more_for_share


def said(low: float, high: float, n: int = 100, target: float = 0.9, *, strict: bool = False) -> str:
    return str(judge(*(np.array([x], float) for x in (low, high, n, target)), np.array([strict]))[0])


@pytest.mark.parametrize(
    ("got", "verdict"),
    [
        (said(0.9, 0.95), "met"),
        (said(0.9, 0.95, strict=True), "undecided"),
        (said(0.901, 0.95, strict=True), "met"),
        (said(0.8, 0.899), "not_met"),
        (said(0.8, 0.9), "undecided"),
        (said(0.8, 0.9, strict=True), "not_met"),
        (said(0.95, 1.0, n=29), "too_few"),
        (said(0.95, 1.0, n=30), "met"),
        (said(0.95, 1.0, n=9), "hidden"),
        (said(0.95, 1.0, target=np.nan), "no_target"),
        (said(0.95, 1.0, n=9, target=np.nan), "hidden"),
    ],
)
def test_verdicts(got: str, verdict: str) -> None:
    assert got == verdict


@pytest.mark.parametrize(("p", "target", "n"), [(0.93, 0.9, 120), (0.87, 0.9, 120), (1.0, 0.9, 31), (0.86, 0.85, 400)])
def test_so_many_more_answers_settle_it_and_fewer_do_not(p: float, target: float, n: int) -> None:
    star = np.array([n / 1.5])
    more = more_for_share(star, np.array([p]), np.array([target]), np.array([float(n)]))[0]

    def settled(answers: float) -> bool:
        many = np.array([answers / 1.5])
        one = Shares(*(np.array([x], float) for x in (p, 0.0, 1e9, 1e9 * p or 1, 1e9 * (1 - p), 1e9, 1e9, np.nan)))
        one = Shares(one.value, one.value * (1 - one.value) / many, one.n, one.n_satisfied, one.n_unsatisfied, many, one.df, one.population)
        found = kg20(one, np.ones(1))
        return bool(found.low[0] >= target if p > target else found.high[0] < target)

    assert settled(n + more + 1)
    assert more == 1 or not settled(n + more - 2)


def test_nothing_settles_a_share_that_is_the_target() -> None:
    assert np.isnan(more_for_share(*(np.array([x]) for x in (80.0, 0.9, 0.9, 100.0)))[0])


def test_ratios_and_means_scale_with_the_square() -> None:
    more = more_for_mean(*(np.array([x]) for x in (4.1, 0.01, 1e6, 4.0, 100.0)))[0]
    assert more == np.ceil(100 * (1.959966**2 - 1))
    assert more_for_logit(*(np.array([x]) for x in (0.85, 0.0025, 30.0, 0.9, 60.0)))[0] > 0
