"""A design is checked once, and says exactly what is wrong with it; lonely strata follow the rule that was named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import samples

from sipas.stats import estimators
from sipas.stats.calibration import post_stratify
from sipas.stats.sampling import LONELY, BadDesignError, SampleDesign, SecondStage, calibrated, collapse, design, nearest_groups
from sipas.stats.variance import covariance

STRATUM = [0, 0, 0, 1, 1]
CLUSTER = [0, 0, 1, 2, 3]


def test_a_design_knows_its_sizes() -> None:
    made = design(STRATUM, CLUSTER, population=[10, 4])
    assert (made.n, made.strata, made.clusters) == (5, 2, 4)
    assert made.clusters_in_stratum.tolist() == [2, 2]
    assert made.weight.tolist() == [5, 5, 5, 2, 2]
    assert made.lonely_strata.tolist() == []


def test_weights_of_two_stages_are_the_inverse_of_both_fractions() -> None:
    made = design(STRATUM, CLUSTER, population=[10, 4], second=SecondStage(np.arange(5), np.array([6.0, 1, 3, 8])))
    assert made.weight.tolist() == [15, 15, 5, 6, 16]


def test_without_population_and_weights_every_row_counts_one() -> None:
    assert design(STRATUM).weight.tolist() == [1] * 5
    assert design(None, weight=[1, 2, 3]).stratum.tolist() == [0, 0, 0]


def test_a_stratum_without_rows_is_reported_and_harmless() -> None:
    made = design([0, 0, 2, 2], population=[5, 0, 7, 9])
    found = estimators.mean(made, [1, 2, 3, 5])
    assert np.isfinite(found.se).all()
    assert "1 strata have no answers; estimates say nothing about them." in found.warnings


COMPLAINTS = {
    "stratum: whole numbers in one dimension are needed, not float64 of shape (2,); number the labels from 0": {"stratum": [0.0, 1.0]},
    "stratum: row 2 has -1; numbers start from 0": {"stratum": [0, -1]},
    "columns differ in length: stratum has 2 rows, cluster has 3 rows": {"stratum": [0, 0], "cluster": [0, 1, 2]},
    "cluster: number 1 has no row; number them from 0 without gaps": {"stratum": [0, 0], "cluster": [0, 2]},
    "cluster: number 0 lies in stratum 0 (row 1) and in stratum 1; number them apart in each stratum": {
        "stratum": [0, 1],
        "cluster": [0, 0],
    },
    "weight: row 2 has 0; weights are positive numbers": {"stratum": [0, 0], "weight": [1, 0]},
    "weight: row 1 has nan; weights are positive numbers": {"stratum": [0, 0], "weight": [np.nan, 1]},
    "population: 1 numbers, but stratum numbers go up to 1; give one for each stratum": {"stratum": [0, 1], "population": [3]},
    "population: stratum 1 has 2 clusters in the sample and 1 in the population; correct the size": {
        "stratum": [0, 1, 1],
        "population": [3, 1],
    },
    "lonely: 'ignore' is not a rule; choose from adjust, average, certainty, remove, fail": {"stratum": [0], "lonely": "ignore"},
    "stratum: give the stratum, the cluster or the weight of each row": {"stratum": None},
    "second-stage unit: 1 rows, and the design has 2": {"stratum": [0, 0], "second": SecondStage(np.array([0]), np.array([1.0, 1.0]))},
    "second-stage unit: number 0 lies in cluster 0 (row 1) and in cluster 1; number them apart in each cluster": {
        "stratum": [0, 0],
        "second": SecondStage(np.array([0, 0]), np.array([1.0, 1.0])),
    },
    "population: cluster 1 has 2 second-stage units in the sample and 1 in the population; correct the size": {
        "stratum": [0, 0, 0],
        "cluster": [0, 1, 1],
        "second": SecondStage(np.arange(3), np.array([1.0, 1.0])),
    },
}


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_each_mistake_gets_one_exact_complaint(complaint: str) -> None:
    with pytest.raises(BadDesignError) as caught:
        design(**COMPLAINTS[complaint])
    assert str(caught.value) == complaint


def lonely(rule: str, *, census: bool = False) -> SampleDesign:
    return design([0, 0, 0, 1], weight=[2, 2, 2, 5], population=[9, 1 if census else 4], lonely=rule)


def test_a_lonely_stratum_adds_what_its_rule_says() -> None:
    y = np.array([1.0, 3, 5, 10])
    own = (1 - 3 / 9) * 3 / 2 * sum((2 * v - 6) ** 2 for v in (1, 3, 5))  # the stratum that has three
    centre = (2 + 6 + 10 + 50) / 4
    expected = {"certainty": own, "remove": own, "average": 2 * own, "adjust": own + (1 - 1 / 4) * (50 - centre) ** 2}
    for rule, variance in expected.items():
        assert covariance(lonely(rule), y)[0, 0] == pytest.approx(variance, rel=1e-14)
    assert covariance(lonely("adjust"), y, centre="zero")[0, 0] == pytest.approx(own + 0.75 * 50**2, rel=1e-14)


def test_fail_refuses_and_names_the_stratum() -> None:
    with pytest.raises(BadDesignError, match="stratum 1 has one cluster, and the lonely rule is 'fail'"):
        covariance(lonely("fail"), np.ones(4))


@pytest.mark.parametrize("rule", LONELY)
def test_a_census_of_one_cluster_is_not_lonely(rule: str) -> None:
    made = lonely(rule, census=True)
    assert made.lonely_strata.tolist() == []
    assert covariance(made, np.array([1.0, 3, 5, 10]))[0, 0] == pytest.approx((1 - 3 / 9) * 3 / 2 * 32, rel=1e-14)


def test_lonely_strata_are_always_counted() -> None:
    found = estimators.mean(samples.made(), samples.number("made", "minutes"))
    assert "2 strata have one cluster; the rule 'adjust' was applied to them." in found.warnings
    assert samples.made().lonely_strata.tolist() == [7, 14]


def test_joined_strata_are_no_longer_lonely_and_keep_their_weights() -> None:
    made = samples.made()
    groups = nearest_groups(made, np.repeat(np.arange(8), 3))
    joined = collapse(made, groups)
    assert joined.strata == 22
    assert len(joined.lonely_strata) == 0
    assert joined.weight is made.weight
    assert joined.clusters_in_population.sum() == made.clusters_in_population.sum()
    assert (groups[7] in groups[[6, 8]], groups[14] in groups[[12, 13]]) == (True, True)


def test_collapse_and_calibrated_refuse_another_size() -> None:
    made = samples.made()
    with pytest.raises(BadDesignError, match="groups: 3 numbers for 24 strata"):
        collapse(made, [0, 1, 2])
    with pytest.raises(BadDesignError, match="unit: 3 numbers for 24 strata"):
        nearest_groups(made, [0, 1, 2])
    other = post_stratify(np.ones(3), np.array([0, 1, 1]), np.array([2.0, 3.0]))
    with pytest.raises(BadDesignError, match="it has 3 rows and the design 1258"):
        calibrated(made, other)
    with pytest.raises(BadDesignError, match="z: 3 rows, and the design has 1258"):
        covariance(made, np.ones(3))
    with pytest.raises(BadDesignError, match="centre: 'middle' is unknown; choose from mean, zero"):
        covariance(made, np.ones(made.n), centre="middle")


def test_the_second_stage_counts_only_where_the_first_is_a_sample_of_a_finite_population() -> None:
    staged = samples.made("staged")
    z = samples.number("made", "minutes")
    assert covariance(staged, z)[0, 0] > covariance(samples.made(), z)[0, 0]
    endless = replace(staged, clusters_in_population=np.full(24, np.inf))
    assert covariance(endless, z)[0, 0] == covariance(samples.made("endless"), z)[0, 0]
