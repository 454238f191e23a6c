"""Regression and association from totals equal R's from rows, and answer where there is nothing to estimate."""

from __future__ import annotations

import numpy as np
import pytest

from sipas.stats.grouped_regression import (
    NO_DF,
    NO_VARIANCE,
    NOT_ESTIMABLE,
    SEPARATED,
    BadComparisonError,
    rao_scott,
    regression,
)
from tests.stats.comparison_designs import R, in_domain, made, near

COLUMNS, SAMPLE = made()
TIMES = np.arange(1.0, 9.0)


def totals(groups: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z = np.concatenate([groups * y[:, None], groups], axis=1)
    half = groups.shape[1]
    total = SAMPLE.weight @ z
    return total[:half], total[half:], SAMPLE.covariance(z)


@pytest.mark.parametrize("row", R["regressions"], ids=lambda row: f"{row['domain'][0]}-{row['link'][0]}-{len(row['t'])}")
def test_regression_from_totals_agrees_with_svyglm_on_rows(row: dict) -> None:  # golden/comparisons.R
    asked = in_domain(COLUMNS, row["domain"][0])
    if len(row["t"]) == 2:
        groups = np.array([asked & (COLUMNS["period"] == t) for t in TIMES], float).T
        x = np.stack([np.ones(8), TIMES], 1)
    else:
        cells = [(t, c) for t in TIMES for c in (1, 2, 3)]
        groups = np.array([asked & (COLUMNS["period"] == t) & (COLUMNS["channel"] == c) for t, c in cells], float).T
        x = np.array([(1, t, c == 2, c == 3) for t, c in cells], float)
    found = totals(groups, COLUMNS["y"])
    link = row["link"][0]
    own, wide = (regression(x, *found, df=df, link=link) for df in (row["own_df"][0], R["df"][0]))
    near(own.coefficients, row["coefficients"])
    near(own.covariance, row["covariance"])
    near(own.t, row["t"])
    near(own.p_value, row["p"])
    near(wide.p_value, row["p_design"])
    assert own.reason == ""


@pytest.mark.parametrize("row", R["tables"], ids=lambda row: f"{row['domain'][0]}-{'-'.join(row['of'])}")
def test_f_of_a_table_agrees_with_svychisq(row: dict) -> None:  # golden/comparisons.R
    asked = in_domain(COLUMNS, row["domain"][0])
    first, second = (COLUMNS[name] for name in row["of"])
    rows, columns = np.unique(first), np.unique(second)
    cells = np.array([asked & (first == a) & (second == b) for a in rows for b in columns], float).T
    size = SAMPLE.weight @ asked
    p = SAMPLE.weight @ cells / size
    covariance = SAMPLE.covariance((cells - p * asked[:, None]) / size)
    got = rao_scott(p.reshape(len(rows), len(columns)), covariance, row["df"][0])
    near(np.array([got.f, got.numerator_df, got.denominator_df, got.p]), [row[f][0] for f in ("f", "ndf", "ddf", "p")])


def test_everybody_satisfied_has_no_endless_slope() -> None:
    w, none = np.full(8, 100.0), np.zeros((16, 16))
    x = np.stack([np.ones(8), TIMES], 1)
    line, curve = (regression(x, w, w, none, df=40, link=link) for link in ("identity", "logit"))
    assert line.reason == NO_VARIANCE
    assert line.coefficients == pytest.approx([1, 0], abs=1e-12)
    assert (curve.reason, curve.p_value.tolist(), curve.coefficients.tolist()) == (SEPARATED, [1, 1], [0, 0])
    parted = regression(x, w * (TIMES > 4), w, np.eye(16), df=40)
    assert parted.reason == SEPARATED


def test_without_answers_degrees_of_freedom_or_regressors_nothing_is_tested() -> None:
    x, w = np.stack([np.ones(8), TIMES], 1), np.full(8, 100.0)
    assert regression(x, w * 0.8, w * 0, np.eye(16), df=40).reason == NOT_ESTIMABLE
    assert regression(np.ones((8, 2)), w * 0.8, w, np.eye(16), df=40).reason == NOT_ESTIMABLE
    untested = regression(x, w * 0.8, w, np.eye(16), df=0, link="identity")
    assert (untested.reason, untested.p_value.tolist()) == (NO_DF, [1, 1])
    assert untested.se[1] > 0


def test_an_empty_period_changes_nothing() -> None:
    asked = in_domain(COLUMNS, "all")
    groups = np.array([asked & (COLUMNS["period"] == t) for t in (*TIMES, 99.0)], float).T
    x = np.stack([np.ones(9), np.append(TIMES, 99.0)], 1)
    with_empty = regression(x, *totals(groups, COLUMNS["y"]), df=60)
    without = regression(x[:8], *totals(groups[:, :8], COLUMNS["y"]), df=60)
    assert np.allclose(with_empty.coefficients, without.coefficients, rtol=1e-12, atol=0)
    assert np.allclose(with_empty.covariance, without.covariance, rtol=1e-11, atol=0)


def test_a_table_with_one_row_or_without_variance_has_nothing_to_test() -> None:
    assert rao_scott(np.array([[0.4, 0.6], [0.0, 0.0]]), np.eye(4), 30).p == 1
    assert rao_scott(np.array([[0.2, 0.3], [0.1, 0.4]]), np.zeros((4, 4)), 30).p == 1
    assert rao_scott(np.array([[0.2, 0.3], [0.1, 0.4]]), np.eye(4), 0).p == 1
    p = np.array([0.2, 0.3, 0.1, 0.4])
    full = rao_scott(p.reshape(2, 2), (np.diag(p) - np.outer(p, p)) / 500, 400)
    wider = rao_scott(np.array([[0.2, 0.0, 0.3], [0.1, 0.0, 0.4]]), np.kron(np.eye(2), np.eye(3)) * 0, 400)
    assert full.f == pytest.approx(500 * 0.05**2 / (0.5 * 0.5 * 0.3 * 0.7))  # multinomial: the plain X²
    assert (full.numerator_df, wider.p) == (pytest.approx(1.0), 1)


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(BadComparisonError, match="no link 'probit'"):
        regression(np.ones((2, 1)), np.ones(2), np.ones(2), np.eye(4), df=3, link="probit")
    with pytest.raises(BadComparisonError, match="covariance of 4 by 4"):
        regression(np.ones((2, 1)), np.ones(2), np.ones(2), np.eye(3), df=3)
    with pytest.raises(BadComparisonError, match="table of 4 cells"):
        rao_scott(np.ones((2, 2)), np.eye(3), 10)
