"""A second opinion: svy, a survey package written independently of this one, gives the same estimates and errors."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest
import samples
import svy

from sipas.stats import estimators
from sipas.stats.raking import rake_like_r
from sipas.stats.sampling import SampleDesign, calibrated

RELATIVE = 1e-9
RULES = {"adjust": "center", "certainty": "skip"}
DOMAINS = (None, "channel", "unit", "month")
AGES, CHANNELS = (0.2, 0.35, 0.25, 0.2), (0.17, 0.28, 0.55)


@cache
def rows() -> pl.DataFrame:
    table = samples.table("made")
    columns: dict[str, object] = {name: samples.number("made", name) for name in table if name != "channel"}
    frame = pl.DataFrame(columns, nan_to_null=True).with_columns(channel=pl.Series(table["channel"]))
    whole = pl.col("stratum", "cluster", "unit", "age", "month").cast(pl.Int64)
    indicators = [pl.Series(f"age{a}", (samples.code("made", "age") == a) * 1.0) for a in range(4)]
    indicators += [pl.Series(f"channel{c}", (samples.code("made", "channel") == c) * 1.0) for c in (1, 2)]
    return frame.with_columns(whole, (pl.col("q3") >= 4).cast(pl.Int64).alias("satisfied"), *indicators)


def sample(kind: str, rule: str) -> svy.Sample:
    cluster, population = (None if kind == "single" else "cluster"), ("N" if kind == "plain" else None)
    return svy.Sample(rows(), svy.Design(stratum="stratum", wgt="w", psu=cluster, pop_size=population, singleton=RULES[rule]))


def agrees(theirs: svy.Estimate, ours: estimators.Estimates) -> None:
    np.testing.assert_allclose(ours.value, [row["est"] for row in theirs.to_dicts()], rtol=RELATIVE)
    np.testing.assert_allclose(ours.se, [row["se"] for row in theirs.to_dicts()], rtol=RELATIVE)


def domain(by: str | None) -> np.ndarray | None:
    return None if by is None else samples.code("made", by)


def agrees_on_everything(theirs: svy.Sample, ours: SampleDesign, by: str | None) -> None:
    minutes, trips = samples.number("made", "minutes"), samples.number("made", "trips")
    agrees(theirs.estimation.mean("minutes", by=by), estimators.mean(ours, minutes, domain(by)))
    agrees(theirs.estimation.ratio("minutes", "trips", by=by), estimators.ratio(ours, minutes, trips, domain(by)))
    share = estimators.share(ours, samples.item(3), (4, 5), domain(by))
    agrees(theirs.estimation.mean("satisfied", by=by, drop_nulls=True), share)


@pytest.mark.parametrize("by", DOMAINS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["single", "plain", "endless"])
def test_stratified_and_clustered_designs_and_their_domains(kind: str, rule: str, by: str | None) -> None:
    agrees_on_everything(sample(kind, rule), samples.made(kind, rule), by)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("kind", ["single", "plain", "endless"])
def test_totals_are_measured_from_the_mean_of_all_clusters_where_a_stratum_is_lonely(kind: str, rule: str) -> None:
    """Of the whole population: in a domain svy takes the mean of the clusters that have a member, and we of all."""
    ours = estimators.total(samples.made(kind, rule), samples.number("made", "minutes"))
    agrees(sample(kind, rule).estimation.total("minutes"), ours)


def test_the_covariance_between_domains() -> None:
    theirs = sample("plain", "adjust").estimation.mean("minutes", by="channel")
    ours = estimators.mean(samples.made(), samples.number("made", "minutes"), domain("channel"))
    np.testing.assert_allclose(ours.covariance, theirs.covariance, rtol=RELATIVE)


@pytest.mark.parametrize("by", DOMAINS)
@pytest.mark.parametrize("rule", RULES)
def test_post_stratified_designs(rule: str, by: str | None) -> None:
    total = rows()["w"].sum()
    controls = {a + 1: share * total for a, share in enumerate(AGES)}
    agrees_on_everything(sample("plain", rule).weighting.poststratify(controls, cells="age"), samples.made("post", rule), by)


def raked(rule: str) -> svy.Sample:
    total = rows()["w"].sum()
    controls = {
        "age": {a + 1: share * total for a, share in enumerate(AGES)},
        "channel": {name: share * total for name, share in zip("PSV", CHANNELS, strict=True)},
    }
    return sample("plain", rule).weighting.rake(controls=controls, tol=1e-14, max_iter=1000)


@pytest.mark.parametrize("by", DOMAINS)
@pytest.mark.parametrize("rule", RULES)
def test_raked_designs_with_residuals_of_the_regression_on_all_margins(rule: str, by: str | None) -> None:
    theirs, ours = raked(rule), samples.made("raked", rule)
    np.testing.assert_allclose(ours.weight, theirs.data["rk_wgt"].to_numpy(), rtol=RELATIVE)
    columns = ("age0", "age1", "age2", "age3", "channel1", "channel2")
    regression = svy.WgtAdjustment(kind="calibration", prev_wgt="w", new_wgt="rk_wgt", aux=columns)
    agrees_on_everything(theirs.update_design(wgt_adjustment=regression), ours, by)


@pytest.mark.parametrize("by", DOMAINS)
@pytest.mark.parametrize("rule", RULES)
def test_raked_designs_with_margins_centred_one_after_the_other(rule: str, by: str | None) -> None:
    plain, total = samples.made("plain", rule), rows()["w"].sum()
    margins = [samples.code("made", "age"), samples.code("made", "channel")]
    totals = [np.array(AGES) * total, np.array(CHANNELS) * total]
    ours = calibrated(plain, rake_like_r(plain.weight, margins, totals, epsilon=1e-14, sweeps=1000))
    agrees_on_everything(raked(rule), ours, by)
