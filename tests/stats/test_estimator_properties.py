"""What must hold of every sample: scale of weights, order of rows, domains, mirrored scales, merged files, degenerate input."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats import linearised, variance
from sipas.stats.calibration import post_stratify
from sipas.stats.columns import BadColumnError
from sipas.stats.contrasts import contrast, difference, transform
from sipas.stats.effects import design_effect, kish, weighting_effect
from sipas.stats.estimators import ESTIMATORS, Estimates, as_shares, composite, estimate, mean, ratio, share, smooth, total
from sipas.stats.intervals import kg20
from sipas.stats.sampling import SampleDesign, SecondStage, calibrated, design

FEW = settings(max_examples=50, deadline=None)


@st.composite
def surveys(draw: st.DrawFn, least: int = 1) -> tuple[SampleDesign, np.ndarray, np.ndarray]:
    """A design of some strata and clusters with fpc and two stages, answers to three items, and domains."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n = draw(st.integers(least, 60))
    cluster = np.unique(rng.integers(0, draw(st.integers(1, 20)), n), return_inverse=True)[1]
    of_cluster = rng.integers(0, draw(st.integers(1, 4)), cluster.max() + 1)
    population = np.bincount(of_cluster, minlength=4) + rng.integers(0, 9, 4).astype(float)
    inside = SecondStage(np.arange(n), np.bincount(cluster) + rng.integers(0, 5, cluster.max() + 1).astype(float))
    weight = rng.lognormal(0, draw(st.sampled_from([0.0, 1.0, 5.0])), n)
    made = design(of_cluster[cluster], cluster, weight=weight, population=population, second=inside if draw(st.booleans()) else None)
    if draw(st.booleans()):
        group = np.unique(rng.integers(0, 3, n), return_inverse=True)[1]
        made = calibrated(made, post_stratify(made.weight, group, rng.uniform(10, 90, group.max() + 1)))
    answers = rng.integers(1, 6, (n, 3)).astype(float)
    answers[rng.random((n, 3)) < 0.2] = np.nan
    return made, answers, rng.integers(-1, 3, n)


def figures(made: SampleDesign, answers: np.ndarray, domain: np.ndarray) -> Estimates:
    satisfied = np.where(np.isnan(answers), np.nan, answers >= 4)
    return estimate(
        made,
        linearised.stack(
            linearised.share(made, answers[:, 0], (4, 5), domain),
            linearised.mean(made, answers[:, 1]),
            linearised.total(made, answers[:, 2], domain),
            linearised.composite(made, satisfied, [0.5, 0.3, 0.2], domain),
        ),
    )


def near(one: np.ndarray, other: np.ndarray) -> None:
    """Equal but for rounding beside the largest variance."""
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-12 * np.abs(other).max(initial=1e-13))


def picked(made: SampleDesign, order: np.ndarray) -> SampleDesign:
    """The same sample from a file in another order; its clusters and units are numbered as they come."""
    _, first, found = np.unique(made.cluster[order], return_index=True, return_inverse=True)
    rank = np.argsort(np.argsort(first))
    cluster = rank[found]
    second = made.second
    if second is not None:
        held = np.zeros(made.clusters)
        held[cluster] = second.units_in_population[made.cluster[order]]
        second = SecondStage(np.arange(made.n), held)
    kept = made.calibration
    if kept is not None:
        kept = replace(kept, base=kept.base[order], weight=kept.weight[order], cell=kept.cell[order])
    return replace(made, stratum=made.stratum[order], cluster=cluster, weight=made.weight[order], second=second, calibration=kept)


@FEW
@given(surveys(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_bit(survey: tuple, random: object) -> None:
    made, answers, domain = survey
    order = np.array(random.sample(range(made.n), made.n), int)
    before, after = figures(made, answers, domain), figures(picked(made, order), answers[order], domain[order])
    assert before.value.tobytes() == after.value.tobytes()
    assert before.covariance.tobytes() == after.covariance.tobytes()
    assert (before.df.tolist(), before.weight_squares.tolist()) == (after.df.tolist(), after.weight_squares.tolist())


@FEW
@given(surveys(), st.randoms(use_true_random=False))
def test_a_file_too_large_for_memory_is_worked_through_in_blocks_with_the_same_result(survey: tuple, random: object) -> None:
    made, answers, domain = survey
    whole = figures(made, answers, domain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(variance, "BLOCK", 2)
        blocks = figures(made, answers, domain)
        order = np.array(random.sample(range(made.n), made.n), int)
        again = figures(picked(made, order), answers[order], domain[order])
    near(blocks.covariance, whole.covariance)
    assert blocks.covariance.tobytes() == again.covariance.tobytes()


@FEW
@given(surveys())
def test_doubling_all_weights_changes_no_share(survey: tuple) -> None:
    made, answers, domain = survey
    twice = replace(made, weight=2 * made.weight)
    if made.calibration is not None:
        kept = made.calibration
        twice = replace(twice, calibration=replace(kept, base=2 * kept.base, weight=2 * kept.weight, totals=2 * kept.totals))
    before, after = share(made, answers[:, 0], (4, 5), domain), share(twice, answers[:, 0], (4, 5), domain)
    assert before.value.tobytes() == after.value.tobytes()
    near(after.covariance, before.covariance)


@FEW
@given(surveys())
def test_a_domain_is_its_ratio_form_and_never_a_filtered_file(survey: tuple) -> None:
    made, answers, domain = survey
    found = share(made, answers[:, 0], (4, 5), domain)
    for d in range(domain.max() + 1):
        there = ((domain == d) & ~np.isnan(answers[:, 0])).astype(float)
        form = ratio(made, there * (answers[:, 0] >= 4), there)
        assert found.value[d] == pytest.approx(form.value[0], rel=1e-13)
        assert found.variance[d] == pytest.approx(form.variance[0], rel=1e-9, abs=1e-25)


@FEW
@given(surveys())
def test_masks_codes_and_named_domains_are_one_thing(survey: tuple) -> None:
    made, answers, domain = survey
    domain[0] = 2
    masks = domain[:, None] == np.arange(3)
    by_code, by_mask = mean(made, answers[:, 1], domain), mean(made, answers[:, 1], masks)
    by_name = mean(made, answers[:, 1], {"north": masks[:, 0], "south": masks[:, 1], "east": masks[:, 2]})
    assert by_code.covariance.tobytes() == by_mask.covariance.tobytes() == by_name.covariance.tobytes()
    assert by_name.names == ("mean [north]", "mean [south]", "mean [east]")
    assert mean(made, answers[:, 1], masks[:, 0]).value[0] == by_code.value[0]


@FEW
@given(surveys())
def test_reverse_coding_mirrors_every_share(survey: tuple) -> None:
    made, answers, domain = survey
    satisfied, mirrored = share(made, answers[:, 0], (4, 5), domain), share(made, 6 - answers[:, 0], (1, 2), domain)
    assert satisfied.value.tobytes() == mirrored.value.tobytes()
    assert satisfied.covariance.tobytes() == mirrored.covariance.tobytes()
    rest = share(made, answers[:, 0], (1, 2, 3), domain)
    np.testing.assert_allclose(rest.value, np.where(satisfied.known, 1 - satisfied.value, 0), rtol=1e-12, atol=1e-14)
    near(rest.covariance, satisfied.covariance)


@FEW
@given(surveys(), surveys())
def test_merging_two_files_equals_their_union(first: tuple, second: tuple) -> None:
    """Files of different strata: totals and their covariances add up, and which file comes first changes no bit."""
    parts = [(design(m.stratum, m.cluster, weight=m.weight), y) for m, y, _ in (first, second)]

    def union(a: tuple, b: tuple) -> Estimates:
        (one, y), (two, z) = a, b
        low = (one, two) if one is parts[0][0] else (two, one)
        shift, jump = low[0].strata, low[0].clusters
        moved = [(d.stratum + shift, d.cluster + jump) if d is low[1] else (d.stratum, d.cluster) for d in (one, two)]
        stratum, cluster = (np.concatenate(pair) for pair in zip(*moved, strict=True))
        whole = design(stratum, cluster, weight=np.concatenate((one.weight, two.weight)), lonely="certainty")
        answers = np.vstack((y, z))
        return estimate(whole, linearised.stack(*(linearised.total(whole, answers[:, k]) for k in range(3))))

    one, two = union(*parts), union(*parts[::-1])
    assert one.value.tobytes() == two.value.tobytes()
    assert one.covariance.tobytes() == two.covariance.tobytes()
    single = [
        estimate(replace(m, lonely="certainty"), linearised.stack(*(linearised.total(m, y[:, k]) for k in range(3)))) for m, y in parts
    ]
    np.testing.assert_allclose(one.value, single[0].value + single[1].value, rtol=1e-12)
    near(one.covariance, single[0].covariance + single[1].covariance)


@FEW
@given(surveys())
def test_nothing_legal_gives_a_nan_and_intervals_hold_their_share(survey: tuple) -> None:
    made, answers, domain = survey
    found = figures(made, answers, domain)
    for values in (
        found.value,
        found.covariance,
        found.n_effective,
        found.n_kish,
        design_effect(found),
        design_effect(found, replace=True),
    ):
        assert np.isfinite(values).all()
    shares = share(made, answers[:, 0], (4, 5), domain)
    limits = kg20(as_shares(shares), np.ones(len(shares.value)))
    assert np.all((limits.low >= 0) & (limits.low <= shares.value) & (shares.value <= limits.high) & (limits.high <= 1))
    assert np.all(np.linalg.eigvalsh(found.covariance) >= -1e-9 * found.variance.max(initial=0))


def test_nobody_is_an_unknown_estimate_with_a_warning() -> None:
    found = share(design([0, 0]), [np.nan, np.nan], (4, 5))
    assert (found.value[0], found.known[0], found.n[0], found.df[0], found.se[0]) == (0, False, 0, 0, 0)
    assert found.warnings == ("share: nobody answered; there is no estimate.",)
    limits = kg20(as_shares(found), np.ones(1))
    assert (limits.low[0], limits.high[0]) == (0, 1)


def test_one_answer_and_all_satisfied_have_intervals_of_their_own() -> None:
    one, everybody = share(design([0]), [5], (4, 5)), share(design([0] * 37), [5] * 37, (4, 5))
    assert (one.value[0], one.df[0]) == (1, 0)
    assert (everybody.value[0], everybody.variance[0], everybody.satisfied[0]) == (1, 0, 37)
    assert kg20(as_shares(one), np.ones(1)).low[0] == pytest.approx(0.025)
    assert 0.9 < kg20(as_shares(everybody), np.ones(1)).low[0] < 0.91


def test_a_weight_of_a_billion_among_small_ones_is_named() -> None:
    found = share(design(None, weight=[1e12, *[1.0] * 99]), [5, *[1] * 99], (4, 5))
    assert found.n_kish[0] == pytest.approx(1, abs=1e-6)
    assert found.warnings == ("share: weights are so uneven that 100 answers count as fewer than 20.",)
    assert np.isfinite(found.variance).all()


def test_the_textbook_share_of_one_stratum() -> None:
    found = share(design([0] * 50, population=[125]), [5] * 43 + [2] * 7, (4, 5))
    assert found.variance[0] == pytest.approx(0.86 * 0.14 / 49 * 0.6, rel=1e-12)
    assert found.n_effective[0] == pytest.approx(49 / 0.6, rel=1e-12)
    assert design_effect(found)[0] == pytest.approx(1, rel=1e-12)


def test_kish_and_its_design_effect() -> None:
    assert kish([1, 1, 1, 1]) == 4
    assert kish([]) == kish([0.0, 0.0]) == 0
    assert kish([1e200, 1e200]) == 2
    assert weighting_effect([1, 3]) == pytest.approx(2 * 10 / 16)
    assert weighting_effect([]) == 1


def test_a_composite_of_one_item_is_that_item_and_silent_items_leave_it() -> None:
    made = design([0, 0, 1, 1])
    y = np.array([1.0, 0, 1, np.nan])
    assert composite(made, y[:, None], [1.0]).variance[0] == pytest.approx(mean(made, y).variance[0], rel=1e-14)
    silent = np.column_stack((y, np.full(4, np.nan)))
    found = composite(made, silent, [0.25, 0.75])
    assert found.value[0] == pytest.approx(2 / 3)
    assert found.warnings == ("composite: 1 of 2 items have no answer; the others take their share.",)


def test_contrasts_differences_and_transforms_carry_covariance() -> None:
    made = design([0] * 30)
    rng = np.random.default_rng(3)
    domain, y = rng.integers(0, 3, 30), rng.normal(size=30)
    means = mean(made, y, domain)
    gap = difference(means, 2, 0)
    assert gap.names == ("mean [2] − mean [0]",)
    assert gap.variance[0] == pytest.approx(means.variance[0] + means.variance[2] - 2 * means.covariance[0, 2], rel=1e-12)
    assert contrast(means, [[1, -1, 0], [0, 1, -1]]).covariance.shape == (2, 2)
    doubled = transform(means, lambda v: 2 * v, lambda _: 2 * np.eye(3), names=("a", "b", "c"))
    np.testing.assert_allclose(doubled.covariance, 4 * means.covariance)
    unknown = mean(made, y, {"some": domain == 0, "none": domain == 9})
    assert difference(unknown, 0, 1).known.tolist() == [False]
    assert difference(unknown, 0, 1).variance[0] == 0


@pytest.mark.parametrize(
    ("mistake", "complaint"),
    [
        (lambda d: share(d, ["a", "b"], (4,)), "share: <U1 is no number; code the answers as numbers"),
        (lambda d: share(d, [1, 2, 3], (4,)), r"share: shape \(3,\), and the design has 2 rows"),
        (lambda d: share(d, [1, 2], ()), "share: no level counts; name at least one"),
        (lambda d: mean(d, [1, np.inf]), "mean: row 2 is infinite; leave it empty if it is missing"),
        (lambda d: mean(d, [1, 2], [0.5, 1]), "domain: float64 is neither true/false nor a whole number"),
        (lambda d: total(d, [1, 2], [True]), r"domain: shape \(1,\), and the design has 2 rows"),
        (lambda d: composite(d, [[1, 2], [1, 2]], [0.5, 0.4]), "shares add up to 0.9; they must be positive and add up to 1"),
        (lambda d: composite(d, [[1, 2], [1, 2]], [1.0]), "2 items of 2 rows, 1 shares, 2 rows in the design"),
        (lambda d: smooth(d, [[1.0], [-1.0]], lambda t: 1 / t[0], lambda t: -1 / t**2), "smooth: the function is not finite at its totals"),
        (lambda d: contrast(mean(d, [1, 2]), [1, 2]), r"coefficients of shape \(1, 2\) for 1 estimates"),
        (lambda d: contrast(mean(d, [1, 2]), [0]), "row 1 has only zeros"),
        (lambda d: difference(mean(d, [1, 2]), 0, 0), "positions 0 and 0; choose two different ones from 0 to 0"),
        (lambda d: transform(mean(d, [1, -1]), np.log, lambda v: 1 / v, names=["x"]), "a function of mean is not finite at"),
        (lambda d: transform(mean(d, [1, 2]), np.log, lambda _: [1, 2], names=["x"]), "1 functions, gradient of shape"),
    ],
)
def test_each_mistake_gets_one_complaint(mistake: object, complaint: str) -> None:
    with pytest.raises(BadColumnError, match=complaint):
        mistake(design([0, 0]))


def test_estimators_are_found_by_name() -> None:
    assert sorted(ESTIMATORS) == ["composite", "mean", "ratio", "share", "smooth", "total"]
    assert ESTIMATORS["mean"](design([0, 0]), [1, 2]).value[0] == 1.5


def test_answers_that_all_agree_leave_no_variance_however_the_weights_differ() -> None:
    weight = np.random.default_rng(5).uniform(0.1, 7.3, 37)
    made = mean(design(np.arange(37) % 3, weight=weight), np.full(37, 5.0))
    assert made.value[0] == 5.0
    assert made.covariance[0, 0] == 0.0
