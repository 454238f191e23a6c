"""KG20 in every corner of its table, the logit-t and the mean."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaincinv, stdtrit

from sipas.stats.intervals import Interval, Shares, kg20, logit_t, mean_t, n_star, p_above, p_below, pool_effect, t_quantile


def shares(
    p: float, v: float, n: float, sat: float | None = None, *, kish: float | None = None, df: float = 40, pop: float = np.nan
) -> Shares:
    satisfied = round(n * p) if sat is None else sat
    values = (p, v, n, satisfied, n - satisfied, n if kish is None else kish, df, pop)
    return Shares(*(np.array([value], float) for value in values))


def limits(interval: Interval) -> tuple[float, float]:
    return float(interval.low[0]), float(interval.high[0])


def clopper(k: float, n: float) -> tuple[float, float]:
    return (
        betaincinv(k, n - k + 1, 0.025) if k else 0.0,
        betaincinv(k + 1, n - k, 0.975) if k < n else 1.0,
    )


ONE = np.array([1.0])


@pytest.mark.parametrize(("k", "n", "width"), [(10, 10, 0.308), (30, 30, 0.116), (400, 400, 0.009), (1500, 1500, 0.002)])
def test_all_satisfied_is_clopper_pearson(k: int, n: int, width: float) -> None:  # widths: statistics page, appendix A
    low, high = limits(kg20(shares(1.0, 0.0, n, df=n - 1), ONE))
    assert (low, high) == pytest.approx(clopper(k, n), abs=1e-12)
    assert high - low == pytest.approx(width, abs=0.0011 if n < 1500 else 0.0006)


@pytest.mark.parametrize("n", [10, 30, 100, 400])
def test_pooled_effect_of_two_halves_what_agreement_proves(n: int) -> None:
    assert limits(kg20(shares(1.0, 0.0, n, df=n - 1), np.array([2.0]))) == pytest.approx(clopper(n / 2, n / 2), abs=1e-12)


def test_none_satisfied_mirrors_all() -> None:
    low, high = limits(kg20(shares(0.0, 0.0, 40, df=39), ONE))
    assert (low, high) == pytest.approx(clopper(0, 40), abs=1e-12)


def test_nobody_answered_and_everybody_did() -> None:
    assert limits(kg20(shares(0.0, 0.0, 0, 0, kish=0, df=0), ONE)) == (0.0, 1.0)
    assert limits(kg20(shares(0.8, 0.0, 50, pop=50), ONE)) == (0.8, 0.8)


@pytest.mark.parametrize(("p", "low", "high"), [(1.0, 0.025, 1.0), (0.0, 0.0, 0.975)])
def test_one_answer_has_no_t(p: float, low: float, high: float) -> None:
    assert limits(kg20(shares(p, 0.0, 1, df=0), ONE)) == pytest.approx((low, high))


def test_many_of_both_kinds_use_their_own_variance() -> None:
    p, n, v, df = 0.86, 400, 0.86 * 0.14 / 250, 60
    star = 250 * (stdtrit(399, 0.975) / stdtrit(df, 0.975)) ** 2
    expected = betaincinv(star * p, star * (1 - p) + 1, 0.025), betaincinv(star * p + 1, star * (1 - p), 0.975)
    assert limits(kg20(shares(p, v, n, df=df), np.array([3.0]))) == pytest.approx(expected, abs=1e-12)


def test_few_unsatisfied_are_guarded_by_the_pooled_effect() -> None:
    lucky = shares(0.98, 1e-7, 200, df=60)  # two unsatisfied with small weights: the variance is a fluke
    assert n_star(lucky, np.array([2.0]))[0] <= 100
    assert n_star(lucky, ONE)[0] <= 200


def test_sample_proves_bounds_of_a_finite_population() -> None:
    low, high = limits(kg20(shares(0.9, 0.9 * 0.1 / 900, 90, 81, pop=100), ONE))
    assert low >= 0.81
    assert high <= 1 - 9 / 100


def test_truncated_at_n() -> None:
    assert n_star(shares(0.5, 1e-6, 100, df=200), ONE)[0] == 100


def test_effect_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be below 1"):
        kg20(shares(0.5, 0.01, 10), np.array([0.9]))


@given(st.integers(1, 2000), st.floats(0, 1), st.floats(0.3, 4), st.integers(0, 300), st.floats(1, 3), st.sampled_from([kg20, logit_t]))
def test_interval_holds_its_share_and_stays_in_0_1(n: int, p: float, effect: float, df: int, pool: float, method: object) -> None:
    p = round(n * p) / n
    one = shares(p, p * (1 - p) / n * effect, n, kish=n / effect if effect > 1 else n, df=min(df, n - 1))
    low, high = limits(method(one, np.array([pool])))
    assert 0 <= low <= p <= high <= 1


@given(st.integers(30, 500), st.floats(0.05, 0.999), st.floats(0.5, 0.99))
def test_p_values_are_dual_to_the_limits(n: int, p: float, target: float) -> None:
    one = shares(p, p * (1 - p) / n, n, sat=n * p, df=n - 1)
    low, high = limits(kg20(one, ONE))
    star = n_star(one, ONE)
    if abs(low - target) > 1e-9:
        assert (low > target) == (p_above(star, one.value, np.array([target]))[0] < 0.025)
    if abs(high - target) > 1e-9:
        assert (high < target) == (p_below(star, one.value, np.array([target]))[0] < 0.025)


def test_logit_t_by_hand_and_without_variance() -> None:
    low, high = limits(logit_t(shares(0.8, 0.0016, 100, df=30), ONE))
    half = stdtrit(30, 0.975) * 0.04 / 0.16
    assert np.log(low / (1 - low)) == pytest.approx(np.log(4) - half)
    assert np.log(high / (1 - high)) == pytest.approx(np.log(4) + half)
    assert limits(logit_t(shares(1.0, 0.0, 30, df=29), np.array([1.5]))) == pytest.approx(clopper(20, 20), abs=1e-12)


def test_mean_is_clipped_and_agreement_is_no_proof() -> None:
    assert limits(mean_t(shares(4.9, 0.04, 20, df=10), ONE))[1] == 5
    low, high = limits(mean_t(shares(5.0, 0.0, 30, df=10), ONE))
    assert high == 5
    assert low == pytest.approx(5 - 4 * (1 - 0.025 ** (1 / 30)))


def test_pooled_effect_is_a_ratio_of_sums() -> None:
    two = Shares(
        *(
            np.array(values, float)
            for values in ([0.8, 0.7], [0.0032, 0.0042], [100, 100], [80, 70], [20, 30], [100, 100], [50, 50], [np.nan] * 2)
        )
    )
    assert pool_effect(two, clustered=True) == pytest.approx((0.0032 + 0.0042) / (0.0016 + 0.0021))
    few = shares(0.9, 0.001, 100)
    assert (pool_effect(few, clustered=True), pool_effect(few, clustered=False)) == (1.5, 1.0)


def test_t_quantile_wants_one_degree_of_freedom() -> None:
    got = t_quantile(np.array([0.0, 1.0, 1.0, 30.0]))
    assert np.isnan(got[0])
    assert got[1:] == pytest.approx([12.7062047, 12.7062047, 2.0422725])
