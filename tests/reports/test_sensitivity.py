"""Does the verdict turn under another reasonable choice: which ways there are, what they rest on, and when they differ."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sealed_rows as make
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.reports.facts import compute
from sipas.reports.lines import Line, TargetMark
from sipas.reports.pairs import shares_of
from sipas.reports.released import collect, estimate_of
from sipas.reports.sensitivity import Sensitivity, Way, endless, joined, read_sensitivity, ways_of
from sipas.stats.interval_methods import interval
from sipas.store.engine import Store
from sipas.store.units import get_unit
from tests.reports.stored import fact

PERIOD = "2026-ytd-11"


@pytest.fixture
def province(store: Store) -> make.Province:
    rng = random.Random(5)
    made = make.add_province(store, communes=2, hospitals=1, schools=1)
    make.add_frame(store, made, rng, answers=900)
    make.add_answers(store, made, rng, n=900)
    compute(store, make.shelf(), make.WAVE)
    return made


def page_of(store: Store, unit: int, sector: str = "", period: str = PERIOD) -> Sensitivity:
    with store.read() as session:
        one = get_unit(session, unit)
        page = read_sensitivity(session, make.shelf(), wave=make.WAVE, period=period, unit=one, sector=sector)
    assert page is not None
    return page


def test_every_way_that_the_data_allow_stands_after_the_published_one(store: Store, province: make.Province) -> None:
    page = page_of(store, province.root, "civil_status")
    assert [way.code for way in page.ways] == ["published", "unweighted", "V", "S", "with_O", "wilson20", "logit", "pooled", "all"]
    published = page.ways[0]
    assert published.verdict == page.verdict
    assert not published.differs
    for way in page.ways:
        assert 0 <= way.low <= way.value <= way.high <= 1


def test_a_way_differs_only_where_both_give_a_verdict(store: Store, province: make.Province) -> None:
    judged = {"met", "not_met", "undecided"}
    for unit in (province.root, *{unit for unit, _ in province.strata}):
        for sector, _ in page_of(store, unit).sectors:
            page = page_of(store, unit, sector)
            for way in page.ways:
                assert way.differs == (way.verdict != page.verdict and {way.verdict, page.verdict} <= judged)
                assert way.turned == ({way.verdict, page.verdict} == {"met", "not_met"})
                assert way.n >= 10
                assert way.n >= 30 or way.verdict in {"too_few", "no_target"}
            assert page.differing == sum(way.differs for way in page.ways)


def test_open_answers_are_added_by_their_number(store: Store, province: make.Province) -> None:
    ways = {way.code: way for way in page_of(store, province.root, "civil_status").ways}
    alone = {"V": ways["V"], "S": ways["S"]}
    assert ways["published"].n == sum(way.n for way in alone.values())
    assert ways["with_O"].n > ways["published"].n


def test_a_hidden_sector_has_no_ways(store: Store, province: make.Province) -> None:
    pages = [page_of(store, unit, period="2026-Q1") for unit in {unit for unit, _ in province.strata}]
    everything = [
        page_of(store, unit, sector, period="2026-Q1")
        for unit, page in zip({unit for unit, _ in province.strata}, pages, strict=True)
        for sector, _ in page.sectors
    ]
    hidden = [page for page in everything if page.verdict == "hidden"]
    assert hidden
    assert all(page.ways == () for page in hidden)


def test_a_sector_that_the_unit_never_received_has_no_page(store: Store, province: make.Province) -> None:
    with store.read() as session:
        unit = get_unit(session, province.strata[0][0])
        assert read_sensitivity(session, make.shelf(), wave=make.WAVE, period=PERIOD, unit=unit, sector="health") is None


def test_without_the_finite_population_the_interval_is_wider() -> None:
    half = shares_of([fact(180, 200, fraction=0.5, se=0.01)])
    census = shares_of([fact(180, 200, fraction=1.0, se=0.0)])
    for shares, fraction in ((half, 0.5), (census, 1.0)):
        with_it, without = interval("kg20", shares, d_pool=1.2), interval("kg20", endless(shares, fraction), d_pool=1.2)
        assert without.low[0] < with_it.low[0]
        assert without.high[0] > with_it.high[0]
    assert endless(half, 0.5).variance[0] == pytest.approx(2 * half.variance[0])


@settings(max_examples=50, deadline=None)
@given(st.integers(30, 900), st.integers(30, 900), st.floats(0, 1), st.floats(0, 1))
def test_two_sets_of_answers_as_one_lie_between_them(n: int, m: int, p: float, q: float) -> None:
    one, two = shares_of([fact(round(p * n), n)]), shares_of([fact(round(q * m), m)])
    both = joined(one, two)
    assert both.n[0] == n + m
    assert min(one.value[0], two.value[0]) - 1e-12 <= both.value[0] <= max(one.value[0], two.value[0]) + 1e-12
    assert np.sqrt(both.variance[0]) <= max(np.sqrt(one.variance[0]), np.sqrt(two.variance[0])) + 1e-12
    assert both.value[0] == pytest.approx((one.n_satisfied[0] + two.n_satisfied[0]) / (n + m))
    assert both.n_kish[0] <= n + m + 1e-9
    assert both.n_satisfied[0] + both.n_unsatisfied[0] == n + m


def test_the_sentence_counts_only_other_ways_with_a_verdict() -> None:
    ways = tuple(
        Way(code, 0.9, 0.8, 0.95, 100, verdict, differs=differs, turned=turned)
        for code, verdict, differs, turned in (
            ("published", "met", False, False),
            ("V", "too_few", False, False),
            ("unweighted", "undecided", True, False),
            ("all", "not_met", True, True),
        )
    )
    page = Sensitivity("w", "2026", "", None, "land", {}, (), "overall", None, "met", indicative=False, ways=ways)  # type: ignore[arg-type]
    assert (len(page.others), page.differing, page.turned) == (2, 2, True)


@pytest.mark.parametrize(("published", "said"), [("met", "met"), ("undecided", "undecided")])
def test_a_verdict_withheld_for_more_answers_than_dossiers_is_withheld_in_every_way(published: str, said: str) -> None:
    facts = [
        fact(1960, 2000),
        fact(1960, 2000, weighted=False),
        fact(980, 1000, channels="V"),
        fact(490, 500, channels="O"),
        fact(1990, 2100, channels="aside"),
    ]
    target = TargetMark(0.9, ">=", "overall", "t", {"vi": "t"}, "", expired=False, demonstration=True)
    line = Line(
        unit_id=1, sector="land", name={"vi": "Đất đai"}, indicator="procedures", statistic="overall", channels="headline",
        estimate=estimate_of(facts[0]), unweighted=estimate_of(facts[1]), target=target, verdict=published, difference=None,
        more_needed=None, change=None, indicative=False, provisional=False, excluded=0, flags=(),
    )  # fmt: skip
    ways = list(ways_of(collect(facts), line, "2026-11"))
    assert [way.code for way in ways] == ["published", "unweighted", "V", "with_O", "aside", "wilson20", "logit"]
    assert {way.verdict for way in ways} == {said}
    assert not any(way.differs for way in ways)
