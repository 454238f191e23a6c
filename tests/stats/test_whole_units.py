"""Rules about whole units: what is planted is found by name, honest quarters stay quiet, and no rule knows which end of a scale is good."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.forensics import RULES_VERSION, UNIT_RULES, Screen, WholeUnits, screen_units, unit_rows_of
from sipas.stats.forensics.baseline import BadCountsError
from tests.stats.whole_unit_sets import COLUMNS, PLANTED, honest, plant, turned


def found(result: Screen) -> set[int]:
    return {flag.unit for flag in result.flags}


def test_forty_clean_quarters_give_no_more_than_the_expected_false_alarms() -> None:
    results = [screen_units(honest(seed)) for seed in range(40)]
    assert sum(len(found(result)) for result in results) <= sum(result.expected_if_clean for result in results) + 1


@pytest.mark.parametrize("kind", PLANTED)
def test_what_is_planted_is_called_by_its_name_and_nobody_else_is_flagged(kind: str) -> None:
    result = screen_units(plant(honest(4), 20, kind))
    assert found(result) == {20}
    assert kind in {flag.reason for flag in result.flags}
    assert {flag.rules for flag in result.flags} == {RULES_VERSION}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(PLANTED))
def test_reading_every_scale_from_its_other_end_flags_the_same_rows_and_units(seed: int, kind: str) -> None:
    whole = plant(honest(seed, units=24), 5, kind)
    one, other = screen_units(whole), screen_units(turned(whole))
    assert other.p == pytest.approx(one.p, rel=1e-9)
    assert [(flag.unit, flag.reason, flag.rows.tolist()) for flag in one.flags] == [
        (flag.unit, flag.reason, flag.rows.tolist()) for flag in other.flags
    ]


def test_a_gap_names_the_answers_on_site_and_a_spent_code_those_that_came_after() -> None:
    for kind, rows_of in (("channel_gap", lambda whole: whole.channel == 1), ("contested", lambda whole: whole.contested)):
        whole = plant(honest(4), 20, kind)
        flag = next(flag for flag in screen_units(whole).flags if flag.reason == kind)
        assert flag.rows.tolist() == np.flatnonzero(rows_of(whole) & (whole.unit == 20)).tolist()
        assert unit_rows_of(whole, 20, kind).tolist() == flag.rows.tolist()
        assert len(flag.rows) > 10


def test_what_every_unit_does_is_no_sign() -> None:
    whole = honest(4)
    better_on_site = replace(whole, level=np.where((whole.channel == 1) & (whole.level > 0), 5, whole.level))
    assert "channel_gap" not in {flag.reason for flag in screen_units(better_on_site).flags}
    everybody = np.tile(np.arange(len(whole.unit)), 3)
    thrice = replace(whole, **{name: getattr(whole, name)[everybody] for name in COLUMNS}, dossiers=whole.dossiers * 1.1)
    assert "volume" not in {flag.reason for flag in screen_units(thrice).flags}


def test_without_a_frame_volume_is_not_judged_and_the_rest_is() -> None:
    whole = plant(honest(4), 20, "busy_weeks")
    silent = replace(whole, dossiers=np.full_like(whole.dossiers, np.nan))
    result = screen_units(silent)
    assert np.all(result.p[:, [list(UNIT_RULES).index(name) for name in ("volume", "over_dossiers")]] == 1)
    assert "busy_weeks" in {flag.reason for flag in result.flags}


def test_one_contested_code_in_a_hundred_is_nothing() -> None:
    whole = honest(4)
    spent = np.zeros(len(whole.unit), np.bool_)
    verified = np.flatnonzero((whole.unit == 20) & (whole.channel == 0))
    spent[verified[: len(verified) // 100]] = True
    assert "contested" not in {flag.reason for flag in screen_units(replace(whole, contested=spent)).flags}


def test_the_order_of_rows_changes_no_flag() -> None:
    whole = plant(honest(4), 20, "channel_gap")
    mixed = np.random.default_rng(0).permutation(len(whole.unit))
    other = screen_units(replace(whole, **{name: getattr(whole, name)[mixed] for name in COLUMNS}))
    assert [(flag.unit, flag.reason) for flag in other.flags] == [(flag.unit, flag.reason) for flag in screen_units(whole).flags]


def test_nothing_and_one_unit_alone_stand_out_from_nobody() -> None:
    nothing, none = np.zeros(0, np.int64), np.zeros(0, np.bool_)
    assert screen_units(WholeUnits(*[nothing] * 7, none, none, np.zeros((1, 1, 1)))).flags == ()
    assert screen_units(honest(1, units=1)).flags == ()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": np.zeros(3, np.int64)}, "level: "),
        ({"week": np.full(1, 99)}, "week: codes from 99"),
        ({"dossiers": np.full((1, 1, 1), -1.0)}, "dossiers: a negative number"),
    ],
)
def test_columns_that_do_not_fit_are_named(wrong: dict[str, np.ndarray], words: str) -> None:
    one, yes = np.zeros(1, np.int64), np.ones(1, np.bool_)
    right = dict.fromkeys(COLUMNS, one) | {"counted": yes, "contested": yes, "dossiers": np.ones((1, 1, 1))}
    with pytest.raises(BadCountsError, match=words):
        WholeUnits(**right | wrong)


def test_a_rate_that_is_no_rate_is_refused() -> None:
    with pytest.raises(BadCountsError, match="false discovery rate"):
        screen_units(honest(1, units=2), rate=1.0)
