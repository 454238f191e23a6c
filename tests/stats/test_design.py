"""Values and errors equal R's survey package, and closed forms; the order of rows changes no bit."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipas.stats.counts import Columns, gather
from sipas.stats.design import Cells, Groups, Products, Rows, constants, count_sizes, merge
from sipas.stats.domains import Indicator, Totals, estimate, products, sum_domains, sum_parts
from sipas.stats.weights import Weighting, equal

GOLDEN = Path(__file__).parent / "golden"
SHARE = Indicator("share", (0,), (1,), (1.0,), 0)
FACTOR = Indicator("factor", (0, 2), (1, 3), (0.5, 0.5), 1)


def read(name: str) -> list[dict[str, str]]:
    with (GOLDEN / name).open(newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Data:
    rows: Rows
    columns: Columns
    pairs: Products
    population: np.ndarray

    def groups(self) -> Groups:
        return gather(self.rows, self.columns, self.pairs, np.bincount(self.rows.cluster))

    @classmethod
    def golden(cls) -> Data:
        table = read("rows.csv")
        n = {name: np.array([int(row[name]) for row in table]) for name in table[0] if name != "w"}
        rows = Rows(n["stratum"] - 1, n["month"] - 1, n["cluster"] - 1, 2 * (n["stratum"] - 1) + n["unit"] - 1)
        u = np.column_stack((n["y"] * n["answered"], n["answered"], n["y2"] * n["answered2"], n["answered2"]))
        told = np.zeros((len(u), 0), int)
        population = np.zeros((3, 4), int)
        population[rows.stratum, rows.month] = n["N"]
        member = np.column_stack((u[:, 1] > 0, (u[:, 1] + u[:, 3]) > 0))
        return cls(rows, Columns(u, member, told), products([(0, 1), (0, 1, 2, 3)]), population)

    def weighting(self, name: str) -> Weighting:
        answers = np.zeros((3, 4), int)
        np.add.at(answers, (self.rows.stratum, self.rows.month), 1)
        if name == "plain":
            return equal(answers)
        cell = np.arange(12).reshape(3, 4)
        weight = (self.population / answers).ravel()
        return Weighting(cell, weight, np.repeat(np.arange(3), 4), np.ones(3, bool), np.zeros(3, bool), np.zeros(3))

    def totals(self, weighting: Weighting, months: list[bool], parts: list[int]) -> Totals:
        cells = constants(count_sizes(self.rows, *weighting.cell.shape), weighting)
        _, found, totals = sum_parts(self.groups(), self.pairs, cells, weighting.cell, np.array([months]))
        position = np.flatnonzero(np.isin(found, parts))
        return sum_domains(totals, np.zeros(len(position), int), position, 1)[2]


DOMAINS = {
    "all": ([True] * 4, list(range(6))),
    "month1": ([True, False, False, False], list(range(6))),
    "unit2": ([True] * 4, [1, 3, 5]),
    "s2m34": ([False, False, True, True], [2, 3]),
}


@pytest.mark.parametrize("row", read("survey.csv"), ids=lambda row: f"{row['design']} {row['what']} {row['domain']}")
def test_value_and_error_agree_with_r(row: dict[str, str]) -> None:  # golden/make.R, survey 4.1-1
    """Parts split clusters between two units: only products inside a part are kept, so whole strata and whole parts agree."""
    data = Data.golden()
    if row["domain"] != "unit2":  # a domain of whole strata takes strata as its parts
        data = replace(data, rows=replace(data.rows, part=data.rows.stratum * 2))
    totals = data.totals(data.weighting(row["design"]), *DOMAINS[row["domain"]])
    value, variance = estimate(totals, data.pairs, SHARE if row["what"] == "share" else FACTOR)
    assert value[0] == pytest.approx(float(row["value"]), abs=1e-12)
    assert variance[0] ** 0.5 == pytest.approx(float(row["se"]), abs=1e-12)


def simple(y: list[int], strata: list[int], fraction: float = 0.0) -> tuple[Data, Cells, Weighting]:
    """One answer a cluster, one month."""
    n = len(y)
    rows = Rows(np.array(strata), np.zeros(n, int), np.arange(n), np.array(strata))
    columns = Columns(np.column_stack((y, np.ones(n, int))), np.ones((n, 1), bool), np.zeros((n, 0), int))
    count = max(strata) + 1
    answers = np.bincount(strata, minlength=count)[:, None]
    plain = equal(answers)
    weighting = Weighting(plain.cell, plain.weight, plain.stratum, plain.calibrated, plain.over_frame, np.full(count, fraction))
    return Data(rows, columns, products([(0, 1)]), answers), constants(count_sizes(rows, count, 1), weighting), weighting


def test_one_stratum_is_the_textbook_formula() -> None:
    y = [1] * 43 + [0] * 7
    data, _, weighting = simple(y, [0] * 50, fraction=0.6)
    value, variance = estimate(data.totals(weighting, [True], [0]), data.pairs, SHARE)
    assert value[0] == pytest.approx(0.86)
    assert variance[0] == pytest.approx(0.86 * 0.14 / 49 * 0.4, rel=1e-12)


def test_stratified_share_is_the_textbook_formula() -> None:
    data, _, weighting = simple([1] * 18 + [0] * 2 + [1] * 12 + [0] * 18, [0] * 20 + [1] * 30)
    weighted = Weighting(weighting.cell, np.array([15.0, 4.0]), *(getattr(weighting, f.name) for f in fields(Weighting)[2:]))
    value, variance = estimate(data.totals(weighted, [True], [0, 1]), data.pairs, SHARE)
    share = np.array([300, 120]) / 420
    assert value[0] == pytest.approx(share @ [0.9, 0.4])
    # The ratio's residuals are centred on the strata, so this is Σ W² p(1 − p)/(n − 1).
    assert variance[0] == pytest.approx(float((share**2) @ (np.array([0.9 * 0.1, 0.4 * 0.6]) / [19, 29])), rel=1e-12)


def test_lonely_stratum_is_not_silent() -> None:
    data, cells, weighting = simple([1] * 10 + [0] * 5 + [0], [0] * 15 + [1])
    assert cells.gamma[1] == cells.beta[1] == 0
    totals = data.totals(weighting, [True], [0, 1])
    assert totals.lonely[0, 0] == 1
    _, without = estimate(data.totals(weighting, [True], [0]), data.pairs, SHARE)
    _, variance = estimate(totals, data.pairs, SHARE)
    assert variance[0] > without[0] * (15 / 16) ** 2


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_order_of_rows_changes_no_bit_and_scale_of_weights_nothing(data: st.DataObject) -> None:
    golden = Data.golden()
    n = len(golden.rows.stratum)
    order = np.array(data.draw(st.permutations(range(n))))
    shuffled = replace(
        golden,
        rows=Rows(*(getattr(golden.rows, field.name)[order] for field in fields(Rows))),
        columns=Columns(*(getattr(golden.columns, field.name)[order] for field in fields(Columns))),
    )
    months = data.draw(st.lists(st.booleans(), min_size=4, max_size=4).filter(any))
    weighting = golden.weighting("calibrated")
    doubled = Weighting(weighting.cell, 2 * weighting.weight, *(getattr(weighting, f.name) for f in fields(Weighting)[2:]))
    before = estimate(golden.totals(weighting, months, list(range(6))), golden.pairs, FACTOR)
    again = estimate(shuffled.totals(weighting, months, list(range(6))), shuffled.pairs, FACTOR)
    twice = estimate(golden.totals(doubled, months, list(range(6))), golden.pairs, FACTOR)
    assert (before[0][0], before[1][0]) == (again[0][0], again[1][0])
    assert (twice[0][0], twice[1][0]) == pytest.approx((before[0][0], before[1][0]), rel=1e-12)


def test_all_agreeing_leaves_no_rounding_noise() -> None:
    data, _, weighting = simple([1] * 37, [0] * 20 + [1] * 17)
    value, variance = estimate(data.totals(weighting, [True], [0, 1]), data.pairs, SHARE)
    assert (value[0], variance[0]) == (1.0, 0.0)


def test_groups_of_two_halves_add_up_to_those_of_the_whole() -> None:
    golden = Data.golden()
    half = golden.rows.cluster % 2 == 0
    sizes = np.bincount(golden.rows.cluster)
    both = [
        gather(
            Rows(*(getattr(golden.rows, field.name)[some] for field in fields(Rows))),
            Columns(*(getattr(golden.columns, field.name)[some] for field in fields(Columns))),
            golden.pairs,
            sizes,
        )
        for some in (half, ~half)
    ]
    whole, joined = golden.groups(), merge(both)
    for field in fields(Groups):
        assert np.array_equal(getattr(joined, field.name), getattr(whole, field.name)), field.name


def test_many_products_are_the_same_numbers_as_few() -> None:
    """Above three products a column the sums are taken from a matrix product."""
    rng = np.random.default_rng(5)
    n = 700
    cluster = np.sort(rng.integers(0, 160, n))
    rows = Rows(cluster // 40, np.zeros(n, int), cluster, cluster // 40)
    columns = Columns(rng.integers(0, 6, (n, 12)), np.ones((n, 1), bool), np.zeros((n, 0), int))
    every = products([range(12)])
    dense = gather(rows, columns, every, np.bincount(cluster))
    for place in range(len(every.first)):
        one = gather(rows, columns, Products(every.first[place : place + 1], every.second[place : place + 1]), np.bincount(cluster))
        assert np.array_equal(one.product[:, 0], dense.product[:, place])


def test_levels_are_counted_and_other_codes_are_not() -> None:
    rows = Rows(np.zeros(6, int), np.zeros(6, int), np.arange(6), np.array([0, 0, 0, 1, 1, 1]))
    told = np.array([[5, 1], [5, -1], [0, 2], [4, -2], [4, 3], [1, 3]])
    made = gather(rows, Columns(np.ones((6, 1), int), np.ones((6, 1), bool), told), products([(0,)]), np.ones(6, int))
    assert made.levels.tolist() == [[0, 0, 0, 0, 2, 1, 1, 0, 0, 0], [1, 0, 0, 2, 0, 0, 0, 2, 0, 0]]
