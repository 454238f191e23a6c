"""Two stored figures beside one another: what is said of a change, and of one channel beside another."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.reports.pairs import change_of, channel_gap, evidence_of, gap_of
from sipas.reports.released import estimate_of
from sipas.stats.evidence import wilson
from tests.reports.stored import fact

SIZES = st.integers(30, 2000)


def test_a_change_of_shares_is_mover_over_guarded_wilson_limits() -> None:
    now, before = fact(340, 400), fact(300, 400)
    change = change_of(now, before, "2026-10")
    assert change is not None
    first, second = wilson(evidence_of([now])), wilson(evidence_of([before]))
    down = np.hypot(first.value - first.low, second.high - second.value)
    up = np.hypot(first.high - first.value, second.value - second.low)
    assert change.points == pytest.approx(10)
    assert change.low == pytest.approx(10 - 100 * down[0])
    assert change.high == pytest.approx(10 + 100 * up[0])
    assert (change.direction, change.since) == ("higher", "2026-10")


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ((380, 400), (300, 400), ("higher", False)),
        ((300, 400), (380, 400), ("lower", False)),
        ((84, 100), (86, 100), ("undecided", False)),  # so few answers prove nothing, least of all that nothing changed
        ((8500, 10000), (8505, 10000), ("undecided", True)),
        ((8700, 10000), (8500, 10000), ("higher", True)),  # a small change, surely there
    ],
)
def test_a_direction_comes_from_95_percent_and_no_material_change_from_90(
    now: tuple[int, int], before: tuple[int, int], said: tuple[str, bool]
) -> None:
    change = change_of(fact(*now), fact(*before), "2026-10")
    assert change is not None
    assert (change.direction, change.equivalent) == said


@pytest.mark.parametrize("indicator", ["mean", "pooled"])
def test_means_and_ratios_are_compared_by_their_own_limits(indicator: str) -> None:
    now, before = fact(360, 400, indicator=indicator), fact(300, 400, indicator=indicator)
    change = change_of(now, before, "2026-10")
    assert change is not None
    scale = 1 if indicator == "mean" else 100
    assert now.value is not None
    assert now.low is not None
    assert before.value is not None
    assert before.high is not None
    assert change.points == pytest.approx(scale * (now.value - before.value))
    assert change.low == pytest.approx(change.points - scale * np.hypot(now.value - now.low, before.high - before.value))
    assert change.direction == "higher"


def test_three_points_of_a_mean_are_0_12_of_its_scale() -> None:
    gap = gap_of(fact(8510, 10000, indicator="mean"), fact(8500, 10000, indicator="mean"))
    assert gap is not None
    assert gap.equivalent
    apart = gap_of(fact(9000, 10000, indicator="mean"), fact(8500, 10000, indicator="mean"))
    assert apart is not None
    assert not apart.equivalent


def test_nothing_is_compared_that_is_missing_or_weighted_differently() -> None:
    assert change_of(None, fact(9, 10), "2026-10") is None
    assert change_of(fact(9, 10, weighted=False), fact(9, 10), "2026-10") is None


def test_a_whole_population_that_answered_is_known_exactly() -> None:
    census = {"n_effective": None, "se": 0.0, "fraction": 1.0, "low": 0.9, "high": 0.9}
    gap = gap_of(fact(90, 100, **census), fact(80, 100, **census | {"low": 0.8, "high": 0.8}))
    assert gap is not None
    assert (gap.points, gap.low, gap.high) == pytest.approx((10, 10, 10))


def test_a_channel_stands_beside_the_verified_one() -> None:
    verified, opened = estimate_of(fact(300, 400)), estimate_of(fact(392, 400, channels="O"))
    gap = channel_gap(opened, verified)
    assert gap is not None
    assert gap.direction == "higher"
    assert gap == gap_of(fact(392, 400), fact(300, 400))
    assert channel_gap(opened, None) is None


@settings(max_examples=50, deadline=None)
@given(SIZES, SIZES, st.floats(0, 1), st.floats(0, 1))
def test_a_difference_turned_round_is_its_mirror(n: int, m: int, p: float, q: float) -> None:
    first, second = fact(round(p * n), n), fact(round(q * m), m)
    there, back = gap_of(first, second), gap_of(second, first)
    assert there is not None
    assert back is not None
    assert there.points == pytest.approx(-back.points)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert there.equivalent == back.equivalent
    assert there.low <= there.points <= there.high
