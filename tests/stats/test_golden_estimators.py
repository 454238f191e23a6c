"""Every estimator equals R's survey: values, full covariance, degrees of freedom and design effects (golden/estimators.R)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
import samples

from sipas.stats import linearised
from sipas.stats.contrasts import contrast, difference
from sipas.stats.effects import design_effect
from sipas.stats.estimators import Estimates, estimate
from sipas.stats.linearised import Linear
from sipas.stats.sampling import SampleDesign

GOLDEN = json.loads((samples.GOLDEN / "estimators.json").read_text())
FAMILIES = (
    "share",
    "mean",
    "total",
    "ratio",
    "contrast",
    "composite",
    "smooth",
    "domain",
    "staged",
    "lonely",
    "calibrated",
    "deff",
    "degf",
)
WEIGHTS12 = np.array([2, 1, 1, 3, 1, 1, 1, 2, 2, 1, 1, 4]) / 20
SATISFIED = (4, 5)
SCHOOL = ("api00", "api99", "meals", "ell", "full")
Statistic = Callable[[SampleDesign, np.ndarray | None], Linear]


def domain_of(text: str) -> np.ndarray | None:
    """Codes of every level, or the mask of one level where a number follows the name."""
    if text in {"", None}:
        return None
    name = text.rstrip("0123456789")
    codes = samples.code("made", name)
    return codes if name == text else codes == int(text.removeprefix(name))


def items(ks: list[int]) -> np.ndarray:
    return np.column_stack([samples.item(k) for k in ks])


def satisfied(ks: list[int]) -> np.ndarray:
    answers = items(ks)
    return np.where(np.isnan(answers), np.nan, answers >= 4)


def several(design: SampleDesign, columns: list[np.ndarray], make: object) -> Linear:
    return linearised.stack(*(make(design, values) for values in columns))


SMOOTH = {  # of the totals of 1, minutes, minutes², trips, trips·minutes
    "deviation": (
        lambda t: np.sqrt(t[2] / t[0] - (t[1] / t[0]) ** 2),
        lambda t: (
            np.array([-t[2] / t[0] ** 2 + 2 * t[1] ** 2 / t[0] ** 3, -2 * t[1] / t[0] ** 2, 1 / t[0], 0, 0])
            / (2 * np.sqrt(t[2] / t[0] - (t[1] / t[0]) ** 2))
        ),
    ),
    "slope": (
        lambda t: (t[4] * t[0] - t[1] * t[3]) / (t[2] * t[0] - t[1] ** 2),
        lambda t: slope_gradient(*t),
    ),
    "log": (lambda t: np.log(t[1] / t[3]), lambda t: np.array([0, 1 / t[1], 0, -1 / t[3], 0])),
    "geometric": (
        lambda t: np.sqrt(t[1] * t[3]) / t[0],
        lambda t: np.sqrt(t[1] * t[3]) / t[0] * np.array([-1 / t[0], 0.5 / t[1], 0, 0.5 / t[3], 0]),
    ),
}


def slope_gradient(n: float, a: float, aa: float, b: float, ab: float) -> np.ndarray:
    up, down = ab * n - a * b, aa * n - a * a
    return np.array([ab, -b, 0, -a, n]) / down - up / down**2 * np.array([aa, -2 * a, n, 0, 0])


def shares_of(k: int) -> Statistic:
    return lambda design, _: several(design, [samples.item(i + 1) for i in range(k)], lambda d, y: linearised.share(d, y, SATISFIED))


def ratios_of(make: Callable[[], list[np.ndarray]], below: str) -> Statistic:
    return lambda design, _: several(design, make(), lambda d, y: linearised.ratio(d, y, samples.number("made", below)))


def five_totals(design: SampleDesign, _: np.ndarray | None) -> Linear:
    columns = [minutes(), samples.number("made", "trips"), satisfied([1])[:, 0], satisfied([3])[:, 0], samples.item(2)]
    return several(design, columns, linearised.total)


def smooth_of(statistic: str) -> Statistic:
    def make(design: SampleDesign, domain: np.ndarray | None) -> Linear:
        trips = samples.number("made", "trips")
        columns = np.column_stack((np.ones(design.n), minutes(), minutes() ** 2, trips, trips * minutes()))
        return linearised.smooth(design, columns, *SMOOTH[statistic], domain)

    return make


def minutes() -> np.ndarray:
    return samples.number("made", "minutes")


OF_MADE: dict[str, Statistic] = {
    "share1-5": shares_of(5),
    "share1-3": shares_of(3),
    "share1": lambda design, domain: linearised.share(design, samples.item(1), SATISFIED, domain),
    "share3": lambda design, domain: linearised.share(design, samples.item(3), SATISFIED, domain),
    "mean1-5": lambda design, _: several(design, [samples.item(k) for k in range(1, 6)], linearised.mean),
    "minutes": lambda design, domain: linearised.mean(design, minutes(), domain),
    "totals": five_totals,
    "total": lambda design, domain: linearised.total(design, minutes(), domain),
    "trips": lambda design, domain: linearised.total(design, samples.number("made", "trips"), domain),
    "ratios": ratios_of(lambda: [minutes(), np.nan_to_num(samples.item(1))], "trips"),
    "three": ratios_of(lambda: [minutes(), samples.number("made", "trips"), samples.number("made", "w")], "dossiers"),
    "ratio": lambda design, domain: linearised.ratio(design, minutes(), samples.number("made", "trips"), domain),
    "all12": lambda design, _: linearised.composite(design, satisfied(list(range(1, 13))), WEIGHTS12),
    "means12": lambda design, domain: linearised.composite(design, items(list(range(1, 13))), WEIGHTS12, domain),
    "four": lambda design, _: linearised.composite(design, satisfied([1, 4, 7, 10]), np.full(4, 0.25)),
    **{name: smooth_of(name) for name in SMOOTH},
}
OF_API: dict[str, Callable[[SampleDesign, Callable[[str], np.ndarray]], Linear]] = {
    "awards": lambda design, of: several(design, [of(column) for column in ("awards", "comp.imp", "sch.wide")], linearised.mean),
    "totals5": lambda design, of: several(design, [of(column) for column in SCHOOL], linearised.total),
    "five": lambda design, of: several(design, [of(column) for column in SCHOOL], linearised.mean),
    "change": lambda design, of: several(design, [of(column) for column in SCHOOL[:3]], linearised.mean),
    "growth": lambda design, of: linearised.ratio(design, of("api00"), of("api99")),
    "tested": lambda design, of: linearised.ratio(design, of("api.stu"), of("enroll")),
}


def school_column(kind: str) -> Callable[[str], np.ndarray]:
    name = f"api_{kind[:5]}"
    return lambda column: samples.code(name, column) if column in {"awards", "comp.imp", "sch.wide"} else samples.number(name, column)


def calculate(key: str, *, centre: str = "zero") -> Estimates:
    family, kind, statistic, domain = key.split("|")
    if kind.startswith(("strat", "clus")):
        found = estimate(samples.api(kind), OF_API[statistic](samples.api(kind), school_column(kind)), centre=centre)
        return contrast(found, [1, -1, 0]) if statistic == "change" else found
    design = samples.made(*kind.split("-")) if family == "lonely" else samples.made(kind)
    if family == "contrast":
        found = estimate(design, linearised.mean(design, minutes(), domain_of(domain)), centre=centre)
        k = len(found.value)
        return contrast(found, np.arange(k) - (k - 1) / 2) if statistic == "trend" else difference(found, 0, int(statistic[-1]))
    return estimate(design, OF_MADE[statistic](design, domain_of(domain)), centre=centre)


def agree(ours: np.ndarray, r: list[float], noise: float = 0.0) -> None:
    """Relative difference at most 1e-9."""
    np.testing.assert_allclose(np.ravel(ours), np.ravel(r), rtol=1e-9, atol=noise)


@pytest.mark.parametrize("key", [key for key in GOLDEN if not key.startswith("degf")])
def test_every_figure_agrees_with_r(key: str) -> None:  # golden/estimators.R, survey 4.1-1
    golden, ours = GOLDEN[key], calculate(key)
    agree(ours.value, golden["value"])
    k = len(ours.value)
    theirs = np.reshape(golden["covariance"], (k, k))
    mine = np.diag(np.diag(ours.covariance)) if key.startswith("deff") else ours.covariance
    noise = 1e-12 * np.abs(golden["value"])  # statistics page section 15, note 8: a smaller error is a rounded 0
    there = np.sqrt(np.diag(theirs)) > noise
    assert not np.diag(mine)[~there].any()
    agree(np.sqrt(np.diag(mine)[there]), np.sqrt(np.diag(theirs)[there]))
    scale = np.sqrt(np.outer(np.diag(theirs)[there], np.diag(theirs)[there]))
    agree(mine[np.ix_(there, there)] / scale, theirs[np.ix_(there, there)] / scale, 1e-9)  # a correlation near 0 is judged beside 1
    if "df" in golden and not key.startswith("mean|"):
        agree(ours.df, golden["df"])
    if "deff" in golden:
        agree(design_effect(ours)[there], np.array(golden["deff"])[there])
        agree(design_effect(ours, replace=True)[there], np.array(golden["replaced"])[there])


@pytest.mark.parametrize("key", [key for key in GOLDEN if key.startswith("degf")])
def test_degrees_of_freedom_are_those_of_r(key: str) -> None:  # golden/estimators.R, survey 4.1-1
    _, kind, statistic, domain = key.split("|")
    design = samples.made(kind)
    if statistic == "strata":
        found = estimate(design, linearised.mean(design, minutes(), domain_of(domain))).df
    else:
        whole = estimate(design, several(design, [samples.item(k) for k in range(1, 13)], linearised.mean))
        found = np.append(whole.df, whole.design_df)
    assert found.tolist() == GOLDEN[key]["df"]


@pytest.mark.parametrize(
    "key", [f"{family}|plain|{rest}" for family, rest in (("mean", "mean1-5|"), ("ratio", "three|"), ("composite", "all12|"))]
)
def test_a_lonely_stratum_is_measured_from_the_same_place_for_means_ratios_and_composites(key: str) -> None:
    """Their residuals sum to 0, so R's newer centre, the mean of all clusters, is its older one."""
    agree(np.diag(calculate(key, centre="mean").covariance), np.diag(calculate(key, centre="zero").covariance))


@pytest.mark.parametrize("key", ["total|plain|totals|", "calibrated|raked|share1-5|"])
def test_it_is_another_place_for_totals_and_after_raking(key: str) -> None:
    newer, older = calculate(key, centre="mean"), calculate(key, centre="zero")
    assert np.all(np.diag(newer.covariance) != np.diag(older.covariance))


@pytest.mark.parametrize("family", FAMILIES)
def test_at_least_sixty_figures_stand_behind_each_family(family: str) -> None:
    count: Counter[str] = Counter()
    for key, golden in GOLDEN.items():
        k = len(golden["value"])
        between = 0 if key.split("|")[0] in {"degf", "deff"} else k * (k - 1) // 2
        own = k if key.startswith("degf") else 2 * k
        count[key.split("|")[0]] += own + between + len(golden.get("deff", ())) + len(golden.get("replaced", ()))
    assert count[family] >= 60
