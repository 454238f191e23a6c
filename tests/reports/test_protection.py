"""A small count is not what is left when the others are taken from their total."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipas.reports.protection import PROTECTS, protected
from sipas.store.facts import Fact

FAMILIES = {"land": "procedures", "construction": "procedures", "others": "procedures"}
HEADLINE = ("V", "S")


def fact(sector: str, channels: str, n: int, indicator: str = "overall", side: str = "receiving") -> Fact:
    verdict = "hidden" if n < 10 else "undecided"
    return Fact(run_id=1, period="2026", unit_id=1, side=side, sector=sector, indicator=indicator, channels=channels,
                weighted=True, n=n, verdict=verdict, value=None if n < 10 else 0.9, flags="")  # fmt: skip


def told(counts: dict[tuple[str, str], int]) -> dict[tuple[str, str], str]:
    """What is said of each cell: shown, small or protects."""
    shown = list(protected([fact(*cell, n) for cell, n in counts.items() if n], FAMILIES, HEADLINE))
    return {(one.sector, one.channels): one.flags or ("small" if one.verdict == "hidden" else "shown") for one in shown}


def test_one_small_sector_takes_a_second_with_it() -> None:
    said = told({("procedures", "headline"): 147, ("land", "headline"): 7, ("construction", "headline"): 40, ("others", "headline"): 100})
    assert said == {
        ("procedures", "headline"): "shown",
        ("land", "headline"): "small",
        ("construction", "headline"): PROTECTS,
        ("others", "headline"): "shown",
    }


def test_the_second_is_large_enough_to_leave_the_small_one_open() -> None:
    said = told({("procedures", "headline"): 53, ("land", "headline"): 1, ("construction", "headline"): 12, ("others", "headline"): 40})
    assert said["construction", "headline"] == "shown"  # 1 + 12 = 13 would leave at most 3 for the small one
    assert said["others", "headline"] == PROTECTS


def test_a_small_channel_takes_its_twin_with_it_and_the_headline_stays() -> None:
    said = told({("land", "headline"): 60, ("land", "V"): 55, ("land", "S"): 5, ("land", "O"): 30})
    assert said == {("land", "headline"): "shown", ("land", "V"): PROTECTS, ("land", "S"): "small", ("land", "O"): "shown"}


def test_every_figure_of_a_hidden_domain_goes_and_the_deciding_side_stays() -> None:
    facts = [fact("procedures", "headline", 60), fact("land", "headline", 50), fact("others", "headline", 9)]
    facts += [fact("land", "headline", 50, "pooled"), fact("land", "headline", 50, side="deciding")]
    shown = list(protected(facts, FAMILIES, HEADLINE))
    land = [one for one in shown if one.sector == "land"]
    assert [(one.indicator, one.side, one.value) for one in land] == [("overall", "receiving", None), ("overall", "deciding", 0.9)]


def test_nothing_small_and_nothing_is_hidden() -> None:
    said = told(
        {("procedures", "headline"): 90, ("land", "headline"): 50, ("others", "headline"): 40, ("land", "V"): 30, ("land", "S"): 20}
    )
    assert set(said.values()) == {"shown"}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=3, max_size=3))
def test_no_sum_has_a_single_hidden_member(counts: list[tuple[int, int]]) -> None:
    cells: dict[tuple[str, str], int] = {}
    for sector, (verified, on_site) in zip(FAMILIES, counts, strict=True):
        cells |= {(sector, "V"): verified, (sector, "S"): on_site, (sector, "headline"): verified + on_site}
    for channels in ("V", "S", "headline"):
        cells["procedures", channels] = sum(cells[sector, channels] for sector in FAMILIES)
    said = told(cells)
    lines = [[("procedures", c), *((sector, c) for sector in FAMILIES)] for c in ("V", "S", "headline")]
    lines += [[(sector, "headline"), (sector, "V"), (sector, "S")] for sector in (*FAMILIES, "procedures")]
    for line in lines:
        hidden = [cell for cell in line if cell in said and said[cell] != "shown"]
        assert len(hidden) != 1, (cells, said)
