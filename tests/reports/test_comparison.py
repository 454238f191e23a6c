"""Groups instead of ranks: whose table it is, who is compared, and that the words are those of the statistics pillar."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sealed_rows as make

from sipas.reports.comparison import Comparison, in_order_of_letters, read_comparison
from sipas.reports.facts import compute
from sipas.reports.pairs import evidence_of
from sipas.stats.ranking import groups
from sipas.store.engine import Store
from sipas.store.standings import list_headline_facts
from sipas.store.units import get_unit

PERIOD = "2026-ytd-11"


@pytest.fixture
def province(store: Store) -> make.Province:
    rng = random.Random(5)
    made = make.add_province(store, communes=6, hospitals=1, schools=3)
    make.add_frame(store, made, rng, answers=1500)
    make.add_answers(store, made, rng, n=1500)
    compute(store, make.shelf(), make.WAVE)
    return made


def table_of(store: Store, province: make.Province, period: str = PERIOD, **chosen: str) -> Comparison:
    with store.read() as session:
        root = get_unit(session, province.root)
        made = read_comparison(session, make.shelf(), wave=make.WAVE, period=period, root=root, **chosen)
    assert made is not None
    return made


def test_each_unit_stands_once_in_the_group_that_the_pillar_says(store: Store, province: make.Province) -> None:
    table = table_of(store, province, sector="procedures")
    stands = [(word, stand) for word, group in table.groups.items() for stand in group]
    with store.read() as session:
        facts = {fact.unit_id: fact for fact in list_headline_facts(session, make.WAVE, PERIOD, "procedures", "overall") if fact.weighted}
    own = [facts[stand.unit.id] for _, stand in stands]
    mean = facts[province.root]
    covariance = np.array([fact.covered / mean.covered * fact.se**2 for fact in own])
    made = groups(evidence_of(own), evidence_of([mean]), covariance, family=table.family)
    assert [word for word, _ in stands] == made.word.tolist()
    assert [stand.points for _, stand in stands] == pytest.approx((100 * made.difference.value).tolist())
    assert [stand.low for _, stand in stands] == pytest.approx((100 * made.difference.low).tolist())
    assert len({stand.unit.id for _, stand in stands}) == table.compared == 6


def test_a_table_holds_no_unit_together_with_one_above_it(store: Store, province: make.Province) -> None:
    table = table_of(store, province)
    tiers = {stand.unit.tier for group in table.groups.values() for stand in group}
    assert table.sector == "procedures"
    assert tiers == {"one_stop"}  # not the commune that the one-stop shop belongs to, and not the province


def test_units_stand_by_name_within_their_group(store: Store, province: make.Province) -> None:
    for group in table_of(store, province, sector="procedures").groups.values():
        names = [stand.unit.name for stand in group]
        assert names == sorted(names)


@pytest.mark.parametrize("statistic", ["overall", "pooled", "all", "mean"])
def test_every_measure_has_its_table(store: Store, province: make.Province, statistic: str) -> None:
    table = table_of(store, province, sector="education", statistic=statistic)
    assert table.mean is not None
    for group in table.groups.values():
        for stand in group:
            assert stand.low <= stand.points <= stand.high
            scale = 1 if statistic == "mean" else 100
            assert stand.points == pytest.approx(scale * (stand.estimate.value - table.mean.value))


def test_small_units_are_named_and_not_compared_and_hidden_ones_are_only_counted(store: Store, province: make.Province) -> None:
    table = table_of(store, province, period="2026-11", sector="procedures")
    named = [*table.few, *(stand for group in table.groups.values() for stand in group)]
    assert table.few
    assert all(10 <= one.n < 30 for one in table.few)
    assert len(named) + table.hidden == 6
    assert table.family == len(named)
    for group in table.groups.values():
        assert all(stand.estimate.n >= 30 for stand in group)


def test_what_was_not_asked_about_has_no_table(store: Store, province: make.Province) -> None:
    with store.read() as session:
        root = get_unit(session, province.root)
        for chosen in ({"sector": "nowhere"}, {"statistic": "rank"}):
            assert read_comparison(session, make.shelf(), wave=make.WAVE, period=PERIOD, root=root, **chosen) is None


def test_a_branch_of_one_unit_compares_it_with_itself_and_finds_nothing(store: Store, province: make.Province) -> None:
    with store.read() as session:
        desk = get_unit(session, province.strata[0][0])
        table = read_comparison(session, make.shelf(), wave=make.WAVE, period=PERIOD, root=desk, sector="procedures")
    assert table is not None
    assert not table.groups["above"]
    assert not table.groups["below"]


def test_names_stand_in_the_order_of_vietnamese_letters() -> None:
    names = ["Đại Lộc", "Duy Xuyên", "Điện Bàn", "Âu Cơ", "An Thắng", "Bàn Thạch", "Ban Mê", "Eo Gió"]
    assert sorted(names, key=in_order_of_letters) == [
        "An Thắng", "Âu Cơ", "Ban Mê", "Bàn Thạch", "Duy Xuyên", "Đại Lộc", "Điện Bàn", "Eo Gió",
    ]  # fmt: skip
