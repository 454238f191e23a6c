"""A run's facts: against sums made row by row, on both databases, and released as promised."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import Any

import pytest
import sealed_rows as make
from sqlalchemy import text

from sipas.reports.facts import UnknownWaveError, compute
from sipas.reports.protection import may_move
from sipas.store.engine import Store
from sipas.store.facts import FEW, PROTECTS, TOLD, Fact, Said, list_facts, list_runs
from sipas.terms import Week


def filled(store: Store, *, n: int = 900, communes: int = 2, frame: bool = True, last: str = "2026-11", seed: int = 3) -> make.Province:
    rng = random.Random(seed)
    province = make.add_province(store, communes=communes, hospitals=1, schools=1)
    if frame:
        make.add_frame(store, province, rng, answers=n, last=last)
    make.add_answers(store, province, rng, n=n)
    return province


def facts_of(store: Store, period: str, unit: int) -> dict[tuple[Any, ...], Fact]:
    with store.read() as session:
        found = list_facts(session, make.WAVE, [period], units=[unit])
    return {(fact.side, fact.sector, fact.indicator, fact.channels, fact.weighted): fact for fact in found}


def test_unweighted_overall_is_a_plain_share(store: Store) -> None:
    province = filled(store)
    report = compute(store, make.shelf(), make.WAVE)
    assert report.answers == 900
    good, all_ = defaultdict(int), defaultdict(int)
    with store.read() as session:
        for row in make.all_rows(session):
            level = json.loads(row.answers)["HL"]
            if row.channel in "VS" and Week.parse(row.week).month[:4] == "2026" and level:
                all_[row.sector] += 1
                good[row.sector] += level >= 4
    facts = facts_of(store, "2026-ytd-11", province.root)
    for sector in all_:
        fact = facts["receiving", sector, "overall", "headline", False]
        assert (fact.n, fact.n_satisfied) == (all_[sector], good[sector])
        assert fact.value == pytest.approx(good[sector] / all_[sector], abs=1e-12)
    family = facts["receiving", "procedures", "overall", "headline", False]
    assert family.n == sum(all_[sector] for sector in make.PROCEDURES)


def test_weighted_overall_and_its_error_by_rows(sqlite_store: Store) -> None:
    """One stratum, one quarter: weights, residuals and clusters written out by hand, merged months included."""
    province = filled(sqlite_store, n=400, communes=1)
    compute(sqlite_store, make.shelf(), make.WAVE)
    told = (
        key for key in province.strata if ("receiving", key[1], "overall", "headline", True) in facts_of(sqlite_store, "2026-Q2", key[0])
    )
    unit, sector = next(told)
    with sqlite_store.read() as session:
        notes = json.loads(list_runs(session, make.WAVE)[-1].notes)
        rows = [row for row in make.all_rows(session) if (row.unit_id, row.sector) == (unit, sector) and row.channel in "VS"]
        frame = dict(
            session.execute(
                text("SELECT month, sum(settled) FROM frame_count WHERE unit_id = :u AND sector = :s GROUP BY month"),
                {"u": unit, "s": sector},
            ).all()
        )
    cell_of = {month: month for month in frame}
    for at, of, first, last in notes["merged_months"]["headline"]:
        if (at, of) == (unit, sector):
            cell_of |= {month: first for month in frame if first <= month <= last}
    value, se = by_hand(rows, frame, cell_of)
    fact = facts_of(sqlite_store, "2026-Q2", unit)["receiving", sector, "overall", "headline", True]
    assert fact.value == pytest.approx(value, abs=1e-12)
    assert fact.se == pytest.approx(se, abs=1e-12)
    assert set(cell_of.values()) < set(frame), "the seed gives merged months"


def by_hand(rows: list[Any], frame: dict[str, int], cell_of: dict[str, str]) -> tuple[float, float]:
    """Decision 24 and `docs/methods.md` "Variance", respondent by respondent."""
    months = [Week.parse(row.week).month for row in rows]
    cells = [cell_of[month] for month in months]
    weight = {cell: sum(n for month, n in frame.items() if cell_of[month] == cell) / cells.count(cell) for cell in set(cells)}
    level = [json.loads(row.answers)["HL"] or 0 for row in rows]
    inside = [month in {"2026-04", "2026-05", "2026-06"} and hl > 0 for month, hl in zip(months, level, strict=True)]
    total = sum(weight[cell] for cell, here in zip(cells, inside, strict=True) if here)
    value = sum(weight[cell] for cell, here, hl in zip(cells, inside, level, strict=True) if here and hl >= 4) / total
    z = [((hl >= 4) - value) / total if here else 0.0 for here, hl in zip(inside, level, strict=True)]
    mean = {cell: sum(one for one, of in zip(z, cells, strict=True) if of == cell) / cells.count(cell) for cell in weight}
    spread: dict[str, dict[tuple[bytes, str], float]] = defaultdict(lambda: defaultdict(float))
    for row, month, cell, one in zip(rows, months, cells, z, strict=True):
        spread[cell][row.cluster, month] += weight[cell] * (one - mean[cell])
    variance = sum(len(t) / (len(t) - 1) * sum(x * x for x in t.values()) for t in spread.values())
    return value, variance**0.5


def test_hidden_domains_carry_no_figure_and_no_channel_gives_them_away(store: Store) -> None:
    province = filled(store, n=300, communes=3)
    compute(store, make.shelf(), make.WAVE)
    with store.read() as session:
        small = [fact for fact in list_facts(session, make.WAVE, ["2026-03"]) if fact.n < 10]
    assert small
    assert {fact.verdict for fact in small} == {"hidden"}
    assert all(fact.value is None and fact.low is None and fact.n_satisfied == 0 and fact.indicator == "overall" for fact in small)
    assert province.root


def test_without_a_frame_figures_are_unweighted_and_say_so(store: Store) -> None:
    province = filled(store, frame=False)
    compute(store, make.shelf(), make.WAVE)
    facts = facts_of(store, "2026-ytd-11", province.root)
    assert not any(weighted for *_, weighted in facts)
    land = facts["receiving", "land", "overall", "headline", False]
    assert "no_frame" in land.flags.split()
    assert land.verdict in {"met", "not_met", "undecided"}
    assert land.population is None


def test_months_beyond_the_frame_take_its_last_and_say_so(sqlite_store: Store) -> None:
    province = filled(sqlite_store, last="2026-09")
    compute(sqlite_store, make.shelf(), make.WAVE)
    assert "provisional" in facts_of(sqlite_store, "2026-Q4", province.root)["receiving", "procedures", "overall", "headline", True].flags
    assert (
        "provisional" not in facts_of(sqlite_store, "2026-Q3", province.root)["receiving", "procedures", "overall", "headline", True].flags
    )


def test_deciding_unit_is_shown_beside(sqlite_store: Store) -> None:
    province = filled(sqlite_store)
    compute(sqlite_store, make.shelf(), make.WAVE)
    decided = facts_of(sqlite_store, "2026-ytd-11", province.land_office)["deciding", "land", "overall", "headline", True]
    received = facts_of(sqlite_store, "2026-ytd-11", province.root)["receiving", "land", "overall", "headline", True]
    assert (decided.n, decided.value) == (received.n, pytest.approx(received.value))
    assert decided.se == pytest.approx(received.se)
    assert decided.verdict == ""


def test_what_was_set_aside_is_told_beside_the_headline_where_it_is_ten(sqlite_store: Store) -> None:
    province = filled(sqlite_store, n=2000, communes=1)
    with sqlite_store.write() as session:  # an open week of sixty more, all set aside, nearly all in one sector
        rng = random.Random(8)
        unit, hospital = province.strata[3][0], province.strata[5][0]
        places = [(unit, "land", "S", str(make.LAST), rng.randbytes(16), 0.0)] * 56 + [
            (hospital, "health", "S", str(make.LAST), rng.randbytes(16), 0.0)
        ] * 4
        rows = [make.one_row(make.shelf(), province, rng, place) | {"quarantine": "conflict"} for place in places]
        make.add_sealed(session, rows, closed=False)
    compute(sqlite_store, make.shelf(), make.WAVE)
    facts = facts_of(sqlite_store, "2026-ytd-11", province.root)
    headline, both = (facts["receiving", "land", "overall", name, True] for name in ("headline", "aside"))
    unanswered = sum(json.loads(row["answers"])["HL"] in {None, 0} for row in rows[:56])
    assert both.n - headline.n == 56 - unanswered
    assert both.verdict in {"met", "not_met", "undecided"}
    assert ("receiving", "health", "overall", "aside", True) not in facts, "four set aside would be told by subtraction"


def test_quarantined_rows_are_left_out_and_counted(sqlite_store: Store) -> None:
    filled(sqlite_store, seed=5)
    with sqlite_store.write() as session:
        session.execute(text("UPDATE open_response SET quarantine = 'conflict'"))
        moved = session.execute(text("SELECT count(*) FROM open_response")).scalar_one()
    report = compute(sqlite_store, make.shelf(), make.WAVE)
    assert moved > 0
    assert report.answers == 900 - moved
    with sqlite_store.read() as session:
        assert json.loads(list_runs(session, make.WAVE)[0].notes)["quarantined"] == moved


def test_same_answers_release_nothing_anew_unless_a_correction_is_declared(store: Store) -> None:
    province = filled(store)
    first = compute(store, make.shelf(), make.WAVE)
    again = compute(store, make.shelf(), make.WAVE)
    assert (again.facts, again.released) == (0, 0)
    before = facts_of(store, "2026-ytd-11", province.root)["receiving", "land", "overall", "headline", True]
    corrected = compute(store, make.shelf(), make.WAVE, correction=True)
    assert (corrected.facts, corrected.released) == (first.facts, first.released)
    after = facts_of(store, "2026-ytd-11", province.root)["receiving", "land", "overall", "headline", True]
    assert (before.run_id, after.run_id) == (first.run_id, corrected.run_id)
    assert (before.value, before.se, before.low, before.high) == (after.value, after.se, after.low, after.high)


@pytest.mark.parametrize(
    ("before", "now", "moves"),
    [
        (None, 3, True),
        (Said(3, FEW), 9, False),
        (Said(3, PROTECTS), 10, True),
        (Said(9, FEW), 10, True),
        (Said(10, TOLD), 19, False),
        (Said(10, TOLD), 20, True),
        (Said(20, TOLD), 5, False),
    ],
)
def test_a_domain_moves_with_ten_more(before: Said | None, now: int, moves: object) -> None:
    assert may_move(before, now) is moves


def test_nothing_answered_is_a_run_without_facts(store: Store) -> None:
    report = compute(store, make.shelf(), make.WAVE)
    assert (report.answers, report.facts) == (0, 0)


def test_unknown_wave_is_refused_by_name(sqlite_store: Store) -> None:
    with pytest.raises(UnknownWaveError, match="demo-2026"):
        compute(sqlite_store, make.shelf(), "nonesuch")


def test_no_detail_tells_what_fewer_than_ten_of_another_form_or_instrument_answered(sqlite_store: Store) -> None:
    """Thirty short forms and six full ones: the factor of the short form, taken from the item over both, would tell six people's answers."""
    books, rng = make.shelf(), random.Random(2)
    province = make.add_province(sqlite_store, communes=1)
    make.add_frame(sqlite_store, province, rng, answers=40)
    unit = province.strata[3][0]
    with sqlite_store.write() as session:
        session.add(make.Batch(week=str(make.LAST), state="open", n=36, root=bytes(32)))
        rows = []
        while len(rows) < 36:
            row = make.one_row(books, province, rng, (unit, "land", "S", str(make.LAST), rng.randbytes(16), 0.0))
            if row["length"] == ("short" if len(rows) < 30 else "full") and json.loads(row["answers"])["HL"]:
                rows.append(row)
        session.flush()
        make.add_sealed(session, rows, closed=False)
    compute(sqlite_store, books, make.WAVE)
    told = {indicator for side, sector, indicator, channels, _ in facts_of(sqlite_store, "2026-ytd-11", unit) if sector == "land"}
    assert any(indicator.startswith("item:") for indicator in told)
    assert not any(indicator.startswith(("factor:", "index:")) for indicator in told)
